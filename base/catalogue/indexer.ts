import type { CatalogueEntry } from '../errors.ts';

/** CUT-2400 to 2429: the indexer. */
export const indexerErrors = {} as const satisfies Record<`CUT-${number}`, CatalogueEntry>;
