import {
  afterEvent,
  newPool,
  type EndpointEvent,
  type PoolState,
  type Probe,
} from '../plan/endpoint-state.ts';
import { troubleOf } from '../plan/endpoints.ts';
import type { RpcAnswer } from './answers.ts';
import { exchange, type Connection, type Failure, type Question, type RpcCounts } from './exchange.ts';

/** An endpoint that a pool is made with. */
export interface Member extends Connection {
  readonly weight: number;
}

/** What an endpoint says of its health, or why that is of no use. */
export type HealthReading =
  { readonly kind: 'probe'; readonly probe: Probe } | (Failure & { readonly kind: 'failed' });

/** The chain that the endpoints of a pool have to be. */
export interface PoolChain {
  /** What a probe has to say; 0 where chains have no numbers. */
  readonly id: number;
  /** A node on this machine: alone, it has nothing to be compared with. */
  readonly local: boolean;
  /** What an endpoint is asked to see how it is, in one round trip. */
  questions(several: boolean): readonly Question[];
  readHealth(answers: ReadonlyMap<string, RpcAnswer>): HealthReading;
}

/** The endpoints of one chain and what is known of each. */
export interface Members {
  readonly counts: Readonly<RpcCounts>;
  state(): PoolState;
  label(index: number): string;
  /** What is the matter with an endpoint, as a line; none when it is well. */
  complaints(index: number): readonly string[];
  /** Sends questions to one endpoint, in smaller and smaller batches where it refuses them. */
  send(
    index: number,
    questions: readonly Question[],
    timeoutMs: number,
    settle: (question: Question, answer: RpcAnswer) => void,
  ): Promise<Failure | undefined>;
  /** Asks an endpoint how it is. */
  check(index: number, timeoutMs: number): Promise<void>;
}

/** Keeps the book on endpoints: what they answer, and what that says about them. SIDE EFFECTS: HTTP requests. */
export function membersOf(
  chain: PoolChain,
  connections: readonly Member[],
  tell: (line: string) => void,
): Members {
  const counts: RpcCounts = { calls: 0, roundTrips: 0 };
  let state = newPool(connections.map(({ weight }) => weight));
  const label = (index: number): string => connections[index]?.address.label ?? 'no endpoint';
  const happened = (index: number, event: EndpointEvent): void => {
    state = afterEvent(state, index, event, performance.now());
  };
  const failed = (index: number, failure: Failure): void =>
    happened(index, { ...failure, kind: 'failed', jitter: Math.random() });

  const send: Members['send'] = async (index, questions, timeoutMs, settle) => {
    const connection = connections[index];
    if (connection === undefined) return { trouble: 'absent', reason: 'there is no such endpoint' };
    const open = new Set(questions);
    for (;;) {
      const size = state[index]?.batchSize ?? 1;
      const { failure, batchRefused } = await exchange(
        connection,
        [...open],
        size,
        timeoutMs,
        counts,
        (question, answer) => {
          open.delete(question);
          settle(question, answer);
        },
      );
      if (failure !== undefined) {
        failed(index, failure);
        return failure;
      }
      if (!batchRefused) {
        happened(index, { kind: 'answered' });
        return undefined;
      }
      // Others may have had their batch refused at the same time.
      if (state[index]?.batchSize === size) {
        happened(index, { kind: 'refused a batch', length: Math.min(size, open.size) });
      }
    }
  };

  const check: Members['check'] = async (index, timeoutMs) => {
    const several = connections.length > 1;
    const answers = new Map<string, RpcAnswer>();
    const questions = chain.questions(several);
    const failure = await send(index, questions, timeoutMs, ({ method }, answer) =>
      answers.set(method, answer),
    );
    if (failure !== undefined) return;
    const health = chain.readHealth(answers);
    if (health.kind === 'failed') {
      failed(index, health);
      if (several && health.trouble === 'another chain') {
        tell(`warning: ${label(index)} is not used: ${health.reason}`);
      }
      return;
    }
    const { probe } = health;
    happened(index, { kind: 'probed', probe, chainId: chain.id, jitter: Math.random() });
    if (several && probe.chainId !== BigInt(chain.id)) {
      tell(`warning: ${label(index)} is not used: it is chain ${probe.chainId}, not ${chain.id}`);
    }
  };

  return {
    counts,
    state: () => state,
    label,
    complaints: (index) => {
      const trouble = troubleOf(state, index);
      return trouble === undefined ? [] : [`${label(index)}: ${trouble}`];
    },
    send,
    check,
  };
}
