import type { CatalogueEntry } from '../errors.ts';

/** CUT-2300 to 2329: verification of sources with explorers. */
export const verificationErrors = {} as const satisfies Record<`CUT-${number}`, CatalogueEntry>;
