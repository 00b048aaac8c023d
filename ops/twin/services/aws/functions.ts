import { ApiError } from '../../api-error.ts';
import type { CloudView, Place, Provider, Thing, Values } from '../../kind.ts';
import { flagAt, objectsAt, textAt, textOf, textsAt } from '../values.ts';
import { partitionOf } from './arn.ts';
import { regionOf, zoneId, zonesOf } from './regions.ts';
import { plainName, zoneName, zoneType } from './route53.ts';
import { parameterType } from './ssm.ts';

/** The functions of the SDK that the program may ask, by token. */
export const functions: Provider['functions'] = {
  'aws:index/getCallerIdentity:getCallerIdentity': (_inputs, { account }) => ({
    accountId: account,
    arn: `arn:aws:sts::${account}:assumed-role/twin/rehearsal`,
    id: account,
    userId: 'AROATWINTWINTWINTWIN:rehearsal',
  }),
  'aws:index/getRegion:getRegion': (inputs, place) => {
    const region = textAt(inputs, 'name') ?? place.region;
    return {
      description: knownRegion(region).description,
      endpoint: `ec2.${region}.amazonaws.com`,
      id: region,
      name: region,
      region,
    };
  },
  'aws:index/getPartition:getPartition': (_inputs, { region }) => {
    const partition = partitionOf(region);
    return { dnsSuffix: 'amazonaws.com', id: partition, partition, reverseDnsPrefix: 'com.amazonaws' };
  },
  'aws:index/getAvailabilityZones:getAvailabilityZones': (inputs, { region }) => {
    const { name } = knownRegion(region);
    const left = zonesOf(name).filter(
      (zone) =>
        !textsAt(inputs, 'excludeNames').includes(zone) &&
        !textsAt(inputs, 'excludeZoneIds').includes(zoneId(name, zone)),
    );
    // Zones are never away for long in the twin: asked for those that are `unavailable` it has none.
    const names = ['available', undefined].includes(textAt(inputs, 'state')) ? left : [];
    return {
      groupNames: [`${name}-zg-1`],
      id: name,
      names,
      region: name,
      zoneIds: names.map((zone) => zoneId(name, zone)),
    };
  },
  'aws:ec2/getPrefixList:getPrefixList': (inputs, { region }) => {
    const list = prefixList(inputs, region);
    return { cidrBlocks: list.blocks, id: list.id, name: list.name, region };
  },
  'aws:ec2/getManagedPrefixList:getManagedPrefixList': (inputs, place) => {
    const list = prefixList(inputs, place.region);
    return {
      addressFamily: 'IPv4',
      arn: `arn:aws:ec2:${place.region}:aws:prefix-list/${list.id}`,
      entries: list.blocks.map((cidr) => ({ cidr, description: '' })),
      id: list.id,
      maxEntries: 0,
      name: list.name,
      ownerId: 'AWS',
      region: place.region,
      tags: {},
      version: 0,
    };
  },
  'aws:elb/getServiceAccount:getServiceAccount': (_inputs, { region }) => {
    const { loadBalancerAccount: account } = knownRegion(region);
    return { arn: `arn:aws:iam::${account}:root`, id: account, region };
  },
  'aws:lb/getHostedZoneId:getHostedZoneId': (inputs, { region }) => {
    const { applicationZoneId, networkZoneId } = knownRegion(region);
    const network = textAt(inputs, 'loadBalancerType') === 'network';
    return { id: network ? networkZoneId : applicationZoneId, region };
  },
  'aws:route53/getZone:getZone': findZone,
  'aws:ssm/getParametersByPath:getParametersByPath': parametersBelow,
};

function knownRegion(name: string) {
  const region = regionOf(name);
  if (region === undefined)
    throw new ApiError(
      'InvalidParameterValue',
      `finding Region using the specified filters: no region ${name}`,
    );
  return region;
}

interface PrefixList {
  readonly id: string;
  readonly name: string;
  readonly blocks: readonly string[];
}

// Blocks as AWS publishes them for us-east-1 in https://ip-ranges.amazonaws.com/ip-ranges.json; others differ, few read them.
function prefixList(inputs: Values, region: string): PrefixList {
  const { s3PrefixListId } = knownRegion(region);
  const lists: readonly PrefixList[] = [
    {
      id: s3PrefixListId,
      name: `com.amazonaws.${region}.s3`,
      blocks: ['3.5.0.0/19', '52.216.0.0/15', '54.231.0.0/16'],
    },
    {
      id: 'pl-02cd2c6b',
      name: `com.amazonaws.${region}.dynamodb`,
      blocks: ['52.94.0.0/22', '52.119.224.0/20'],
    },
    {
      id: 'pl-3b927c52',
      name: 'com.amazonaws.global.cloudfront.origin-facing',
      blocks: ['13.32.0.0/15', '52.46.0.0/18'],
    },
  ];
  const named =
    textAt(inputs, 'name') ?? objectsAt(inputs, 'filters').flatMap((filter) => textsAt(filter, 'values'))[0];
  const id = textAt(inputs, 'prefixListId') ?? textAt(inputs, 'id');
  const found = lists.find((list) => (id === undefined ? list.name === named : list.id === id));
  if (found === undefined)
    throw new ApiError(
      'InvalidPrefixListID.NotFound',
      `reading EC2 Managed Prefix List: no matching prefix list found: ${id ?? named}`,
    );
  return found;
}

function findZone(inputs: Values, { account }: Place, cloud: CloudView): Values {
  const id = textAt(inputs, 'zoneId');
  const name = textAt(inputs, 'name');
  const wantPrivate = flagAt(inputs, 'privateZone') === true || textAt(inputs, 'vpcId') !== undefined;
  const found = cloud
    .all(zoneType, { account })
    .filter((zone) =>
      id === undefined
        ? zoneName(zone) === plainName(name ?? '') && isPrivate(zone) === wantPrivate
        : zone.id === id,
    );
  const [zone, second] = found;
  if (zone === undefined || second !== undefined)
    throw new ApiError(
      'NoSuchHostedZone',
      zone === undefined
        ? 'no matching Route 53 Hosted Zone found'
        : 'multiple Route 53 Hosted Zones matched; use additional constraints to reduce matches to a single Route 53 Hosted Zone',
    );
  return {
    arn: textOf(zone, 'arn') ?? '',
    callerReference: `terraform-${zone.createdMs}`,
    comment: textOf(zone, 'comment') ?? '',
    enableAcceleratedRecovery: false,
    id: zone.id,
    linkedServiceDescription: '',
    linkedServicePrincipal: '',
    name: zoneName(zone),
    nameServers: textsAt(zone.outputs, 'nameServers'),
    primaryNameServer: textOf(zone, 'primaryNameServer') ?? '',
    privateZone: isPrivate(zone),
    resourceRecordSetCount: 2,
    tags: zone.inputs['tags'] ?? {},
    zoneId: zone.id,
  };
}

function isPrivate(zone: Thing): boolean {
  return objectsAt(zone.inputs, 'vpcs').length > 0;
}

/** What the parameter store has below a path, those that people put there too. */
function parametersBelow(inputs: Values, { account, region }: Place, cloud: CloudView): Values {
  const path = textAt(inputs, 'path') ?? '';
  const below = path.endsWith('/') ? path : `${path}/`;
  const recursive = flagAt(inputs, 'recursive') === true;
  const decrypt = flagAt(inputs, 'withDecryption') !== false;
  const found = cloud
    .all(parameterType, { account, region })
    .filter(({ id }) => id.startsWith(below) && (recursive || !id.slice(below.length).includes('/')));
  const type = (thing: Thing): string => textAt(thing.inputs, 'type') ?? '';
  const value = (thing: Thing): string => textAt(thing.inputs, 'value') ?? '';
  return {
    arns: found.map((thing) => textOf(thing, 'arn') ?? ''),
    id: path,
    names: found.map(({ id }) => id),
    path,
    recursive,
    region,
    types: found.map(type),
    // Without decryption one gets what is kept.
    values: found.map((thing) => (type(thing) === 'SecureString' && !decrypt ? 'AQICAHhx' : value(thing))),
    withDecryption: decrypt,
  };
}
