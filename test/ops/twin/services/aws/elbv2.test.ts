import { describe, expect, it } from 'vitest';
import { listenerKinds } from '../../../../../ops/twin/services/aws/elbv2-listener.ts';
import { listenerRuleKinds } from '../../../../../ops/twin/services/aws/elbv2-rule.ts';
import { targetGroupKinds } from '../../../../../ops/twin/services/aws/elbv2-target-group.ts';
import { loadBalancerKinds } from '../../../../../ops/twin/services/aws/elbv2.ts';
import type { Values } from '../../../../../ops/twin/kind.ts';
import { ask, fakeCloud, kindOf, made, said, thing, type FakeThing } from '../fake-cloud.ts';

const balancerType = 'aws:lb/loadBalancer:LoadBalancer';
const balancer = kindOf(loadBalancerKinds, balancerType);
const group = kindOf(targetGroupKinds, 'aws:lb/targetGroup:TargetGroup');
const listener = kindOf(listenerKinds, 'aws:lb/listener:Listener');
const rule = kindOf(listenerRuleKinds, 'aws:lb/listenerRule:ListenerRule');

const balancerArn =
  'arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/api/50dc6c495c0c9188';
const groupArn = 'arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/api/943f017f100becff';
const certificateArn = 'arn:aws:acm:us-east-1:123456789012:certificate/1';

const subnet = (id: string, zone: string, vpcId = 'vpc-1'): FakeThing => ({
  type: 'aws:ec2/subnet:Subnet',
  id,
  inputs: { vpcId, availabilityZone: zone },
});
const network: readonly FakeThing[] = [
  { type: 'aws:ec2/internetGateway:InternetGateway', id: 'igw-1', inputs: { vpcId: 'vpc-1' } },
  subnet('subnet-a', 'us-east-1a'),
  subnet('subnet-b', 'us-east-1b'),
  { type: 'aws:ec2/securityGroup:SecurityGroup', id: 'sg-1', inputs: { vpcId: 'vpc-1' } },
];
const theBalancer: FakeThing = {
  type: balancerType,
  id: balancerArn,
  inputs: { loadBalancerType: 'application', subnets: ['subnet-a', 'subnet-b'] },
  outputs: { arn: balancerArn, vpcId: 'vpc-1' },
};
const groupInputs = { name: 'api', port: 3000, protocol: 'HTTP', targetType: 'ip', vpcId: 'vpc-1' };
const theGroup: FakeThing = {
  type: group.type,
  id: groupArn,
  inputs: groupInputs,
  outputs: { arn: groupArn },
};
const certificate: FakeThing = {
  type: 'aws:acm/certificate:Certificate',
  id: certificateArn,
  outputs: { arn: certificateArn, status: 'ISSUED' },
};

describe('a load balancer', () => {
  const inputs = { name: 'api', subnets: ['subnet-a', 'subnet-b'], securityGroups: ['sg-1'] };

  it('is taken with two subnets in two zones', () => {
    expect(said(balancer, ask(inputs, { things: network }))).toEqual([]);
  });

  it('gets the name and the hosted zone of its region', () => {
    const { id, outputs } = made(balancer, ask(inputs, { things: network }));
    expect(id).toMatch(
      /^arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer\/app\/api\/[0-9a-f]{16}$/,
    );
    expect(outputs).toMatchObject({ vpcId: 'vpc-1', zoneId: 'Z35SXDOTRQ7X7K', internal: false });
    expect(outputs['dnsName']).toMatch(/^api-\d{10}\.us-east-1\.elb\.amazonaws\.com$/);
    expect(outputs['arnSuffix']).toMatch(/^app\/api\//);
  });

  it.each<[Values, string]>([
    [
      { subnets: ['subnet-a'] },
      'ValidationError: At least two subnets in two different Availability Zones must be specified',
    ],
    [
      { subnets: [] },
      'ValidationError: At least two subnets in two different Availability Zones must be specified',
    ],
    [
      { subnets: ['subnet-a', 'subnet-a2'] },
      'InvalidConfigurationRequest: A load balancer cannot be attached to multiple subnets in the same Availability Zone',
    ],
    [
      { subnets: ['subnet-a', 'subnet-z'] },
      "InvalidSubnet: All subnets must belong to the same VPC: 'vpc-1'",
    ],
    [{ securityGroups: ['sg-2'] }, 'InvalidConfigurationRequest: One or more security groups are invalid'],
    [
      { name: 'a-name-of-more-than-thirty-two-letters' },
      "ValidationError: The load balancer name 'a-name-of-more-than-thirty-two-letters' cannot be longer than '32' characters",
    ],
    [
      { name: 'api.prod' },
      "ValidationError: The load balancer name 'api.prod' can only contain characters that are alphanumeric characters and hyphens(-)",
    ],
    [{ name: '-api' }, "ValidationError: The load balancer name '-api' cannot begin or end with a hyphen(-)"],
    [
      { name: 'internal-api' },
      "ValidationError: The load balancer name 'internal-api' cannot begin with 'internal-'",
    ],
  ])('refuses %j', (change, message) => {
    const things = [
      ...network,
      subnet('subnet-a2', 'us-east-1a'),
      subnet('subnet-z', 'us-east-1c', 'vpc-2'),
      { type: 'aws:ec2/securityGroup:SecurityGroup', id: 'sg-2', inputs: { vpcId: 'vpc-2' } },
    ];
    expect(said(balancer, ask({ ...inputs, ...change }, { things }))).toEqual([message]);
  });

  it('needs an internet gateway, unless it is internal', () => {
    const things = network.slice(1);
    expect(said(balancer, ask(inputs, { things }))).toEqual([
      'InvalidSubnet: VPC vpc-1 has no internet gateway',
    ]);
    expect(said(balancer, ask({ ...inputs, internal: true }, { things }))).toEqual([]);
  });

  it('writes its logs only where the bucket’s policy lets it', () => {
    const logged = { ...inputs, accessLogs: { bucket: 'logs', enabled: true, prefix: 'api' } };
    const policyOf = (principal: Values, resource: string): FakeThing => ({
      type: 'aws:s3/bucketPolicy:BucketPolicy',
      id: 'logs',
      inputs: {
        bucket: 'logs',
        policy: JSON.stringify({
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Principal: principal, Action: 's3:PutObject', Resource: resource }],
        }),
      },
    });
    const objects = 'arn:aws:s3:::logs/api/AWSLogs/123456789012/*';
    const service = { Service: 'logdelivery.elasticloadbalancing.amazonaws.com' };
    const judged = (...policies: FakeThing[]) =>
      said(balancer, ask(logged, { things: [...network, ...policies] }));
    const message =
      'InvalidConfigurationRequest: Access Denied for bucket: logs. Please check S3bucket permission';
    expect(judged()).toEqual([message]);
    expect(judged(policyOf(service, 'arn:aws:s3:::logs/AWSLogs/*'))).toEqual([message]);
    expect(judged(policyOf({ Service: 'elb.amazonaws.com' }, objects))).toEqual([message]);
    expect(judged(policyOf(service, objects))).toEqual([]);
    expect(judged(policyOf({ AWS: 'arn:aws:iam::127311923021:root' }, objects))).toEqual([]);
  });

  it('stays while it is protected', () => {
    const held = thing({ ...theBalancer, inputs: { enableDeletionProtection: true } });
    expect(balancer.holds?.(held, fakeCloud())).toEqual({
      code: 'OperationNotPermitted',
      message: `Load balancer '${balancerArn}' cannot be deleted because deletion protection is enabled`,
    });
    expect(balancer.holds?.(thing(theBalancer), fakeCloud())).toBeUndefined();
  });
});

describe('a target group', () => {
  it('is taken, and gets the health check that ELB fills in', () => {
    expect(said(group, ask(groupInputs))).toEqual([]);
    expect(made(group, ask(groupInputs)).outputs).toMatchObject({
      healthCheck: { interval: 30, timeout: 5, path: '/', matcher: '200', port: 'traffic-port' },
      arnSuffix: expect.stringMatching(/^targetgroup\/api\/[0-9a-f]{16}$/) as string,
    });
  });

  it.each<[Values, string]>([
    [{ vpcId: null }, 'ValidationError: vpc_id should be set when target type is ip'],
    [{ port: null }, 'ValidationError: port should be set when target type is ip'],
    [
      { healthCheck: { interval: 5 } },
      'ValidationError: Health check interval must be greater than the timeout.',
    ],
    [
      { healthCheck: { interval: 301 } },
      "ValidationError: 1 validation error detected: Value '301' at 'healthCheckInterval' failed to satisfy constraint: Member must have value less than or equal to 300",
    ],
    [
      { healthCheck: { healthyThreshold: 1 } },
      "ValidationError: 1 validation error detected: Value '1' at 'healthCheckHealthyThreshold' failed to satisfy constraint: Member must have value greater than or equal to 2",
    ],
    [
      { healthCheck: { path: 'health' } },
      "ValidationError: Health check path 'health' must begin with a '/' character",
    ],
    [
      { healthCheck: { port: '0' } },
      "ValidationError: Health check port '0' must be 'traffic-port' or a valid port",
    ],
    [
      { healthCheck: { protocol: 'TCP' } },
      "ValidationError: Health check protocol 'TCP' must be one of 'HTTP, HTTPS'",
    ],
    [{ slowStart: 10 }, "ValidationError: Slow start duration must be 0 or between '30' and '900' seconds"],
    [
      { stickiness: { type: 'source_ip' } },
      "InvalidConfigurationRequest: Stickiness type 'source_ip' must be one of 'lb_cookie, app_cookie'",
    ],
  ])('refuses %j', (change, message) => {
    expect(said(group, ask({ ...groupInputs, ...change }))).toEqual([message]);
  });

  it('of a network load balancer is probed by other rules', () => {
    const inputs = { ...groupInputs, protocol: 'TCP', healthCheck: { protocol: 'TCP' } };
    expect(said(group, ask({ ...inputs, stickiness: { type: 'source_ip' } }))).toEqual([]);
    expect(made(group, ask(inputs)).outputs['healthCheck']).toMatchObject({ timeout: 10, matcher: '' });
  });
});

describe('a listener', () => {
  const forward = [{ type: 'forward', targetGroupArn: groupArn }];
  const http = { loadBalancerArn: balancerArn, port: 80, protocol: 'HTTP', defaultActions: forward };
  const https = { ...http, port: 443, protocol: 'HTTPS', certificateArn };
  const things = [...network, theBalancer, theGroup, certificate];

  it('is taken for http and https', () => {
    expect(said(listener, ask(http, { things }))).toEqual([]);
    expect(said(listener, ask(https, { things }))).toEqual([]);
    const policy = { ...https, sslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06' };
    expect(said(listener, ask(policy, { things }))).toEqual([]);
  });

  it.each<[Values, string]>([
    [{ protocol: 'TCP' }, "ValidationError: Listener protocol 'TCP' must be one of 'HTTPS, HTTP'"],
    [{ protocol: 'HTTPS' }, 'ValidationError: A certificate must be specified for HTTPS listeners'],
    [{ certificateArn }, 'ValidationError: A certificate cannot be specified for HTTP listeners'],
    [
      { sslPolicy: 'ELBSecurityPolicy-2016-08' },
      'ValidationError: An SSL policy cannot be specifed for HTTP listeners',
    ],
    [
      { protocol: 'HTTPS', certificateArn, sslPolicy: 'TLS-1-3' },
      "SSLPolicyNotFound: SSL policy 'TLS-1-3' not found",
    ],
    [
      {
        defaultActions: [
          { type: 'redirect', redirect: { protocol: 'HTTP', port: '80', statusCode: 'HTTP_301' } },
        ],
      },
      'InvalidLoadBalancerAction: The redirect configuration is not valid because it creates a loop.',
    ],
    [
      { defaultActions: [{ type: 'redirect' }] },
      'ValidationError: Attribute "defaultActions[0].redirect" must be specified when "defaultActions[0].type" is "redirect".',
    ],
  ])('refuses %j', (change, message) => {
    expect(said(listener, ask({ ...http, ...change }, { things }))).toEqual([message]);
  });

  it('redirects to https', () => {
    const redirect = {
      type: 'redirect',
      redirect: { protocol: 'HTTPS', port: '443', statusCode: 'HTTP_301' },
    };
    expect(said(listener, ask({ ...http, defaultActions: [redirect] }, { things }))).toEqual([]);
  });

  it('serves a certificate only once it is issued', () => {
    const pending = { ...certificate, outputs: { arn: certificateArn, status: 'PENDING_VALIDATION' } };
    const question = ask(https, { things: [...network, theBalancer, theGroup, pending] });
    expect(said(listener, question)).toEqual([
      `UnsupportedCertificate: The certificate '${certificateArn}' must have a fully-qualified domain name, a supported signature, and a supported key size.`,
    ]);
  });

  it('has its port to itself', () => {
    const there = { type: listener.type, id: 'listener', inputs: http };
    expect(said(listener, ask(http, { things: [...things, there] }))).toEqual([
      `DuplicateListener: A listener already exists on this port for this load balancer '${balancerArn}'`,
    ]);
    expect(said(listener, ask(http, { things: [...things, there], before: there }))).toEqual([]);
  });

  it('forwards to a group of the same VPC, of its own protocols, behind no other load balancer', () => {
    const judged = (inputs: Values, ...more: FakeThing[]) => {
      const other = { ...theGroup, inputs: { ...groupInputs, ...inputs } };
      return said(listener, ask(http, { things: [...network, theBalancer, other, ...more] }));
    };
    expect(judged({ vpcId: 'vpc-2' })).toEqual([
      `InvalidConfigurationRequest: Target group '${groupArn}' is in a different VPC than load balancer '${balancerArn}'`,
    ]);
    expect(judged({ protocol: 'TCP' })).toEqual([
      `IncompatibleProtocols: The listener and the following target groups have incompatible protocols: '${groupArn}'`,
    ]);
    const elsewhere = { ...http, loadBalancerArn: `${balancerArn}-2` };
    expect(judged({}, { type: listener.type, id: 'other', inputs: elsewhere })).toEqual([
      `TargetGroupAssociationLimit: The following target groups cannot be associated with more than one load balancer: ${groupArn}`,
    ]);
  });
});

describe('a rule of a listener', () => {
  const listenerArn = `${balancerArn.replace(':loadbalancer/', ':listener/')}/f2f7dc8efc522ab2`;
  const theListener: FakeThing = {
    type: listener.type,
    id: listenerArn,
    inputs: { loadBalancerArn: balancerArn, port: 80 },
    outputs: { arn: listenerArn },
  };
  const things = [...network, theBalancer, theGroup, theListener];
  const inputs = {
    listenerArn,
    priority: 10,
    actions: [{ type: 'forward', targetGroupArn: groupArn }],
    conditions: [{ pathPattern: { values: ['/api/*'] } }],
  };

  it('is taken, in a place of its own', () => {
    expect(said(rule, ask(inputs, { things }))).toEqual([]);
    const there = { type: rule.type, id: 'rule', inputs };
    expect(said(rule, ask(inputs, { things: [...things, there] }))).toEqual([
      "PriorityInUse: Priority '10' is currently in use",
    ]);
  });

  it('takes the next place where it asks for none', () => {
    const { priority: _, ...rest } = inputs;
    const there = thing({ type: rule.type, id: 'rule', inputs });
    expect(made(rule, ask(rest, { things: [...things, there] })).outputs['priority']).toBe(11);
  });

  it.each<[Values, string]>([
    [{ conditions: [] }, 'ValidationError: A condition must be specified'],
    [
      { conditions: [{ pathPattern: { values: ['/'] }, hostHeader: { values: ['a.example'] } }] },
      'ValidationError: A condition must have exactly one field',
    ],
    [
      { conditions: [{ hostHeader: { values: ['a', 'b', 'c', 'd', 'e', 'f'] } }] },
      "ValidationError: A rule can only have '5' condition values",
    ],
    [
      { actions: [{ type: 'authenticate-oidc' }] },
      'InvalidLoadBalancerAction: The last action must be one of forward, redirect, fixed-response',
    ],
    [
      { actions: [{ type: 'forward', forward: { targetGroups: [{ arn: groupArn, weight: 1000 }] } }] },
      'ValidationError: Target group weight must be between 0 and 999',
    ],
  ])('refuses %j', (change, message) => {
    expect(said(rule, ask({ ...inputs, ...change }, { things }))).toEqual([message]);
  });

  it('blocks the target groups that it forwards to', () => {
    const reference = rule.references?.find(({ property }) => property === 'actions.*.targetGroupArn');
    expect(reference?.blocks?.code).toBe('ResourceInUse');
  });
});
