import type { CatalogueEntry } from '../errors.ts';

/** CUT-2150 to 2179: storage layouts. */
export const layoutErrors = {} as const satisfies Record<`CUT-${number}`, CatalogueEntry>;
