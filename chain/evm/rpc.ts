import { CutoverError } from '@cutover/base/errors.ts';
import { describeNetwork, isLocal, type NetworkRef } from '../plan/network.ts';
import { agreedBy, describeVotes, votesNeeded, type Agreed, type QuorumAnswer } from '../plan/quorum.ts';
import type { RpcAnswer } from '../rpc/answers.ts';
import { connectionsOf } from '../rpc/connections.ts';
import { questionOf, type RpcCounts } from '../rpc/exchange.ts';
import { createPool, NoEndpoint, type Pool, type PoolAnswer } from '../rpc/pool.ts';
import { broadcastTo, type Broadcast } from './rpc/broadcast.ts';
import { evmChain } from './rpc/health.ts';
import { askQuorum } from './rpc/quorum.ts';

/** A chain that answers, on the first of its endpoints that does. */
export interface Rpc {
  readonly network: NetworkRef;
  /** Asks, and hands a refusal of the node back. */
  ask(method: string, params: readonly unknown[]): Promise<RpcAnswer>;
  /** Asks, and throws when the node refuses. */
  send<T>(method: string, params: readonly unknown[]): Promise<T>;
}

/** All that the endpoints of a chain can do together. */
export interface RpcPool extends Rpc {
  /** Asks many things at once: one round trip for each hundred. Answers are in the order of the questions. */
  askAll(
    questions: readonly { readonly method: string; readonly params: readonly unknown[] }[],
  ): Promise<readonly RpcAnswer[]>;
  /** Asks several endpoints and compares what they say. @param need how many must say the same, 2 when left out */
  quorum(method: string, params: readonly unknown[], need?: number): Promise<QuorumAnswer>;
  /** Asks as many endpoints as the network wants for what is final. With one, this is `send`. */
  agree(method: string, params: readonly unknown[]): Promise<Agreed>;
  /** How many endpoints `agree` wants to hear at this moment; below 2 it asks the one that is asked anyway. */
  votes(): number;
  /** Hands a signed transaction to all endpoints that are well. SIDE EFFECTS: sends a transaction. */
  broadcast(raw: string): Promise<Broadcast>;
  /** How often this process has asked the chain so far. */
  counts(): Readonly<RpcCounts>;
  /** Each endpoint and what is the matter with it, nothing when it is well. Safe to print. */
  endpoints(): readonly { readonly endpoint: string; readonly trouble: string | undefined }[];
}

const pools = new Map<string, Pool>();

/**
 * Finds an endpoint that answers and is the chain that it should be. Connections to the same endpoints share what is
 * known of their health, and their questions travel together. SIDE EFFECTS: asks nodes.
 */
export async function connect(
  network: NetworkRef,
  options: { timeoutMs?: number; tell?: (line: string) => void } = {},
): Promise<RpcPool> {
  const timeoutMs = options.timeoutMs ?? 20_000;
  const tell = options.tell ?? console.warn;
  const pool = await poolOf(network, tell);
  const guarded = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw error instanceof NoEndpoint ? refusalOf(network, error) : error;
    }
  };
  const asked = (method: string, params: readonly unknown[]): Promise<PoolAnswer> =>
    guarded(pool.ask(questionOf(method, params), timeoutMs));
  const refused = (method: string, endpoint: string, answer: RpcAnswer): CutoverError =>
    new CutoverError('CUT-2032', {
      endpoint,
      method,
      message: answer.kind === 'refused' ? answer.message : undefined,
    });

  const quorum: RpcPool['quorum'] = async (method, params, need = 2) => {
    await pool.allKnown();
    const result = await guarded(askQuorum(pool, questionOf(method, params), need, timeoutMs));
    if (result.kind === 'refused') throw refused(method, result.endpoint, result.answer);
    return result;
  };

  await guarded(pool.ready(timeoutMs));
  const ask = async (method: string, params: readonly unknown[]): Promise<RpcAnswer> =>
    (await asked(method, params)).answer;
  const send = async <T>(method: string, params: readonly unknown[]): Promise<T> => {
    const { answer, endpoint } = await asked(method, params);
    if (answer.kind === 'value') return answer.value as T;
    throw refused(method, endpoint, answer);
  };
  const votes = (): number => {
    const well = pool.usable().length + pool.awaited();
    if (well < 2) sayAlone(pool, network, tell);
    return votesNeeded(network, well);
  };
  return {
    network,
    ask,
    send,
    askAll: (questions) => Promise.all(questions.map(({ method, params }) => ask(method, params))),
    quorum,
    votes,
    agree: async (method, params) => {
      await pool.allKnown();
      const need = votes();
      if (need < 2) return { kind: 'agreed', value: await send(method, params) };
      return agreedBy(network, await quorum(method, params, need));
    },
    broadcast: (raw) => guarded(broadcastTo(pool, raw, timeoutMs)),
    counts: () => ({ ...pool.counts }),
    endpoints: () => pool.report(),
  };
}

/** The value that endpoints agree on, or that of the only one; throws when they differ. */
export function agreedValue(network: NetworkRef, method: string, answer: QuorumAnswer): unknown {
  if (answer.kind !== 'disagreed') return answer.value;
  throw new CutoverError('CUT-2033', {
    network: describeNetwork(network),
    method,
    list: describeVotes(answer.votes),
  });
}

/** One pool for each set of endpoints. */
async function poolOf(network: NetworkRef, tell: (line: string) => void): Promise<Pool> {
  const connections = await connectionsOf(network.endpoints, describeNetwork(network), tell);
  const key = JSON.stringify([network.chainId, connections]);
  const pool = pools.get(key) ?? createPool(evmChain(network.chainId), connections, tell);
  pools.set(key, pool);
  return pool;
}

const alone = new WeakSet<Pool>();

/** Says once that nobody can be asked beside one endpoint, where there are several. */
function sayAlone(pool: Pool, network: NetworkRef, tell: (line: string) => void): void {
  const of = network.endpoints.length;
  if (of < 2 || isLocal(network) || alone.has(pool)) return;
  alone.add(pool);
  tell(`warning: only one of the ${of} endpoints of ${describeNetwork(network)} can be asked what is final`);
}

function refusalOf(network: NetworkRef, { lines, otherChain }: NoEndpoint): CutoverError {
  if (otherChain !== undefined) {
    const { endpoint, reason } = otherChain;
    return new CutoverError('CUT-2031', { endpoint, network: describeNetwork(network), reason });
  }
  return new CutoverError('CUT-2030', {
    network: describeNetwork(network),
    list: lines.length === 0 ? '  - none is configured' : lines.map((line) => `  - ${line}`).join('\n'),
  });
}
