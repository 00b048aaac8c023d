import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CutoverError } from '@cutover/base/errors.ts';
import { processStartTime } from '@cutover/base/process-identity.ts';
import { runtimeFolder } from '@cutover/base/project.ts';
import type { SystemReport } from '../infra/report.ts';

/** What the state of a stack holds, as far as commands read it. */
export interface StackState {
  readonly resources: readonly {
    readonly urn: string;
    readonly type: string;
    readonly id?: string;
    readonly outputs?: Record<string, unknown>;
  }[];
  readonly pendingOperations: number;
  readonly updatedAt: string | undefined;
  readonly systems: Readonly<Record<string, SystemReport>>;
}

interface Checkpoint {
  readonly checkpoint: {
    readonly latest?: {
      readonly manifest?: { readonly time?: string };
      readonly resources?: StackState['resources'];
      readonly pending_operations?: readonly unknown[];
    };
  };
}

/** The file in which the engine keeps a stack whose state is in the project's folder. */
export function stateFile(stack: string): string {
  return join(runtimeFolder, 'state', '.pulumi', 'stacks', 'cutover', `${stack}.json`);
}

/** Reads the state of a stack that is kept in the project's folder; undefined when there is none. Takes milliseconds. */
export async function readLocalState(
  stack: string,
  file = stateFile(stack),
): Promise<StackState | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch {
    return undefined;
  }
  const latest = checkpointIn(text, stack, file).latest;
  const resources = latest?.resources ?? [];
  const root = resources.find(({ type }) => type === 'pulumi:pulumi:Stack');
  return {
    resources,
    pendingOperations: latest?.pending_operations?.length ?? 0,
    updatedAt: latest?.manifest?.time,
    systems: (root?.outputs?.['systems'] ?? {}) as Readonly<Record<string, SystemReport>>,
  };
}

function checkpointIn(text: string, stack: string, file: string): Checkpoint['checkpoint'] {
  try {
    const { checkpoint } = JSON.parse(text) as Partial<Checkpoint>;
    if (checkpoint !== undefined) return checkpoint;
    throw new Error('There is no checkpoint in it.');
  } catch (cause) {
    throw new CutoverError('CUT-5116', { stack, file }, { cause });
  }
}

/** One lock of the engine on a stack. */
export interface EngineLock {
  readonly path: string;
  readonly pid: number;
  readonly hostname: string;
  readonly username: string;
  readonly timestamp: string;
}

/** The engine's locks on a stack whose state is in a folder, the project's; `unreadable` are attributes and cut-off writes. */
export async function readEngineLocks(
  stack: string,
  state = join(runtimeFolder, 'state'),
  project = 'cutover',
): Promise<{ readonly locks: readonly EngineLock[]; readonly unreadable: readonly string[] }> {
  const folder = join(state, '.pulumi', 'locks', 'organization', project, stack);
  const locks: EngineLock[] = [];
  const unreadable: string[] = [];
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name);
    // Beside each lock lies a file with its attributes (`.json.attrs`), and beside a cut-off write its temporary file.
    const lock = name.endsWith('.json') ? await readLock(path) : undefined;
    if (lock === undefined) unreadable.push(path);
    else locks.push(lock);
  }
  return { locks, unreadable };
}

/** The engine that is at work under one of these locks; a lock whose holder was killed is none. */
export async function engineAtWork(locks: readonly EngineLock[]): Promise<number | undefined> {
  for (const { pid } of locks) if ((await processStartTime(pid)) !== undefined) return pid;
  return undefined;
}

async function readLock(path: string): Promise<EngineLock | undefined> {
  try {
    return { ...(JSON.parse(await readFile(path, 'utf8')) as Omit<EngineLock, 'path'>), path };
  } catch {
    return undefined;
  }
}
