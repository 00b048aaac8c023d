import { isIPv4, isIPv6 } from 'node:net';
import type { Kind, Question, Refusal, Thing, Values } from '../../kind.ts';
import { isGiven, numberAt, objectsAt, onCall, others, refusal, textAt, textOf, textsAt } from '../values.ts';
import { healthCheckType } from './route53-health.ts';
import { plainName, recordType, zoneName, zoneType } from './route53.ts';

const policies: Readonly<Record<string, string>> = {
  cidrRoutingPolicy: 'cidr_routing_policy',
  failoverRoutingPolicies: 'failover_routing_policy',
  geolocationRoutingPolicies: 'geolocation_routing_policy',
  geoproximityRoutingPolicy: 'geoproximity_routing_policy',
  latencyRoutingPolicies: 'latency_routing_policy',
  multivalueAnswerRoutingPolicy: 'multivalue_answer_routing_policy',
  weightedRoutingPolicies: 'weighted_routing_policy',
};

const record: Kind = {
  type: recordType,
  scope: 'global',
  api: {
    service: 'Route 53',
    create: 'ChangeResourceRecordSets',
    read: 'ListResourceRecordSets',
    update: 'ChangeResourceRecordSets',
    delete: 'ChangeResourceRecordSets',
  },
  references: [
    {
      property: 'zoneId',
      to: zoneType,
      missing: { code: 'NoSuchHostedZone', message: 'No hosted zone found with ID: {value}' },
    },
    {
      property: 'healthCheckId',
      to: healthCheckType,
      missing: { code: 'NoSuchHealthCheck', message: 'No health check exists with the specified ID {value}' },
    },
  ],
  takes: { create: 35, update: 35, delete: 35 },
  replaces: ['name', 'type', 'zoneId', 'setIdentifier'],
  check: (question) => [
    ...contentArguments(question),
    ...routingArguments(question),
    ...valueProblems(question),
    ...onCall(question, () => {
      const zone = question.cloud.get(zoneType, textAt(question.inputs, 'zoneId') ?? '', question.place);
      return zone === undefined ? [] : [...nameProblems(question, zone), ...aliasProblems(question)];
    }),
  ],
  id: ({ inputs }) =>
    [
      textAt(inputs, 'zoneId'),
      plainName(textAt(inputs, 'name') ?? ''),
      textAt(inputs, 'type'),
      textAt(inputs, 'setIdentifier'),
    ]
      .filter((part) => part !== undefined)
      .join('_'),
  outputs: ({ place, inputs, cloud }) => {
    const zone = cloud.get(zoneType, textAt(inputs, 'zoneId') ?? '', place);
    return { fqdn: fullName(inputs, zone === undefined ? '' : zoneName(zone)), allowOverwrite: false };
  },
};

export const route53RecordKinds: readonly Kind[] = [record];

/** The whole name of a record. The provider puts the zone's name behind every name that does not end with it. */
function fullName(inputs: Values, zone: string): string {
  const name = plainName(textAt(inputs, 'name') ?? '');
  if (name === '') return zone;
  return name.endsWith(zone) ? name : `${name}.${zone}`;
}

/** The checks of the provider's schema, with its names and words. */
function contentArguments(question: Question): Refusal[] {
  const alias = isGiven(question, 'aliases');
  const records = isGiven(question, 'records');
  const ttl = isGiven(question, 'ttl');
  if (alias && records)
    return [
      refusal(
        'InvalidInput',
        'only one of `alias,records` can be specified, but `alias,records` were specified.',
        'records',
      ),
    ];
  if (alias) return ttl ? [refusal('InvalidInput', '"ttl": conflicts with alias', 'ttl')] : [];
  if (!records) return [refusal('InvalidInput', 'one of `alias,records` must be specified', 'records')];
  return ttl ? [] : [refusal('InvalidInput', 'all of `records,ttl` must be specified', 'ttl')];
}

function routingArguments(question: Question): Refusal[] {
  const given = Object.keys(policies).filter((name) => isGiven(question, name));
  const identified = isGiven(question, 'setIdentifier');
  const [first, second] = given;
  if (first !== undefined && second !== undefined)
    return [refusal('InvalidInput', `"${policies[second]}": conflicts with ${policies[first]}`, second)];
  if (first !== undefined && !identified)
    return [
      refusal(
        'InvalidInput',
        `"${policies[first]}": all of \`set_identifier,${policies[first]}\` must be specified`,
        'setIdentifier',
      ),
    ];
  if (first === undefined && identified) {
    const { inputs } = question;
    return [
      refusal(
        'InvalidInput',
        `Invalid request: Expected exactly one of [Weight, Region, Failover, GeoLocation, MultiValueAnswer, GeoProximityLocation, or CidrRoutingConfig], but found none in Change with [Action=CREATE, Name=${textAt(inputs, 'name')}., Type=${textAt(inputs, 'type')}, SetIdentifier=${textAt(inputs, 'setIdentifier')}]`,
        'setIdentifier',
      ),
    ];
  }
  const weight = objectsAt(question.inputs, 'weightedRoutingPolicies').map((policy) =>
    numberAt(policy, 'weight'),
  )[0];
  if (weight !== undefined && !(weight >= 0 && weight <= 255))
    return [
      refusal(
        'InvalidInput',
        `1 validation error detected: Value '${weight}' at 'changeBatch.changes.1.member.resourceRecordSet.weight' failed to satisfy constraint: Member must have value less than or equal to 255`,
        'weightedRoutingPolicies',
      ),
    ];
  const primary = objectsAt(question.inputs, 'failoverRoutingPolicies').some(
    (policy) => textAt(policy, 'type') === 'PRIMARY',
  );
  return primary && !isGiven(question, 'aliases') && !isGiven(question, 'healthCheckId')
    ? [
        refusal(
          'InvalidChangeBatch',
          '[A non-alias primary ResourceRecordSet must have an associated health check]',
          'healthCheckId',
        ),
      ]
    : [];
}

function valueProblems({ inputs }: Question): Refusal[] {
  const type = textAt(inputs, 'type');
  return textsAt(inputs, 'records').flatMap((value, index) => {
    const wrong =
      type === 'A' && !isIPv4(value)
        ? 'ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address)'
        : type === 'AAAA' && !isIPv6(value)
          ? 'AAAARRDATAIllegalIPv6Address (Value is not a valid IPv6 address)'
          : type === 'TXT' && value.split(/" *"/).some((part) => part.replaceAll('"', '').length > 255)
            ? 'CharacterStringTooLong (Value is too long)'
            : undefined;
    return wrong === undefined
      ? []
      : [
          refusal(
            'InvalidChangeBatch',
            `[Invalid Resource Record: 'FATAL problem: ${wrong} encountered with '${value}'']`,
            `records[${index}]`,
          ),
        ];
  });
}

/** What stands against a name in its zone. */
function nameProblems(question: Question, zone: Thing): Refusal[] {
  const { inputs } = question;
  const apex = zoneName(zone);
  const name = fullName(inputs, apex);
  const type = textAt(inputs, 'type') ?? '';
  const wrong = (text: string) => [refusal('InvalidChangeBatch', `[${text}]`)];
  // https://github.com/meltwater/terraform-aws-asg-dns-handler/issues/38
  if (name !== apex && !name.endsWith(`.${apex}`))
    return wrong(`RRSet with DNS name ${name}. is not permitted in zone ${apex}.`);
  if (name === apex && type === 'CNAME')
    return wrong(`RRSet of type CNAME with DNS name ${name}. is not permitted at apex in zone ${apex}.`);
  const there = others(question, recordType).filter(
    (each) => textOf(each, 'zoneId') === zone.id && fullName(each.inputs, apex) === name,
  );
  // https://github.com/aws/aws-sdk-java/issues/1996
  if (type === 'CNAME' && there.some((each) => textOf(each, 'type') !== 'CNAME'))
    return wrong(
      `RRSet of type CNAME with DNS name ${name}. is not permitted as it conflicts with other records with the same DNS name in zone ${apex}.`,
    );
  // https://github.com/boto/boto3/issues/1475; the two spaces are AWS's own.
  if (type !== 'CNAME' && there.some((each) => textOf(each, 'type') === 'CNAME'))
    return wrong(
      `RRSet of type ${type} with DNS name ${name}. is not permitted because a conflicting RRSet of type  CNAME with the same DNS name already exists in zone ${apex}.`,
    );
  const same = there.filter((each) => textOf(each, 'type') === type);
  const identifier = textAt(inputs, 'setIdentifier');
  const taken =
    same.some((each) => textOf(each, 'setIdentifier') === identifier) ||
    // Every zone begins with these two.
    (name === apex && (type === 'NS' || type === 'SOA'));
  // https://github.com/clouddrove/terraform-aws-ses/issues/25
  if (taken && question.before === undefined)
    return inputs['allowOverwrite'] === true
      ? []
      : wrong(
          `Tried to create resource record set [name='${name}.', type='${type}'${identifier === undefined ? '' : `, set-identifier='${identifier}'`}] but it already exists`,
        );
  // https://github.com/barnybug/cli53/issues/257
  return same.some((each) => policyOf(each.inputs) !== policyOf(inputs))
    ? wrong(
        `RRSet with DNS name ${name}., type ${type}${identifier === undefined ? '' : `, SetIdentifier ${identifier}`} cannot be created as other RRSets exist with the same name and type.`,
      )
    : [];
}

function policyOf(inputs: Values): string {
  return (
    Object.keys(policies).find((name) => inputs[name] !== undefined && inputs[name] !== null) ?? 'simple'
  );
}

/** Aliases to load balancers and to records of the same zone; other targets are not played and pass. */
function aliasProblems({ inputs, cloud, place }: Question): Refusal[] {
  return objectsAt(inputs, 'aliases').flatMap((alias) => {
    const name = plainName(textAt(alias, 'name') ?? '');
    const target = textAt(alias, 'zoneId') ?? '';
    const wrong = (rest: string) => [
      refusal(
        'InvalidChangeBatch',
        `[Tried to create an alias that targets ${name}., type ${textAt(inputs, 'type')} in zone ${target}, but ${rest}]`,
        'aliases',
      ),
    ];
    if (name.includes('.elb.') && name.endsWith('.amazonaws.com')) {
      const balancer = cloud
        .all('aws:lb/loadBalancer:LoadBalancer', { account: place.account })
        .find((each) => plainName(textOf(each, 'dnsName') ?? '') === name.replace(/^dualstack\./, ''));
      // https://github.com/harmony-one/harmony-ops/issues/491
      if (balancer === undefined) return wrong('that target was not found');
      return textOf(balancer, 'zoneId') === target
        ? []
        : wrong('the alias target name does not lie within the target zone');
    }
    if (target !== textAt(inputs, 'zoneId')) return [];
    const zone = cloud.get(zoneType, target, place);
    const apex = zone === undefined ? '' : zoneName(zone);
    if (name !== apex && !name.endsWith(`.${apex}`))
      return wrong('the alias target name does not lie within the target zone');
    const there = cloud
      .all(recordType, place)
      .some((each) => textOf(each, 'zoneId') === target && fullName(each.inputs, apex) === name);
    return there ? [] : wrong('that target was not found');
  });
}
