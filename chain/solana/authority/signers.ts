import type { SolanaNetworkRef } from '../../plan/solana/network.ts';
import type { SolanaSignerRef } from '../../plan/solana/signer.ts';
import { openSolanaSigner, type SolanaSigner } from '../keypairs.ts';

/** Those who act for an authority in this run. */
export interface Signers {
  readonly proposer: SolanaSigner;
  /** Addresses of members who may approve in this run. */
  readonly approvers: readonly string[];
  /** The signer with that address: one of the above. */
  of(address: string): SolanaSigner;
}

/** Opens the keys that an authority names. SIDE EFFECTS: reads keys. */
export async function openSigners(
  network: SolanaNetworkRef,
  {
    proposer,
    approvers = [],
  }: { readonly proposer: SolanaSignerRef; readonly approvers?: readonly SolanaSignerRef[] },
): Promise<Signers> {
  const first = await openSolanaSigner(proposer, network);
  const others = await Promise.all(approvers.map((each) => openSolanaSigner(each, network)));
  const known = new Map([first, ...others].map((each) => [each.address, each]));
  return {
    proposer: first,
    approvers: others.map(({ address }) => address),
    of: (address) => {
      const signer = known.get(address);
      if (signer === undefined)
        throw new TypeError(`a step was planned for ${address}, whose key is not here`);
      return signer;
    },
  };
}
