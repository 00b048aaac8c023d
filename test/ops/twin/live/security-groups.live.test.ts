import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BodyKind, Ground } from '../../../../ops/twin/live/body.ts';
import { closeCompute, computeOf } from '../../../../ops/twin/live/compute.ts';
import { clusterBody } from '../../../../ops/twin/live/ecs/cluster.ts';
import { serviceBody } from '../../../../ops/twin/live/ecs/service.ts';
import type { Task, TaskNetwork } from '../../../../ops/twin/live/ecs/task.ts';
import { balancerBody } from '../../../../ops/twin/live/load-balancer/balancer.ts';
import { endOfStream } from '../../../../ops/twin/live/logs.ts';
import {
  ask,
  balancerArn,
  balancerName,
  clusterArn,
  definition,
  definitionArn,
  service,
  surroundings,
} from './compute-help.ts';
import { groundOn, liveCloud, place, until, type LiveCloud, type TestThing } from './ground-help.ts';

// Tasks of the beacon in a network with security groups; a server of this test stands for the database.
const databaseHost = 'db-1.test';
let server: Server;
const databaseBody: BodyKind = {
  ...{ type: 'aws:rds/instance:Instance', seconds: 60, digest: () => 'one' },
  bring: () => {
    const { port } = server.address() as AddressInfo;
    return Promise.resolve({
      ...{ processes: [], notes: {} },
      addresses: [{ host: databaseHost, port: 5432, localPort: port }],
    });
  },
  remove: () => Promise.resolve(),
  alive: () => Promise.resolve(true),
};
const kinds: readonly BodyKind[] = [clusterBody, serviceBody, balancerBody, databaseBody];
let live: LiveCloud;
let running: { readonly ground: Ground; stop(): Promise<void> };

const group = (id: string): TestThing => ({
  ...{ type: 'aws:ec2/securityGroup:SecurityGroup', id, inputs: { vpcId: 'vpc-1', name: id } },
});
const rule = (
  id: string,
  direction: string,
  securityGroupId: string,
  port: number,
  to: object,
): TestThing => ({
  ...{ type: `aws:vpc/securityGroup${direction}Rule:SecurityGroup${direction}Rule`, id },
  inputs: { securityGroupId, ipProtocol: 'tcp', fromPort: port, toPort: port, ...to },
});
const toGroup = (id: string): object => ({ referencedSecurityGroupId: id });
const network: readonly TestThing[] = [
  ...['sg-api', 'sg-db', 'sg-lb'].map(group),
  {
    ...{ type: 'aws:ec2/subnet:Subnet', id: 'private' },
    inputs: { vpcId: 'vpc-1', cidrBlock: '10.0.1.0/24' },
  },
  {
    ...{ type: 'aws:ec2/routeTableAssociation:RouteTableAssociation', id: 'association' },
    inputs: { subnetId: 'private', routeTableId: 'rtb-1' },
  },
  { type: 'aws:ec2/natGateway:NatGateway', id: 'nat-1', inputs: {} },
  {
    ...{ type: 'aws:ec2/route:Route', id: 'route' },
    inputs: { routeTableId: 'rtb-1', destinationCidrBlock: '0.0.0.0/0', natGatewayId: 'nat-1' },
  },
  rule('egress-tls', 'Egress', 'sg-api', 443, { cidrIpv4: '0.0.0.0/0' }),
  rule('egress-db', 'Egress', 'sg-api', 5432, toGroup('sg-db')),
  { type: 'aws:rds/subnetGroup:SubnetGroup', id: 'data', inputs: { subnetIds: ['private'] } },
  {
    ...{ type: 'aws:rds/instance:Instance', id: 'db-1' },
    inputs: { dbSubnetGroupName: 'data', vpcSecurityGroupIds: ['sg-db'] },
  },
];
const doorOfDatabase = rule('ingress-db', 'Ingress', 'sg-db', 5432, toGroup('sg-api'));
const doorOfTasks = rule('ingress-api', 'Ingress', 'sg-api', 8080, toGroup('sg-lb'));

beforeAll(async () => {
  server = createServer((socket) => void socket.end('hello'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  live = liveCloud();
  running = await groundOn(live, kinds);
  const withGroups = surroundings.map((thing) =>
    thing.id === balancerArn
      ? { ...thing, inputs: { ...thing.inputs, subnets: ['private'], securityGroups: ['sg-lb'] } }
      : thing,
  );
  for (const thing of [...network, ...withGroups]) expect(await live.put(thing)).toEqual({ kind: 'well' });
  await live.put(definition(1, { SYSTEM: 'test', VERSION: '1.0.0' }));
});
afterAll(async () => {
  await running.stop();
  await closeCompute(running.ground);
  server.close();
  await live.end();
});

/** Runs a task once that connects to the database; with what it said. */
async function runOnce(asks: string, where: TaskNetwork): Promise<Task & { readonly said: string }> {
  const { cloud, folder } = live;
  const { tasks } = computeOf(running.ground);
  const [cluster, first] = [clusterArn, definitionArn(1)].map((arn) => cloud.view().byArn(arn));
  if (cluster === undefined || first === undefined) throw new Error('both were put there');
  const { id } = await tasks.start({
    body: { type: clusterBody.type, id: cluster.id, ...place },
    ...{ cluster, definition: first, startedBy: 'test', network: where },
    overrides: [{ name: 'api', command: ['node', '--input-type=module', '-e', asks] }],
  });
  const task = await until(
    () => tasks.find(id),
    (found) => found?.status === 'STOPPED',
  );
  if (task === undefined) throw new Error('it is remembered');
  const [log] = task.containers.flatMap((each) => each.log ?? []);
  return { ...task, said: log === undefined ? '' : (await endOfStream(folder, log)).join('\n') };
}

const connects = `
  import net from 'node:net';
  net.connect(5432, '${databaseHost}').on('data', (t) => console.log(String(t)))
    .on('error', (e) => { console.log(e.code); process.exitCode = 7; });`;
const withTasks: TaskNetwork = { subnets: ['private'], groups: ['sg-api'], isPublic: false };

describe('a task in a network', () => {
  it('cannot connect to a database whose group does not let it in, and its log says why', async () => {
    const { containers, said } = await runOnce(connects, withTasks);
    expect(containers[0]?.exitCode).toBe(7);
    expect(said).toContain(
      `no way to ${databaseHost}:5432: no rule of sg-db (sg-db) lets sg-api (sg-api) in on port 5432`,
    );
    expect(said).toContain('ETIMEDOUT');
  });

  it('connects as soon as the group lets it in, while it runs', async () => {
    const insists = `
      import net from 'node:net';
      const ask = () => net.connect(5432, '${databaseHost}').on('data', (t) => console.log(String(t)))
        .on('error', () => setTimeout(ask, 50));
      ask();`;
    const task = runOnce(insists, withTasks);
    await new Promise((resolve) => setTimeout(resolve, 500));
    await live.put(doorOfDatabase);
    expect((await task).said).toMatch(/^no way to [^]*hello$/);
  });

  it('does not start where its image cannot be asked for', async () => {
    const { stoppedReason } = await runOnce(connects, { ...withTasks, groups: ['sg-lb'] });
    expect(stoppedReason).toMatch(
      /^ResourceInitializationError: .*no rule of sg-lb lets it out to 0\.0\.0\.0\/0/,
    );
  });
});

describe('a service behind a load balancer', () => {
  const api = service(1);
  const inNetwork: TestThing = {
    ...api,
    inputs: {
      ...api.inputs,
      networkConfiguration: { subnets: ['private'], securityGroups: ['sg-api'] },
    },
  };

  it('never becomes steady where the balancer is not let in, and it is said which rule is missing', async () => {
    await live.put(rule('egress-lb', 'Egress', 'sg-lb', 8080, toGroup('sg-api')));
    const how = await live.put(inNetwork);
    const why = how.kind === 'unwell' ? how.why : '';
    expect(why).toContain(
      'Task failed ELB health checks (Request timed out: no rule of sg-api (sg-api) lets sg-lb (sg-lb) in on port 8080)',
    );
  }, 120_000);

  it('answers when both let each other in, and the balancer lets anybody in', async () => {
    await live.put(doorOfTasks);
    expect(await live.put({ ...inNetwork, inputs: { ...inNetwork.inputs, desiredCount: 2 } })).toEqual({
      kind: 'well',
    });
    const ca = readFileSync(running.ground.authority.file);
    expect(running.ground.addresses().some(({ host }) => host === balancerName)).toBe(true);
    expect((await ask(live, ca, '/api/health')).status).toBe(0);
    await live.put(rule('ingress-lb', 'Ingress', 'sg-lb', 443, { cidrIpv4: '0.0.0.0/0' }));
    expect((await ask(live, ca, '/api/health')).status).toBe(200);
  }, 120_000);
});
