import type { CatalogueEntry } from '../errors.ts';

/** CUT-1000 to 1099: stack configuration. */
export const configErrors = {
  'CUT-1000': {
    what: '{stack}: {count} error(s) in {file}; nothing was changed.\n{list}',
    remedy: 'Correct the lines above and run the same command again.',
    exit: 2,
  },
} as const satisfies Record<`CUT-${number}`, CatalogueEntry>;
