import { CutoverError } from '@cutover/base/errors.ts';
import type { CutoverConfig, Frozen } from '../config.ts';
import type { EvmNetwork, Network, SolanaNetwork } from './networks.ts';
import type { Signer } from './signers.ts';

/** The EVM chain of this name. Names in a valid configuration always lead somewhere. */
export function evmNetwork(config: CutoverConfig, name: string): Frozen<EvmNetwork> {
  const network = config.networks[name];
  return network?.kind === 'evm' ? network : refuse('EVM network', name, namesOf(config, 'evm'));
}

/** The Solana cluster of this name. */
export function solanaNetwork(config: CutoverConfig, name: string): Frozen<SolanaNetwork> {
  const network = config.networks[name];
  return network?.kind === 'solana' ? network : refuse('Solana network', name, namesOf(config, 'solana'));
}

/** The signer of this name. */
export function signerOf(config: CutoverConfig, name: string): Frozen<Signer> {
  return config.signers[name] ?? refuse('signer', name, Object.keys(config.signers));
}

function namesOf(config: CutoverConfig, kind: Network['kind']): string[] {
  return Object.keys(config.networks).filter((name) => config.networks[name]?.kind === kind);
}

function refuse(kind: string, name: string, known: readonly string[]): never {
  throw new CutoverError('CUT-1004', { kind, name, known: known.join(', ') || 'none' });
}
