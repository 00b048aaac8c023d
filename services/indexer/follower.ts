import { setTimeout as delay } from 'node:timers/promises';
import type { Header } from './blocks.ts';
import { beginIndexing, checkChain, type IndexingOptions } from './indexing.ts';
import { NodeError } from './node-error.ts';
import type { ChainNode } from './node.ts';
import { backoff, pollDelay, type PollLimits } from './pace.ts';
import { Refusal } from './refusal.ts';
import type { ChainState, Writer } from './writer.ts';

/** What the follower knows of itself. */
export interface FollowerStatus {
  readonly role: 'starting' | 'standby' | 'writer' | 'stopped';
  readonly head: Header | undefined;
  /** When the node last answered, in milliseconds of this process. */
  readonly nodeAnsweredAt: number | undefined;
  readonly epoch: number | undefined;
}

export interface Follower {
  status(): FollowerStatus;
  /** Ends after the step that is being written. */
  stop(): Promise<void>;
  /** Rejects with a Refusal when going on makes no sense. */
  readonly ended: Promise<void>;
}

export interface FollowerOptions extends Pick<
  IndexingOptions,
  'chainId' | 'contracts' | 'confirmations' | 'node' | 'reader' | 'log' | 'onWritten' | 'onReorganised'
> {
  readonly openWriter: () => Promise<Writer>;
  readonly poll: PollLimits;
  /** Ends what is asked of the node. */
  readonly stop: AbortController;
}

// How often one that waits tries to get the lock: about the time that a take-over takes.
const LOCK_MS = 500;

/** Follows the chain until it is stopped: as writer, or as standby while another one writes. SIDE EFFECTS: all of it. */
export function follow(options: FollowerOptions): Follower {
  const { chainId, node, log, stop } = options;
  const { signal } = stop;
  let status: FollowerStatus = {
    role: 'starting',
    head: undefined,
    nodeAnsweredAt: undefined,
    epoch: undefined,
  };
  let failures = 0;
  const pause = (ms: number): Promise<void> => delay(ms, undefined, { signal }).catch(() => undefined);

  const seen = (head: Header, state?: ChainState): void => {
    const epoch = state?.epoch ?? status.epoch;
    status = { ...status, head, epoch, nodeAnsweredAt: performance.now() };
  };
  /** Tells of the first failure in a row, and waits longer with each. */
  const failed = async (what: 'node' | 'database', error: unknown): Promise<void> => {
    if (signal.aborted) return;
    failures++;
    log[failures === 1 ? 'warn' : 'debug'](
      { err: error, failures },
      `the ${what} does not serve; it is asked again`,
    );
    await pause(backoff(failures, Math.random(), error instanceof NodeError ? error.retryAfterMs : 0));
  };

  /** Waits for the lock; meanwhile it sees that the node is there, so that it can take over at once. */
  const standBy = async (writer: Writer): Promise<void> => {
    for (let tries = 0; !(await writer.tryLock()) && !signal.aborted; tries++) {
      if (tries === 0) log.info('another indexer writes for this chain: stands by');
      status = { ...status, role: 'standby' };
      if (tries % 4 === 0) await lookAtNode(node, seen);
      await pause(LOCK_MS);
    }
  };
  const write = async (writer: Writer): Promise<void> => {
    status = { ...status, role: 'writer' };
    const indexing = await beginIndexing({ ...options, writer, signal, onProgress: seen });
    let blockSeenAt = performance.now();
    let blockMs = 0;
    while (!signal.aborted) {
      try {
        const before = status.head;
        const more = await indexing.turn();
        failures = 0;
        const now = performance.now();
        if (before?.hash !== status.head?.hash) {
          blockMs = blockTime(before, status.head);
          blockSeenAt = now;
        }
        if (!more) await pause(pollDelay(blockMs, now - blockSeenAt, options.poll));
      } catch (error) {
        if (!(error instanceof NodeError)) throw error;
        await failed('node', error);
      }
    }
  };

  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      let writer: Writer | undefined;
      try {
        await checkChain(node, chainId);
        writer = await options.openWriter();
        await standBy(writer);
        if (!signal.aborted) await write(writer);
      } catch (error) {
        if (error instanceof Refusal) throw error;
        await failed(error instanceof NodeError ? 'node' : 'database', error);
      } finally {
        status = { ...status, role: signal.aborted ? 'stopped' : 'starting' };
        await writer?.close().catch(() => undefined);
      }
    }
  };

  const ended = run();
  return {
    status: () => status,
    ended,
    stop: async () => {
      stop.abort();
      await ended.catch(() => undefined);
    },
  };
}

async function lookAtNode(node: ChainNode, seen: (head: Header) => void): Promise<void> {
  try {
    seen(await node.latest());
  } catch (error) {
    if (!(error instanceof NodeError)) throw error;
  }
}

/** The time between two heads by their own clocks. */
function blockTime(before: Header | undefined, after: Header | undefined): number {
  if (before === undefined || after === undefined || after.number <= before.number) return 0;
  return (1000 * Math.max(0, after.timestamp - before.timestamp)) / (after.number - before.number);
}
