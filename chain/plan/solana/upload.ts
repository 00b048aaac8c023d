import type { Chunk } from './chunks.ts';

/** A chunk whose write was signed and not yet seen in the buffer. Times are milliseconds of this process's clock. */
export interface Flight {
  readonly chunk: Chunk;
  readonly signature: string;
  readonly raw: Uint8Array;
  readonly lastValidBlockHeight: number;
  /** When it was sent last; undefined when only an earlier run has sent it, or nobody. */
  readonly sentAt: number | undefined;
  /** The chain was seen above its height: what is read of the buffer after that says whether it landed. */
  readonly passed: boolean;
}

/** What to do with a flight that a look at the buffer did not find landed. `expired`: it never will. */
export type FlightStep = 'wait' | 'send again' | 'expired';

const shortestPatienceMs = 600;
const longestPatienceMs = 8_000;
/** Before anything has landed: a few slots, and the way there and back. */
const firstPatienceMs = 2_500;

/**
 * How long a write may be on its way before it is taken for lost: two and a half times as long as nine of ten of the
 * last ones took. Sending again sooner would only send twice what lands anyway.
 */
export function patienceMs(landingMs: readonly number[]): number {
  const sorted = landingMs.slice(-100).toSorted((a, b) => a - b);
  const slow = sorted[Math.floor(sorted.length * 0.9)];
  if (slow === undefined) return firstPatienceMs;
  return Math.min(longestPatienceMs, Math.max(shortestPatienceMs, slow * 2.5));
}

/** Decides about a flight that has not landed. */
export function stepOf(flight: Flight, now: number, patience: number): FlightStep {
  if (flight.passed) return 'expired';
  return flight.sentAt === undefined || now - flight.sentAt >= patience ? 'send again' : 'wait';
}

/** A part of the buffer's bytes to be read. */
export interface Span {
  readonly offset: number;
  readonly length: number;
}

const mostSpans = 8;

/**
 * The parts of a buffer that show whether these chunks have landed, few and short: neighbours are read together, and
 * with many gaps the narrowest are read along.
 */
export function spansOf(chunks: readonly Chunk[]): readonly Span[] {
  const sorted = chunks.toSorted((a, b) => a.offset - b.offset);
  const endOf = ({ offset, bytes }: Chunk): number => offset + bytes.length;
  const gaps = sorted.flatMap((chunk, index) => {
    const before = sorted[index - 1];
    return before === undefined ? [] : [chunk.offset - endOf(before)];
  });
  const widest = gaps.toSorted((a, b) => b - a)[mostSpans - 1] ?? 0;
  const spans: Span[] = [];
  for (const chunk of sorted) {
    const last = spans.at(-1);
    const gap = last === undefined ? Infinity : chunk.offset - last.offset - last.length;
    if (last === undefined || gap > widest) spans.push({ offset: chunk.offset, length: chunk.bytes.length });
    else spans[spans.length - 1] = { offset: last.offset, length: endOf(chunk) - last.offset };
  }
  return spans;
}

/** A part of the buffer's bytes as it was read. */
export interface ReadSpan extends Span {
  readonly bytes: Uint8Array;
}

/** Whether what was read holds a chunk. */
export function holds(read: readonly ReadSpan[], chunk: Chunk): boolean {
  return read.some(({ offset, bytes }) => {
    const at = chunk.offset - offset;
    const part = bytes.subarray(Math.max(0, at), Math.max(0, at) + chunk.bytes.length);
    return at >= 0 && Buffer.compare(part, chunk.bytes) === 0;
  });
}

/** How far an upload is. */
export interface UploadProgress {
  readonly written: number;
  readonly of: number;
  /** Undefined before anything has landed. */
  readonly secondsLeft: number | undefined;
}

/** How far it is, and how long still at the pace so far. */
export function progressOf(written: number, of: number, elapsedMs: number): UploadProgress {
  const secondsLeft = written === 0 ? undefined : Math.ceil(((of - written) * elapsedMs) / written / 1000);
  return { written, of, secondsLeft };
}
