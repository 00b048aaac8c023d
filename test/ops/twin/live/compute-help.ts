import { request } from 'node:https';
import type { Values } from '../../../../ops/twin/kind.ts';
import { account, place, type LiveCloud, type TestThing } from './ground-help.ts';

/** A small cloud: a cluster, a load balancer with a rule that leads to blue or green, a service of the beacon. */
const arn = (service: string, path: string): string =>
  `arn:aws:${service}:${place.region}:${account}:${path}`;
export const clusterArn = arn('ecs', 'cluster/main');
export const serviceArn = arn('ecs', 'service/main/api');
export const balancerArn = arn('elasticloadbalancing', 'loadbalancer/app/api/1');
export const listenerArn = arn('elasticloadbalancing', 'listener/app/api/1/2');
export const ruleArn = arn('elasticloadbalancing', 'listener-rule/app/api/1/2/3');
export const blueArn = arn('elasticloadbalancing', 'targetgroup/blue/4');
export const greenArn = arn('elasticloadbalancing', 'targetgroup/green/5');
export const certificateArn = arn('acm', 'certificate/6');
export const definitionArn = (revision: number): string => arn('ecs', `task-definition/api:${revision}`);
export const balancerName = 'api-1.us-east-1.elb.amazonaws.com';
export const host = 'api.coinestate.test';
export const logGroup = '/api';

const image = `${account}.dkr.ecr.us-east-1.amazonaws.com/test/beacon@sha256:${'a'.repeat(64)}`;

/** A definition of the beacon that says which version it is; without a system it does not start. */
export function definition(
  revision: number,
  environment: Readonly<Record<string, string>>,
  container: Values = {},
): TestThing {
  const pairs = Object.entries({ HOST: '0.0.0.0', PORT: '8080', ...environment });
  return {
    ...{ type: 'aws:ecs/taskDefinition:TaskDefinition', id: definitionArn(revision) },
    inputs: {
      family: 'api',
      containerDefinitions: JSON.stringify([
        {
          ...{ name: 'api', image, essential: true, stopTimeout: 5 },
          portMappings: [{ containerPort: 8080 }],
          environment: pairs.map(([name, value]) => ({ name, value })),
          healthCheck: { command: ['CMD', 'wget', '-q', '-O', '/dev/null', 'http://127.0.0.1:8080/health'] },
          logConfiguration: {
            logDriver: 'awslogs',
            options: {
              ...{ 'awslogs-group': logGroup, 'awslogs-region': place.region },
              'awslogs-stream-prefix': 'api',
            },
          },
          ...container,
        },
      ]),
    },
    outputs: { arn: definitionArn(revision), revision },
  };
}

/** The service at a revision of its definition. */
export function service(revision: number, desiredCount = 1): TestThing {
  return {
    ...{ type: 'aws:ecs/service:Service', id: serviceArn },
    inputs: {
      ...{ name: 'api', cluster: clusterArn, taskDefinition: definitionArn(revision), desiredCount },
      deploymentConfiguration: { strategy: 'BLUE_GREEN', bakeTimeInMinutes: '1' },
      deploymentCircuitBreaker: { enable: true, rollback: true },
      loadBalancers: [
        {
          ...{ containerName: 'api', containerPort: 8080, targetGroupArn: blueArn },
          advancedConfiguration: { alternateTargetGroupArn: greenArn, productionListenerRule: ruleArn },
        },
      ],
    },
    outputs: { arn: serviceArn },
  };
}

/** What is there before the service is. */
export const surroundings: readonly TestThing[] = [
  {
    ...{ type: 'aws:ecs/cluster:Cluster', id: clusterArn },
    ...{ inputs: { name: 'main' }, outputs: { arn: clusterArn } },
  },
  {
    ...{ type: 'aws:cloudwatch/logGroup:LogGroup', id: logGroup },
    ...{ inputs: { name: logGroup }, outputs: {} },
  },
  ...[blueArn, greenArn].map((id) => ({
    ...{ type: 'aws:lb/targetGroup:TargetGroup', id },
    inputs: { deregistrationDelay: 5 },
    outputs: {
      arn: id,
      healthCheck: {
        path: '/health',
        matcher: '200',
        timeout: 2,
        healthyThreshold: 2,
        unhealthyThreshold: 2,
      },
    },
  })),
  {
    ...{ type: 'aws:acm/certificate:Certificate', id: certificateArn },
    ...{ inputs: { domainName: host }, outputs: { arn: certificateArn } },
  },
  {
    ...{ type: 'aws:lb/listener:Listener', id: listenerArn },
    inputs: {
      ...{ loadBalancerArn: balancerArn, port: 443, protocol: 'HTTPS', certificateArn },
      defaultActions: [
        {
          type: 'fixed-response',
          fixedResponse: { contentType: 'text/plain', messageBody: 'none', statusCode: '404' },
        },
      ],
    },
    outputs: { arn: listenerArn },
  },
  {
    ...{ type: 'aws:lb/listenerRule:ListenerRule', id: ruleArn },
    inputs: {
      ...{ listenerArn, priority: 1, conditions: [{ hostHeader: { values: [host] } }] },
      actions: [
        {
          type: 'forward',
          forward: {
            targetGroups: [
              { arn: blueArn, weight: 100 },
              { arn: greenArn, weight: 0 },
            ],
          },
        },
      ],
    },
    outputs: { arn: ruleArn },
  },
  {
    ...{ type: 'aws:lb/loadBalancer:LoadBalancer', id: balancerArn },
    ...{ inputs: { name: 'api' }, outputs: { arn: balancerArn, dnsName: balancerName } },
  },
];

/** Asks the load balancer as a host; its certificate must be that of the host. */
export function ask(
  { bodies }: LiveCloud,
  ca: Buffer,
  path: string,
  as = host,
): Promise<{ readonly status: number; readonly body: string }> {
  const port = bodies
    .list()
    .flatMap(({ addresses }) => addresses)
    .find((each) => each.host === balancerName)?.localPort;
  return new Promise((resolve) => {
    const asking = request(
      {
        ...{ host: '127.0.0.1', port, path, servername: host, ca, agent: false },
        ...{ headers: { host: as }, timeout: 5000 },
      },
      (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (part: string) => (body += part));
        response.once('error', (error) => resolve({ status: 0, body: error.message }));
        response.once('end', () => resolve({ status: response.statusCode ?? 0, body }));
      },
    );
    asking.once('error', (error) => resolve({ status: 0, body: error.message }));
    asking.end();
  });
}
