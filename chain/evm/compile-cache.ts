import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '@cutover/base/atomic-file.ts';
import { runtimeFolder } from '@cutover/base/project.ts';
import { chooseCache } from '@cutover/base/user-cache.mjs';
import type { Artifact } from '../plan/artifact.ts';
import type { SourceTexts } from './compiler-output.ts';
import { hashOf } from './sources.ts';

/** What is asked of the compiler, all but the text of the sources. */
export interface RequestKey {
  readonly compiler: string;
  readonly source: string;
  readonly contract: string;
  readonly settings: Readonly<Record<string, unknown>>;
  /** Which version of our own reading the result went through: a better one reads anew. */
  readonly layoutReader: number;
}

/** Which sources a compilation reached, with their hashes, and where its result is. */
interface IndexEntry {
  readonly contentHash: string;
  readonly sources: Readonly<Record<string, string>>;
}

interface StoredCompilation {
  readonly checksum: string;
  readonly artifact: Artifact;
  /** How many bytes the file with the input has: one that was cut off counts as not there. */
  readonly inputSize: number;
}

/** Branches that are switched between stay warm; what is older goes. */
const entriesKept = 8;

/** Where results are kept, unless another folder is named. */
export const defaultCacheFolder = join(runtimeFolder, 'cache', 'solc');

/** Where all clones of a user share results: the compiler works once for all of them. SIDE EFFECTS: makes the folder. */
export function sharedCacheFolder(): string {
  return join(chooseCache().folder, 'solc');
}

/** The file with the whole standard JSON input of a result: explorers verify with it, and nothing else reads it. */
export function inputFile(folder: string, contentHash: string): string {
  return join(folder, `${contentHash}.input.json`);
}

/**
 * The result of an earlier compilation of the very same sources, or undefined. Anything that cannot be read or does
 * not match its checksum counts as not there. SIDE EFFECTS: reads files.
 */
export async function cachedCompilation(
  folder: string,
  request: RequestKey,
  hashSource: (name: string) => string,
): Promise<Artifact | undefined> {
  return (await find(folder, request, hashSource))?.artifact;
}

/**
 * The same out of another folder; what is found is kept in the own one as well. SIDE EFFECTS: reads files, writes three.
 */
export async function takeCompilation(
  from: string,
  folder: string,
  request: RequestKey,
  hashSource: (name: string) => string,
): Promise<Artifact | undefined> {
  const found = await find(from, request, hashSource);
  const input = found && (await readJson(inputFile(from, found.entry.contentHash)));
  if (found === undefined || input === undefined) return undefined;
  await keep(folder, request, found.entry, found.artifact, input);
  return found.artifact;
}

async function find(
  folder: string,
  request: RequestKey,
  hashSource: (name: string) => string,
): Promise<{ readonly entry: IndexEntry; readonly artifact: Artifact } | undefined> {
  const unchanged = ([name, hash]: [string, string]): boolean => hashSource(name) === hash;
  for (const entry of await readIndex(folder, request)) {
    if (!Object.entries(entry.sources).every(unchanged)) continue;
    const artifact = await readResult(folder, entry.contentHash);
    if (artifact !== undefined) return { entry, artifact };
  }
  return undefined;
}

/**
 * Keeps a result. Two processes may do so at once: each file is written whole, the index last. A cache that cannot be
 * written costs time on the next run and nothing else, so it is no error. SIDE EFFECTS: writes three files, deletes old
 * ones.
 */
export async function storeCompilation(
  folder: string,
  request: RequestKey,
  contentHash: string,
  sources: SourceTexts,
  artifact: Artifact,
): Promise<void> {
  const input = {
    language: 'Solidity',
    sources: mapValues(sources, (content) => ({ content })),
    settings: request.settings,
  };
  const entry: IndexEntry = { contentHash, sources: mapValues(sources, hashOf) };
  await keep(folder, request, entry, artifact, { input });
}

async function keep(
  folder: string,
  request: RequestKey,
  entry: IndexEntry,
  artifact: Artifact,
  input: unknown,
): Promise<void> {
  const others = (await readIndex(folder, request)).filter(
    (other) => other.contentHash !== entry.contentHash,
  );
  const entries = [entry, ...others];
  const inputText = JSON.stringify(input);
  const stored: StoredCompilation = {
    checksum: hashOf(JSON.stringify(artifact)),
    artifact,
    inputSize: Buffer.byteLength(inputText),
  };
  try {
    await writeFileAtomic(inputFile(folder, entry.contentHash), inputText);
    await writeFileAtomic(resultFile(folder, entry.contentHash), JSON.stringify(stored));
    await writeFileAtomic(indexFile(folder, request), JSON.stringify(entries.slice(0, entriesKept)));
    const old = entries
      .slice(entriesKept)
      .flatMap(({ contentHash }) => [resultFile(folder, contentHash), inputFile(folder, contentHash)]);
    await Promise.all(old.map((file) => rm(file, { force: true })));
  } catch {
    // Read-only or full disk: see above.
  }
}

async function readIndex(folder: string, request: RequestKey): Promise<readonly IndexEntry[]> {
  const index = await readJson<readonly IndexEntry[]>(indexFile(folder, request));
  return Array.isArray(index) ? (index as IndexEntry[]).filter(isIndexEntry) : [];
}

async function readResult(folder: string, contentHash: string): Promise<Artifact | undefined> {
  const stored = await readJson<StoredCompilation>(resultFile(folder, contentHash));
  if (typeof stored?.artifact !== 'object' || stored.artifact === null) return undefined;
  if (hashOf(JSON.stringify(stored.artifact)) !== stored.checksum) return undefined;
  const input = await stat(inputFile(folder, contentHash)).catch(() => undefined);
  return input?.size === stored.inputSize ? stored.artifact : undefined;
}

function isIndexEntry(entry: Partial<IndexEntry> | null): entry is IndexEntry {
  return typeof entry?.contentHash === 'string' && typeof entry.sources === 'object';
}

async function readJson<T>(path: string): Promise<Partial<T> | undefined> {
  try {
    return (JSON.parse(await readFile(path, 'utf8')) as Partial<T> | null) ?? undefined;
  } catch {
    return undefined;
  }
}

function indexFile(folder: string, request: RequestKey): string {
  return join(folder, `${hashOf(JSON.stringify(request)).slice(0, 32)}.index.json`);
}

/** Where a result is kept, by the hash of everything that it was made of. */
function resultFile(folder: string, contentHash: string): string {
  return join(folder, `${contentHash}.json`);
}

function mapValues<A, B>(values: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]));
}
