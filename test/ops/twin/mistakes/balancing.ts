import type { HeldMap } from '../../../../ops/twin/held.ts';
import type { Chapter } from './mistake.ts';
import type { World } from './world.ts';

const balancer = ({ of }: World): HeldMap => ({
  ...{ name: 'second', subnets: [of('network-a'), of('network-b')], securityGroups: [of('group')] },
});
const targetGroup = ({ of }: World): HeldMap => ({
  ...{ name: 'more-targets', port: 3000, protocol: 'HTTP', targetType: 'ip', vpcId: of('network') },
});
const listener = ({ of }: World): HeldMap => ({
  ...{ loadBalancerArn: of('balancer', 'arn'), port: 8443, protocol: 'HTTPS' },
  certificateArn: of('certificate', 'arn'),
  defaultActions: [{ type: 'forward', targetGroupArn: of('targets', 'arn') }],
});

/** Mistakes about load balancers. */
export const balancing: Chapter = {
  service: 'Load balancers',
  mistakes: [
    {
      what: 'One subnet',
      doing: 'create',
      type: 'aws:lb/loadBalancer:LoadBalancer',
      right: balancer,
      wrong: ({ of }) => ({ subnets: [of('network-a')] }),
      quote: 'ValidationError: At least two subnets in two different Availability Zones must be specified',
      source: 'https://github.com/kasmtech/terraform/issues/5',
      at: 'preview',
      says: 'ValidationError: At least two subnets in two different Availability Zones must be specified',
    },
    {
      what: 'Two subnets in one zone',
      doing: 'create',
      type: 'aws:lb/loadBalancer:LoadBalancer',
      right: balancer,
      wrong: ({ of }) => ({ subnets: [of('network-a'), of('second-a')] }),
      quote:
        'InvalidConfigurationRequest: A load balancer cannot be attached to multiple subnets in the same Availability Zone',
      source: 'https://github.com/robertdebock/terraform-aws-vault/issues/5',
      at: 'update',
      says: 'InvalidConfigurationRequest: A load balancer cannot be attached to multiple subnets in the same Availability Zone',
    },
    {
      what: 'Open to the internet, in a network that is not',
      doing: 'create',
      type: 'aws:lb/loadBalancer:LoadBalancer',
      right: balancer,
      wrong: ({ of }) => ({
        ...{ subnets: [of('closed-a'), of('closed-b')], securityGroups: [of('closed-group')] },
      }),
      quote: 'InvalidSubnet: VPC vpc-0765c67bbc82a1b7d has no internet gateway',
      source: 'https://github.com/openshift/installer/issues/1110',
      at: 'update',
      says: 'InvalidSubnet: VPC vpc-… has no internet gateway',
    },
    {
      what: 'Deleted while it is protected',
      doing: 'delete',
      name: 'protected-balancer',
      mend: ({ change }) => change('protected-balancer', { enableDeletionProtection: false }),
      quote:
        "OperationNotPermitted: Load balancer 'arn:aws:elasticloadbalancing:us-east-1:accountid:loadbalancer/abcd' cannot be deleted because deletion protection is enabled",
      source: 'https://github.com/rebuy-de/aws-nuke/issues/1240',
      at: 'update',
      says: "OperationNotPermitted: Load balancer 'arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/protected-balancer/…' cannot be deleted because deletion protection is enabled",
    },
    {
      what: 'A target group with a name of 33 letters',
      doing: 'create',
      type: 'aws:lb/targetGroup:TargetGroup',
      right: targetGroup,
      wrong: () => ({ name: 'coinestate-staging-api-targets-v2' }),
      quote:
        "ValidationError: Target group name 'rdossant-installer-04-wn9qs-int-6443' cannot be longer than '32' characters",
      source: 'https://github.com/kubernetes-sigs/cluster-api-provider-aws/issues/4947',
      at: 'preview',
      says: "ValidationError: The target group name 'coinestate-staging-api-targets-v2' cannot be longer than '32' characters",
    },
    {
      what: 'A health check that takes as long as the time between two',
      doing: 'create',
      type: 'aws:lb/targetGroup:TargetGroup',
      right: (world) => ({ ...targetGroup(world), healthCheck: { interval: 5, timeout: 2 } }),
      wrong: () => ({ healthCheck: { interval: 5 } }),
      quote: 'ValidationError: Health check interval must be greater than the timeout.',
      source: 'https://github.com/terraform-linters/tflint-ruleset-aws/issues/404',
      at: 'preview',
      says: "ValidationError: Health check interval must be greater than the timeout. Examine values at 'asked.healthCheck.interval'.",
    },
    {
      what: 'A target group that is deleted while a listener forwards to it',
      doing: 'delete',
      name: 'targets',
      mend: async ({ remove }) => {
        for (const name of ['service', 'rule', 'listener']) await remove(name);
      },
      quote:
        "ResourceInUse: Target group 'arn:aws:elasticloadbalancing:eu-west-1::targetgroup/XXXXXX/dsfasdfasfe48' is currently in use by a listener or a rule",
      source: 'https://github.com/cloudposse/terraform-aws-alb-ingress/issues/24',
      at: 'update',
      says: "ResourceInUse: Target group 'arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/targets/…' is currently in use by a listener or a rule",
    },
    {
      what: 'Targets in another network',
      doing: 'create',
      type: 'aws:lb/listener:Listener',
      right: listener,
      wrong: ({ of }) => ({
        defaultActions: [{ type: 'forward', targetGroupArn: of('closed-targets', 'arn') }],
      }),
      quote:
        "InvalidConfigurationRequest: Target group 'arn:aws:elasticloadbalancing:us-west-2:164634912905:targetgroup/3d32b6e3-dc46b610ade9091876d/1532be485d6e0af2' is in a different VPC than load balancer 'arn:aws:elasticloadbalancing:us-west-2:164634912905:loadbalancer/app/3d32b6e3-cpsl0-devuswest2l-08a5/da9b9119254b88e7'",
      source: 'https://github.com/kubernetes-sigs/aws-load-balancer-controller/issues/1045',
      at: 'update',
      says: "InvalidConfigurationRequest: Target group 'arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/closed-targets/…' is in a different VPC than load balancer 'arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/balancer/…'",
    },
    {
      what: 'HTTPS without a certificate',
      doing: 'create',
      type: 'aws:lb/listener:Listener',
      right: listener,
      wrong: () => ({ certificateArn: undefined }),
      quote: 'ValidationError: A certificate must be specified for HTTPS listeners',
      source: 'https://github.com/cn-terraform/terraform-aws-nexus/issues/42',
      at: 'preview',
      says: "ValidationError: A certificate must be specified for HTTPS listeners. Examine values at 'asked.certificateArn'.",
    },
    {
      what: 'A certificate that is not proven yet',
      doing: 'create',
      type: 'aws:lb/listener:Listener',
      right: listener,
      wrong: ({ of }) => ({ certificateArn: of('unproven', 'arn') }),
      quote:
        "The certificate 'arn:aws:acm:us-west-2:462446642923:certificate/58cc9a38-1295-4866-be62-71366d672ee1' must have a fully-qualified domain name, a supported signature, and a supported key size.",
      source: 'https://github.com/medplum/medplum/issues/5804',
      at: 'update',
      says: "UnsupportedCertificate: The certificate 'arn:aws:acm:us-east-1:123456789012:certificate/…' must have a fully-qualified domain name, a supported signature, and a supported key size.",
    },
    {
      what: 'A certificate of another region',
      doing: 'create',
      type: 'aws:lb/listener:Listener',
      right: listener,
      wrong: ({ of }) => ({ certificateArn: of('european-certificate', 'arn') }),
      quote:
        "CertificateNotFound: Certificate 'arn:aws:acm:us-west-2:114416042199:certificate/c16e5a18-0e07-4d9d-aa93-909458d77e36' not found",
      source: 'https://github.com/kubernetes-sigs/aws-load-balancer-controller/issues/1127',
      at: 'update',
      says: "CertificateNotFound: Certificate 'arn:aws:acm:eu-west-1:123456789012:certificate/…' not found",
    },
    {
      what: 'A protocol that an application load balancer does not speak',
      doing: 'create',
      type: 'aws:lb/listener:Listener',
      right: (world) => {
        const { certificateArn: _, ...rest } = listener(world);
        return { ...rest, protocol: 'HTTP' };
      },
      wrong: () => ({ protocol: 'TCP' }),
      quote: "ValidationError: Listener protocol 'TCP' must be one of 'HTTPS, HTTP'",
      source: 'https://github.com/hashicorp/terraform/issues/18126',
      at: 'update',
      says: "ValidationError: Listener protocol 'TCP' must be one of 'HTTPS, HTTP'",
    },
    {
      what: 'Two rules with one priority',
      doing: 'create',
      type: 'aws:lb/listenerRule:ListenerRule',
      right: ({ of }) => ({
        ...{ listenerArn: of('listener', 'arn'), priority: 11 },
        conditions: [{ pathPattern: { values: ['/admin/*'] } }],
        actions: [{ type: 'forward', targetGroupArn: of('targets', 'arn') }],
      }),
      wrong: () => ({ priority: 10 }),
      quote: "PriorityInUse: Priority '49994' is currently in use",
      source: 'https://github.com/wellcomecollection/wellcomecollection.org/pull/6519',
      at: 'update',
      says: "PriorityInUse: Priority '10' is currently in use",
    },
  ],
};
