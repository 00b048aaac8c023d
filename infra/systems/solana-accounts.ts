import { isAddress } from '@cutover/chain/plan/solana/address.ts';
import type { SolanaSignerRef } from '@cutover/chain/plan/solana/signer.ts';
import type { SolanaNetworkArgs } from '@cutover/chain/resources/solana-network.ts';
import { CutoverError } from '@cutover/base/errors.ts';
import type { CutoverConfig } from '../config.ts';
import type { Foundations } from '../foundations.ts';

/** A cluster of the stack file; that of a local node with a URL that carries the dependency on the node. */
export function solanaNetwork(
  config: CutoverConfig,
  name: string,
  local: Foundations | undefined,
): SolanaNetworkArgs {
  const network = config.networks[name];
  // The configuration's checks refuse it; this is for the compiler.
  if (network?.kind !== 'solana') throw new CutoverError('CUT-5107', { name, kind: 'Solana' });
  const { cluster, commitment, endpoints } = network;
  return {
    ...{ name, cluster, commitment },
    ...(config.notifications === undefined ? {} : { notifications: config.notifications }),
    endpoints: endpoints.map(({ url, weight }) => ({ url: local?.solana().url ?? url, weight })),
  };
}

/** Who signs on Solana under a name of the stack file. */
export function solanaSigner(config: CutoverConfig, name: string): SolanaSignerRef {
  const signer = config.signers[name];
  // The configuration's checks refuse both: KMS has no keys for Ed25519 that sign these transactions.
  if (signer === undefined || signer.kind === 'kms') {
    throw new CutoverError('CUT-5108', { name, kind: signer?.kind });
  }
  return signer;
}

/** The address of a signer of the stack file, or the address that stands there. SIDE EFFECTS: may read the key. */
export async function solanaAddress(
  config: CutoverConfig,
  network: SolanaNetworkArgs,
  account: string,
): Promise<string> {
  if (config.signers[account] === undefined && isAddress(account)) return account;
  const { openSolanaSigner } = await import('@cutover/chain/solana/keypairs.ts');
  return (await openSolanaSigner(solanaSigner(config, account), network)).address;
}
