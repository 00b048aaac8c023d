import type { Agreed, Vote } from '../quorum.ts';
import type { Inclusion } from './state.ts';

/** A receipt, as far as it tells where a transaction is. */
export interface RawReceipt {
  readonly transactionHash: string;
  readonly blockNumber: string;
  readonly blockHash: string;
  readonly status: string;
  readonly gasUsed: string;
}

/** Whether a transaction that one endpoint showed in a block is there for good. */
export type Finality =
  | { readonly kind: 'deep'; readonly inclusion: Inclusion }
  /** The endpoints agree that it is in no block. */
  | { readonly kind: 'nowhere' }
  /** The endpoints agree on another block. */
  | { readonly kind: 'elsewhere'; readonly inclusion: Inclusion }
  /** They do not agree, or have not all got so far. */
  | { readonly kind: 'open'; readonly votes: readonly Vote[] };

/**
 * Judges by what a quorum of endpoints says: the receipt, and the block that is as far above as the network wants.
 * @param seen where the endpoint that is asked anyway saw it
 */
export function finalityOf(seen: Inclusion, receipt: Agreed, depth: Agreed): Finality {
  if (receipt.kind === 'open') return receipt;
  if (receipt.value === null) return { kind: 'nowhere' };
  const inclusion = inclusionFrom(receipt.value as RawReceipt);
  if (inclusion.blockHash !== seen.blockHash) return { kind: 'elsewhere', inclusion };
  if (depth.kind === 'open') return depth;
  return depth.value === null ? { kind: 'open', votes: [] } : { kind: 'deep', inclusion };
}

/** A transaction, as far as it tells whose nonce it used. */
interface RawTransaction {
  readonly from?: string;
  readonly nonce?: string;
  readonly blockHash?: string | null;
}

/** Whether a quorum of endpoints shows a transaction in a block that used a nonce of an account. */
export function provesSpent(shown: Agreed, address: string, nonce: number): boolean {
  if (shown.kind === 'open' || shown.value === null) return false;
  const { from, nonce: used, blockHash } = shown.value as RawTransaction;
  return (
    typeof blockHash === 'string' && from?.toLowerCase() === address.toLowerCase() && Number(used) === nonce
  );
}

/** Where a receipt says that its transaction is. */
export function inclusionFrom(receipt: RawReceipt): Inclusion {
  return {
    hash: receipt.transactionHash,
    blockNumber: Number(receipt.blockNumber),
    blockHash: receipt.blockHash,
    succeeded: BigInt(receipt.status) === 1n,
    gasUsed: BigInt(receipt.gasUsed),
  };
}
