import type { Kind, Question, Refusal, Value } from '../../kind.ts';
import { flagAt, hexOf, isGiven, onCall, others, refusal, textAt, textOf, textsAt } from '../values.ts';
import { subnetType, vpcType } from './ec2.ts';
import { checkPolicy } from './policy-arguments.ts';
import { loosely, toRouteTable, toSecurityGroup, toSubnet, toVpc } from './references.ts';
import { regionOf } from './regions.ts';

export const endpointType = 'aws:ec2/vpcEndpoint:VpcEndpoint';

// https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html
const gatewayServices = ['dynamodb', 's3'];
// https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html, those of the services that are played or stand near them.
const interfaceServices = (
  'access-analyzer account application-autoscaling athena autoscaling backup backup-gateway ' +
  'bedrock-runtime cloudformation cloudtrail codeartifact.api codeartifact.repositories codebuild ' +
  'codedeploy config dynamodb ec2 ec2messages ecr.api ecr.dkr ecs ecs-agent ecs-telemetry elasticache ' +
  'elasticfilesystem elasticloadbalancing email-smtp events execute-api glue guardduty-data ' +
  'kinesis-firehose kinesis-streams kms lambda logs monitoring pipes rds rds-data resource-groups s3 ' +
  'scheduler secretsmanager securityhub servicediscovery sns sqs ssm ssm-contacts ssm-incidents ' +
  'ssmmessages states sts sync-states synthetics tagging xray'
).split(' ');

const endpoint: Kind = {
  type: endpointType,
  api: {
    service: 'EC2',
    create: 'CreateVpcEndpoint',
    read: 'DescribeVpcEndpoints',
    update: 'ModifyVpcEndpoint',
    delete: 'DeleteVpcEndpoints',
  },
  references: [
    toVpc('vpcId'),
    toSubnet('subnetIds.*'),
    toSecurityGroup('securityGroupIds.*'),
    loosely(toRouteTable('routeTableIds.*')),
  ],
  takes: { create: 60, update: 20, delete: 60 },
  defaults: () => ({ vpcEndpointType: 'Gateway' }),
  check: (question) => [
    ...serviceProblems(question),
    ...argumentProblems(question),
    ...checkPolicy(question, 'policy', { code: 'InvalidPolicyDocument', use: 'resource' }).refusals,
    ...onCall(question, () => [
      ...zoneProblems(question),
      ...dnsProblems(question),
      ...inboundProblems(question),
      ...gatewayRouteProblems(question),
    ]),
  ],
  id: (_question, random) => `vpce-${hexOf(random, 17)}`,
  outputs({ place, inputs }, id) {
    const gateway = textAt(inputs, 'vpcEndpointType') === 'Gateway';
    const subnets = textsAt(inputs, 'subnetIds');
    const service = textAt(inputs, 'serviceName') ?? '';
    const name = `${id}-${hexOf(id, 8)}.${service.split('.').slice(3).reverse().join('.')}.${place.region}.vpce.amazonaws.com`;
    return {
      cidrBlocks: [],
      dnsEntries: gateway ? [] : [{ dnsName: name, hostedZoneId: `Z${hexOf(service, 12).toUpperCase()}` }],
      dnsOptions: {},
      ipAddressType: gateway ? '' : 'ipv4',
      networkInterfaceIds: subnets.map((subnet) => `eni-${hexOf(`${id} ${subnet}`, 17)}`),
      ownerId: place.account,
      policy:
        '{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}],"Version":"2008-10-17"}',
      prefixListId: gateway && service.endsWith('.s3') ? (regionOf(place.region)?.s3PrefixListId ?? '') : '',
      privateDnsEnabled: false,
      requesterManaged: false,
      routeTableIds: [],
      securityGroupIds: [],
      serviceRegion: place.region,
      state: 'available',
      subnetConfigurations: [],
      subnetIds: [],
    };
  },
  arn: (_question, id) => `vpc-endpoint/${id}`,
};

export const ec2EndpointKinds: readonly Kind[] = [endpoint];

function serviceProblems({ place, inputs }: Question): Refusal[] {
  const service = textAt(inputs, 'serviceName');
  // Services of other accounts (`com.amazonaws.vpce.…`) are not known to the twin; their owner decides.
  if (service === undefined || service.startsWith('com.amazonaws.vpce.')) return [];
  const region = textAt(inputs, 'serviceRegion') ?? place.region;
  const short = service.startsWith(`com.amazonaws.${region}.`)
    ? service.slice(`com.amazonaws.${region}.`.length)
    : '';
  const offered = [
    ...(gatewayServices.includes(short) ? ['Gateway'] : []),
    ...(interfaceServices.includes(short) ? ['Interface'] : []),
  ];
  const type = textAt(inputs, 'vpcEndpointType') ?? 'Gateway';
  if (offered.includes(type)) return [];
  return offered.length === 0
    ? [refusal('InvalidServiceName', `The Vpc Endpoint Service '${service}' does not exist`, 'serviceName')]
    : [
        refusal(
          'InvalidParameter',
          `Endpoint type (${type}) does not match available service types ([${offered.join(', ')}]).`,
          'vpcEndpointType',
        ),
      ];
}

/** Arguments that the other type takes. The texts are paraphrases: reports quote only their sense. */
function argumentProblems(question: Question): Refusal[] {
  const type = textAt(question.inputs, 'vpcEndpointType');
  const wrong =
    type === 'Gateway' ? ['subnetIds', 'securityGroupIds', 'privateDnsEnabled'] : ['routeTableIds'];
  const belongs = type === 'Gateway' ? 'Interface' : 'Gateway';
  return wrong
    .filter((name) => isGiven(question, name) && !saysNothing(question.inputs[name]))
    .map((name) =>
      refusal('InvalidParameter', `${name} is only supported for ${belongs} type VPC Endpoint.`, name),
    );
}

function saysNothing(value: Value | undefined): boolean {
  return value === false || (Array.isArray(value) && value.length === 0);
}

// https://github.com/terraform-aws-modules/terraform-aws-vpc/issues/583
function zoneProblems({ place, inputs, cloud }: Question): Refusal[] {
  const seen = new Set<string>();
  const again = textsAt(inputs, 'subnetIds').find((id) => {
    const subnet = cloud.get(subnetType, id, place);
    const zone = subnet === undefined ? undefined : textOf(subnet, 'availabilityZone');
    if (zone === undefined || !seen.has(zone)) {
      seen.add(zone ?? id);
      return false;
    }
    return true;
  });
  return again === undefined
    ? []
    : [
        refusal(
          'DuplicateSubnetsInSameZone',
          `Found another VPC endpoint subnet in the availability zone of ${again}. VPC endpoint subnets should be in different availability zones supported by the VPC endpoint service.`,
          'subnetIds',
        ),
      ];
}

function dnsProblems(question: Question): Refusal[] {
  const { place, inputs, cloud } = question;
  const network = cloud.get(vpcType, textAt(inputs, 'vpcId') ?? '', place);
  if (flagAt(inputs, 'privateDnsEnabled') !== true || network === undefined) return [];
  const named = { ...network.outputs, ...network.inputs };
  if (flagAt(named, 'enableDnsSupport') !== true || flagAt(named, 'enableDnsHostnames') !== true) {
    return [
      refusal(
        'InvalidParameter',
        `Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for ${network.id}`,
        'privateDnsEnabled',
      ),
    ];
  }
  const taken = others(question, endpointType).some(
    (each) =>
      textOf(each, 'vpcId') === network.id &&
      textOf(each, 'serviceName') === textAt(inputs, 'serviceName') &&
      flagAt(each.inputs, 'privateDnsEnabled') === true,
  );
  const domain = (textAt(inputs, 'serviceName') ?? '').split('.').slice(3).reverse().join('.');
  // https://github.com/hashicorp/terraform-provider-aws/issues/17535
  return taken
    ? [
        refusal(
          'InvalidParameter',
          `private-dns-enabled cannot be set because there is already a conflicting DNS domain for ${domain}.${place.region}.amazonaws.com in the VPC ${network.id}`,
        ),
      ]
    : [];
}

/**
 * Private DNS for S3 is for on-premises alone, unless told otherwise; then the network itself goes by a gateway.
 * https://github.com/terraform-aws-modules/terraform-aws-vpc/issues/982
 */
function inboundProblems(question: Question): Refusal[] {
  const { inputs } = question;
  const [service, network] = [textAt(inputs, 'serviceName'), textAt(inputs, 'vpcId')];
  const inboundOnly =
    service?.endsWith('.s3') === true &&
    flagAt(inputs, 'privateDnsEnabled') === true &&
    flagAt(inputs, 'dnsOptions.privateDnsOnlyForInboundResolverEndpoint') !== false;
  const gateway = others(question, endpointType).some(
    (each) =>
      textOf(each, 'vpcId') === network &&
      textOf(each, 'serviceName') === service &&
      textOf(each, 'vpcEndpointType') === 'Gateway',
  );
  return !inboundOnly || gateway
    ? []
    : [
        refusal(
          'InvalidParameter',
          `To set PrivateDnsOnlyForInboundResolverEndpoint to true, the VPC ${network} must have a Gateway endpoint for the service.`,
        ),
      ];
}

/** A table has one route to the prefix list of a service. */
function gatewayRouteProblems(question: Question): Refusal[] {
  const { inputs } = question;
  const wanted = textsAt(inputs, 'routeTableIds');
  const same = others(question, endpointType).filter(
    (each) => textOf(each, 'serviceName') === textAt(inputs, 'serviceName'),
  );
  const taken = wanted.find((table) =>
    same.some((each) => textsAt(each.inputs, 'routeTableIds').includes(table)),
  );
  const list = same.map((each) => textOf(each, 'prefixListId')).find((each) => each !== undefined);
  return taken === undefined
    ? []
    : [
        refusal(
          'RouteAlreadyExists',
          `route table ${taken} already has a route with destination-prefix-list-id ${list}`,
        ),
      ];
}
