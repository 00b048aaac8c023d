import { describe, expect, it } from 'vitest';
import {
  describeSolanaNetwork,
  genesisHashes,
  genesisProblem,
  isLocalCluster,
} from '@cutover/chain/plan/solana/network.ts';
import { addressOf } from './kit.ts';

const own = addressOf('genesis of a node on this machine');

describe('the genesis hash', () => {
  it.each(['mainnet-beta', 'testnet', 'devnet'] as const)('of %s is known', (cluster) => {
    expect(genesisProblem({ cluster }, genesisHashes[cluster])).toBeUndefined();
    expect(genesisProblem({ cluster }, own)).toContain(own);
  });

  it('of another public cluster is named', () => {
    expect(genesisProblem({ cluster: 'devnet' }, genesisHashes['mainnet-beta'])).toContain(
      'which is mainnet-beta',
    );
  });

  it('of a local node may be any but that of a public cluster, where lamports cost money', () => {
    expect(genesisProblem({ cluster: 'localnet' }, own)).toBeUndefined();
    expect(genesisProblem({ cluster: 'localnet' }, genesisHashes.devnet)).toContain('localnet is a node');
  });

  it('that the stack names is insisted upon', () => {
    expect(genesisProblem({ cluster: 'localnet', genesisHash: own }, own)).toBeUndefined();
    expect(genesisProblem({ cluster: 'localnet', genesisHash: own }, addressOf('other'))).toContain(own);
  });
});

describe('a network', () => {
  it('is told with its cluster', () => {
    expect(describeSolanaNetwork({ name: 'godark', cluster: 'devnet' })).toBe('godark (devnet)');
    expect(describeSolanaNetwork({ name: 'devnet', cluster: 'devnet' })).toBe('devnet');
    expect(isLocalCluster({ cluster: 'localnet' })).toBe(true);
    expect(isLocalCluster({ cluster: 'mainnet-beta' })).toBe(false);
  });
});
