import type { CatalogueEntry } from '../errors.ts';

/** CUT-2000 to 2999: contracts on EVM chains. CUT-3000 to 3999: Solana. */
export const chainErrors = {} as const satisfies Record<`CUT-${number}`, CatalogueEntry>;
