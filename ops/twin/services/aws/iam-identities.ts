import type { Kind, Question, Refusal } from '../../kind.ts';
import { capitalsOf, hexOf, others, refusal, textAt, textOf, textsAt } from '../values.ts';
import { arn } from './arn.ts';
import { globally } from './iam-roles.ts';

const providerType = 'aws:iam/openIdConnectProvider:OpenIdConnectProvider';
const linkedRoleType = 'aws:iam/serviceLinkedRole:ServiceLinkedRole';

const openIdConnectProvider: Kind = {
  type: providerType,
  api: {
    service: 'IAM',
    create: 'CreateOpenIDConnectProvider',
    read: 'GetOpenIDConnectProvider',
    update: 'UpdateOpenIDConnectProviderThumbprint',
    delete: 'DeleteOpenIDConnectProvider',
  },
  scope: 'global',
  quota: {
    count: 100,
    per: 'account',
    refusal: {
      code: 'LimitExceeded',
      message: 'Cannot exceed quota for OpenIdConnectProvidersPerAccount: 100',
    },
  },
  takes: { create: 2 },
  replaces: ['url'],
  updates: ['clientIdLists', 'thumbprintLists'],
  check: (question) => [
    ...urlProblems(question),
    ...clientProblems(question),
    ...thumbprintProblems(question),
  ],
  id: ({ place, inputs }) => arn('iam', globally(place.account), `oidc-provider/${hostOf(inputs)}`),
  // IAM finds the thumbprint itself where none is given.
  outputs: (_question, id) => ({ thumbprintLists: [hexOf(id, 40)] }),
  arn: (_question, id) => id,
};

const serviceLinkedRole: Kind = {
  type: linkedRoleType,
  api: {
    service: 'IAM',
    create: 'CreateServiceLinkedRole',
    read: 'GetRole',
    update: 'UpdateRole',
    delete: 'DeleteServiceLinkedRole',
  },
  scope: 'global',
  takes: { create: 3, delete: 5 },
  replaces: ['awsServiceName', 'customSuffix'],
  updates: ['description'],
  check: linkedRoleProblems,
  id: ({ place, inputs }) =>
    arn('iam', globally(place.account), `role${linkedPath(inputs)}${linkedName(inputs) ?? ''}`),
  outputs: ({ inputs, cloud }, id) => ({
    createDate: new Date(cloud.now).toISOString(),
    name: linkedName(inputs) ?? '',
    path: linkedPath(inputs),
    uniqueId: `AROA${capitalsOf(id, 17)}`,
  }),
  arn: (_question, id) => id,
};

/** Who may come from outside, and the roles that services bring along. */
export const iamIdentityKinds: readonly Kind[] = [openIdConnectProvider, serviceLinkedRole];

function hostOf(inputs: Question['inputs']): string {
  return (textAt(inputs, 'url') ?? '').replace(/^https:\/\//, '').replace(/\/$/, '');
}

function urlProblems(question: Question): readonly Refusal[] {
  const url = textAt(question.inputs, 'url');
  if (url === undefined) return [];
  if (!/^https:\/\/[a-z0-9.-]+(\/[^?#]*)?$/i.test(url))
    return [refusal('ValidationError', 'Invalid Open ID Connect Provider URL', 'url')];
  const taken = others(question, providerType).some(
    (each) => hostOf(each.inputs) === hostOf(question.inputs),
  );
  return taken ? [refusal('EntityAlreadyExists', `Provider with url ${url} already exists.`, 'url')] : [];
}

function clientProblems({ inputs }: Question): readonly Refusal[] {
  const clients = textsAt(inputs, 'clientIdLists');
  const long = clients.find((each) => each.length > 255);
  // A paraphrase: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html
  if (long !== undefined)
    return [
      refusal('InvalidInput', 'Client ID must be between 1 and 255 characters in length.', 'clientIdLists'),
    ];
  return clients.length > 100
    ? [
        refusal(
          'LimitExceeded',
          'Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100',
          'clientIdLists',
        ),
      ]
    : [];
}

function thumbprintProblems({ inputs }: Question): readonly Refusal[] {
  const thumbprints = textsAt(inputs, 'thumbprintLists');
  if (thumbprints.length > 5)
    return [refusal('InvalidInput', 'Thumbprint list must contain fewer than 5 entries.', 'thumbprintLists')];
  const odd = thumbprints.find((each) => each.length !== 40);
  if (odd !== undefined)
    return [
      refusal(
        'ValidationError',
        `1 validation error detected: Value '[${odd}]' at 'thumbprintList' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 40, Member must have length greater than or equal to 40]`,
        'thumbprintLists',
      ),
    ];
  return thumbprints.some((each) => !/^[0-9a-f]+$/i.test(each))
    ? [refusal('InvalidInput', 'Thumbprint contains invalid characters.', 'thumbprintLists')]
    : [];
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html
const linkedRoles: Readonly<Record<string, string>> = {
  'autoscaling.amazonaws.com': 'AWSServiceRoleForAutoScaling',
  'backup.amazonaws.com': 'AWSServiceRoleForBackup',
  'ecs.amazonaws.com': 'AWSServiceRoleForECS',
  'ecs.application-autoscaling.amazonaws.com': 'AWSServiceRoleForApplicationAutoScaling_ECSService',
  'elasticache.amazonaws.com': 'AWSServiceRoleForElastiCache',
  'elasticloadbalancing.amazonaws.com': 'AWSServiceRoleForElasticLoadBalancing',
  'rds.amazonaws.com': 'AWSServiceRoleForRDS',
  'replication.ecr.amazonaws.com': 'AWSServiceRoleForECRReplication',
};

function linkedName(inputs: Question['inputs']): string | undefined {
  const name = linkedRoles[textAt(inputs, 'awsServiceName') ?? ''];
  const suffix = textAt(inputs, 'customSuffix');
  return name === undefined || suffix === undefined ? name : `${name}_${suffix}`;
}

function linkedPath(inputs: Question['inputs']): string {
  return `/aws-service-role/${textAt(inputs, 'awsServiceName') ?? ''}/`;
}

function linkedRoleProblems(question: Question): readonly Refusal[] {
  const service = textAt(question.inputs, 'awsServiceName');
  if (service === undefined) return [];
  const name = linkedName(question.inputs);
  if (name === undefined)
    return [
      refusal(
        'InvalidInput',
        `Service principal ${service} is not valid for service-linked roles that the twin knows.`,
        'awsServiceName',
      ),
    ];
  return others(question, linkedRoleType).some((each) => textOf(each, 'name') === name)
    ? [
        refusal(
          'InvalidInput',
          `Service role name ${name} has been taken in this account, please try a different suffix.`,
          'awsServiceName',
        ),
      ]
    : [];
}
