import { describe, expect, it } from 'vitest';
import { loadPart } from '../../../ops/twin/providers.ts';
import type { HeldMap } from '../../../ops/twin/held.ts';
import { named, toy, type Toy } from './toy-cloud.ts';

const part = await loadPart('aws');
const secret = 'aws:secretsmanager/secret:Secret';
const definition = 'aws:ecs/taskDefinition:TaskDefinition';
const balancer = 'aws:lb/loadBalancer:LoadBalancer';

const remove = async (
  { provider }: Toy,
  type: string,
  name: string,
  { id, properties }: { id: string; properties: HeldMap },
): Promise<void> => provider.delete({ ...named(type, name), id, olds: properties, timeoutSeconds: 0 });

describe('a secret', () => {
  it('keeps its name blocked after it was deleted, and is free at once without a window', async () => {
    const all = toy({}, { part });
    await remove(all, secret, 's', await all.make(secret, 's', { name: 'db' }));
    await expect(all.make(secret, 's', { name: 'db' })).rejects.toThrow('already scheduled for deletion');
    const forced = { name: 'other', recoveryWindowInDays: 0 };
    await remove(all, secret, 't', await all.make(secret, 't', forced));
    await expect(all.make(secret, 't', forced)).resolves.toMatchObject({ inputs: forced });
  });
});

describe('a task definition', () => {
  const containers = (image: string): HeldMap => ({
    family: 'api',
    containerDefinitions: JSON.stringify([{ name: 'api', image, memory: 128 }]),
  });
  const arn = (revision: number): string =>
    `arn:aws:ecs:us-east-1:111111111111:task-definition/api:${revision}`;

  it('has the id of its family, also when two revisions are there; each is deleted by itself', async () => {
    const all = toy({}, { part });
    const first = await all.make(definition, 't', containers('api:1'));
    const second = await all.make(definition, 't', containers('api:2'));
    expect([first.id, second.id]).toEqual(['api', 'api']);
    expect([first.properties['arn'], second.properties['arn']]).toEqual([arn(1), arn(2)]);
    expect(second.properties['id']).toBe('api');
    await remove(all, definition, 't', first);
    expect(all.cloud.things().map(({ id }) => id)).toEqual([arn(2)]);
    expect(all.cloud.ledger().map(({ operation, id }) => [operation, id])).toEqual([
      ['create', arn(1)],
      ['create', arn(2)],
      ['delete', arn(1)],
    ]);
  });

  it('counts on after all revisions were deleted', async () => {
    const all = toy({}, { part });
    await remove(all, definition, 't', await all.make(definition, 't', containers('api:1')));
    const { properties } = await all.make(definition, 't', containers('api:1'));
    expect(properties).toMatchObject({ arn: arn(2), revision: 2 });
  });

  it('is read and changed as what the engine knows, and imported by its ARN', async () => {
    const all = toy({}, { part });
    const { id, properties, inputs } = await all.make(definition, 't', containers('api:1'));
    await all.make(definition, 't', containers('api:2'));
    const call = { ...named(definition, 't'), id, olds: properties };
    await expect(all.provider.read({ ...call, oldInputs: inputs })).resolves.toMatchObject({
      ...{ id: 'api', properties: { id: 'api', revision: 1 } },
    });
    const news = { ...inputs, tags: { owner: 'me' } };
    await expect(
      all.provider.update({ ...call, oldInputs: inputs, news, preview: false, timeoutSeconds: 0 }),
    ).resolves.toMatchObject({ revision: 1, tags: { owner: 'me' } });
    const imported = { ...named(definition, 'new'), id: arn(2), olds: {}, oldInputs: {} };
    await expect(all.provider.read(imported)).resolves.toMatchObject({
      ...{ id: 'api', properties: { arn: arn(2) } },
    });
    await expect(all.provider.read({ ...imported, id: 'api' })).resolves.toBeUndefined();
  });
});

describe('a load balancer', () => {
  it('has a name behind its prefix, also in its ARN', async () => {
    const all = toy({}, { part });
    const network = await all.make('aws:ec2/vpc:Vpc', 'n', { cidrBlock: '10.0.0.0/16' });
    const subnets: string[] = [];
    for (const [index, zone] of ['us-east-1a', 'us-east-1b'].entries()) {
      const args = { vpcId: network.id, cidrBlock: `10.0.${index}.0/24`, availabilityZone: zone };
      subnets.push((await all.make('aws:ec2/subnet:Subnet', zone, args)).id);
    }
    const { id, properties } = await all.make(balancer, 'b', { namePrefix: 'ab-', internal: true, subnets });
    expect(properties).toMatchObject({
      name: expect.stringMatching(/^ab-\d{18}[0-9a-f]{8}$/) as string,
      namePrefix: 'ab-',
      arn: id,
    });
    expect(id).toMatch(/:loadbalancer\/app\/ab-\d{18}[0-9a-f]{8}\//);
  });
});
