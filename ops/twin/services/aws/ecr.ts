import type { CloudView, Kind, Question, Reference, Refusal, Thing, Values } from '../../kind.ts';
import { flagAt, objectsAt, refusal, textAt, textOf, textsAt } from '../values.ts';
import { lifecycleProblems } from './ecr-lifecycle.ts';
import { keyProblems } from './kms-lookup.ts';
import { checkPolicy } from './policy-arguments.ts';

const repositoryType = 'aws:ecr/repository:Repository';
const namePattern = '(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*';

const repository: Kind = {
  type: repositoryType,
  api: {
    service: 'ECR',
    create: 'CreateRepository',
    read: 'DescribeRepositories',
    update: 'PutImageTagMutability',
    delete: 'DeleteRepository',
  },
  naming: {
    property: 'name',
    maxLength: 256,
    lowercase: true,
    taken: {
      code: 'RepositoryAlreadyExistsException',
      message: "The repository with name '{value}' already exists in the registry",
    },
  },
  takes: { create: 1, delete: 1 },
  replaces: ['encryptionConfigurations', 'name'],
  updates: ['forceDelete', 'imageScanningConfiguration', 'imageTagMutability'],
  defaults: () => ({ forceDelete: false, imageTagMutability: 'MUTABLE' }),
  check: (question) => [
    ...repositoryNameProblems(question),
    ...encryptionProblems(question),
    ...mutabilityProblems(question),
  ],
  id: ({ inputs }) => textAt(inputs, 'name') ?? '',
  outputs: ({ place }, id) => ({
    registryId: place.account,
    repositoryUrl: `${place.account}.dkr.ecr.${place.region}.amazonaws.com/${id}`,
    encryptionConfigurations: [{ encryptionType: 'AES256', kmsKey: '' }],
  }),
  arn: (_question, id) => `repository/${id}`,
  holds: holdsImages,
};

const toRepository: Reference = {
  property: 'repository',
  to: repositoryType,
  missing: {
    code: 'RepositoryNotFoundException',
    message: "The repository with name '{value}' does not exist in the registry",
  },
};

const lifecyclePolicy: Kind = {
  type: 'aws:ecr/lifecyclePolicy:LifecyclePolicy',
  api: {
    service: 'ECR',
    create: 'PutLifecyclePolicy',
    read: 'GetLifecyclePolicy',
    update: 'PutLifecyclePolicy',
    delete: 'DeleteLifecyclePolicy',
  },
  references: [toRepository],
  takes: { create: 1 },
  replaces: ['repository'],
  updates: ['policy'],
  check: ({ inputs }) => lifecycleProblems(inputs['policy']),
  id: ({ inputs }) => textAt(inputs, 'repository') ?? '',
  outputs: ({ place }) => ({ registryId: place.account }),
};

const repositoryPolicy: Kind = {
  type: 'aws:ecr/repositoryPolicy:RepositoryPolicy',
  api: {
    service: 'ECR',
    create: 'SetRepositoryPolicy',
    read: 'GetRepositoryPolicy',
    update: 'SetRepositoryPolicy',
    delete: 'DeleteRepositoryPolicy',
  },
  references: [toRepository],
  takes: { create: 1 },
  replaces: ['repository'],
  updates: ['policy'],
  check: (question) =>
    checkPolicy(question, 'policy', {
      code: 'InvalidParameterException',
      use: 'resource',
      // A repository's policy is about the repository; it names no resource.
      passes: ['no-resource'],
      words: () =>
        "Invalid parameter at 'PolicyText' failed to satisfy constraint: 'Invalid repository policy provided'",
    }).refusals,
  id: ({ inputs }) => textAt(inputs, 'repository') ?? '',
  outputs: ({ place }) => ({ registryId: place.account }),
};

const replicationConfiguration: Kind = {
  type: 'aws:ecr/replicationConfiguration:ReplicationConfiguration',
  api: {
    service: 'ECR',
    create: 'PutReplicationConfiguration',
    read: 'DescribeRegistry',
    update: 'PutReplicationConfiguration',
    delete: 'PutReplicationConfiguration',
  },
  takes: { create: 2 },
  updates: ['replicationConfiguration'],
  check({ inputs, place }) {
    const rules = objectsAt(inputs, 'replicationConfiguration.rules');
    const destinations = rules.flatMap((rule) => objectsAt(rule, 'destinations'));
    const own = destinations.some(
      (each) => textAt(each, 'region') === place.region && textAt(each, 'registryId') === place.account,
    );
    const say = (message: string): readonly Refusal[] => [
      refusal('InvalidParameterException', message, 'replicationConfiguration.rules'),
    ];
    if (rules.length > 10)
      return say(
        "Invalid parameter at 'replicationConfiguration' failed to satisfy constraint: 'at most 10 rules'",
      );
    return own
      ? say(
          "Invalid parameter at 'replicationConfiguration' failed to satisfy constraint: 'Replication destination cannot be the same as the source registry and region'",
        )
      : [];
  },
  id: ({ place }) => place.account,
  outputs: ({ place }) => ({ registryId: place.account }),
};

/** Repositories of images. */
export const ecrKinds: readonly Kind[] = [
  repository,
  lifecyclePolicy,
  repositoryPolicy,
  replicationConfiguration,
];

function repositoryNameProblems({ inputs }: Question): readonly Refusal[] {
  const name = textAt(inputs, 'name');
  if (name === undefined) return [];
  const why =
    name.length < 2 || name.length > 256
      ? 'must have length between 2 and 256'
      : new RegExp(`^${namePattern}$`).test(name)
        ? undefined
        : `must satisfy regular expression '${namePattern}'`;
  return why === undefined
    ? []
    : [
        refusal(
          'InvalidParameterException',
          `Invalid parameter at 'repositoryName' failed to satisfy constraint: '${why}'`,
          'name',
        ),
      ];
}

function encryptionProblems(question: Question): readonly Refusal[] {
  return objectsAt(question.inputs, 'encryptionConfigurations').flatMap((each, index) => {
    const property = `encryptionConfigurations[${index}]`;
    const type = textAt(each, 'encryptionType') ?? 'AES256';
    const key = textAt(each, 'kmsKey');
    if (!['AES256', 'KMS', 'KMS_DSSE'].includes(type))
      return [
        refusal(
          'InvalidParameterException',
          `Invalid parameter at 'encryptionConfiguration' failed to satisfy constraint: 'Member must satisfy enum value set: [AES256, KMS, KMS_DSSE]'`,
          `${property}.encryptionType`,
        ),
      ];
    if (type === 'AES256' && key !== undefined)
      return [
        refusal(
          'InvalidParameterException',
          "Invalid parameter at 'encryptionConfiguration' failed to satisfy constraint: 'KMS key should not be specified when encryption type is AES256'",
          `${property}.kmsKey`,
        ),
      ];
    return keyProblems({ ...question, inputs: { key: key ?? null } }, 'key', (_why, name) =>
      refusal('KmsException', `The specified KMS key '${name}' does not exist`, `${property}.kmsKey`),
    );
  });
}

function mutabilityProblems({ inputs }: Question): readonly Refusal[] {
  const mode = textAt(inputs, 'imageTagMutability');
  const modes = ['MUTABLE', 'IMMUTABLE', 'MUTABLE_WITH_EXCLUSION', 'IMMUTABLE_WITH_EXCLUSION'];
  if (mode === undefined || modes.includes(mode)) return [];
  return [
    refusal(
      'InvalidParameterException',
      `Invalid parameter at 'imageTagMutability' failed to satisfy constraint: 'Member must satisfy enum value set: [${modes.join(', ')}]'`,
      'imageTagMutability',
    ),
  ];
}

/** Images that were pushed hold their repository. */
function holdsImages(thing: Thing, cloud: CloudView): Refusal | undefined {
  const url = textOf(thing, 'repositoryUrl') ?? '';
  const pushed = cloud
    .all('docker-build:index:Image', { account: thing.account })
    .some(
      ({ inputs }) => isPushed(inputs) && textsAt(inputs, 'tags').some((tag) => tag.startsWith(`${url}:`)),
    );
  return pushed && flagAt(thing.inputs, 'forceDelete') !== true
    ? refusal(
        'RepositoryNotEmptyException',
        `The repository with name '${thing.id}' in registry with id '${thing.account}' cannot be deleted because it still contains images`,
      )
    : undefined;
}

function isPushed(inputs: Values): boolean {
  return flagAt(inputs, 'push') === true || objectsAt(inputs, 'exports').some((each) => 'registry' in each);
}
