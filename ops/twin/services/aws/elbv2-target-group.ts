import type { Kind, Question, Refusal } from '../../kind.ts';
import { hexOf, isGiven, numberAt, refusal, textAt } from '../values.ts';
import { nameProblems, rangeProblems, suffixOf } from './elbv2.ts';
import { toVpc } from './references.ts';

export const targetGroupType = 'aws:lb/targetGroup:TargetGroup';

const targetGroup: Kind = {
  type: targetGroupType,
  api: {
    service: 'Elastic Load Balancing v2',
    create: 'CreateTargetGroup',
    read: 'DescribeTargetGroups',
    update: 'ModifyTargetGroup',
    delete: 'DeleteTargetGroup',
  },
  naming: {
    property: 'name',
    maxLength: 32,
    taken: {
      code: 'DuplicateTargetGroupName',
      message: "A target group with the same name '{value}' exists, but with different settings",
    },
  },
  references: [toVpc('vpcId')],
  quota: {
    count: 3000,
    per: 'region',
    refusal: {
      code: 'TooManyTargetGroups',
      message: 'The maximum number of target groups has been reached.',
    },
  },
  takes: { create: 1, update: 1, delete: 1 },
  retries: { code: 'ResourceInUse', seconds: 120 },
  replaces: [
    'name',
    'namePrefix',
    'port',
    'protocol',
    'protocolVersion',
    'targetType',
    'vpcId',
    'ipAddressType',
  ],
  defaults: () => ({
    deregistrationDelay: 300,
    lambdaMultiValueHeadersEnabled: false,
    proxyProtocolV2: false,
    slowStart: 0,
    targetType: 'instance',
  }),
  check: (question) => [
    ...nameProblems(question.inputs, 'target group'),
    ...neededArguments(question),
    ...slowStartProblems(question),
    ...rangeProblems('deregistrationDelay', numberAt(question.inputs, 'deregistrationDelay'), 0, 3600),
    ...healthCheckProblems(question),
    ...stickinessProblems(question),
  ],
  id: ({ place, inputs }, random) =>
    `arn:aws:elasticloadbalancing:${place.region}:${place.account}:targetgroup/${textAt(inputs, 'name')}/${hexOf(random, 16)}`,
  outputs({ inputs }, id) {
    const plain = isNetwork(textAt(inputs, 'protocol'));
    return {
      arnSuffix: suffixOf(id),
      connectionTermination: false,
      healthCheck: {
        enabled: true,
        healthyThreshold: numberAt(inputs, 'healthCheck.healthyThreshold') ?? 3,
        interval: numberAt(inputs, 'healthCheck.interval') ?? 30,
        matcher: textAt(inputs, 'healthCheck.matcher') ?? (plain ? '' : '200'),
        path: textAt(inputs, 'healthCheck.path') ?? (plain ? '' : '/'),
        port: textAt(inputs, 'healthCheck.port') ?? 'traffic-port',
        protocol: textAt(inputs, 'healthCheck.protocol') ?? (plain ? 'TCP' : 'HTTP'),
        timeout: numberAt(inputs, 'healthCheck.timeout') ?? (plain ? 10 : 5),
        unhealthyThreshold: numberAt(inputs, 'healthCheck.unhealthyThreshold') ?? 3,
      },
      ipAddressType: 'ipv4',
      loadBalancerArns: [],
      loadBalancingAlgorithmType: plain ? '' : 'round_robin',
      loadBalancingAnomalyMitigation: plain ? '' : 'off',
      loadBalancingCrossZoneEnabled: 'use_load_balancer_configuration',
      preserveClientIp: '',
      protocolVersion: plain ? '' : 'HTTP1',
      stickiness: {
        cookieDuration: 86_400,
        cookieName: '',
        enabled: false,
        type: plain ? 'source_ip' : 'lb_cookie',
      },
      targetFailovers: [],
      targetGroupHealth: {},
      targetHealthStates: [],
    };
  },
  arn: (_question, id) => id,
};

export const targetGroupKinds: readonly Kind[] = [targetGroup];

function isNetwork(protocol: string | undefined): boolean {
  return protocol !== undefined && !protocol.startsWith('HTTP');
}

// https://github.com/terraform-aws-modules/terraform-aws-alb/issues/184: the provider's own check.
function neededArguments(question: Question): Refusal[] {
  const type = textAt(question.inputs, 'targetType') ?? 'instance';
  if (type === 'lambda') return [];
  const names: Readonly<Record<string, string>> = { port: 'port', protocol: 'protocol', vpcId: 'vpc_id' };
  return Object.entries(names)
    .filter(([name]) => !isGiven(question, name))
    .map(([name, words]) =>
      refusal('ValidationError', `${words} should be set when target type is ${type}`, name),
    );
}

function slowStartProblems({ inputs }: Question): Refusal[] {
  const seconds = numberAt(inputs, 'slowStart');
  const fits = seconds === undefined || seconds === 0 || (seconds >= 30 && seconds <= 900);
  return fits
    ? []
    : [
        refusal(
          'ValidationError',
          "Slow start duration must be 0 or between '30' and '900' seconds",
          'slowStart',
        ),
      ];
}

/** Limits of health checks: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html */
function healthCheckProblems({ inputs }: Question): Refusal[] {
  const at = (name: string) => `healthCheck.${name}`;
  const problems = [
    ...rangeProblems(at('interval'), numberAt(inputs, at('interval')), 5, 300),
    ...rangeProblems(at('timeout'), numberAt(inputs, at('timeout')), 2, 120),
    ...rangeProblems(at('healthyThreshold'), numberAt(inputs, at('healthyThreshold')), 2, 10),
    ...rangeProblems(at('unhealthyThreshold'), numberAt(inputs, at('unhealthyThreshold')), 2, 10),
  ];
  const plain = isNetwork(textAt(inputs, 'protocol'));
  const interval = numberAt(inputs, at('interval')) ?? 30;
  const timeout = numberAt(inputs, at('timeout')) ?? (plain ? 10 : 5);
  // https://github.com/hashicorp/terraform-provider-aws/pull/48071
  if (interval <= timeout)
    problems.push(
      refusal('ValidationError', 'Health check interval must be greater than the timeout.', at('interval')),
    );
  const path = textAt(inputs, at('path'));
  if (path !== undefined && path !== '' && !/^\/[\x21-\x7e]{0,1023}$/.test(path))
    problems.push(
      refusal('ValidationError', `Health check path '${path}' must begin with a '/' character`, at('path')),
    );
  const port = textAt(inputs, at('port'));
  if (port !== undefined && port !== 'traffic-port' && !(Number(port) >= 1 && Number(port) <= 65_535))
    problems.push(
      refusal(
        'ValidationError',
        `Health check port '${port}' must be 'traffic-port' or a valid port`,
        at('port'),
      ),
    );
  const protocol = textAt(inputs, at('protocol'));
  if (protocol === 'TCP' && !plain && textAt(inputs, 'targetType') !== 'lambda')
    problems.push(
      refusal('ValidationError', "Health check protocol 'TCP' must be one of 'HTTP, HTTPS'", at('protocol')),
    );
  return problems;
}

function stickinessProblems(question: Question): Refusal[] {
  const type = textAt(question.inputs, 'stickiness.type');
  const plain = isNetwork(textAt(question.inputs, 'protocol'));
  if (type === undefined) return [];
  if (type === 'app_cookie' && !isGiven(question, 'stickiness.cookieName'))
    return [
      refusal(
        'ValidationError',
        'stickiness type app_cookie needs the name of the cookie',
        'stickiness.cookieName',
      ),
    ];
  const cookie = textAt(question.inputs, 'stickiness.cookieName') ?? '';
  // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html; a paraphrase.
  if (type === 'app_cookie' && /^AWSALB(APP|TG)?(CORS)?(-|$)/.test(cookie))
    return [
      refusal(
        'ValidationError',
        `The cookie name '${cookie}' is reserved for use by the load balancer`,
        'stickiness.cookieName',
      ),
    ];
  // A paraphrase.
  return (type === 'source_ip') === plain
    ? []
    : [
        refusal(
          'InvalidConfigurationRequest',
          `Stickiness type '${type}' must be one of '${plain ? 'source_ip' : 'lb_cookie, app_cookie'}'`,
          'stickiness.type',
        ),
      ];
}
