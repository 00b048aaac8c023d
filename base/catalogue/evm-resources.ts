import type { CatalogueEntry } from '../errors.ts';

/** CUT-2330 to 2399: managed resources of EVM chains beside the contract itself. */
export const evmResourceErrors = {} as const satisfies Record<`CUT-${number}`, CatalogueEntry>;
