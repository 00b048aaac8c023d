import type { Kind, Question, Refusal, Thing } from '../../kind.ts';
import {
  capitalsOf,
  digitsOf,
  flagAt,
  isGiven,
  objectsAt,
  onCall,
  others,
  refusal,
  textAt,
  textOf,
} from '../values.ts';
import { vpcType } from './ec2.ts';

export const zoneType = 'aws:route53/zone:Zone';
export const recordType = 'aws:route53/record:Record';

const zone: Kind = {
  type: zoneType,
  scope: 'global',
  api: {
    service: 'Route 53',
    create: 'CreateHostedZone',
    read: 'GetHostedZone',
    update: 'UpdateHostedZoneComment',
    delete: 'DeleteHostedZone',
  },
  naming: { property: 'name', maxLength: 255 },
  references: [
    {
      property: 'vpcs.*.vpcId',
      to: vpcType,
      where: 'anywhere',
      missing: { code: 'InvalidVPCId', message: 'The VPC {value} does not exist or is not authorized' },
    },
  ],
  quota: {
    count: 500,
    per: 'account',
    refusal: {
      code: 'TooManyHostedZones',
      message: 'Limits Exceeded: MAX_HOSTED_ZONES_BY_OWNER - Cannot create more than 500 zones',
    },
  },
  takes: { create: 35, update: 5, delete: 35 },
  replaces: ['delegationSetId', 'name'],
  defaults: () => ({ comment: 'Managed by Pulumi', forceDestroy: false }),
  check: (question) => [...zoneProblems(question), ...onCall(question, () => associatedProblems(question))],
  id: (_question, random) => `Z${capitalsOf(random, 20)}`,
  outputs({ inputs }, id) {
    const servers = serversOf(id);
    return {
      name: plainName(textAt(inputs, 'name') ?? ''),
      nameServers: servers,
      primaryNameServer: servers[0] ?? '',
      zoneId: id,
      enableAcceleratedRecovery: false,
    };
  },
  arn: (_question, id) => `arn:aws:route53:::hostedzone/${id}`,
  // https://github.com/gruntwork-io/cloud-nuke/issues/743
  holds(thing, cloud) {
    const full =
      flagAt(thing.inputs, 'forceDestroy') !== true &&
      cloud
        .all(recordType, { account: thing.account })
        .some((record) => textOf(record, 'zoneId') === thing.id);
    return full
      ? refusal(
          'HostedZoneNotEmpty',
          'The specified hosted zone contains non-required resource record sets and so cannot be deleted.',
        )
      : undefined;
  },
};

export const route53Kinds: readonly Kind[] = [zone];

/** A name as zones and records are compared: small letters, no dot at the end. */
export function plainName(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}

/** The name of a zone, without a dot at the end. */
export function zoneName(thing: Thing): string {
  return plainName(textOf(thing, 'name') ?? '');
}

function serversOf(id: string): readonly string[] {
  return ['com', 'net', 'org', 'co.uk'].map(
    (ending) =>
      `ns-${Number(digitsOf(`${id} ${ending}`, 4)) % 2048}.awsdns-${Number(digitsOf(`${ending} ${id}`, 2)) % 64}.${ending}`,
  );
}

function zoneProblems(question: Question): Refusal[] {
  const name = textAt(question.inputs, 'name');
  const labels = plainName(name ?? 'a').split('.');
  const valid = labels.every((label) => /^[a-z0-9_-]{1,63}$/.test(label)) && labels.join('.').length <= 253;
  return [
    ...(valid ? [] : [refusal('InvalidDomainName', `${name} is not a valid domain name`, 'name')]),
    ...(isGiven(question, 'delegationSetId') && isGiven(question, 'vpcs')
      ? [refusal('InvalidInput', '"delegation_set_id": conflicts with vpc', 'delegationSetId')]
      : []),
  ];
}

// https://github.com/hashicorp/terraform-provider-aws/issues/37783
function associatedProblems(question: Question): Refusal[] {
  const name = plainName(textAt(question.inputs, 'name') ?? '');
  const rivals = others(question, zoneType).filter((each) => zoneName(each) === name);
  return objectsAt(question.inputs, 'vpcs').flatMap((vpc) => {
    const id = textAt(vpc, 'vpcId');
    const rival = rivals.find((each) =>
      objectsAt(each.inputs, 'vpcs').some((other) => textAt(other, 'vpcId') === id),
    );
    const place = question.cloud
      .all(vpcType, { account: question.place.account })
      .find((each) => each.id === id);
    return rival === undefined
      ? []
      : [
          refusal(
            'ConflictingDomainExists',
            `The VPC ${id} in region ${textAt(vpc, 'vpcRegion') ?? place?.region} has already been associated with the hosted zone ${rival.id} with the same domain name.`,
            'vpcs',
          ),
        ];
  });
}
