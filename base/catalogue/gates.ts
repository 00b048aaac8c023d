import type { CatalogueEntry } from '../errors.ts';

/** CUT-4200 to 4299: health gates. */
export const gateErrors = {} as const satisfies Record<`CUT-${number}`, CatalogueEntry>;
