import type { CatalogueEntry } from '../errors.ts';

/** CUT-2250 to 2299: who may change a contract, and how far a change has come. */
export const authorityErrors = {} as const satisfies Record<`CUT-${number}`, CatalogueEntry>;
