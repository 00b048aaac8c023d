import type { CatalogueEntry } from '../errors.ts';

/** CUT-5460 to 5469: policies that every resource in the cloud must keep to. */
export const policyErrors = {
  'CUT-5460': {
    what: '{policy}: {resource} is refused: {wrong}.',
    remedy: '{remedy}. docs/policy.md tells of each policy, and of exceptions.',
    exit: 3,
  },
} as const satisfies Record<string, CatalogueEntry>;
