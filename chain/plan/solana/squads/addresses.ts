import { addressBytes, programAddress } from '../address.ts';
import { u64, u8 } from '../instruction.ts';

/** Squads v4, at the same address on every cluster. */
export const squadsProgram = 'SQDS4ep65T869zMMBKyuUq6aD6EgTu8psMjkvj52pCf';

/** The account that a multisig signs for: it holds authorities and funds. */
export function vaultAddress(multisig: string, index = 0): string {
  return derived(multisig, text('vault'), u8(index));
}

/** Where the transaction of that number is kept; the first has the number 1. */
export function transactionAddress(multisig: string, index: bigint): string {
  return derived(multisig, text('transaction'), u64(index));
}

/** Where the votes on the transaction of that number are kept. */
export function proposalAddress(multisig: string, index: bigint): string {
  return derived(multisig, text('transaction'), u64(index), text('proposal'));
}

/** Where a multisig is that was made with a key. */
export function multisigAddress(createKey: string): string {
  const key = addressBytes(createKey, 'the key that a multisig was made with');
  return programAddress([text('multisig'), text('multisig'), key], squadsProgram).address;
}

function derived(multisig: string, ...seeds: readonly Uint8Array[]): string {
  const owner = addressBytes(multisig, 'the multisig');
  return programAddress([text('multisig'), owner, ...seeds], squadsProgram).address;
}

function text(seed: string): Uint8Array {
  return new TextEncoder().encode(seed);
}
