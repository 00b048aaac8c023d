import { describe, expect, it } from 'vitest';
import type { Values } from '../../../../ops/twin/kind.ts';
import type { BodyRecord } from '../../../../ops/twin/live/body.ts';
import { obstacleToService } from '../../../../ops/twin/live/network/aws-services.ts';
import { barredFrom } from '../../../../ops/twin/live/network/barred.ts';
import { balancerOfGroup, placeOfServer, placeOfTask } from '../../../../ops/twin/live/network/places.ts';
import { startObstacle } from '../../../../ops/twin/live/network/task-start.ts';
import { letsAnybodyIn, obstacle } from '../../../../ops/twin/live/network/ways.ts';
import { defaultGroupOf } from '../../../../ops/twin/services/aws/ec2.ts';
import { fakeCloud, here, thing, type FakeThing } from '../services/fake-cloud.ts';

// A network with tasks in private subnets, a database in others, and a load balancer.
const subnet = (id: string, cidrBlock: string, vpcId = 'vpc-1'): FakeThing => ({
  ...{ type: 'aws:ec2/subnet:Subnet', id, inputs: { vpcId, cidrBlock } },
});
const group = (id: string, name: string, more: Values = {}): FakeThing => ({
  ...{ type: 'aws:ec2/securityGroup:SecurityGroup', id },
  inputs: { vpcId: 'vpc-1', tags: { Name: name }, ...more },
});
const rule = (
  direction: 'Ingress' | 'Egress',
  securityGroupId: string,
  port: number,
  to: Values,
): FakeThing => ({
  type: `aws:vpc/securityGroup${direction}Rule:SecurityGroup${direction}Rule`,
  id: `${direction} ${securityGroupId} ${port} ${JSON.stringify(to)}`,
  inputs: { securityGroupId, ipProtocol: 'tcp', fromPort: port, toPort: port, ...to },
});
const toGroup = (id: string): Values => ({ referencedSecurityGroupId: id });

const database = {
  ...{ type: 'aws:rds/instance:Instance', id: 'db-1' },
  inputs: { dbSubnetGroupName: 'data', vpcSecurityGroupIds: ['sg-db'] },
};
const service = {
  ...{ type: 'aws:ecs/service:Service', id: 'service-1' },
  inputs: { networkConfiguration: { subnets: ['private-a', 'private-b'], securityGroups: ['sg-api'] } },
};
const balancer = {
  ...{ type: 'aws:lb/loadBalancer:LoadBalancer', id: 'lb-1' },
  inputs: { subnets: ['public-a'], securityGroups: ['sg-lb'] },
};
const network: readonly FakeThing[] = [
  ...[subnet('private-a', '10.0.1.0/24'), subnet('private-b', '10.0.2.0/24')],
  ...[subnet('data-a', '10.0.9.0/24'), subnet('public-a', '10.0.0.0/24')],
  ...[group('sg-api', 'api'), group('sg-db', 'database'), group('sg-lb', 'balancer')],
  { type: 'aws:rds/subnetGroup:SubnetGroup', id: 'data', inputs: { subnetIds: ['data-a'] } },
  ...[database, service, balancer],
];
const out = rule('Egress', 'sg-api', 5432, toGroup('sg-db'));
const into = rule('Ingress', 'sg-db', 5432, toGroup('sg-api'));

/** What keeps a task of the service from the database, where these are there beside the network. */
function toDatabase(...things: readonly FakeThing[]): string | undefined {
  const view = fakeCloud([...things, ...network]);
  const from = placeOfTask(view, { ...here, service: 'service-1' });
  const to = placeOfServer(view, thing(database));
  if (from === undefined || to === undefined) throw new Error('both are in the network');
  return obstacle(view, from, to, 5432);
}

describe('a way between two things in the network', () => {
  it('is there where the groups of both sides let it through', () => {
    expect(toDatabase(out, into)).toBeUndefined();
  });

  it('is not there without a rule of either side, and which is missing is said with names', () => {
    expect(toDatabase(into)).toBe('no rule of sg-api (api) lets it out to sg-db (database) on port 5432');
    expect(toDatabase(out)).toBe('no rule of sg-db (database) lets sg-api (api) in on port 5432');
  });

  it.each([
    ['another port', rule('Ingress', 'sg-db', 5433, toGroup('sg-api'))],
    ['another group', rule('Ingress', 'sg-db', 5432, toGroup('sg-lb'))],
    ['another protocol', { ...into, inputs: { ...into.inputs, ipProtocol: 'udp' } }],
    ['the other direction', rule('Egress', 'sg-db', 5432, toGroup('sg-api'))],
    ['a prefix list', rule('Ingress', 'sg-db', 5432, { prefixListId: 'pl-1' })],
  ])('is not opened by a rule for %s', (_, other) => {
    expect(toDatabase(out, other)).toMatch(/^no rule of sg-db/);
  });

  it('is opened by addresses where they hold every subnet that it may be in', () => {
    const from = (cidrIpv4: string): string | undefined =>
      toDatabase(out, rule('Ingress', 'sg-db', 5432, { cidrIpv4 }));
    expect([from('10.0.0.0/16'), from('0.0.0.0/0')]).toEqual([undefined, undefined]);
    expect(from('10.0.1.0/24')).toBe(
      'no rule of sg-db (database) lets sg-api (api) with addresses of 10.0.2.0/24 in on port 5432',
    );
  });

  it('is opened by rules in the group itself, for all protocols and ranges of ports too', () => {
    const written = (ingress: Values): string | undefined =>
      toDatabase(out, group('sg-db', 'database', { ingress: [ingress] }));
    expect(written({ protocol: '-1', fromPort: 0, toPort: 0, securityGroups: ['sg-api'] })).toBeUndefined();
    expect(
      written({ protocol: 'tcp', fromPort: 5000, toPort: 6000, cidrBlocks: ['10.0.0.0/8'] }),
    ).toBeUndefined();
    expect(written({ protocol: 'tcp', fromPort: 5000, toPort: 6000, self: true })).toMatch(
      /lets sg-api \(api\) in/,
    );
  });

  it('is there within the default group of a network, and not from outside it', () => {
    const usual = { ...database, inputs: { dbSubnetGroupName: 'data' } };
    const view = fakeCloud(network);
    const to = placeOfServer(view, thing(usual));
    const inDefault = placeOfTask(view, {
      ...here,
      network: { subnets: ['private-a'], groups: [], isPublic: false },
    });
    const other = placeOfTask(view, { ...here, service: 'service-1' });
    if (to === undefined || inDefault === undefined || other === undefined) throw new Error('all are there');
    expect(inDefault.groups).toEqual([defaultGroupOf('vpc-1')]);
    expect(obstacle(view, inDefault, to, 5432)).toBeUndefined();
    expect(obstacle(view, other, to, 5432)).toMatch(/^no rule of sg-api/);
  });

  it('is not there between two networks', () => {
    const elsewhere = subnet('data-a', '10.1.0.0/24', 'vpc-2');
    expect(toDatabase(elsewhere, out, into)).toBe('they are in different networks, vpc-1 and vpc-2');
  });
});

it('a task knows the names that it cannot connect to, and balancers are left to their listeners', () => {
  const view = fakeCloud([...network, out]);
  const from = placeOfTask(view, { ...here, service: 'service-1' });
  if (from === undefined) throw new Error('it is in the network');
  const body = (type: string, id: string, host: string, port: number): BodyRecord => ({
    ...{ type, id, ...here, state: 'ready', digest: '', processes: [], notes: {} },
    addresses: [{ host, port, localPort: 1 }],
  });
  const bodies = [
    body(database.type, database.id, 'db.test', 5432),
    body(balancer.type, balancer.id, 'lb.test', 443),
    body(service.type, service.id, 'none.test', 1),
  ];
  const why = 'no rule of sg-db (database) lets sg-api (api) in on port 5432';
  expect(barredFrom(view, from, bodies)).toEqual([{ host: 'db.test', port: 5432, why }]);
});

describe('a load balancer', () => {
  const listener = {
    ...{ type: 'aws:lb/listener:Listener', id: 'listener-1' },
    inputs: { loadBalancerArn: 'lb-1', defaultActions: [{ type: 'fixed-response' }] },
  };
  const forward = {
    ...{ type: 'aws:lb/listenerRule:ListenerRule', id: 'rule-1' },
    inputs: { listenerArn: 'listener-1', actions: [{ type: 'forward', targetGroupArn: 'tg-1' }] },
  };
  it('is found by the group of targets that it asks', () => {
    const view = fakeCloud([...network, listener, forward]);
    expect([balancerOfGroup(view, 'tg-1', here)?.id, balancerOfGroup(view, 'tg-2', here)?.id]).toEqual([
      ...['lb-1', undefined],
    ]);
  });

  it('hears nobody on a port on which its groups let nobody in', () => {
    const open = fakeCloud([...network, rule('Ingress', 'sg-lb', 443, { cidrIpv4: '0.0.0.0/0' })]);
    const place = placeOfServer(open, thing(balancer));
    if (place === undefined) throw new Error('it is in the network');
    expect([letsAnybodyIn(open, place, 443), letsAnybodyIn(open, place, 80)]).toEqual([true, false]);
    expect(letsAnybodyIn(fakeCloud(network), place, 443)).toBe(false);
  });
});

describe('services of AWS, which Fargate asks from where a task is', () => {
  const endpoint = (service: string): FakeThing => ({
    ...{ type: 'aws:ec2/vpcEndpoint:VpcEndpoint', id: `vpce-${service}` },
    inputs: {
      ...{ vpcId: 'vpc-1', serviceName: `com.amazonaws.us-east-1.${service}`, privateDnsEnabled: true },
      ...{ subnetIds: ['private-a'], securityGroupIds: ['sg-db'] },
    },
  });
  const toInternet = rule('Egress', 'sg-api', 443, { cidrIpv4: '0.0.0.0/0' });
  const nat = { type: 'aws:ec2/natGateway:NatGateway', id: 'nat-1' };
  const routes = ['private-a', 'private-b'].flatMap((id): readonly FakeThing[] => [
    {
      ...{ type: 'aws:ec2/routeTableAssociation:RouteTableAssociation', id: `of ${id}` },
      inputs: { subnetId: id, routeTableId: `rtb-${id}` },
    },
    {
      ...{ type: 'aws:ec2/route:Route', id: `route of ${id}` },
      inputs: { routeTableId: `rtb-${id}`, destinationCidrBlock: '0.0.0.0/0', natGatewayId: 'nat-1' },
    },
  ]);
  const toSsm = (...things: readonly FakeThing[]): string | undefined => {
    const view = fakeCloud([...things, ...network]);
    const from = placeOfTask(view, { ...here, service: 'service-1' });
    if (from === undefined) throw new Error('it is in the network');
    return obstacleToService(view, from, 'ssm');
  };

  it('are reached over the internet where each subnet has a route and the groups let it out', () => {
    expect(toSsm(...routes, nat, toInternet)).toBeUndefined();
    expect(toSsm(toInternet)).toBe('the subnet private-a has no route to the internet');
    expect(toSsm(...routes, toInternet)).toContain('has no route');
    expect(toSsm(...routes.slice(2), nat, toInternet)).toContain('private-a has no route');
    expect(toSsm(...routes, nat)).toBe('no rule of sg-api lets it out to 0.0.0.0/0 on port 443');
  });

  it('are reached through an internet gateway with an address of the internet alone', () => {
    const gateway = { type: 'aws:ec2/internetGateway:InternetGateway', id: 'igw-1' };
    const table = {
      ...{ type: 'aws:ec2/routeTable:RouteTable', id: 'rtb-private-a' },
      inputs: { routes: [{ cidrBlock: '0.0.0.0/0', gatewayId: 'igw-1' }] },
    };
    const view = fakeCloud([...network, ...routes.slice(0, 1), gateway, table, toInternet]);
    const asks = (isPublic: boolean): string | undefined => {
      const place = { subnets: ['private-a'], groups: ['sg-api'], isPublic };
      const from = placeOfTask(view, { ...here, network: place });
      if (from === undefined) throw new Error('it is in the network');
      return obstacleToService(view, from, 'ssm');
    };
    expect([asks(true), asks(false)]).toEqual([
      ...[undefined, 'the subnet private-a has no route to the internet'],
    ]);
  });

  it('are reached through an endpoint in the network, and only through it where there is one', () => {
    const inward = rule('Ingress', 'sg-db', 443, { cidrIpv4: '10.0.0.0/16' });
    expect(toSsm(endpoint('ssm'), toInternet, inward)).toBeUndefined();
    expect(toSsm(endpoint('ssm'), ...routes, nat, toInternet)).toBe(
      'no rule of sg-db (database) lets sg-api (api) in on port 443 (its endpoint vpce-ssm)',
    );
    expect(toSsm(endpoint('logs'), toInternet, inward)).toContain('has no route');
    const named = endpoint('ssm');
    const unnamed = { ...named, inputs: { ...named.inputs, privateDnsEnabled: false } };
    expect(toSsm(unnamed, toInternet, inward)).toContain('has no route');
  });

  it('are what a task needs to start: its image, its secrets, its log', () => {
    const view = fakeCloud([...network, toInternet]);
    const from = placeOfTask(view, { ...here, service: 'service-1' });
    if (from === undefined) throw new Error('it is in the network');
    const image = '123456789012.dkr.ecr.us-east-1.amazonaws.com/api@sha256:a';
    const secrets = [{ name: 'KEY', valueFrom: 'arn:aws:ssm:us-east-1:123456789012:parameter/key' }];
    const logs = { logDriver: 'awslogs' as const, options: { 'awslogs-group': '/api' } };
    expect(startObstacle(view, from, { image })).toMatch(
      /^ResourceInitializationError: .*pull registry auth from Amazon ECR.*: the subnet private-a has no route to the internet\.$/,
    );
    expect(startObstacle(view, from, { image: 'beacon', secrets })).toContain('Parameter Store');
    expect(startObstacle(view, from, { image: 'beacon', logConfiguration: logs })).toContain('CloudWatch');
    expect(startObstacle(view, from, { image: 'beacon' })).toBeUndefined();
  });
});
