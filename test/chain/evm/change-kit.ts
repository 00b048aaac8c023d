import { rm } from 'node:fs/promises';
import { Interface } from 'ethers';
import { onTestFinished } from 'vitest';
import { loadArtifact } from '@cutover/chain/evm/artifacts.ts';
import { approveProposal, statusOf } from '@cutover/chain/evm/authority/approve.ts';
import { readProposals } from '@cutover/chain/evm/authority/proposals.ts';
import { handler as contractHandler } from '@cutover/chain/evm/contract-handler.ts';
import { prepareContract } from '@cutover/chain/evm/prepare.ts';
import { connect } from '@cutover/chain/evm/rpc.ts';
import type { AuthorityRef, SafeAuthority } from '@cutover/chain/plan/authority/authority.ts';
import type { GivenArguments } from '@cutover/chain/plan/arguments.ts';
import { facetFunctions } from '@cutover/chain/plan/cut/facet-interface.ts';
import type { WantedFacet } from '@cutover/chain/plan/cut/wanted.ts';
import { localAddresses } from '@cutover/chain/plan/signer.ts';
import { created, sendFrom } from '../handler-kit.ts';
import { networkOf } from '../kit.ts';
import type { LocalNode } from '../local-node.ts';
import { safeAuthority, safeFactory } from './authority/kit.ts';

/** An account of the node, as the chain knows it. */
export function accountAt(index: number): string {
  return localAddresses[index] ?? '';
}

/** The key of an account of the node. */
export function keyOf(account: number): AuthorityRef {
  return { kind: 'key', signer: { kind: 'local', account } };
}

/** Brings a contract with CREATE2, as a `Contract` does; answers with its address. */
export async function brought(
  node: LocalNode,
  [source, contract]: readonly [source: string, contract: string],
  args: GivenArguments = [],
  salt = 'test',
): Promise<string> {
  const prepared = await prepareContract({ artifact: { kind: 'source', source, contract }, args, salt });
  await created(contractHandler, {
    ...prepared,
    network: networkOf(node),
    signer: { kind: 'local', account: 9 },
  });
  return prepared.address;
}

/** Calls a function from an account that the node signs for: what others do meanwhile. */
export async function act(
  node: LocalNode,
  account: number,
  to: string,
  signature: string,
  args: readonly unknown[] = [],
): Promise<void> {
  const contract = new Interface([`function ${signature}`]);
  const data = contract.encodeFunctionData(signature.slice(0, signature.indexOf('(')), args);
  const { status } = await sendFrom(node, accountAt(account), { to, data });
  if (status !== '0x1') throw new Error(`${signature} of ${to} failed`);
}

/** The first value that a view answers. */
export async function view(
  node: LocalNode,
  to: string,
  signature: string,
  args: readonly unknown[] = [],
): Promise<unknown> {
  const contract = new Interface([`function ${signature}`]);
  const name = signature.slice(0, signature.indexOf('('));
  const answer = await node.provider.call({ to, data: contract.encodeFunctionData(name, args) });
  return contract.decodeFunctionResult(name, answer)[0] as unknown;
}

/** How many transactions an account sends while something is done. */
export async function sentDuring(
  node: LocalNode,
  work: () => Promise<unknown>,
  account = 0,
): Promise<number> {
  const before = await node.provider.getTransactionCount(accountAt(account));
  await work();
  return (await node.provider.getTransactionCount(accountAt(account))) - before;
}

/** A new Safe as an authority, whose files are gone when the test has ended. */
export async function newSafe(
  node: LocalNode,
  owners: readonly number[],
  threshold: number,
  signers: readonly number[] = [],
): Promise<SafeAuthority & { readonly folder: string }> {
  const safe = await (await safeFactory(node))(owners, threshold);
  const authority = await safeAuthority(safe, {
    signers: signers.map((account) => ({ kind: 'local', account })),
  });
  onTestFinished(() => rm(authority.folder, { recursive: true, force: true }));
  return authority;
}

/** Approves, with an account's key, what the Safe has proposed and what still waits; as `./cutover approve` does. */
export async function approve(node: LocalNode, folder: string, account: number): Promise<void> {
  const rpc = await connect(networkOf(node));
  const open = (await readProposals(folder)).proposals.filter(({ withdrawn }) => withdrawn === undefined);
  const proposal = open.at(-1);
  if (proposal === undefined) throw new Error('nothing is proposed');
  await approveProposal(rpc, await statusOf(rpc, proposal), { kind: 'local', account });
}

/** Brings a facet, and says which functions it has. */
export async function facetOf(node: LocalNode, source: string, contract: string): Promise<WantedFacet> {
  const address = await brought(node, [source, contract]);
  const { abi } = await loadArtifact({ kind: 'source', source, contract });
  const chosen = facetFunctions(abi, {});
  if (chosen.kind === 'wrong') throw new Error(chosen.problems.join());
  return { name: contract, address, functions: chosen.functions };
}
