import type { CatalogueEntry } from '../errors.ts';

/** CUT-2100 to 2149: cuts of diamonds, facets and facet sets. */
export const cutErrors = {} as const satisfies Record<`CUT-${number}`, CatalogueEntry>;
