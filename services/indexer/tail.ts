import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import type { Logger } from 'pino';
import type { Changes, ChangeMessage } from './changes.ts';
import { disconnected } from './database.ts';

/** The newest changes, kept for all subscribers together. Whoever is further behind reads from the database. */
export interface Tail {
  /** The number of the last change. */
  latest(): number;
  /** Changes after one, as far as they are kept; undefined when that one is older than what is kept. */
  after(sequence: number): readonly ChangeMessage[] | undefined;
  /** Looks at once. */
  refresh(): Promise<void>;
  /** Calls a listener after each change of `latest`; what it returns ends that. */
  onChange(listener: () => void): () => void;
  /** What the database last said, and whether it answered. */
  status(): TailStatus;
  bytes(): number;
  close(): Promise<void>;
}

export interface TailStatus {
  readonly answered: boolean;
  readonly block: number | undefined;
  /** Why it did not answer. */
  readonly error: unknown;
}

export interface TailOptions {
  readonly changes: Changes;
  /** Connects for the writer's notifications. */
  readonly listen: () => Promise<pg.Client>;
  readonly channel: string;
  /** Most bytes that are kept. */
  readonly keepBytes: number;
  readonly log: Logger;
}

// Notifications come at once; this is for when their connection is lost.
const LOOK_MS = 1000;
// Further than this behind, reading all for everyone is not worth it.
const MOST_AT_ONCE = 1000;

/** Begins to look. Nothing is kept while nobody listens. SIDE EFFECTS: keeps a connection that listens. */
export function followTail(options: TailOptions): Tail {
  const { changes, keepBytes, log } = options;
  const kept: ChangeMessage[] = [];
  const stop = new AbortController();
  let bytes = 0;
  let latest = 0;
  let status: TailStatus = { answered: false, block: undefined, error: undefined };
  const listeners = new Set<() => void>();
  let looking: Promise<void> | undefined;
  let lookAgain = false;

  const forget = (): void => {
    kept.length = 0;
    bytes = 0;
  };
  const advance = async (to: number): Promise<void> => {
    if (to === latest) return;
    const missed = to - latest;
    const messages =
      listeners.size > 0 && missed > 0 && missed <= MOST_AT_ONCE
        ? await changes.page(latest, to, missed)
        : [];
    if (messages.length !== missed) {
      forget();
    } else {
      for (const message of messages) bytes += message.bytes.length;
      kept.push(...messages);
      while (bytes > keepBytes) bytes -= kept.shift()?.bytes.length ?? 0;
    }
    latest = to;
    for (const listener of listeners) listener();
  };
  const look = async (): Promise<void> => {
    try {
      const { sequence, block } = await changes.latest();
      await advance(sequence);
      if (!status.answered) log.info({ sequence }, 'the database answers');
      status = { answered: true, block, error: undefined };
    } catch (error) {
      if (status.answered || status.error === undefined)
        log.warn({ err: error }, 'the database does not answer');
      status = { ...status, answered: false, error };
    }
  };
  /** One look at a time; whoever asks meanwhile gets another one after it. */
  const refresh = (): Promise<void> => {
    if (looking !== undefined) {
      lookAgain = true;
      return looking;
    }
    looking = (async () => {
      do {
        lookAgain = false;
        await look();
      } while (lookAgain);
    })().finally(() => (looking = undefined));
    return looking;
  };

  const ticking = setInterval(() => void refresh(), LOOK_MS);
  const listening = keepListening(options, stop.signal, () => void refresh());
  void refresh();

  return {
    latest: () => latest,
    after: (sequence) => {
      const first = kept[0]?.sequence ?? latest + 1;
      // There are no holes, so the place of a number is known.
      const at = sequence - first + 1;
      return at < 0 ? undefined : kept.slice(at, at + MOST_AT_ONCE);
    },
    refresh,
    onChange: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    status: () => status,
    bytes: () => bytes,
    close: async () => {
      clearInterval(ticking);
      stop.abort();
      await listening;
      await looking;
    },
  };
}

async function keepListening(options: TailOptions, signal: AbortSignal, told: () => void): Promise<void> {
  while (!signal.aborted) {
    try {
      const client = await options.listen();
      try {
        client.on('notification', told);
        const ended = new Promise<void>((resolve) => {
          client.once('end', resolve);
          client.once('error', () => resolve());
          signal.addEventListener('abort', () => resolve(), { once: true });
        });
        await client.query(`LISTEN ${options.channel}`);
        told();
        await ended;
      } finally {
        await disconnected(client);
      }
    } catch (error) {
      options.log.debug({ err: error }, 'cannot listen for changes');
    }
    await delay(LOOK_MS, undefined, { signal }).catch(() => undefined);
  }
}
