import type { CatalogueEntry } from '../errors.ts';

/** CUT-5400 to 5459: components of clouds. 5400 to 5429 network and services, 5430 to 5459 data, secrets and roles. */
export const cloudErrors = {
  'CUT-5400': {
    what: 'The {component} {name} is described wrongly:\n{list}',
    why: 'The cloud would refuse it, or take it and work otherwise than meant. Nothing was registered.',
    remedy: 'Correct the lines above, then run the same command again.',
    exit: 2,
  },
  'CUT-5401': {
    what: 'The network {cidr} cannot be divided: {problem}.',
    remedy: '{fix}',
    exit: 2,
  },
  'CUT-5402': {
    what: 'Fargate has no size with {cpus} CPUs and {memoryGb} GB of memory.',
    remedy: 'Ask for more than nothing, and for at most {mostCpus} CPUs and {mostMemoryGb} GB.',
    exit: 2,
  },
  'CUT-5430': {
    what: 'The policy of {name} is not as policies here must be:\n{list}',
    why: 'AWS would refuse it, or it would allow more than anybody asked for. Nothing was registered.',
    remedy: 'Correct the lines above. Where something has to be wide, say why: reason: "…".',
    exit: 2,
  },
  'CUT-5431': {
    what: 'The policy of {name} has {length} characters; as a policy of kind {kind} it may have {limit}.',
    remedy: 'Divide it, or name things by a common prefix.',
    exit: 2,
  },
  'CUT-5432': {
    what: 'No database instance here has {cpus} CPUs and {memoryGb} GB of memory.',
    remedy: 'Ask for at most {mostCpus} CPUs and {mostMemoryGb} GB.',
    exit: 2,
  },
  'CUT-5433': {
    what: 'Secrets of {system} are not where the stack file says they are ({account}, {region}):\n{list}',
    why: 'Services that start without them would fail. Values are put by people and never pass through an update; nothing was registered.',
    remedy:
      'Write each, typed or piped in so that no process list shows it: aws ssm put-parameter --region {region} --type SecureString --name NAME --value file:///dev/stdin',
    exit: 3,
  },
  'CUT-5434': {
    what: 'The secrets of {system} could not be looked for in the parameter store ({account}, {region}).',
    why: '{message}',
    remedy:
      'See that the credentials are those of the account, and may call ssm:GetParametersByPath on {path}.',
  },
  'CUT-5435': {
    what: 'The Dockerfile {file} is not as images here must be:\n{list}',
    why: 'What is in an image stays in it, and what it runs as is what an attacker gets.',
    remedy: 'Correct the lines above, then run the same command again.',
    exit: 2,
  },
  'CUT-5436': {
    what: 'The Dockerfile {file} cannot be read.',
    why: '{message}',
    remedy: 'Name it relative to the project, as services/beacon/Dockerfile.',
    exit: 2,
  },
} as const satisfies Record<`CUT-${number}`, CatalogueEntry>;
