import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { orphans } from '../../../ops/orphans.ts';
import { openTwinSource } from '../../../ops/orphans/twin-source.ts';
import { cloudFile, makeCloudFile } from '../../../ops/twin/cloud-file.ts';
import { openCloud, type Cloud, type KeptThing } from '../../../ops/twin/cloud.ts';
import type { Values } from '../../../ops/twin/kind.ts';

const account = '123456789012';
const ours = { System: 'coinestate', Environment: 'staging', ManagedBy: 'cutover' };
const options = { twin: true, delete: false, import: false, yes: false, json: true };

let folder: string;
let cloud: Cloud;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cutover-orphans-'));
  makeCloudFile(cloudFile(folder), { account, seed: 's', timeScale: 0 });
  cloud = openCloud(folder);
  vi.stubEnv('CUTOVER_TWIN', folder);
  state([]);
});
afterEach(() => {
  vi.unstubAllEnvs();
  cloud.close();
  rmSync(folder, { recursive: true, force: true });
});

const made = 'urn:pulumi:staging::cutover::t::made';

/** Puts something into the cloud that no resource of a state stands for yet. */
function put(type: string, id: string, inputs: Values, outputs: Values = {}, urn = made): void {
  const place = { account, region: 'us-east-1' };
  cloud.put({ ...place, type, id, urn, inputs, outputs, secrets: [], createdMs: Date.now(), readyMs: 0 });
}

/** Writes the state of the stack: these things, as resources. */
function state(ids: readonly string[], pending = 0): void {
  const things = cloud.things().filter(({ id }) => ids.includes(id));
  const resources = things.map(({ type, id, inputs, outputs, region }) => ({
    ...{ urn: `urn:pulumi:staging::cutover::${type}::${id}`, type, id },
    outputs: { ...outputs, ...inputs, region },
  }));
  const latest = { resources, pending_operations: Array.from({ length: pending }, () => ({})) };
  const file = join(folder, 'state', '.pulumi', 'stacks', 'cutover');
  mkdirSync(file, { recursive: true });
  writeFileSync(join(file, 'staging.json'), JSON.stringify({ version: 3, checkpoint: { latest } }));
}

/** A network with a route table, and a bucket with a setting. */
function network(name: string): void {
  const arn = (id: string): Values => ({ arn: `arn:aws:ec2:us-east-1:${account}:${id}` });
  put('aws:ec2/vpc:Vpc', `vpc-${name}`, { cidrBlock: '10.0.0.0/16', tags: ours }, arn(`vpc/vpc-${name}`));
  const vpc = { vpcId: `vpc-${name}`, tags: ours };
  put('aws:ec2/subnet:Subnet', `subnet-${name}`, vpc, arn(`subnet/subnet-${name}`));
  put('aws:ec2/routeTable:RouteTable', `rtb-${name}`, vpc, arn(`route-table/rtb-${name}`));
  put('aws:ec2/routeTableAssociation:RouteTableAssociation', `rtbassoc-${name}`, {
    subnetId: `subnet-${name}`,
    routeTableId: `rtb-${name}`,
  });
  put('aws:s3/bucket:Bucket', `bucket-${name}`, { bucket: `bucket-${name}`, tags: ours });
  put('aws:s3/bucketVersioning:BucketVersioning', `bucket-${name}`, { bucket: `bucket-${name}` });
}

const all = (name: string): readonly string[] =>
  ['vpc', 'subnet', 'rtb', 'rtbassoc', 'bucket'].map((kind) => `${kind}-${name}`);

interface Report {
  readonly pending: number;
  readonly orphans: readonly {
    readonly id: string;
    readonly type: string;
    readonly created?: string;
    readonly cost?: string;
    readonly monthlyUsd?: number;
  }[];
  readonly deleted?: readonly { readonly id: string }[];
  readonly stays?: readonly { readonly id: string; readonly why: string }[];
}

async function run(more: object = {}): Promise<{ exit: number; said: string; report: Report }> {
  let said = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    said += String(text);
    return true;
  });
  const quiet = vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
  try {
    const exit = await orphans('staging', { ...options, ...more });
    return {
      exit,
      said,
      report: said.startsWith('{') ? (JSON.parse(said) as Report) : { pending: 0, orphans: [] },
    };
  } finally {
    write.mockRestore();
    quiet.mockRestore();
  }
}

const ids = (list: readonly { readonly id: string }[] = []): readonly string[] =>
  [...new Set(list.map(({ id }) => id))].sort();

describe('orphans on the twin', () => {
  it('are what no state knows, with what cannot carry tags and names it', async () => {
    network('kept');
    network('lost');
    state(all('kept'), 2);
    const { exit, report } = await run();
    expect(exit).toBe(0);
    expect(ids(report.orphans)).toEqual([...all('lost')].sort());
    expect(report.orphans).toHaveLength(6);
    expect(report.pending).toBe(2);
    expect(Date.parse(report.orphans[0]?.created ?? '')).toBeGreaterThan(Date.now() - 60_000);
    expect(report.deleted).toBeUndefined();
    expect(cloud.things()).toHaveLength(12);
  });

  it('are the settings of something that the state knows too, where it does not know them', async () => {
    network('kept');
    state(all('kept').filter((id) => !id.startsWith('rtbassoc')));
    expect(ids((await run()).report.orphans)).toEqual(['rtbassoc-kept']);
  });

  it('are what names something of ours by a part of its ARN, and what names that', async () => {
    const arn = `arn:aws:ecs:us-east-1:${account}:service/shop/api`;
    put('aws:ecs/service:Service', arn, { name: 'api', tags: ours }, { arn });
    put('aws:appautoscaling/target:Target', 'service/shop/api', { resourceId: 'service/shop/api' });
    put('aws:appautoscaling/policy:Policy', 'by-cpu', { resourceId: 'service/shop/api' });
    put('aws:cloudwatch/dashboard:Dashboard', 'scaling', { dashboardName: 'scaling', of: 'by-cpu' });
    put('aws:kms/key:Key', 'key-1', { tags: ours });
    put('aws:kms/alias:Alias', 'alias/one', { targetKeyId: 'key-1' });
    put('aws:ecs/cluster:Cluster', `arn:aws:ecs:us-east-1:${account}:cluster/shop`, {
      name: 'shop',
      tags: ours,
    });
    put('aws:ecs/clusterCapacityProviders:ClusterCapacityProviders', 'shop', { clusterName: 'shop' });
    expect((await run()).report.orphans).toHaveLength(8);
  });

  it('are never what others have: other tags, no tags, the foundation', async () => {
    put('aws:ec2/vpc:Vpc', 'vpc-untagged', {});
    put('aws:ec2/vpc:Vpc', 'vpc-prod', { tags: { ...ours, Environment: 'prod' } });
    put('aws:s3/bucket:Bucket', 'bucket-state', {
      bucket: 'bucket-state',
      tags: { ...ours, System: 'bootstrap' },
    });
    put('aws:s3/bucketVersioning:BucketVersioning', 'bucket-state', { bucket: 'bucket-state' });
    network('lost');
    // Somebody's own, in a network of ours.
    put('aws:ec2/routeTable:RouteTable', 'rtb-somebody', { vpcId: 'vpc-lost' }, {}, '');
    put('aws:ec2/subnet:Subnet', 'subnet-somebody', { vpcId: 'vpc-lost', tags: { Owner: 'somebody' } });
    expect(ids((await run()).report.orphans)).toEqual([...all('lost')].sort());
  });

  it('are shown to people with type, region and age', async () => {
    network('lost');
    const { said } = await run({ json: false });
    expect(said).toMatch(/^What staging has left in the twin's cloud in /);
    expect(said).toMatch(/aws:ec2\/vpc:Vpc +arn:aws:ec2:\S+:vpc\/vpc-lost +us-east-1 +\d+\.\d s +-/);
  });

  it('are shown with what they cost in a month, and together', async () => {
    const arn = `arn:aws:ecs:us-east-1:${account}:task-definition/api:1`;
    const database = { engine: 'postgres', instanceClass: 'db.t4g.small', allocatedStorage: 20, tags: ours };
    put('aws:rds/instance:Instance', 'orders', database);
    put('aws:ec2/natGateway:NatGateway', 'nat-1', { tags: ours });
    put('aws:s3/bucket:Bucket', 'bucket', { bucket: 'bucket', tags: ours });
    put('aws:ecs/taskDefinition:TaskDefinition', 'api', { cpu: '256', memory: '512', tags: ours }, { arn });
    put('aws:ecs/service:Service', 'service', { desiredCount: 2, taskDefinition: arn, tags: ours });
    put('aws:elasticache/replicationGroup:ReplicationGroup', 'c', { nodeType: 'cache.x1.huge', tags: ours });
    const { report } = await run();
    const costs = report.orphans.map(({ id, cost, monthlyUsd }) => [id, cost, monthlyUsd]);
    expect(costs).toEqual([
      ['orders', 'fixed', 25.66],
      ['nat-1', 'fixed', 32.85],
      ['bucket', 'by use', undefined],
      ['api', 'nothing', undefined],
      ['service', 'fixed', 18.02],
      ['c', 'unknown', undefined],
    ]);
    const { said } = await run({ json: false });
    expect(said).toMatch(/^76\.53 USD a month, without 1 of unknown cost: list prices of us-east-1/m);
  });

  it('are told without what is secret', async () => {
    const inputs = { name: '/key', value: 'hunter2', tags: ours };
    put('aws:ssm/parameter:Parameter', '/key', inputs);
    expect((await run()).said).not.toContain('hunter2');
    expect((await run({ json: false })).said).not.toContain('hunter2');
    cloud.put({ ...(cloud.things()[0] as KeptThing), secrets: ['value'] });
    const source = await openTwinSource('staging', folder, 'staging');
    const [found] = await source.ours();
    source.close();
    expect(found?.inputs).toEqual({ name: '/key', tags: ours });
  });

  it('go all at once, whatever stands on what, and the second time there are none', async () => {
    network('kept');
    network('lost');
    state(all('kept'));
    const { exit, report } = await run({ delete: true, yes: true });
    expect(exit).toBe(0);
    expect(report.deleted).toHaveLength(6);
    expect(report.stays).toEqual([]);
    expect(ids(cloud.things())).toEqual([...all('kept')].sort());
    const deletes = cloud
      .ledger()
      .filter(({ operation, outcome }) => operation === 'delete' && outcome === 'done');
    expect(deletes.map(({ id }) => id)).toEqual(report.deleted?.map(({ id }) => id));
    expect(deletes.at(-1)?.id).toBe('vpc-lost');
    const again = await run({ delete: true, yes: true });
    expect(again.exit).toBe(0);
    expect(again.report.orphans).toEqual([]);
  });

  it('stay where they are protected or something that is no orphan stands on them, and it says why', async () => {
    network('lost');
    put('aws:ec2/subnet:Subnet', 'subnet-somebody', { vpcId: 'vpc-lost', tags: { Owner: 'somebody' } });
    put('aws:rds/instance:Instance', 'db-lost', {
      identifier: 'db-lost',
      deletionProtection: true,
      tags: ours,
    });
    const { exit, report } = await run({ delete: true, yes: true });
    expect(exit).toBe(1);
    expect(ids(report.stays)).toEqual(['db-lost', 'vpc-lost']);
    expect(report.stays?.find(({ id }) => id === 'db-lost')?.why).toContain('deletion protection');
    expect(report.stays?.find(({ id }) => id === 'vpc-lost')?.why).toContain('DependencyViolation');
    expect(ids(cloud.things())).toEqual(['db-lost', 'subnet-somebody', 'vpc-lost']);
  });

  it('keeps no secret of what it deletes', async () => {
    put('aws:ssm/parameter:Parameter', '/key', { name: '/key', value: 'hunter2', tags: ours });
    const { said } = await run({ delete: true, yes: true });
    expect(said).not.toContain('hunter2');
    const place = { account, region: 'us-east-1' };
    expect(JSON.stringify(cloud.view().deleted?.('aws:ssm/parameter:Parameter', place))).not.toContain(
      'hunter2',
    );
    expect(cloud.things()).toEqual([]);
  });
});

describe('orphans --delete is refused', () => {
  const yes = { delete: true, yes: true };

  it('where nobody can be asked', async () => {
    network('lost');
    await expect(run({ delete: true })).rejects.toMatchObject({ code: 'CUT-5477', exit: 2 });
    expect(cloud.things()).toHaveLength(6);
  });

  it('while the engine is at work; the lock of one that was killed is none', async () => {
    network('lost');
    const locks = join(folder, 'state', '.pulumi', 'locks', 'organization', 'cutover', 'staging');
    mkdirSync(locks, { recursive: true });
    const lock = (pid: number): void =>
      writeFileSync(
        join(locks, 'a.json'),
        JSON.stringify({ pid, hostname: hostname(), username: 'u', timestamp: '' }),
      );
    lock(process.pid);
    await expect(run(yes)).rejects.toMatchObject({ code: 'CUT-5488', exit: 3 });
    expect(cloud.things()).toHaveLength(6);
    lock(2 ** 30);
    expect((await run(yes)).report.deleted).toHaveLength(6);
  });

  it.each([
    ['is torn', '{"checkpoint": {'],
    ['is not there', undefined],
  ])('where the state %s', async (_, text) => {
    network('lost');
    const file = join(folder, 'state', '.pulumi', 'stacks', 'cutover', 'staging.json');
    rmSync(file);
    if (text !== undefined) writeFileSync(file, text);
    await expect(run(yes)).rejects.toMatchObject({ code: 'CUT-5486' });
    expect(cloud.things()).toHaveLength(6);
  });

  it('of dev, which has no account', async () => {
    await expect(orphans('dev', options)).rejects.toMatchObject({ code: 'CUT-5470' });
  });
});
