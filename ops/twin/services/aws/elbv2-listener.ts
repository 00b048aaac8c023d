import type { Kind, Question, Refusal, Thing } from '../../kind.ts';
import { hexOf, isGiven, numberAt, onCall, others, refusal, textAt, textOf } from '../values.ts';
import { isIssued } from './acm.ts';
import { actionProblems, toTargetGroups } from './elbv2-actions.ts';
import { listenerType, targetProblems } from './elbv2-targets.ts';
import { loadBalancerType } from './elbv2.ts';

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
const sslPolicies =
  /^ELBSecurityPolicy-(2015-05|2016-08|TLS-1-[012]-201[57]-0[14]|TLS-1-2-Ext-2018-06|FS-(2018-06|1-1-2019-08|1-2-2019-08|1-2-Res-2019-08|1-2-Res-2020-10)|TLS13-1-[0123](-(Res|Ext[012]|FIPS|Res-FIPS|Ext[012]-FIPS))?(-PQ)?-20(21-06|23-04|25-09))$/;

const listener: Kind = {
  type: listenerType,
  api: {
    service: 'Elastic Load Balancing v2',
    create: 'CreateListener',
    read: 'DescribeListeners',
    update: 'ModifyListener',
    delete: 'DeleteListener',
  },
  references: [
    {
      property: 'loadBalancerArn',
      to: loadBalancerType,
      by: 'arn',
      missing: { code: 'LoadBalancerNotFound', message: "Load balancer '{value}' not found" },
    },
    // https://github.com/hashicorp/terraform-provider-aws/issues/11334
    {
      property: 'certificateArn',
      to: 'aws:acm/certificate:Certificate',
      by: 'arn',
      missing: { code: 'CertificateNotFound', message: "Certificate '{value}' not found" },
    },
    ...toTargetGroups('defaultActions'),
  ],
  takes: { create: 1, update: 1, delete: 1 },
  replaces: ['loadBalancerArn'],
  check: (question) => [
    ...tlsProblems(question),
    ...actionProblems(question, 'defaultActions', {
      protocol: textAt(question.inputs, 'protocol'),
      port: numberAt(question.inputs, 'port'),
    }),
    ...onCall(question, () => {
      const balancer = question.cloud.byArn(textAt(question.inputs, 'loadBalancerArn') ?? '');
      return [
        ...protocolProblems(question, balancer),
        ...certificateProblems(question),
        ...portTaken(question),
        ...targetProblems(question, 'defaultActions', balancer),
      ];
    }),
  ],
  id: ({ inputs }, random) =>
    `${(textAt(inputs, 'loadBalancerArn') ?? '').replace(':loadbalancer/', ':listener/')}/${hexOf(random, 16)}`,
  outputs: ({ inputs }) => {
    const secure = isSecure(textAt(inputs, 'protocol'));
    return {
      alpnPolicy: '',
      mutualAuthentication: secure ? { mode: 'off' } : {},
      protocol: 'HTTP',
      sslPolicy: secure ? 'ELBSecurityPolicy-2016-08' : '',
    };
  },
  arn: (_question, id) => id,
};

export const listenerKinds: readonly Kind[] = [listener];

function isSecure(protocol: string | undefined): boolean {
  return protocol === 'HTTPS' || protocol === 'TLS';
}

function tlsProblems(question: Question): Refusal[] {
  const protocol = textAt(question.inputs, 'protocol') ?? 'HTTP';
  const policy = textAt(question.inputs, 'sslPolicy');
  if (question.unknown.has('protocol')) return [];
  if (isSecure(protocol)) {
    if (!isGiven(question, 'certificateArn'))
      return [
        refusal(
          'ValidationError',
          `A certificate must be specified for ${protocol} listeners`,
          'certificateArn',
        ),
      ];
    return policy === undefined || sslPolicies.test(policy)
      ? []
      : [refusal('SSLPolicyNotFound', `SSL policy '${policy}' not found`, 'sslPolicy')];
  }
  // https://github.com/theopensystemslab/planx-new/pull/1051; "specifed" is AWS's own.
  if (isGiven(question, 'sslPolicy'))
    return [
      refusal('ValidationError', `An SSL policy cannot be specifed for ${protocol} listeners`, 'sslPolicy'),
    ];
  return isGiven(question, 'certificateArn')
    ? [
        refusal(
          'ValidationError',
          `A certificate cannot be specified for ${protocol} listeners`,
          'certificateArn',
        ),
      ]
    : [];
}

// https://github.com/hashicorp/terraform/issues/18126, https://github.com/pulumi/pulumi-aws/issues/1193
function protocolProblems({ inputs }: Question, balancer: Thing | undefined): Refusal[] {
  const type = balancer && (textOf(balancer, 'loadBalancerType') ?? 'application');
  const protocol = textAt(inputs, 'protocol') ?? (type === 'application' ? 'HTTP' : undefined);
  const allowed: Readonly<Record<string, string>> = {
    application: 'HTTPS, HTTP',
    network: 'TLS, TCP, TCP_UDP, UDP',
    gateway: 'GENEVE',
  };
  const list = allowed[type ?? ''];
  if (list === undefined) return [];
  if (protocol === undefined || !list.split(', ').includes(protocol))
    return [
      refusal(
        'ValidationError',
        `Listener protocol '${protocol ?? ''}' must be one of '${list}'`,
        'protocol',
      ),
    ];
  return type !== 'gateway' && numberAt(inputs, 'port') === undefined
    ? [refusal('ValidationError', 'A listener port must be specified', 'port')]
    : [];
}

// https://github.com/hashicorp/terraform-provider-aws/issues/41789
function certificateProblems({ inputs, cloud }: Question): Refusal[] {
  const arn = textAt(inputs, 'certificateArn');
  const certificate = cloud.byArn(arn ?? '');
  return certificate === undefined || isIssued(certificate, cloud)
    ? []
    : [
        refusal(
          'UnsupportedCertificate',
          `The certificate '${arn}' must have a fully-qualified domain name, a supported signature, and a supported key size.`,
          'certificateArn',
        ),
      ];
}

function portTaken(question: Question): Refusal[] {
  const { inputs } = question;
  const taken = others(question, listenerType).some(
    (each) =>
      textOf(each, 'loadBalancerArn') === textAt(inputs, 'loadBalancerArn') &&
      numberAt(each.inputs, 'port') === numberAt(inputs, 'port'),
  );
  return taken
    ? [
        refusal(
          'DuplicateListener',
          `A listener already exists on this port for this load balancer '${textAt(inputs, 'loadBalancerArn')}'`,
        ),
      ]
    : [];
}
