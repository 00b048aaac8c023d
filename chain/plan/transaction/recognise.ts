/** A transaction that the journal saw in a block, deep enough to stay there. */
export interface Witness {
  readonly nonce: number;
  readonly blockNumber: number;
  readonly blockHash: string;
}

/** What the node says of the chain that the journal is about. */
export interface Claim {
  readonly local: boolean;
  readonly minedCount: number;
  readonly headNumber: number;
  /** The hash of the block with the witness's number; undefined where there is none. */
  readonly blockHash: string | undefined;
}

export type Recognition = 'same' | 'restarted' | 'behind';

/**
 * Whether the node has the chain that the journal is about. `restarted`: it has another one under the same id, a local
 * chain that lost its state for example. `behind`: it may have, but has not got that far.
 */
export function recognise(witness: Witness | undefined, claim: Claim): Recognition {
  if (witness === undefined || claim.minedCount > witness.nonce) return 'same';
  if (claim.blockHash === witness.blockHash) return 'same';
  const tooShort = claim.headNumber < witness.blockNumber;
  return tooShort && !claim.local ? 'behind' : 'restarted';
}
