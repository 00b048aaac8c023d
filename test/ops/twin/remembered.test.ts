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

describe('a resource under another name', () => {
  it('is not refused the name in the cloud that it has already', async () => {
    const all = toy({}, { part });
    const { inputs } = await all.make(secret, 'old', { name: 'db' });
    const described = { name: 'db', description: 'of the database' };
    expect(all.check(secret, 'new', described, inputs).failures).toEqual([]);
    expect(all.check(secret, 'new', described).failures).toHaveLength(1);
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

const group = 'aws:cloudwatch/logGroup:LogGroup';
const filter = 'aws:cloudwatch/logMetricFilter:LogMetricFilter';
const cluster = 'aws:ecs/cluster:Cluster';
const policy = 'aws:appautoscaling/policy:Policy';
const target = 'aws:appautoscaling/target:Target';
const replicas = 'elasticache:replication-group:Replicas';
const shards = 'elasticache:replication-group:NodeGroups';

describe('a name that is free again elsewhere', () => {
  const read = ({ provider }: Toy, type: string, id: string, olds: HeldMap = {}) =>
    provider.read({ ...named(type, 'imported'), id, olds, oldInputs: {} });

  it('is that of a filter in each log group: they are told apart, and imported by group and name', async () => {
    const all = toy({}, { part });
    const made = [];
    for (const name of ['a', 'b']) {
      await all.make(group, name, { name });
      const metricTransformation = { name: 'errors', namespace: name, value: '1' };
      const args = { name: 'errors', logGroupName: name, pattern: 'ERROR', metricTransformation };
      made.push(await all.make(filter, name, args));
    }
    expect(made.map(({ id }) => id)).toEqual(['errors', 'errors']);
    const [first, second] = made;
    expect((await read(all, filter, 'errors', second?.properties))?.properties).toMatchObject({
      logGroupName: 'b',
    });
    expect(await read(all, filter, 'b:errors')).toMatchObject({ id: 'errors' });
    if (first !== undefined) await remove(all, filter, 'a', first);
    expect(await read(all, filter, 'a:errors')).toBeUndefined();
    expect(await read(all, filter, 'b:errors')).toBeDefined();
  });

  it('is that of a scaling policy for each target, and that of a target for each dimension', async () => {
    const all = toy({}, { part });
    const scaled = { serviceNamespace: 'elasticache', resourceId: 'replication-group/cache' };
    const ids = [];
    for (const [name, scalableDimension, predefinedMetricType] of [
      ['replicas', replicas, 'ElastiCacheReplicaEngineCPUUtilization'],
      ['shards', shards, 'ElastiCachePrimaryEngineCPUUtilization'],
    ] as const) {
      const capacity = { minCapacity: 1, maxCapacity: 3 };
      ids.push((await all.make(target, name, { ...scaled, scalableDimension, ...capacity })).id);
      const tracking = { targetValue: 60, predefinedMetricSpecification: { predefinedMetricType } };
      const args = {
        ...{ ...scaled, scalableDimension, name: 'cpu', policyType: 'TargetTrackingScaling' },
        targetTrackingScalingPolicyConfiguration: tracking,
      };
      ids.push((await all.make(policy, name, args)).id);
    }
    expect(ids).toEqual([scaled.resourceId, 'cpu', scaled.resourceId, 'cpu']);
    expect(all.cloud.things()).toHaveLength(4);
    const asked = `elasticache/replication-group/cache/${shards}`;
    expect((await read(all, target, asked))?.properties).toMatchObject({ scalableDimension: shards });
    expect((await read(all, policy, `${asked}/cpu`))?.properties).toMatchObject({
      scalableDimension: shards,
    });
  });
});

describe('an import', () => {
  it('names what has an ARN or a made-up id as the provider’s documentation does', async () => {
    const all = toy({}, { part });
    const { id } = await all.make(cluster, 'c', { name: 'main' });
    const read = (type: string, asked: string) =>
      all.provider.read({ ...named(type, 'imported'), id: asked, olds: {}, oldInputs: {} });
    expect(await read(cluster, 'main')).toMatchObject({ id });
    expect(await read(cluster, id)).toMatchObject({ id });
    expect(await read(cluster, 'other')).toBeUndefined();
    const vpcId = (await all.make('aws:ec2/vpc:Vpc', 'v', { cidrBlock: '10.0.0.0/16' })).id;
    const gatewayId = (await all.make('aws:ec2/internetGateway:InternetGateway', 'g', { vpcId })).id;
    const routeTableId = (await all.make('aws:ec2/routeTable:RouteTable', 't', { vpcId })).id;
    const subnetId = (await all.make('aws:ec2/subnet:Subnet', 's', { vpcId, cidrBlock: '10.0.0.0/24' })).id;
    const associated = 'aws:ec2/routeTableAssociation:RouteTableAssociation';
    const association = await all.make(associated, 'a', { routeTableId, subnetId });
    const destinationCidrBlock = '0.0.0.0/0';
    const route = await all.make('aws:ec2/route:Route', 'r', {
      routeTableId,
      destinationCidrBlock,
      gatewayId,
    });
    expect(await read(associated, `${subnetId}/${routeTableId}`)).toMatchObject({ id: association.id });
    expect(await read('aws:ec2/route:Route', `${routeTableId}_0.0.0.0/0`)).toMatchObject({ id: route.id });
  });
});
