import { setTimeout as sleep } from 'node:timers/promises';
import { CutoverError } from '@cutover/base/errors.ts';
import { describeNetwork } from '../../plan/network.ts';
import { describeVotes, type Agreed, type Vote } from '../../plan/quorum.ts';
import { inclusionFrom, type RawReceipt } from '../../plan/transaction/finality.ts';
import type { Inclusion } from '../../plan/transaction/state.ts';
import type { Rpc, RpcPool } from '../rpc.ts';

/** A connection that may be able to ask several endpoints. */
type MaybePool = Rpc & Partial<Pick<RpcPool, 'agree' | 'votes'>>;

/** Whether more than one endpoint is to be asked about what is final. */
export function asksSeveral(rpc: MaybePool): boolean {
  return (rpc.votes?.() ?? 1) > 1;
}

/** What as many endpoints as the network wants agree on; where that is one, what it says. SIDE EFFECTS: asks nodes. */
export async function agreedOn(rpc: MaybePool, method: string, params: readonly unknown[]): Promise<Agreed> {
  return (await rpc.agree?.(method, params)) ?? { kind: 'agreed', value: await rpc.send(method, params) };
}

/** The hash of the block with a number that the endpoints agree on; null where they agree that there is none. */
export async function agreedBlockHash(rpc: MaybePool, number: number): Promise<Agreed<string | null>> {
  const block = await agreedOn(rpc, 'eth_getBlockByNumber', [hex(number), false]);
  if (block.kind === 'open') return block;
  return { kind: 'agreed', value: (block.value as { readonly hash: string } | null)?.hash ?? null };
}

/** What the endpoints say of a transaction: where it is, that it is in no block, or not the same. */
export type AgreedInclusion =
  { readonly kind: 'found'; readonly inclusion: Inclusion } | { readonly kind: 'nowhere' | 'open' };

/** Where the endpoints agree that one of these is, which are attempts at the same. SIDE EFFECTS: asks nodes. */
export async function agreedInclusion(rpc: MaybePool, hashes: readonly string[]): Promise<AgreedInclusion> {
  const receipts = await Promise.all(
    hashes.map((hash) => agreedOn(rpc, 'eth_getTransactionReceipt', [hash])),
  );
  for (const receipt of receipts) {
    if (receipt.kind === 'agreed' && receipt.value !== null)
      return { kind: 'found', inclusion: inclusionFrom(receipt.value as RawReceipt) };
  }
  return { kind: receipts.every(({ kind }) => kind === 'agreed') ? 'nowhere' : 'open' };
}

const mostSeconds = 60;
const pauseMs = 1_000;

/**
 * Asks until the endpoints agree: one that is a block behind needs a moment. Throws who says what when they do not.
 * SIDE EFFECTS: asks nodes.
 */
export async function agreedSoon<Value>(
  rpc: MaybePool,
  method: string,
  params: readonly unknown[],
  what: string,
): Promise<Value> {
  const began = performance.now();
  const patienceMs = Math.min(mostSeconds, rpc.network.patienceSeconds ?? mostSeconds) * 1000;
  for (;;) {
    const answer = await agreedOn(rpc, method, params);
    if (answer.kind === 'agreed') return answer.value as Value;
    const waitedMs = performance.now() - began;
    if (waitedMs >= patienceMs) throw disagreement(rpc, what, answer.votes, waitedMs);
    await sleep(pauseMs);
  }
}

/** Who says what, as an error. */
export function disagreement(
  { network }: Pick<Rpc, 'network'>,
  what: string,
  votes: readonly Vote[],
  waitedMs: number,
): CutoverError {
  const list = votes.length === 0 ? '  - some have not got so far' : describeVotes(votes);
  return new CutoverError('CUT-2235', {
    ...{ network: describeNetwork(network), what, list, seconds: Math.round(waitedMs / 1000) },
  });
}

function hex(number: number): string {
  return `0x${number.toString(16)}`;
}
