import type { Kind, Question, Refusal } from '../../kind.ts';
import { flagAt, isGiven, refusal, textAt, textOf, textsAt } from '../values.ts';

const userType = 'aws:elasticache/user:User';
export const userGroupType = 'aws:elasticache/userGroup:UserGroup';

const user: Kind = {
  type: userType,
  api: {
    service: 'ElastiCache',
    create: 'CreateUser',
    read: 'DescribeUsers',
    update: 'ModifyUser',
    delete: 'DeleteUser',
  },
  takes: { create: 30, delete: 30 },
  replaces: ['userId', 'userName'],
  updates: ['accessString', 'passwords', 'noPasswordRequired', 'authenticationMode'],
  secret: ['passwords'],
  check: userProblems,
  id: ({ inputs }) => (textAt(inputs, 'userId') ?? '').toLowerCase(),
  outputs: () => ({ noPasswordRequired: false }),
  arn: (_question, id) => `user:${id}`,
};

const userGroup: Kind = {
  type: userGroupType,
  api: {
    service: 'ElastiCache',
    create: 'CreateUserGroup',
    read: 'DescribeUserGroups',
    update: 'ModifyUserGroup',
    delete: 'DeleteUserGroup',
  },
  references: [
    {
      property: 'userIds.*',
      to: userType,
      missing: { code: 'UserNotFound', message: 'User {value} not found.' },
    },
  ],
  takes: { create: 30, delete: 30 },
  replaces: ['userGroupId'],
  updates: ['engine', 'userIds'],
  check: userGroupProblems,
  id: ({ inputs }) => (textAt(inputs, 'userGroupId') ?? '').toLowerCase(),
  outputs: () => ({}),
  arn: (_question, id) => `usergroup:${id}`,
};

/** Who may speak to a cache. */
export const elasticacheUserKinds: readonly Kind[] = [user, userGroup];

function userProblems(question: Question): readonly Refusal[] {
  const { inputs } = question;
  const engine = textAt(inputs, 'engine');
  const passwords = [...textsAt(inputs, 'passwords'), ...textsAt(inputs, 'authenticationMode.passwords')];
  const type = textAt(inputs, 'authenticationMode.type');
  const value = (message: string, property: string): readonly Refusal[] => [
    refusal('InvalidParameterValue', message, property),
  ];
  if (engine !== undefined && !['redis', 'valkey'].includes(engine))
    return value(`expected engine to be one of ["redis" "valkey"], got ${engine}`, 'engine');
  if (!/^(on|off)\b/.test(textAt(inputs, 'accessString') ?? 'on'))
    return value('Invalid access string: it must begin with on or off.', 'accessString');
  if (passwords.length > 2) return value('A user can have at most 2 passwords.', 'passwords');
  if (passwords.some((each) => each.length < 16 || each.length > 128))
    return value('Passwords length must be between 16-128 characters.', 'passwords');
  const open = flagAt(inputs, 'noPasswordRequired') === true || type === 'no-password-required';
  const shut =
    isGiven(question, 'passwords') ||
    isGiven(question, 'passwordsWo') ||
    type === 'iam' ||
    type === 'password';
  if (open && passwords.length > 0)
    return [
      refusal(
        'InvalidParameterCombination',
        'Password field is not allowed with no-password-required.',
        'passwords',
      ),
    ];
  if (type === 'iam' && textAt(inputs, 'userId') !== textAt(inputs, 'userName'))
    return [
      refusal(
        'InvalidParameterCombination',
        'For a user with IAM authentication the user ID and the user name must be identical.',
        'userName',
      ),
    ];
  return open || shut || isGiven(question, 'authenticationMode')
    ? []
    : [
        refusal(
          'InvalidParameterCombination',
          'Input Authentication type: null is not in the allowed list: [password,no-password-required,iam]',
          'authenticationMode',
        ),
      ];
}

function userGroupProblems(question: Question): readonly Refusal[] {
  const { inputs, cloud, place } = question;
  const ids = textsAt(inputs, 'userIds');
  const users = ids.map((id) => cloud.get(userType, id, place));
  const names = users.map((each) => each && textOf(each, 'userName'));
  // Users that come later may have the name.
  if (names.includes(undefined) || (ids.length === 0 && isGiven(question, 'userIds'))) return [];
  if (textAt(inputs, 'engine') === 'redis' && !names.includes('default'))
    return [
      refusal(
        'DefaultUserRequired',
        'User group needs to contain a user with the user name default.',
        'userIds',
      ),
    ];
  return new Set(names).size < names.length
    ? [refusal('DuplicateUserName', 'User group contains users with the same user name.', 'userIds')]
    : [];
}
