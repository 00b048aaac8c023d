import { setTimeout as delay } from 'node:timers/promises';
import { CutoverError } from '@cutover/base/errors.ts';
import { HEARTBEAT_MS, holderText, judgeLock, type LockHolder } from '../plan/migration-lock.ts';
import type { Lock } from './engine.ts';
import { isAlive, thisHolder } from './holder.ts';

/** How long to wait for a lock and whom to tell. */
export interface LockWait {
  /** The database in words. */
  readonly database: string;
  readonly waitSeconds: number;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal | undefined;
}

/** A record in a database that names who migrates it, for servers that keep no locks of their own. */
export interface LockStore {
  read(): Promise<{ readonly holder: LockHolder; readonly beat: number } | undefined>;
  /** Puts `next` where the holder with that token was, or nobody; false when another was quicker. */
  replace(previous: string | undefined, next: LockHolder): Promise<boolean>;
  /** Shows a sign of life; false when the record is another's by now. */
  beat(token: string): Promise<boolean>;
  remove(token: string): Promise<void>;
}

/** A lock that can be lost: to one who took its holder for dead. */
export interface RecordLock extends Lock {
  /** Throws when it was lost. */
  assertHeld(before: string): Promise<void>;
}

/**
 * Takes the lock or waits for it. A record whose process is gone, or that shows no sign of life, is taken over.
 * SIDE EFFECTS: writes the record, and a heartbeat into it until it is released; waits.
 */
export async function takeRecordLock(store: LockStore, wait: LockWait): Promise<RecordLock> {
  const { database, waitSeconds: seconds, say, signal } = wait;
  const me = await thisHolder();
  const endAt = performance.now() + seconds * 1000;
  let seen = { beat: '', at: performance.now() };
  for (let told = false; ;) {
    const record = await store.read();
    const beat = record === undefined ? '' : `${record.holder.token} ${record.beat}`;
    if (beat !== seen.beat) seen = { beat, at: performance.now() };
    const holder = record?.holder;
    const alive = holder === undefined ? undefined : await isAlive(holder);
    const verdict = judgeLock({ holder, alive, silentMs: performance.now() - seen.at });
    if (verdict.kind !== 'held') {
      if (verdict.kind === 'abandoned') {
        say(`taking over the migration lock of ${holderText(verdict.holder)}: ${verdict.why}`);
      }
      if (await store.replace(holder?.token, { ...me, since: new Date().toISOString() }))
        return held(store, me.token, database);
    }
    const who =
      holder === undefined
        ? 'nobody who left a name; another program may keep writing to it'
        : holderText(holder);
    if (signal?.aborted === true) throw new CutoverError('CUT-4133', { database });
    if (performance.now() >= endAt) throw new CutoverError('CUT-4131', { database, holder: who, seconds });
    if (!told && holder !== undefined) {
      say(`${database} is being migrated by ${who}; waiting up to ${seconds} s`);
      told = true;
    }
    await delay(200);
  }
}

function held(store: LockStore, token: string, database: string): RecordLock {
  const beat = async () => store.beat(token);
  const timer = setInterval(() => void beat().catch(() => undefined), HEARTBEAT_MS);
  timer.unref();
  return {
    assertHeld: async (name) => {
      if (await store.beat(token)) return;
      const holder = (await store.read())?.holder;
      throw new CutoverError('CUT-4132', {
        database,
        name,
        holder: holder === undefined ? 'one who has ended since' : holderText(holder),
      });
    },
    release: async () => {
      clearInterval(timer);
      try {
        await store.remove(token);
      } catch {
        // The next one sees that this process is gone, or that the record does not move any more.
      }
    },
  };
}
