import type { CatalogueEntry } from '../errors.ts';

/** CUT-5500 to 5519: systems in the cloud. */
export const cloudSystemErrors = {
  'CUT-5500': {
    what: 'The secret {key} of {system} is kept in {kind}.',
    why: 'Containers read secrets from the parameter store alone; what else is named here would never reach them.',
    remedy: 'Name a parameter in the stack file: { kind: ssm, name: /system/environment/area/name }.',
    exit: 2,
  },
} as const satisfies Record<`CUT-${number}`, CatalogueEntry>;
