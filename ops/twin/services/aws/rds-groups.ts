import type { Kind, Question, Refusal } from '../../kind.ts';
import { isUnknown, numberAt, objectsAt, refusal, textAt, textOf, textsAt } from '../values.ts';
import { subnetsOf, vpcsOf, zonesOfSubnets } from './networks.ts';
import { families, staticParameters } from './rds-engines.ts';

export const subnetGroupType = 'aws:rds/subnetGroup:SubnetGroup';
export const parameterGroupType = 'aws:rds/parameterGroup:ParameterGroup';

const subnetGroup: Kind = {
  type: subnetGroupType,
  api: {
    service: 'RDS',
    create: 'CreateDBSubnetGroup',
    read: 'DescribeDBSubnetGroups',
    update: 'ModifyDBSubnetGroup',
    delete: 'DeleteDBSubnetGroup',
  },
  naming: {
    property: 'name',
    maxLength: 255,
    lowercase: true,
    taken: { code: 'DBSubnetGroupAlreadyExists', message: "The DB subnet group '{value}' already exists." },
  },
  references: [
    {
      property: 'subnetIds.*',
      to: 'aws:ec2/subnet:Subnet',
      missing: { code: 'InvalidSubnet', message: 'Some input subnets in :[{value}] are invalid.' },
    },
  ],
  quota: {
    count: 50,
    per: 'region',
    refusal: {
      code: 'DBSubnetGroupQuotaExceeded',
      message: 'The request would result in the user exceeding the allowed number of DB subnet groups.',
    },
  },
  takes: { create: 2 },
  replaces: ['name', 'namePrefix'],
  updates: ['subnetIds', 'description'],
  defaults: () => ({ description: 'Managed by Pulumi' }),
  check: (question) => [...groupNameProblems(question), ...coverage(question)],
  id: ({ inputs }) => textAt(inputs, 'name') ?? '',
  outputs: (question) => ({
    supportedNetworkTypes: ['IPV4'],
    vpcId: vpcsOf(subnetsOf(question, textsAt(question.inputs, 'subnetIds')))[0] ?? '',
  }),
  arn: (_question, id) => `subgrp:${id}`,
};

const parameterGroup: Kind = {
  type: parameterGroupType,
  api: {
    service: 'RDS',
    create: 'CreateDBParameterGroup',
    read: 'DescribeDBParameterGroups',
    update: 'ModifyDBParameterGroup',
    delete: 'DeleteDBParameterGroup',
  },
  naming: {
    property: 'name',
    maxLength: 255,
    lowercase: true,
    taken: { code: 'DBParameterGroupAlreadyExists', message: 'Parameter group {value} already exists' },
  },
  quota: {
    count: 50,
    per: 'region',
    refusal: {
      code: 'DBParameterGroupQuotaExceeded',
      message: 'The request would result in the user exceeding the allowed number of DB parameter groups.',
    },
  },
  takes: { create: 3, delete: 2 },
  retries: { code: 'InvalidDBParameterGroupState', seconds: 180 },
  replaces: ['name', 'namePrefix', 'family', 'description'],
  updates: ['parameters'],
  defaults: () => ({ description: 'Managed by Pulumi', skipDestroy: false }),
  check: (question) => [
    ...groupNameProblems(question),
    ...familyProblems(question),
    ...parameterProblems(question),
  ],
  id: ({ inputs }) => textAt(inputs, 'name') ?? '',
  outputs: () => ({ parameters: [] }),
  arn: (_question, id) => `pg:${id}`,
  holds: ({ id, account, region }, cloud) =>
    cloud
      .all('aws:rds/instance:Instance', { account, region })
      .some((each) => textOf(each, 'parameterGroupName') === id)
      ? refusal(
          'InvalidDBParameterGroupState',
          `One or more database instances are still members of this parameter group ${id}, so the group cannot be deleted`,
        )
      : undefined,
};

/** Groups that database instances are put in. */
export const rdsGroupKinds: readonly Kind[] = [subnetGroup, parameterGroup];

function groupNameProblems({ inputs }: Question): readonly Refusal[] {
  const name = textAt(inputs, 'name');
  if (name === undefined) return [];
  const bad = (why: string): readonly Refusal[] => [refusal('InvalidParameterValue', why, 'name')];
  if (/^default$/i.test(name)) return bad('The name default is reserved');
  if (!/^[0-9a-z._ -]+$/.test(name))
    return bad(
      'only lowercase alphanumeric characters, hyphens, underscores, periods, and spaces allowed in "name"',
    );
  return name.length > 255 ? bad('"name" cannot be longer than 255 characters') : [];
}

// https://github.com/terraform-aws-modules/terraform-aws-vpc/issues/821
function coverage(question: Question): readonly Refusal[] {
  if (isUnknown(question, 'subnetIds')) return [];
  const ids = textsAt(question.inputs, 'subnetIds');
  const subnets = subnetsOf(question, ids);
  if (vpcsOf(subnets).length > 1)
    return [refusal('InvalidSubnet', 'Not all of the subnets are in the same Vpc', 'subnetIds')];
  const zones = zonesOfSubnets(subnets);
  return subnets.length < ids.length || zones.length >= 2
    ? []
    : [
        refusal(
          'DBSubnetGroupDoesNotCoverEnoughAZs',
          `The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Current AZ coverage: ${zones.join(', ')}. Add subnets to cover at least 2 AZs.`,
          'subnetIds',
        ),
      ];
}

function familyProblems({ inputs }: Question): readonly Refusal[] {
  const family = textAt(inputs, 'family');
  return family === undefined || families.includes(family)
    ? []
    : [
        refusal(
          'InvalidParameterValue',
          `ParameterGroupFamily ${family} is not a valid parameter group family`,
          'family',
        ),
      ];
}

function parameterProblems({ inputs }: Question): readonly Refusal[] {
  const parameters = objectsAt(inputs, 'parameters');
  const names = parameters.map((each) => textAt(each, 'name') ?? '');
  return parameters.flatMap((each, index) => {
    const name = names[index] ?? '';
    const property = `parameters[${index}]`;
    if (names.indexOf(name) < index)
      return [
        refusal('InvalidParameterValue', `Parameter ${name} is given more than once`, `${property}.name`),
      ];
    const method = textAt(each, 'applyMethod') ?? 'immediate';
    if (method !== 'immediate' && method !== 'pending-reboot')
      return [
        refusal(
          'InvalidParameterValue',
          `expected apply_method to be one of ["immediate" "pending-reboot"], got ${method}`,
          `${property}.applyMethod`,
        ),
      ];
    if (method === 'immediate' && staticParameters.has(name))
      return [
        refusal(
          'InvalidParameterCombination',
          'cannot use immediate apply method for static parameter',
          `${property}.applyMethod`,
        ),
      ];
    return name === 'rds.force_ssl' && ![0, 1].includes(numberAt(each, 'value') ?? 0)
      ? [
          refusal(
            'InvalidParameterValue',
            `Invalid parameter value: ${textAt(each, 'value') ?? ''} for: rds.force_ssl allowed values are: 0,1`,
            `${property}.value`,
          ),
        ]
      : [];
  });
}
