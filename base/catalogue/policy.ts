import type { CatalogueEntry } from '../errors.ts';

/** CUT-5460 to 5469: policies that every resource in the cloud must keep to. */
export const policyErrors = {
  'CUT-5460': {
    what: '{policy}: {resource} is refused: {wrong}.',
    remedy: '{remedy}. docs/policy.md tells of each policy, and of exceptions.',
    exit: 3,
  },
  'CUT-5461': {
    what: 'cutover:policyExceptions names {policy}, and there is no such policy.',
    remedy: '{hint}; docs/policy.md lists them.',
    exit: 2,
  },
  'CUT-5462': {
    what: '{page} has no place for the table of policies.',
    remedy: 'Write {begin} and, below it, {end} where the table belongs.',
  },
} as const satisfies Record<string, CatalogueEntry>;
