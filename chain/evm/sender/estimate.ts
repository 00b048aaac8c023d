import { transactionGasCap } from '../../plan/fees.ts';
import type { RpcAnswer } from '../../rpc/answers.ts';
import { poll } from '../poll.ts';
import type { Rpc } from '../rpc.ts';
import { laneOf, type Lane } from './lane.ts';
import type { Log } from './submission.ts';

/** A call whose gas is wanted. */
export interface GasQuestion {
  readonly to: string;
  readonly data: string;
  readonly value?: bigint;
  /** Whether it needs nothing of what the account has on its way; then the latest block is asked first. @default false */
  readonly independent?: boolean;
}

export type GasEstimate =
  | { readonly kind: 'gas'; readonly gas: bigint }
  | { readonly kind: 'refused'; readonly message: string; readonly data: string | undefined };

/**
 * How much gas a transaction needs once everything that the account has on its way is mined: asked on the pending
 * block, else by simulating what is on its way, else after it is in a block. Only then a refusal is a refusal.
 * SIDE EFFECTS: asks the node; may wait for blocks.
 */
export async function estimateGas(
  rpc: Rpc,
  address: string,
  question: GasQuestion,
  log: Log = () => undefined,
): Promise<GasEstimate> {
  const lane = await laneOf(rpc, address);
  const { to, data, value = 0n, independent = false } = question;
  const call = { from: address, to, data, value: hex(value) };
  const ask = async (block: string): Promise<GasEstimate> =>
    readEstimate(await rpc.ask('eth_estimateGas', [call, block]));
  const inFlight = (): boolean => lane.journal.live().length > 0;

  const first = await ask(independent || !inFlight() ? 'latest' : 'pending');
  if (first.kind === 'gas') return first;
  if (!inFlight()) {
    // What was on its way may have been mined just now; and a delay may be over in the next block, not in the last.
    const again = await ask('pending');
    return again.kind === 'gas' ? again : first;
  }
  const second = independent ? await ask('pending') : first;
  if (second.kind === 'gas') return second;
  const simulated = await simulate(lane, call);
  if (simulated !== undefined) return { kind: 'gas', gas: simulated };
  await drained(lane, log);
  return ask('latest');
}

/** What a block and the chain's rules let one transaction use. SIDE EFFECTS: may ask the node. */
export async function gasCaps(
  rpc: Rpc,
  address: string,
): Promise<{ readonly block: bigint; readonly transaction: bigint }> {
  const { gasLimit, rules } = await (await laneOf(rpc, address)).watch.head();
  return { block: gasLimit, transaction: rules.transactionGasCap ?? transactionGasCap };
}

/** Runs what is on its way and then the call, on top of the latest block; undefined where that cannot be done. */
async function simulate(lane: Lane, call: Record<string, string>): Promise<bigint | undefined> {
  const before = lane.journal.live().map(({ id, to, value, gasLimit }) => ({
    ...{ from: lane.address, to, value: hex(value), gas: hex(gasLimit) },
    input: lane.journal.dataOf(id),
  }));
  const calls = [
    ...before,
    { from: call['from'], to: call['to'], value: call['value'], input: call['data'] },
  ];
  const answer = await lane.watch
    .rpc()
    .ask('eth_simulateV1', [{ blockStateCalls: [{ calls }], validation: false }, 'latest']);
  if (answer.kind === 'refused') return undefined;
  interface Simulated {
    readonly calls?: readonly { readonly status?: string; readonly gasUsed?: string }[];
  }
  const last = (answer.value as readonly Simulated[])[0]?.calls?.at(-1);
  if (last?.status !== '0x1' || last.gasUsed === undefined) return undefined;
  // It tells what is paid for; up to a fifth more is needed on the way and refunded (EIP-3529).
  return (BigInt(last.gasUsed) * 5n + 3n) / 4n;
}

/** Waits until all that is on its way now is in a block. */
async function drained(lane: Lane, log: Log): Promise<void> {
  const waited = new Set(lane.journal.live().map(({ id }) => id));
  await poll(
    async () => {
      await lane.watch.look();
      return lane.journal.live().every(({ id }) => !waited.has(id)) || undefined;
    },
    {
      timeoutMs: lane.terms.patienceMs,
      pauseMs: 1,
      progress: (seconds) => log(`waiting for ${waited.size} transactions that come before, ${seconds} s`),
    },
  );
}

function readEstimate(answer: RpcAnswer): GasEstimate {
  return answer.kind === 'value'
    ? { kind: 'gas', gas: BigInt(answer.value as string) }
    : { kind: 'refused', message: answer.message, data: answer.data };
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}
