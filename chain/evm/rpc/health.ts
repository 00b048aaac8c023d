import { headOf } from '../../plan/forks.ts';
import { isLocal } from '../../plan/network.ts';
import type { RpcAnswer } from '../../rpc/answers.ts';
import { questionOf, type Question } from '../../rpc/exchange.ts';
import type { HealthReading, PoolChain } from '../../rpc/members.ts';

/** A chain that is known by its number. */
export function evmChain(chainId: number): PoolChain {
  const local = isLocal({ chainId });
  return { id: chainId, local, questions: (several) => healthQuestions(local, several), readHealth };
}

/**
 * What an endpoint is asked to see how it is, in one round trip. No more than is needed: a local node has nothing to
 * catch up with and no peers, and the newest block only tells something beside that of another endpoint.
 */
function healthQuestions(local: boolean, several: boolean): readonly Question[] {
  return [
    questionOf('eth_chainId', []),
    ...(local ? [] : [questionOf('eth_syncing', []), questionOf('net_peerCount', [])]),
    ...(several ? [questionOf('eth_getBlockByNumber', ['latest', false])] : []),
  ];
}

/** What the answers say. Only the chain id must be there: many public endpoints refuse the rest. */
function readHealth(answers: ReadonlyMap<string, RpcAnswer>): HealthReading {
  const chainId = quantity(valueOf(answers, 'eth_chainId'));
  if (chainId === undefined) {
    const answer = answers.get('eth_chainId');
    const said = answer?.kind === 'refused' ? `refuses: ${answer.message}` : 'is no number';
    return { kind: 'failed', trouble: 'broken', reason: `what it answers to eth_chainId ${said}` };
  }
  const peers = quantity(valueOf(answers, 'net_peerCount'));
  const head = headOf(valueOf(answers, 'eth_getBlockByNumber'));
  return {
    kind: 'probe',
    probe: {
      chainId,
      syncing: syncing(valueOf(answers, 'eth_syncing')),
      peers: peers === undefined ? undefined : Number(peers),
      head: head === undefined ? undefined : { number: head.number, time: head.time },
    },
  };
}

/** Nodes answer false, or how far they are. */
function syncing(value: unknown): string | undefined {
  if (value === undefined || value === null || value === false) return undefined;
  const { currentBlock, highestBlock } = value as Readonly<Record<string, unknown>>;
  const [current, highest] = [quantity(currentBlock), quantity(highestBlock)];
  return current === undefined || highest === undefined ? '' : `, it is at block ${current} of ${highest}`;
}

function valueOf(answers: ReadonlyMap<string, RpcAnswer>, method: string): unknown {
  const answer = answers.get(method);
  return answer?.kind === 'value' ? answer.value : undefined;
}

/** A number in hexadecimal; nodes answer chain ids as plain numbers now and then. */
function quantity(value: unknown): bigint | undefined {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return BigInt(value);
  return typeof value === 'string' && /^(0x[0-9a-f]+|\d+)$/i.test(value) ? BigInt(value) : undefined;
}
