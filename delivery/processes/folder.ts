import { mkdir, readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { writeFileAtomic } from '@cutover/base/atomic-file.ts';
import { runtimeFolder } from '@cutover/base/project.ts';
import type { ProcessRecord } from '../plan/process.ts';

/** Where a process keeps what is its own. */
export interface ProcessFolder {
  readonly path: string;
  /** `process.json`: what was started last. */
  readonly record: string;
  /** Standard output and error. */
  readonly log: string;
  readonly data: string;
  /** Held while a command changes the process. */
  readonly lock: string;
}

/** The folder that holds the processes of a stack. */
export function processesFolder(stack: string): string {
  return join(runtimeFolder, stack, 'processes');
}

/** The folder of one process. */
export function processFolder(stack: string, name: string): ProcessFolder {
  const path = join(processesFolder(stack), name);
  return {
    path,
    record: join(path, 'process.json'),
    log: join(path, 'log'),
    data: join(path, 'data'),
    lock: join(path, 'lock'),
  };
}

/** The names of all processes that a stack has, or had. */
export async function processNames(stack: string): Promise<readonly string[]> {
  const entries = await readdir(processesFolder(stack), { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

/** What was started last; undefined when nothing was, or when the file is not whole. */
export async function readRecord(folder: ProcessFolder): Promise<ProcessRecord | undefined> {
  try {
    return JSON.parse(await readFile(folder.record, 'utf8')) as ProcessRecord;
  } catch {
    return undefined;
  }
}

/** Keeps what was started. SIDE EFFECTS: writes process.json. */
export async function writeRecord(folder: ProcessFolder, record: ProcessRecord): Promise<void> {
  await writeFileAtomic(folder.record, `${JSON.stringify(record, undefined, 2)}\n`, 0o600);
}

/** Names a data folder: one that was deleted and made anew has another name. Undefined when there is none. */
export async function dataId(folder: ProcessFolder): Promise<string | undefined> {
  const facts = await stat(folder.data, { bigint: true }).catch(() => undefined);
  return facts === undefined ? undefined : `${facts.ino}-${facts.birthtimeNs}`;
}

/** Makes the folders of a process. SIDE EFFECTS: writes to disk. */
export async function makeFolders(folder: ProcessFolder): Promise<void> {
  await mkdir(folder.path, { recursive: true, mode: 0o700 });
  await mkdir(folder.data, { recursive: true, mode: 0o700 });
}

const generationFile = (folder: ProcessFolder): string => join(folder.data, 'generation');

/** Names the history of the data: another one means that it began again from nothing. */
export async function readGeneration(folder: ProcessFolder): Promise<string | undefined> {
  return (await readFile(generationFile(folder), 'utf8').catch(() => undefined))?.trim();
}

/** Begins a new history. SIDE EFFECTS: writes data/generation. */
export async function newGeneration(folder: ProcessFolder): Promise<string> {
  const generation = randomBytes(6).toString('hex');
  await writeFileAtomic(generationFile(folder), `${generation}\n`);
  return generation;
}
