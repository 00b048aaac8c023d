import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { writeFileAtomic } from '@cutover/base/atomic-file.ts';
import { runtimeFolder } from '@cutover/base/project.ts';
import { chooseCache } from '@cutover/base/user-cache.mjs';
import type { Artifact } from '../plan/artifact.ts';
import type { SourceTexts } from './compiler-output.ts';

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
  /** The whole standard JSON input: explorers verify with it. */
  readonly input: unknown;
}

/** Branches that are switched between stay warm; what is older goes. */
const entriesKept = 8;

/** Where results are kept, unless another folder is named. */
export const defaultCacheFolder = join(runtimeFolder, 'cache', 'solc');

/** Where all clones of a user share results: the compiler works once for all of them. SIDE EFFECTS: makes the folder. */
export function sharedCacheFolder(): string {
  return join(chooseCache().folder, 'solc');
}

/** Where a result is kept, by the hash of everything that it was made of. */
export function cacheFile(folder: string, contentHash: string): string {
  return join(folder, `${contentHash}.json`);
}

/**
 * The result of an earlier compilation of the very same sources, or undefined. Anything that cannot be read or does
 * not match its checksum counts as not there. SIDE EFFECTS: reads files.
 */
export async function cachedCompilation(
  folder: string,
  request: RequestKey,
  readSource: (name: string) => string | undefined,
): Promise<Artifact | undefined> {
  const current = new Map<string, string>();
  const unchanged = ([name, hash]: [string, string]): boolean => {
    const known = current.get(name) ?? hashOf(readSource(name) ?? '');
    current.set(name, known);
    return known === hash;
  };
  for (const entry of await readIndex(folder, request)) {
    if (!Object.entries(entry.sources).every(unchanged)) continue;
    const artifact = await readResult(cacheFile(folder, entry.contentHash));
    if (artifact !== undefined) return artifact;
  }
  return undefined;
}

/**
 * The same out of another folder; what is found is kept in the own one as well. SIDE EFFECTS: reads files, writes two.
 */
export async function takeCompilation(
  from: string,
  folder: string,
  request: RequestKey,
  readSource: (name: string) => string | undefined,
): Promise<Artifact | undefined> {
  const artifact = await cachedCompilation(from, request, readSource);
  const file = artifact?.compilerInput?.path;
  if (file === undefined) return undefined;
  const contentHash = basename(file, '.json');
  const [entry] = (await readIndex(from, request)).filter((each) => each.contentHash === contentHash);
  const stored = await readJson<StoredCompilation>(cacheFile(from, contentHash));
  if (entry === undefined || stored === undefined) return undefined;
  await keep(folder, request, entry, JSON.stringify(stored));
  return artifact;
}

/**
 * Keeps a result. Two processes may do so at once: each file is written whole. A cache that cannot be written costs
 * time on the next run and nothing else, so it is no error. SIDE EFFECTS: writes two files, deletes old ones.
 */
export async function storeCompilation(
  folder: string,
  request: RequestKey,
  contentHash: string,
  sources: SourceTexts,
  artifact: Artifact,
): Promise<void> {
  const stored: StoredCompilation = {
    checksum: hashOf(JSON.stringify(artifact)),
    artifact,
    input: {
      language: 'Solidity',
      sources: mapValues(sources, (content) => ({ content })),
      settings: request.settings,
    },
  };
  const entry: IndexEntry = { contentHash, sources: mapValues(sources, hashOf) };
  await keep(folder, request, entry, JSON.stringify(stored));
}

async function keep(folder: string, request: RequestKey, entry: IndexEntry, stored: string): Promise<void> {
  const others = (await readIndex(folder, request)).filter(
    (other) => other.contentHash !== entry.contentHash,
  );
  const entries = [entry, ...others];
  try {
    await writeFileAtomic(cacheFile(folder, entry.contentHash), stored);
    await writeFileAtomic(indexFile(folder, request), JSON.stringify(entries.slice(0, entriesKept)));
    const old = entries
      .slice(entriesKept)
      .map((other) => rm(cacheFile(folder, other.contentHash), { force: true }));
    await Promise.all(old);
  } catch {
    // Read-only or full disk: see above.
  }
}

async function readIndex(folder: string, request: RequestKey): Promise<readonly IndexEntry[]> {
  const index = await readJson<readonly IndexEntry[]>(indexFile(folder, request));
  return Array.isArray(index) ? (index as IndexEntry[]).filter(isIndexEntry) : [];
}

async function readResult(path: string): Promise<Artifact | undefined> {
  const stored = await readJson<StoredCompilation>(path);
  if (typeof stored?.artifact !== 'object' || stored.artifact === null) return undefined;
  if (hashOf(JSON.stringify(stored.artifact)) !== stored.checksum) return undefined;
  return stored.artifact;
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

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function mapValues<A, B>(values: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]));
}
