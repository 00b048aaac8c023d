import { describe, expect, it } from 'vitest';
import { ApiError } from '../../../ops/twin/api-error.ts';
import { isUnknown, secret, unknownValue, type HeldMap } from '../../../ops/twin/held.ts';
import { Died, named, toy, type Toy } from './toy-cloud.ts';

const network = 'aws:ec2/vpc:Vpc';
const subnet = 'aws:ec2/subnet:Subnet';
const parameter = 'aws:ssm/parameter:Parameter';
const block = { cidrBlock: '10.0.0.0/16' };

const update = (
  { provider }: Toy,
  type: string,
  name: string,
  made: { id: string; properties: HeldMap; inputs: HeldMap },
  news: HeldMap,
  preview = false,
): Promise<HeldMap> =>
  provider.update({
    ...named(type, name),
    ...{ id: made.id, olds: made.properties, oldInputs: made.inputs, news, preview, timeoutSeconds: 0 },
  });

const remove = ({ provider }: Toy, type: string, name: string, id: string): Promise<void> =>
  provider.delete({ ...named(type, name), id, olds: { region: 'us-east-1' }, timeoutSeconds: 0 });

describe('check', () => {
  it('makes a name from the resource, a hyphen and seven digits, the same in preview and update', () => {
    const { check } = toy();
    const args = { type: 'String', value: 'v' };
    const first = check(parameter, 'a-parameter-with-a-long-name', args).inputs;
    expect(first['name']).toMatch(/^a-parameter-with-a-lon-[0-9a-f]{7}$/);
    expect(first['name']).toHaveLength(30);
    expect(first['__defaults']).toEqual(['name']);
    expect(check(parameter, 'a-parameter-with-a-long-name', args).inputs).toEqual(first);
    expect(check(parameter, 'another', args).inputs['name']).not.toBe(first['name']);
  });

  it('keeps the name that it made, and not one that the program gave', () => {
    const { check } = toy();
    const args = { type: 'String', value: 'v' };
    const kept = check(parameter, 'p', args, { ...args, name: 'p-1234567', __defaults: ['name'] }).inputs;
    expect(kept['name']).toBe('p-1234567');
    const fresh = check(parameter, 'p', args, { ...args, name: 'given', __defaults: [] }).inputs;
    expect(fresh['name']).toMatch(/^p-[0-9a-f]{7}$/);
  });

  it('makes a name from a prefix and 26 characters, and keeps it as long as the prefix stays', () => {
    const { check } = toy();
    const args = { type: 'String', namePrefix: 'ab-' };
    const first = check(parameter, 'p', args).inputs;
    expect(first['name']).toMatch(/^ab-\d{18}[0-9a-f]{8}$/);
    expect(check(parameter, 'p', args).inputs).toEqual(first);
    expect(check(parameter, 'q', args).inputs['name']).not.toBe(first['name']);
    const old = { ...args, name: 'ab-old', __defaults: ['name'] };
    expect(check(parameter, 'p', args, old).inputs['name']).toBe('ab-old');
    expect(check(parameter, 'p', { ...args, namePrefix: 'c-' }, old).inputs['name']).toMatch(/^c-\d{18}/);
    expect(check(parameter, 'p', { type: 'String' }, old).inputs['name']).toMatch(/^p-[0-9a-f]{7}$/);
  });

  it.each([
    [{ name: 'a' }, 'Conflicting configuration arguments: "namePrefix": conflicts with name.'],
    [{ namePrefix: 'abcde' }, 'expected length of namePrefix to be in the range (0 - 4), got abcde'],
  ])('refuses a prefix with %j', (args, reason) => {
    const { failures } = toy().check(parameter, 'p', { type: 'String', namePrefix: 'a-', ...args });
    expect(failures).toEqual([{ property: 'namePrefix', reason }]);
  });

  it('tells no secret prefix', () => {
    const args = { type: 'String', namePrefix: secret('hidden') };
    const { failures } = toy().check(parameter, 'p', args);
    expect(failures).toHaveLength(1);
    expect(JSON.stringify(failures)).not.toContain('hidden');
  });

  it('fills in defaults and the tags of the provider; what is given wins', () => {
    const { check } = toy({ defaultTags: '{"tags":{"system":"x","Name":"default"}}' });
    const { inputs } = check(network, 'n', { ...block, tags: { Name: 'mine' } });
    expect(inputs['tags']).toEqual({ system: 'x', Name: 'mine' });
    expect(inputs['enableDnsSupport']).toBe(true);
    expect(check(network, 'n', { ...block, enableDnsSupport: unknownValue }).inputs['enableDnsSupport']).toBe(
      unknownValue,
    );
  });

  it('refuses a type that is not played, and names the nearest', () => {
    const [failure] = toy().check('aws:ec2/vpc:Vcp', 'n', {}).failures;
    expect(failure?.reason).toMatch(
      /^CUT-5300 The twin does not play aws:ec2\/vpc:Vcp\. Did you mean aws:ec2\/vpc:Vpc\?/,
    );
  });

  it('says what the cloud refuses about an argument before anything is sent', () => {
    const { check } = toy();
    expect(check(network, 'n', { cidrBlock: '0.0.0.0/0' }).failures).toEqual([
      { property: 'cidrBlock', reason: `InvalidVpc.Range: The CIDR '0.0.0.0/0' is invalid.` },
    ]);
    expect(check(subnet, 's', { vpcId: 'vpc-none' }).failures).toEqual([
      { property: 'vpcId', reason: "InvalidVpcID.NotFound: The vpc ID 'vpc-none' does not exist" },
    ]);
    expect(check(subnet, 's', { vpcId: unknownValue }).failures).toEqual([]);
  });

  it('does not judge again what has not changed: its network may have gone since', async () => {
    const { check, make } = toy();
    await make(subnet, 's', { vpcId: (await make(network, 'n', block)).id });
    const olds = { vpcId: 'vpc-gone', __defaults: [] };
    expect(check(subnet, 's', { vpcId: 'vpc-gone' }, olds).failures).toEqual([]);
    expect(check(subnet, 's', { vpcId: 'vpc-gone', cidrBlock: '10.0.0.0/24' }, olds).failures).toHaveLength(
      1,
    );
  });

  it('names a secret argument in the reason alone: the engine prints the value of the property', () => {
    const { failures } = toy().check(parameter, 'p', { type: 'String', value: secret('x'.repeat(41)) });
    expect(failures).toEqual([
      {
        property: '',
        reason: `expected length of value to be in the range (0 - 40), got [secret]. Examine values at 'p.value'.`,
      },
    ]);
  });
});

describe('create', () => {
  it('gives an id, an ARN, what the cloud fills in, all tags and the region', async () => {
    const { make } = toy({ defaultTags: '{"tags":{"system":"x"}}' });
    const { id, properties } = await make(network, 'n', { ...block, tags: { Name: 'mine' } });
    expect(id).toMatch(/^vpc-[0-9a-f]{17}$/);
    expect(properties).toEqual({
      ...{ id, ...block, enableDnsSupport: true, region: 'us-east-1', ownerId: '111111111111' },
      ...{ mainRouteTableId: id.replace('vpc', 'rtb'), arn: `arn:aws:ec2:us-east-1:111111111111:vpc/${id}` },
      ...{ tags: { Name: 'mine', system: 'x' }, tagsAll: { Name: 'mine', system: 'x' } },
    });
  });

  it('knows in preview the arguments, the tags and the region, and makes nothing', async () => {
    const { cloud, check, provider } = toy();
    const { inputs } = check(subnet, 's', { vpcId: unknownValue, tags: { a: 'b' } });
    const call = { ...named(subnet, 's'), inputs, preview: true, timeoutSeconds: 0 };
    const { id, properties } = await provider.create(call);
    expect(id).toBe('');
    expect(properties).toMatchObject({ tags: { a: 'b' }, tagsAll: { a: 'b' }, region: 'us-east-1' });
    expect(['id', 'arn', 'availabilityZone', 'vpcId'].map((name) => isUnknown(properties[name]))).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect([cloud.things(), cloud.ledger()]).toEqual([[], []]);
  });

  it('knows a name behind a prefix only when the thing is there', async () => {
    const { check, provider, make } = toy();
    const args = { type: 'String', namePrefix: 'ab-' };
    const { inputs } = check(parameter, 'p', args);
    const call = { ...named(parameter, 'p'), inputs, preview: true, timeoutSeconds: 0 };
    expect(isUnknown((await provider.create(call)).properties['name'])).toBe(true);
    expect(isUnknown(check(parameter, 'p', { ...args, namePrefix: unknownValue }).inputs['name'])).toBe(
      false,
    );
    const { id, properties } = await make(parameter, 'p', args);
    expect(properties).toMatchObject({ name: id, namePrefix: 'ab-' });
  });

  it('keeps secrets secret, and those that the table calls so', async () => {
    const { make, cloud } = toy();
    const { properties } = await make(parameter, 'p', {
      type: 'String',
      value: 'plain',
      description: secret('d'),
    });
    expect(properties['value']).toEqual(secret('plain'));
    expect(properties['description']).toEqual(secret('d'));
    expect(JSON.stringify(cloud.ledger())).not.toContain('plain');
  });

  it('is refused in the words of the provider, and the ledger says so', async () => {
    const { make, cloud, provider } = toy();
    const { inputs, properties } = await make(parameter, 'p', { type: 'String', name: 'taken' });
    const second = { ...named(parameter, 'q'), inputs, preview: false, timeoutSeconds: 0 };
    await expect(provider.create(second)).rejects.toThrow(
      /^creating SSM Parameter \(taken\): operation error SSM: PutParameter, https response error StatusCode: 400, RequestID: [0-9a-f-]{36}, api error ParameterAlreadyExists: The parameter taken already exists\.$/,
    );
    expect(properties['name']).toBe('taken');
    expect(cloud.ledger().map(({ outcome, code }) => [outcome, code])).toEqual([
      ['done', undefined],
      ['refused', 'ParameterAlreadyExists'],
    ]);
  });

  it('counts the one that is being replaced: preview does not, since it may be deleted first', async () => {
    const { make, provider } = toy();
    const { id } = await make(network, 'n', block);
    const { inputs } = await make(subnet, 's', { vpcId: id, cidrBlock: '10.0.0.0/24' });
    const again = { ...named(subnet, 's'), inputs, timeoutSeconds: 0 };
    await expect(provider.create({ ...again, preview: true })).resolves.toMatchObject({ id: '' });
    await expect(provider.create({ ...again, preview: false })).rejects.toThrow('InvalidSubnet.Conflict');
  });

  it('tells no secret in a refusal', async () => {
    const { make, cloud } = toy();
    await expect(make(parameter, 'p', { type: 'String', value: secret('forbidden-value') })).rejects.toThrow(
      'The value [secret] is not allowed',
    );
    expect(JSON.stringify(cloud.ledger())).not.toContain('forbidden-value');
  });

  it('is refused when the quota is used up', async () => {
    const { make } = toy();
    for (const name of ['a', 'b', 'c']) await make(network, name, block);
    await expect(make(network, 'd', block)).rejects.toThrow('VpcLimitExceeded');
  });

  it('finds references in its own region alone', async () => {
    const { make, check } = toy();
    const { id } = await make(network, 'n', block);
    expect(check(subnet, 's', { vpcId: id }).failures).toEqual([]);
    expect(check(subnet, 's', { vpcId: id, region: 'eu-west-1' }).failures[0]?.reason).toMatch(
      /InvalidVpcID/,
    );
  });

  it('takes as long as in the real cloud, scaled', async () => {
    const { make, waits, cloud } = toy({}, { timeScale: 0.5 });
    await make(network, 'n', block);
    expect(waits).toEqual([1]);
    const [thing] = cloud.things();
    expect((thing?.readyMs ?? 0) - (thing?.createdMs ?? 0)).toBe(1000);
  });

  it('fails when it takes longer than the program allows, and the engine keeps what is there', async () => {
    const { check, provider, cloud } = toy();
    const { inputs } = check(network, 'n', block);
    const made = provider.create({ ...named(network, 'n'), inputs, preview: false, timeoutSeconds: 1 });
    const error = await made.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ApiError);
    expect((error as ApiError).message).toMatch(
      /timeout while waiting .* \(timeout: 1s; it usually takes 2s\)/,
    );
    expect((error as ApiError).partly?.id).toBe(cloud.things()[0]?.id);
  });
});

describe('update', () => {
  it('changes in place, counts up, and keeps what the cloud filled in', async () => {
    const cloudAndProvider = toy();
    const made = await cloudAndProvider.make(parameter, 'p', { type: 'String', value: 'one', name: 'p' });
    const news = { ...made.inputs, value: 'two' };
    expect(await update(cloudAndProvider, parameter, 'p', made, news, true)).toMatchObject({ version: 2 });
    expect(cloudAndProvider.cloud.things()[0]?.outputs['version']).toBe(1);
    const properties = await update(cloudAndProvider, parameter, 'p', made, news);
    expect(properties).toMatchObject({ id: 'p', version: 2, value: secret('two') });
    expect(cloudAndProvider.cloud.things()).toHaveLength(1);
  });

  it('sends what changed in the program, and leaves what was changed by hand beside it', async () => {
    const all = toy();
    const made = await all.make(network, 'n', { ...block, tags: { Name: 'a' } });
    const [thing] = all.cloud.things();
    if (thing === undefined) throw new Error('there is none');
    all.cloud.put({ ...thing, inputs: { ...thing.inputs, tags: { Name: 'by hand' } } });
    const properties = await update(all, network, 'n', made, { ...made.inputs, enableDnsHostnames: true });
    expect(properties).toMatchObject({ enableDnsHostnames: true, tags: { Name: 'by hand' } });
  });

  it('of a thing that is gone is refused', async () => {
    const all = toy();
    const made = await all.make(network, 'n', block);
    await remove(all, network, 'n', made.id);
    await expect(update(all, network, 'n', made, { ...made.inputs, tags: {} })).rejects.toThrow(
      "couldn't find resource",
    );
  });

  it('does not hold a thing against itself', async () => {
    const all = toy();
    const { id } = await all.make(network, 'n', block);
    const made = await all.make(subnet, 's', { vpcId: id, cidrBlock: '10.0.0.0/24' });
    const news = { ...made.inputs, tags: { a: 'b' } };
    expect(all.check(subnet, 's', news, made.inputs).failures).toEqual([]);
    await expect(update(all, subnet, 's', made, news)).resolves.toMatchObject({ tagsAll: { a: 'b' } });
    await expect(all.make(subnet, 't', { vpcId: id, cidrBlock: '10.0.0.0/24' })).rejects.toThrow('Conflict');
  });
});

describe('delete', () => {
  it('is refused while something names the thing', async () => {
    const all = toy();
    const { id } = await all.make(network, 'n', block);
    const inside = await all.make(subnet, 's', { vpcId: id, cidrBlock: '10.0.0.0/24' });
    await expect(remove(all, network, 'n', id)).rejects.toThrow(
      `api error DependencyViolation: The vpc '${id}' has dependencies and cannot be deleted.`,
    );
    await remove(all, subnet, 's', inside.id);
    await remove(all, network, 'n', id);
    expect(all.cloud.things()).toEqual([]);
  });

  it.each([
    [0, 31, 3],
    [0.1, 30, 30],
    [1, 30, 300],
  ])(
    'is asked for again, at scale %d %d times in %d seconds, then refused',
    async (timeScale, times, total) => {
      const all = toy({}, { timeScale });
      const { id } = await all.make(network, 'n', block);
      await all.make(subnet, 's', { vpcId: id, cidrBlock: '10.0.0.0/24' });
      const before = all.waits.length;
      await expect(remove(all, network, 'n', id)).rejects.toThrow('DependencyViolation');
      const waits = all.waits.slice(before);
      expect(Math.abs(waits.length - times)).toBeLessThanOrEqual(1);
      expect(waits.reduce((sum, each) => sum + each, 0)).toBeCloseTo(total, 0);
      expect(all.cloud.ledger().filter(({ outcome }) => outcome === 'refused')).toHaveLength(1);
    },
  );

  it('is done when what was in the way goes meanwhile, and the ledger has one row for each', async () => {
    const gone: string[] = [];
    const all: Toy = toy(
      {},
      {
        meanwhile: async () => {
          if (gone.length > 0) await remove(all, subnet, 's', gone.pop() ?? '');
          return true;
        },
      },
    );
    const { id } = await all.make(network, 'n', block);
    gone.push((await all.make(subnet, 's', { vpcId: id, cidrBlock: '10.0.0.0/24' })).id);
    await remove(all, network, 'n', id);
    expect(all.cloud.things()).toEqual([]);
    const deletes = all.cloud.ledger().filter(({ operation }) => operation === 'delete');
    expect(deletes.map(({ type, outcome }) => [type, outcome])).toEqual([
      [subnet, 'done'],
      [network, 'done'],
    ]);
  });

  it('ends when the engine gives up', async () => {
    let givesUp = false;
    const all = toy({}, { meanwhile: () => Promise.resolve(!givesUp) });
    const { id } = await all.make(network, 'n', block);
    await all.make(subnet, 's', { vpcId: id, cidrBlock: '10.0.0.0/24' });
    givesUp = true;
    await expect(remove(all, network, 'n', id)).rejects.toThrow('RequestCanceled');
    expect(all.cloud.things()).toHaveLength(2);
  });

  it('is refused while the thing is protected', async () => {
    const all = toy();
    const { id } = await all.make(parameter, 'p', { type: 'String', description: 'protected' });
    await expect(remove(all, parameter, 'p', id)).rejects.toThrow('OperationNotPermitted');
  });

  it('of a thing that is gone is no error', async () => {
    await expect(remove(toy(), network, 'n', 'vpc-gone')).resolves.toBeUndefined();
  });
});

describe('read', () => {
  const read = (
    { provider }: Toy,
    id: string,
    oldInputs: HeldMap = {},
  ): ReturnType<Toy['provider']['read']> =>
    provider.read({ ...named(network, 'n'), id, olds: {}, oldInputs });

  it('gives the arguments as they are now, with what was filled in', async () => {
    const all = toy();
    const { id, inputs } = await all.make(network, 'n', { ...block, tags: { Name: 'a' } });
    const [thing] = all.cloud.things();
    if (thing === undefined) throw new Error('there is none');
    all.cloud.put({ ...thing, inputs: { ...thing.inputs, enableDnsSupport: false } });
    const found = await read(all, id, inputs);
    expect(found?.inputs).toEqual({ ...inputs, enableDnsSupport: false });
    expect(found?.properties).toMatchObject({ id, enableDnsSupport: false, ownerId: '111111111111' });
  });

  it('finds nothing where a thing is gone', async () => {
    expect(await read(toy(), 'vpc-gone')).toBeUndefined();
  });

  it('imports by id, from another region by id@region', async () => {
    const all = toy();
    const { id } = await all.make(network, 'n', { ...block, region: 'eu-west-1' });
    expect(await read(all, id)).toBeUndefined();
    expect((await read(all, `${id}@eu-west-1`))?.id).toBe(id);
  });
});

describe('a resource that was renamed, moved or imported', () => {
  it('is changed in place: its own name is not taken by another', async () => {
    const all = toy();
    const { id, properties, inputs } = await all.make(parameter, 'old', { type: 'String', name: 'kept' });
    const news = { type: 'String', name: 'kept', value: 'other' };
    // The engine tells the id after it has asked for a check, and the new URN knows nothing.
    const { inputs: checked, failures } = all.check(parameter, 'new', news, inputs);
    expect(failures).toEqual([]);
    const call = { ...named(parameter, 'new'), id, olds: properties, oldInputs: inputs, news: checked };
    expect(all.provider.diff({ ...call, ignoreChanges: [] }).replaces).toEqual([]);
    for (const preview of [true, false]) await all.provider.update({ ...call, preview, timeoutSeconds: 0 });
    expect(all.cloud.things()).toHaveLength(1);
  });

  it('may be replaced: preview knows what its new name makes way for', async () => {
    const all = toy();
    const { id, properties, inputs } = await all.make(parameter, 'old', { type: 'String', name: 'kept' });
    const again = { type: 'SecureString', name: 'kept' };
    const call = { ...named(parameter, 'new'), id, olds: properties, oldInputs: inputs, news: again };
    all.provider.diff({ ...call, ignoreChanges: [] });
    expect(all.check(parameter, 'new', again).failures).toEqual([]);
    const create = { ...named(parameter, 'new'), inputs: again, timeoutSeconds: 0 };
    await expect(all.provider.create({ ...create, preview: true })).resolves.toMatchObject({ id: '' });
    await expect(all.provider.create({ ...create, preview: false })).rejects.toThrow(
      'ParameterAlreadyExists',
    );
  });

  it('is known by what was read for an import', async () => {
    const all = toy();
    const { id, inputs } = await all.make(parameter, 'old', { type: 'String', name: 'kept' });
    await all.provider.read({ ...named(parameter, 'new'), id, olds: {}, oldInputs: {} });
    const preview = (name: string) =>
      all.provider.create({ ...named(parameter, name), inputs, preview: true, timeoutSeconds: 0 });
    await expect(preview('new')).resolves.toMatchObject({ id: '' });
    await expect(preview('another')).rejects.toThrow('ParameterAlreadyExists');
  });
});

describe('diff', () => {
  it('makes a new resource in another region, the provider’s region too', async () => {
    const all = toy();
    const { id, properties, inputs } = await all.make(network, 'n', block);
    const call = {
      ...named(network, 'n'),
      id,
      olds: properties,
      oldInputs: inputs,
      news: inputs,
      ignoreChanges: [],
    };
    expect(all.provider.diff(call).replaces).toEqual([]);
    all.provider.configure({ region: 'eu-west-1', cutoverTwin: 'true' }, 'urn');
    expect(all.provider.diff(call).replaces).toEqual(['region']);
    expect(all.provider.diff({ ...call, news: { ...inputs, region: 'us-east-1' } }).replaces).toEqual([]);
  });
});

describe('a fault', () => {
  const outcomes = ({ cloud }: Toy): unknown => cloud.ledger().map(({ outcome }) => outcome);
  const failing = (rule: string): Toy => {
    const all = toy();
    all.cloud.setFaults([rule]);
    return all;
  };

  it('before the effect leaves nothing, and the next call is fine', async () => {
    const all = failing('create aws:ec2/vpc:Vpc #1 before ServiceUnavailable');
    await expect(all.make(network, 'n', block)).rejects.toThrow('api error ServiceUnavailable');
    expect(all.cloud.things()).toEqual([]);
    await all.make(network, 'n', block);
    expect(outcomes(all)).toEqual(['failed', 'done']);
  });

  it('after the effect tells the engine what is there', async () => {
    const all = failing('create * #1 after');
    const error = (await all.make(network, 'n', block).catch((thrown: unknown) => thrown)) as ApiError;
    expect(error.partly?.id).toBe(all.cloud.things()[0]?.id);
    expect(error.partly?.inputs['__defaults']).toEqual(['enableDnsSupport']);
    expect(outcomes(all)).toEqual(['unwell']);
  });

  it('that loses the answer leaves a thing that nobody knows of', async () => {
    const all = failing('create * #1 lost');
    const error = (await all.make(network, 'n', block).catch((thrown: unknown) => thrown)) as ApiError;
    expect(error).toBeInstanceOf(ApiError);
    expect(error.partly).toBeUndefined();
    expect(all.cloud.things()).toHaveLength(1);
    expect(outcomes(all)).toEqual(['lost']);
  });

  it.each([
    ['dies-before', 0],
    ['dies-after', 1],
  ])('%s ends the plugin with %i things made', async (how, things) => {
    const all = failing(`create * #1 ${how}`);
    await expect(all.make(network, 'n', block)).rejects.toBeInstanceOf(Died);
    expect(all.cloud.things()).toHaveLength(things);
    expect(outcomes(all)).toEqual(['died']);
  });

  it('throttles for a while, and for good when it does not end', async () => {
    const all = failing('create * throttled:2');
    await all.make(network, 'n', block);
    expect(outcomes(all)).toEqual(['throttled', 'throttled', 'done']);
    all.cloud.setFaults(['create * throttled:99']);
    await expect(all.make(network, 'm', block)).rejects.toThrow('Throttling: Rate exceeded');
  });

  it('slows down', async () => {
    const all = failing('create * slow:7');
    await all.make(network, 'n', block);
    expect(all.waits).toContain(7);
  });

  it('of a delete after its effect is mended by the next one', async () => {
    const all = failing('delete * #1 after');
    const { id } = await all.make(network, 'n', block);
    await expect(remove(all, network, 'n', id)).rejects.toThrow('InternalFailure');
    await remove(all, network, 'n', id);
    expect(all.cloud.things()).toEqual([]);
  });
});

describe('functions', () => {
  it('are answered, or refused by name', () => {
    const { provider } = toy();
    const token = 'aws:index/getCallerIdentity:getCallerIdentity';
    expect(provider.invoke(token, {})).toMatchObject({ accountId: '111111111111' });
    expect(() => provider.invoke('aws:index/getRegion:getRegion', {})).toThrow(
      /CUT-5301 The twin does not play the function aws:index\/getRegion:getRegion/,
    );
  });
});
