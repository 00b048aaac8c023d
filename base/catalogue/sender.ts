import type { CatalogueEntry } from '../errors.ts';

/** CUT-2200 to 2249: transactions of EVM chains, their journal, nonces and fees. */
export const senderErrors = {} as const satisfies Record<`CUT-${number}`, CatalogueEntry>;
