import { connect, type Rpc } from '@cutover/chain/evm/rpc.ts';
import { openAccount, type Account } from '@cutover/chain/evm/account.ts';
import type { Deployment } from '@cutover/chain/evm/deploy.ts';
import { loadArtifact } from '@cutover/chain/evm/artifacts.ts';
import { encodeInitCode, prepareContract, type PrepareArgs } from '@cutover/chain/evm/prepare.ts';
import type { NetworkRef } from '@cutover/chain/plan/network.ts';
import type { LocalNode } from './local-node.ts';

export const keeper = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';
export const zeroLabel = `0x${'00'.repeat(32)}`;

/** The contract that most tests deploy. */
export const vaultArgs = {
  artifact: { kind: 'source', source: 'test/fixtures/solidity/Vault.sol', contract: 'Vault' },
  args: { keeper_: keeper, label_: zeroLabel, limits_: [] },
  salt: 'test',
} as const satisfies PrepareArgs;

export function networkOf(node: Pick<LocalNode, 'url' | 'chainId'>): NetworkRef {
  return { name: 'test', chainId: node.chainId, endpoints: [{ url: node.url }] };
}

/** Everything that a deployment needs, from what a program writes. */
export async function deploymentOf(args: PrepareArgs): Promise<Deployment> {
  const { address, salt, libraries } = await prepareContract(args);
  const artifact = await loadArtifact(args.artifact);
  const { initCode, readable } = encodeInitCode(artifact, libraries, args.args ?? []);
  return { artifact, libraries, initCode, salt, address, args: JSON.stringify(readable) };
}

export interface Signed {
  readonly rpc: Rpc;
  readonly signer: () => Promise<Account>;
}

/** A connection and one of the accounts that every local node funds. */
export async function signedBy(network: NetworkRef, account = 0): Promise<Signed> {
  return { rpc: await connect(network), signer: () => openAccount({ kind: 'local', account }, network) };
}

/** Lines that a function under test has told. */
export function logbook(): { readonly lines: string[]; readonly log: (line: string) => void } {
  const lines: string[] = [];
  return { lines, log: (line) => lines.push(line) };
}
