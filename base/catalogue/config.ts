import type { CatalogueEntry } from '../errors.ts';

/** CUT-1000 to 1099: stack configuration. */
export const configErrors = {
  'CUT-1000': {
    what: '{file} has {count}. Nothing was changed.\n{list}',
    remedy: 'Correct the lines above and run the same command again.',
    exit: 2,
  },
  'CUT-1001': {
    what: 'There is no stack {stack}.',
    why: 'A stack is a file Pulumi.<stack>.yaml beside Pulumi.yaml. There are: {known}.',
    remedy: '{fix}',
    exit: 2,
  },
  'CUT-1002': {
    what: '{file} cannot be read: {reason}.',
    remedy: 'Make it a file that you may read, and run the same command again.',
    exit: 2,
  },
  'CUT-1003': {
    what: '{file} is not a stack file that can be read. Nothing was changed.\n{list}',
    remedy: 'Correct the place above and run the same command again.',
    exit: 2,
  },
} as const satisfies Record<`CUT-${number}`, CatalogueEntry>;
