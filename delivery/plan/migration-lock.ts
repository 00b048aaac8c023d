/** Who migrates a database, as its lock record says. Where the server keeps locks by itself, what it tells of them. */
export interface LockHolder {
  readonly host: string;
  readonly pid: number;
  /** When that process started, in the terms of its host; tells a process from a later one of the same number. */
  readonly started: string;
  /** When it took the lock, as an ISO date. */
  readonly since: string;
  /** Different for each taking. */
  readonly token: string;
}

/** What the one who wants the lock has seen of the holder. */
export interface LockSighting {
  readonly holder: LockHolder | undefined;
  /** Whether its process lives: known only for processes of the host of the one who looks. */
  readonly alive: boolean | undefined;
  /** For how long the holder's heartbeat has not moved, by the watcher's own clock. */
  readonly silentMs: number;
}

export type LockVerdict =
  | { readonly kind: 'free' }
  | { readonly kind: 'held'; readonly holder: LockHolder }
  | { readonly kind: 'abandoned'; readonly holder: LockHolder; readonly why: string };

/** A holder whose process cannot be seen and that shows no heartbeat for so long is taken for dead. Three beats fit in. */
export const SILENCE_MS = 15_000;
export const HEARTBEAT_MS = 4_000;

/**
 * Whether a lock may be taken. A dead process of this host gives it up at once; one of another host, whose process
 * list cannot be seen from here, after its silence. Clocks of hosts are never compared.
 */
export function judgeLock({ holder, alive, silentMs }: LockSighting): LockVerdict {
  if (holder === undefined) return { kind: 'free' };
  if (alive === false) return { kind: 'abandoned', holder, why: 'its process is gone' };
  if (alive === undefined && silentMs >= SILENCE_MS) {
    return { kind: 'abandoned', holder, why: `no sign of it for ${Math.round(silentMs / 1000)} s` };
  }
  return { kind: 'held', holder };
}

/** The holder in words. */
export function holderText({ host, pid, since }: Pick<LockHolder, 'host' | 'pid' | 'since'>): string {
  return `pid ${pid} on ${host}, since ${since}`;
}
