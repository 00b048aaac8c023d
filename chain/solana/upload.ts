import { setTimeout as sleep } from 'node:timers/promises';
import { CutoverError, messageOf } from '@cutover/base/errors.ts';
import type { Chunk } from '../plan/solana/chunks.ts';
import { withComputeBudget } from '../plan/solana/fees.ts';
import { bufferHeader } from '../plan/solana/loader-accounts.ts';
import { write } from '../plan/solana/loader-instructions.ts';
import { describeSolanaNetwork } from '../plan/solana/network.ts';
import {
  holds,
  patienceMs,
  progressOf,
  spansOf,
  stepOf,
  type Flight,
  type ReadSpan,
  type UploadProgress,
} from '../plan/solana/upload.ts';
import { isOver, unlessUnreachable } from './confirm.ts';
import type { Blockhash, SolanaPool } from './connection.ts';
import { checkpoint } from './journal/checkpoint.ts';
import type { SolanaJournal } from './journal/journal.ts';
import type { SolanaSigner } from './keypairs.ts';
import { signTransaction } from './transaction.ts';

export interface UploadArgs {
  readonly purpose: string;
  readonly payer: SolanaSigner;
  /** The buffer's authority. */
  readonly writer: SolanaSigner;
  readonly buffer: string;
  /** What is missing. */
  readonly chunks: readonly Chunk[];
  /** The price of a compute unit that the size of the chunks was computed with. */
  readonly microLamports: bigint;
  readonly onProgress?: ((progress: UploadProgress) => void) | undefined;
  /** How long nothing may land before it is given up. @default 60 s */
  readonly standstillMs?: number | undefined;
}

/** What an upload took. */
export interface UploadFigures {
  readonly chunks: number;
  /** Transactions handed to an endpoint, each time counted. */
  readonly sends: number;
}

/** An upload under way. */
interface Upload {
  readonly pool: SolanaPool;
  readonly journal: SolanaJournal;
  readonly args: UploadArgs;
  readonly key: string;
  readonly waiting: Chunk[];
  /** By where the chunk begins. */
  readonly flying: Map<number, Flight>;
  readonly landingMs: number[];
  readonly began: number;
  /** How many are sent at once: fewer where an endpoint finds it too many. */
  batch: number;
  landedAt: number;
  sends: number;
  trouble: string;
}

/** What is known after a look at the chain. */
interface Look {
  /** When it was asked for: what was sent after that cannot be in it. */
  readonly at: number;
  readonly read: readonly ReadSpan[];
  readonly height: number;
  /** Only where something is to be signed. */
  readonly blockhash: Blockhash | undefined;
}

/** Transactions on their way at once. */
const window = 192;
/** As many are signed with one fresh blockhash and kept in the journal at once. */
const largestBatch = 64;
const smallestBatch = 4;
const shortestPauseMs = 10;
const longestPauseMs = 400;
const longestStandstillMs = 60_000;

/**
 * Writes chunks into a buffer. What has landed is read from the buffer itself, whatever endpoints say; what is lost is
 * sent again as it was signed, and signed anew only when it can never land: so no chunk is paid for twice, not after a
 * crash either. SIDE EFFECTS: writes the journal, sends transactions.
 */
export async function uploadChunks(
  pool: SolanaPool,
  journal: SolanaJournal,
  args: UploadArgs,
): Promise<UploadFigures> {
  const upload = await begin(pool, journal, args);
  let pause = shortestPauseMs;
  while (upload.waiting.length + upload.flying.size > 0) {
    const look = await lookAt(upload).catch(unlessUnreachable);
    const landed = look === undefined ? 0 : takeLanded(upload, look);
    if (look !== undefined) await goOn(upload, look);
    if (performance.now() - upload.landedAt > (args.standstillMs ?? longestStandstillMs))
      throw standstill(upload);
    pause = landed > 0 ? shortestPauseMs : Math.min(pause * 1.5, longestPauseMs);
    // Whoever has room in flight goes on at once.
    if (room(upload) === 0 || look === undefined) await sleep(pause);
  }
  return { chunks: args.chunks.length, sends: upload.sends };
}

async function begin(pool: SolanaPool, journal: SolanaJournal, args: UploadArgs): Promise<Upload> {
  const key = `write:${args.buffer}`;
  const flying = await adopted(pool, journal, key, args.chunks);
  const now = performance.now();
  return {
    ...{
      pool,
      journal,
      args,
      key,
      flying,
      landingMs: [],
      began: now,
      landedAt: now,
      sends: 0,
      batch: largestBatch,
    },
    waiting: args.chunks.filter(({ offset }) => !flying.has(offset)),
    trouble: 'Endpoints take the transactions, and none of them lands.',
  };
}

/** What an earlier run has signed of these chunks, and may have sent. */
async function adopted(
  pool: SolanaPool,
  journal: SolanaJournal,
  key: string,
  chunks: readonly Chunk[],
): Promise<Map<number, Flight>> {
  const byOffset = new Map(chunks.map((chunk) => [chunk.offset, chunk]));
  const over = new Map<string, boolean>();
  const flying = new Map<number, Flight>();
  for (const { item, raw, signature, blockhash, lastValidBlockHeight } of journal.open(key)) {
    const chunk = byOffset.get(item);
    // Another price or payer makes chunks of another size.
    if (chunk === undefined || !Buffer.from(raw).includes(Buffer.from(chunk.bytes))) continue;
    const passed = over.get(blockhash) ?? (await isOver(pool, { blockhash, lastValidBlockHeight }));
    over.set(blockhash, passed);
    flying.set(item, { chunk, signature, raw, lastValidBlockHeight, sentAt: undefined, passed });
  }
  return flying;
}

function room({ waiting, flying, batch }: Upload): number {
  return Math.min(batch, window - flying.size, waiting.length);
}

/** Reads the places of what is on its way, and what the next step needs. */
async function lookAt(upload: Upload): Promise<Look> {
  const { pool, args, flying } = upload;
  const at = performance.now();
  const spans = spansOf([...flying.values()].map(({ chunk }) => chunk));
  const reads = spans.map(async ({ offset, length }) => {
    const account = await pool.getAccount(args.buffer, { slice: { offset: bufferHeader + offset, length } });
    if (account === undefined) throw goneBuffer(upload);
    return { offset, length, bytes: account.data };
  });
  const [height, blockhash, read] = await Promise.all([
    pool.getBlockHeight(),
    room(upload) > 0 ? pool.getLatestBlockhash() : undefined,
    Promise.all(reads),
  ]);
  return { at, height, blockhash, read };
}

/** Takes note of what has landed, and returns how many chunks that are. */
function takeLanded(upload: Upload, { read }: Look): number {
  const { flying, waiting, journal, landingMs, began, args } = upload;
  const landed = [...flying.values()].filter(({ chunk }) => holds(read, chunk));
  if (landed.length === 0) return 0;
  const now = performance.now();
  journal.settle(signaturesOf(landed), 'landed');
  for (const { chunk, sentAt } of landed) {
    flying.delete(chunk.offset);
    if (sentAt !== undefined) landingMs.push(now - sentAt);
  }
  upload.landedAt = now;
  const all = args.chunks.length;
  args.onProgress?.(progressOf(all - waiting.length - flying.size, all, now - began));
  return landed.length;
}

/** Signs anew what can never land, sends again what is lost, and fills the window. */
async function goOn(upload: Upload, { at, height, blockhash }: Look): Promise<void> {
  const { flying, waiting, journal, landingMs } = upload;
  const patience = patienceMs(landingMs);
  const flights = [...flying.values()].map((flight) => ({ flight, step: stepOf(flight, at, patience) }));
  const expired = flights.filter(({ step }) => step === 'expired').map(({ flight }) => flight);
  journal.settle(signaturesOf(expired), 'expired');
  for (const { chunk } of expired) {
    flying.delete(chunk.offset);
    waiting.unshift(chunk);
  }
  for (const flight of flying.values()) {
    if (height > flight.lastValidBlockHeight) flying.set(flight.chunk.offset, { ...flight, passed: true });
  }
  const lost = flights
    .filter(({ step }) => step === 'send again')
    .map(({ flight }) => flight)
    .slice(0, upload.batch);
  const fresh = blockhash === undefined ? [] : launch(upload, blockhash);
  await Promise.all([send(upload, lost, 'all'), send(upload, fresh, 'one')]);
}

/** Signs as many chunks as there is room for, and keeps them. */
function launch(upload: Upload, { blockhash, lastValidBlockHeight }: Blockhash): readonly Flight[] {
  const { args, key, waiting, journal } = upload;
  const { payer, writer, buffer, purpose, microLamports } = args;
  const fresh = waiting.splice(0, room(upload)).map((chunk): Flight => {
    const call = write({ buffer, authority: writer.address, ...chunk });
    const instructions = withComputeBudget([call], microLamports);
    const signed = signTransaction({ purpose, payer, signers: [writer], instructions }, blockhash);
    return { ...signed, chunk, lastValidBlockHeight, sentAt: undefined, passed: false };
  });
  if (fresh.length === 0) return fresh;
  journal.record(
    fresh.map(({ chunk, signature, raw }) => ({
      ...{ key, item: chunk.offset, purpose, signature, raw, blockhash, lastValidBlockHeight },
    })),
  );
  return fresh;
}

/** Whether endpoints take it or not: what counts is whether it lands. */
async function send(upload: Upload, flights: readonly Flight[], to: 'one' | 'all'): Promise<void> {
  const outcomes = await Promise.allSettled(
    flights.map(async ({ raw }) => {
      const outcome = await upload.pool.send(raw, to);
      checkpoint('handed-over');
      return outcome;
    }),
  );
  const now = performance.now();
  const isTooMany = outcomes.some(({ status }) => status === 'rejected');
  upload.batch = isTooMany
    ? Math.max(smallestBatch, upload.batch >> 1)
    : Math.min(largestBatch, upload.batch + (flights.length >> 2));
  for (const [index, flight] of flights.entries()) {
    const outcome = outcomes[index];
    const isOut = outcome?.status === 'fulfilled';
    if (isOut) upload.sends++;
    const { offset } = flight.chunk;
    // One that no endpoint would have is due again at once; the pool knows when to rest.
    upload.flying.set(offset, { ...flight, ...upload.flying.get(offset), sentAt: isOut ? now : undefined });
    if (outcome?.status === 'rejected') {
      unlessUnreachable(outcome.reason);
      upload.trouble = messageOf(outcome.reason);
    } else if (isOut && outcome.value.kind !== 'taken') {
      upload.trouble = `An endpoint says: ${outcome.value.message}`;
    }
  }
}

/** What is written from now on would fail, and be paid for. */
function goneBuffer({ args, waiting, flying }: Upload): CutoverError {
  const { chunks, purpose, buffer: address, writer } = args;
  const done = chunks.length - waiting.length - flying.size;
  const when = `after ${done} of ${chunks.length} chunks`;
  return new CutoverError('CUT-2449', { purpose, address, authority: writer.address, when });
}

function standstill({ pool, args, waiting, flying, trouble }: Upload): CutoverError {
  const { chunks, purpose, standstillMs = longestStandstillMs } = args;
  return new CutoverError('CUT-2447', {
    ...{ purpose, network: describeSolanaNetwork(pool.network), count: chunks.length, reason: trouble },
    done: chunks.length - waiting.length - flying.size,
    seconds: Math.round(standstillMs / 1000),
  });
}

function signaturesOf(flights: readonly Flight[]): readonly string[] {
  return flights.map(({ signature }) => signature);
}
