import type { CatalogueEntry } from '../errors.ts';

/** CUT-5000 to 5999: commands and the toolchain. */
export const opsErrors = {} as const satisfies Record<`CUT-${number}`, CatalogueEntry>;
