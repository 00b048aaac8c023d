import { isIPv4 } from 'node:net';
import type { Kind, Question, Refusal } from '../../kind.ts';
import { isGiven, numberAt, onCall, refusal, textAt, textOf, textsAt, uuidOf } from '../values.ts';
import { contains, parseCidr } from './cidr.ts';

export const healthCheckType = 'aws:route53/healthCheck:HealthCheck';

const healthCheck: Kind = {
  type: healthCheckType,
  scope: 'global',
  api: {
    service: 'Route 53',
    create: 'CreateHealthCheck',
    read: 'GetHealthCheck',
    update: 'UpdateHealthCheck',
    delete: 'DeleteHealthCheck',
  },
  references: [
    {
      property: 'childHealthchecks.*',
      to: healthCheckType,
      missing: {
        code: 'InvalidInput',
        message: 'Invalid parameter : Child health check {value} does not exist',
      },
    },
  ],
  quota: {
    count: 200,
    per: 'account',
    refusal: {
      code: 'TooManyHealthChecks',
      message:
        'This health check can not be created because the current account exceeds the limit on the number of active health checks.',
    },
  },
  takes: { create: 2, update: 2, delete: 2 },
  replaces: ['measureLatency', 'referenceName', 'requestInterval', 'routingControlArn', 'type'],
  defaults: () => ({ disabled: false, measureLatency: false }),
  check: (question) => [...healthCheckProblems(question), ...onCall(question, () => alarmProblems(question))],
  id: (_question, random) => uuidOf(random),
  outputs({ inputs }) {
    const secure = (textAt(inputs, 'type') ?? '').startsWith('HTTPS');
    const basic = isBasic(textAt(inputs, 'type'));
    return {
      enableSni: secure,
      failureThreshold: basic ? 3 : 0,
      port: secure ? 443 : basic && textAt(inputs, 'type') !== 'TCP' ? 80 : 0,
      requestInterval: basic ? 30 : 0,
      regions: [],
      childHealthThreshold: 0,
      childHealthchecks: [],
    };
  },
  arn: (_question, id) => `arn:aws:route53:::healthcheck/${id}`,
};

export const healthCheckKinds: readonly Kind[] = [healthCheck];

function isBasic(type: string | undefined): boolean {
  return type !== undefined && /^(HTTPS?(_STR_MATCH)?|TCP)$/.test(type);
}

/** The form of all that Route 53 has against health checks: https://github.com/aws/aws-sdk-php/issues/1528 */
function invalid(message: string, property: string): Refusal {
  return refusal('InvalidInput', `Invalid parameter : ${message}`, property);
}

// Limits: https://docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html; most texts are paraphrases.
function healthCheckProblems(question: Question): Refusal[] {
  const { inputs } = question;
  const type = textAt(inputs, 'type');
  const interval = numberAt(inputs, 'requestInterval');
  const threshold = numberAt(inputs, 'failureThreshold');
  const problems: Refusal[] = [];
  if (interval !== undefined && interval !== 10 && interval !== 30)
    problems.push(
      invalid(`Request interval must be 10 or 30 seconds, but was ${interval}`, 'requestInterval'),
    );
  if (threshold !== undefined && !(threshold >= 1 && threshold <= 10))
    problems.push(
      invalid(`Failure threshold must be between 1 and 10, but was ${threshold}`, 'failureThreshold'),
    );
  if (type === 'CALCULATED') {
    if (!isGiven(question, 'childHealthchecks'))
      problems.push(invalid('Calculated health checks must have child health checks.', 'childHealthchecks'));
    return problems;
  }
  if (type === 'CLOUDWATCH_METRIC') {
    for (const name of ['cloudwatchAlarmName', 'cloudwatchAlarmRegion'])
      if (!isGiven(question, name))
        problems.push(invalid('Metric health checks must have an alarm name and region specified.', name));
    return problems;
  }
  return isBasic(type) ? [...problems, ...basicProblems(question, type ?? '')] : problems;
}

function basicProblems(question: Question, type: string): Refusal[] {
  const { inputs } = question;
  const problems: Refusal[] = [];
  if (isGiven(question, 'cloudwatchAlarmRegion'))
    problems.push(
      invalid('Basic health checks must not have an metric region specified.', 'cloudwatchAlarmRegion'),
    );
  if (!isGiven(question, 'fqdn') && !isGiven(question, 'ipAddress'))
    problems.push(
      invalid('Basic health checks must have an IP address or a fully qualified domain name.', 'fqdn'),
    );
  const matches = type.endsWith('_STR_MATCH');
  if (matches && !isGiven(question, 'searchString'))
    problems.push(invalid(`SearchString must be specified for type ${type}`, 'searchString'));
  if (!matches && isGiven(question, 'searchString'))
    problems.push(invalid(`SearchString must not be specified for type ${type}`, 'searchString'));
  if (type === 'TCP' && !isGiven(question, 'port'))
    problems.push(invalid('Port must be specified for type TCP', 'port'));
  if (type === 'TCP' && isGiven(question, 'resourcePath'))
    problems.push(invalid('ResourcePath must not be specified for type TCP', 'resourcePath'));
  const regions = textsAt(inputs, 'regions');
  if (regions.length > 0 && regions.length < 3)
    problems.push(invalid('At least three regions must be specified', 'regions'));
  const address = textAt(inputs, 'ipAddress');
  if (address !== undefined && isReserved(address))
    problems.push(invalid(`IP address ${address} is private or reserved`, 'ipAddress'));
  return problems;
}

/** Addresses that checkers, which stand in the internet, cannot reach. */
function isReserved(address: string): boolean {
  const one = isIPv4(address) ? parseCidr(`${address}/32`) : undefined;
  return (
    one !== undefined &&
    ['0.0.0.0/8', '10.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.168.0.0/16'].some(
      (text) => {
        const block = parseCidr(text);
        return block !== undefined && contains(block, one);
      },
    )
  );
}

/** The alarm must be there, in the region that is named. */
function alarmProblems({ inputs, cloud, place }: Question): Refusal[] {
  const name = textAt(inputs, 'cloudwatchAlarmName');
  const region = textAt(inputs, 'cloudwatchAlarmRegion');
  if (name === undefined || region === undefined) return [];
  const found = cloud
    .all('aws:cloudwatch/metricAlarm:MetricAlarm', { account: place.account, region })
    .some((alarm) => textOf(alarm, 'name') === name);
  return found
    ? []
    : [invalid(`The CloudWatch alarm ${name} does not exist in region ${region}`, 'cloudwatchAlarmName')];
}
