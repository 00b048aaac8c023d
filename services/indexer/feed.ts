import { isWanted, type ChangeFilter, type ChangeMessage, type Changes } from './changes.ts';
import type { Tail } from './tail.ts';

/** The way to one subscriber. */
export interface FeedSocket {
  /** Bytes that it has not taken yet. */
  readonly bufferedAmount: number;
  /** Hands bytes over; `sent` is called when they have left this process. */
  send(bytes: Buffer, sent: () => void): void;
}

export interface FeedOptions {
  readonly socket: FeedSocket;
  readonly tail: Pick<Tail, 'latest' | 'after' | 'onChange'>;
  readonly changes: Pick<Changes, 'page'>;
  readonly filter: ChangeFilter;
  /** The number of the last change that the subscriber has. */
  readonly from: number;
  /** Most bytes that wait for a subscriber. */
  readonly bufferBytes: number;
  /** How long it may take to take half of them. */
  readonly stallMs: number;
  readonly signal: AbortSignal;
  /** Called once, when it has all that there is. */
  readonly onLive: (sequence: number) => void;
}

/** Why a feed ended. */
export type FeedEnd =
  | { readonly kind: 'closed' }
  /** The subscriber takes too little; it has everything up to this number once it has taken what waits for it. */
  | { readonly kind: 'too slow'; readonly resumeFrom: number }
  /** The database knows fewer changes than before: it is another one, or was restored. */
  | { readonly kind: 'history lost' };

const PAGE_SIZE = 200;

/**
 * Feeds one subscriber: everything after `from`, in order, each once. There is no queue of its own. It has a place in
 * the order, and reads on from there when the socket has room: from the tail where that reaches back far enough, else
 * from the database. So a slow subscriber costs a buffer, however far behind it is, and delays nobody.
 */
export async function feed(options: FeedOptions): Promise<FeedEnd> {
  const { socket, tail, changes, filter, bufferBytes, stallMs, signal } = options;
  let position = options.from;
  let live = false;
  let wake = (): void => undefined;
  const sleep = (ms?: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = ms === undefined ? undefined : setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const awaken = (): void => wake();
  /** Waits until half of the buffer is free; false when that takes too long. */
  const drained = async (): Promise<boolean> => {
    const endAt = performance.now() + stallMs;
    while (socket.bufferedAmount > bufferBytes / 2 && !signal.aborted) {
      const left = endAt - performance.now();
      if (left <= 0) return false;
      await sleep(left);
    }
    return true;
  };
  /** Sends until the socket is full; true when all went out. */
  const sendAll = (messages: readonly ChangeMessage[]): boolean => {
    for (const message of messages) {
      if (socket.bufferedAmount >= bufferBytes) return false;
      if (isWanted(filter, message)) socket.send(message.bytes, awaken);
      position = message.sequence;
    }
    return true;
  };

  const forget = tail.onChange(awaken);
  signal.addEventListener('abort', awaken, { once: true });
  try {
    while (!signal.aborted) {
      const latest = tail.latest();
      if (position > latest) return { kind: 'history lost' };
      if (socket.bufferedAmount >= bufferBytes) {
        if (!(await drained())) return { kind: 'too slow', resumeFrom: position };
      } else if (position === latest) {
        if (!live) options.onLive(position);
        live = true;
        await sleep();
      } else {
        const recent = tail.after(position);
        const messages = recent ?? (await changes.page(position, latest, PAGE_SIZE, filter));
        // What does not fit is read again later: nothing is kept for one subscriber.
        const all = sendAll(messages);
        if (all && recent === undefined && messages.length < PAGE_SIZE) position = latest;
      }
    }
    return { kind: 'closed' };
  } finally {
    forget();
    signal.removeEventListener('abort', awaken);
  }
}
