import type { Kind, Question, Refusal } from '../../kind.ts';
import { isGiven, refusal, textAt } from '../values.ts';
import { arn } from './arn.ts';

const group: Kind = {
  type: 'aws:resourcegroups/group:Group',
  api: {
    service: 'Resource Groups',
    create: 'CreateGroup',
    read: 'GetGroup',
    update: 'UpdateGroup',
    delete: 'DeleteGroup',
  },
  naming: {
    property: 'name',
    maxLength: 300,
    taken: {
      code: 'BadRequestException',
      message: 'A group with name {value} already exists in this account.',
    },
  },
  quota: {
    count: 100,
    per: 'region',
    refusal: { code: 'BadRequestException', message: 'The maximum number of groups has been reached.' },
  },
  takes: { create: 2 },
  replaces: ['name'],
  updates: ['configurations', 'description', 'resourceQuery'],
  check: (question) => [...nameProblems(question), ...queryProblems(question)],
  id: ({ inputs }) => textAt(inputs, 'name') ?? '',
  outputs: () => ({ description: '' }),
  arn: ({ place }, id) => arn('resource-groups', place, `group/${id}`),
};

/** Groups of resources by tag. */
export const resourcegroupsKinds: readonly Kind[] = [group];

function nameProblems({ inputs }: Question): readonly Refusal[] {
  const name = textAt(inputs, 'name');
  return name === undefined || (/^[a-zA-Z0-9_.-]{1,300}$/.test(name) && !/^aws/i.test(name))
    ? []
    : [
        refusal(
          'BadRequestException',
          "Group name must match ^(?!aws)[a-zA-Z0-9_.-]{1,300}$: it can't begin with AWS.",
          'name',
        ),
      ];
}

// https://docs.aws.amazon.com/ARG/latest/APIReference/API_ResourceQuery.html
function queryProblems(question: Question): readonly Refusal[] {
  const { inputs } = question;
  const say = (message: string): readonly Refusal[] => [
    refusal('BadRequestException', `Query not valid: ${message}`, 'resourceQuery.query'),
  ];
  if (!isGiven(question, 'resourceQuery') && !isGiven(question, 'configurations'))
    return say('a group needs a query or a configuration.');
  const text = textAt(inputs, 'resourceQuery.query');
  if (text === undefined || (textAt(inputs, 'resourceQuery.type') ?? 'TAG_FILTERS_1_0') !== 'TAG_FILTERS_1_0')
    return [];
  let query: { ResourceTypeFilters?: unknown; TagFilters?: unknown };
  try {
    query = JSON.parse(text) as typeof query;
  } catch {
    return say('it is no JSON.');
  }
  if (!Array.isArray(query.ResourceTypeFilters) || query.ResourceTypeFilters.length === 0)
    return say('ResourceTypeFilters must be given.');
  const odd = query.ResourceTypeFilters.find(
    (each) => typeof each !== 'string' || !/^AWS::(AllSupported|[A-Za-z0-9]+::[A-Za-z0-9]+)$/.test(each),
  ) as unknown;
  if (odd !== undefined) return say(`the resource type ${JSON.stringify(odd)} is not valid.`);
  return query.TagFilters === undefined || Array.isArray(query.TagFilters)
    ? []
    : say('TagFilters must be a list.');
}
