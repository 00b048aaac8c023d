import type { CatalogueEntry } from '../errors.ts';

/** CUT-4300 to 4399: local processes. */
export const processErrors = {} as const satisfies Record<`CUT-${number}`, CatalogueEntry>;
