import type { CatalogueEntry } from '../errors.ts';

/** CUT-1100 to 1199: keys and secrets by reference. */
export const secretErrors = {
  'CUT-1100': {
    what: 'The secret {reference} is empty or cannot be read.',
    why: '{why}',
    remedy: '{fix}',
  },
} as const satisfies Record<`CUT-${number}`, CatalogueEntry>;
