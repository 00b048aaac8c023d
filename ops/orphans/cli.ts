import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CutoverError } from '@cutover/base/errors.ts';
import type { ImportFile } from './import-file.ts';
import { mended, type MendedState } from './mend.ts';
import type { ProgramStep } from './steps.ts';

/** Where and how the Pulumi CLI runs on a stack. */
export interface CliPlace {
  readonly stack: string;
  /** Where the program is. */
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  /** What commands that read the stack's file are given besides. */
  readonly args: readonly string[];
}

/** What a preview says: its steps, and where it did not get to the end, why. */
export interface Asked {
  readonly steps: readonly ProgramStep[];
  readonly problem?: string;
}

/** What the program would make. SIDE EFFECTS: runs a preview, which changes nothing. */
export async function askProgram(place: CliPlace): Promise<Asked> {
  const { ok, stdout, said } = await pulumi(place, ['preview', '--json', ...place.args]);
  const { steps = [], diagnostics = [] } = parsed<{
    readonly steps?: readonly ProgramStep[];
    readonly diagnostics?: readonly { readonly severity?: string; readonly message?: string }[];
  }>(stdout);
  if (ok) return { steps };
  const error = diagnostics.find(({ severity }) => severity === 'error')?.message;
  return { steps, problem: firstLines(error ?? said) };
}

/** Imports into the state. What went wrong, undefined where nothing did. SIDE EFFECTS: changes the state. */
export async function importFile(place: CliPlace, file: ImportFile): Promise<string | undefined> {
  return withFile(file, async (path) => {
    const options = ['--protect=false', '--generate-code=false', '--skip-preview', '--yes'];
    const { ok, said } = await pulumi(place, ['import', '--file', path, ...options, ...place.args]);
    return ok ? undefined : said;
  });
}

/**
 * Marks in the state what providers fill in, drawn names, and takes away pending creates of what it knows. The CLI takes
 * no lock for that: an update that starts in this second writes its own state over it, and only the marks are lost.
 * SIDE EFFECTS: rewrites the state.
 */
export async function mendState(
  place: CliPlace,
  marks: ReadonlyMap<string, readonly string[]>,
): Promise<void> {
  const stack = ['--stack', place.stack];
  const run = async (...args: readonly string[]): Promise<string> => {
    const { ok, stdout, said } = await pulumi(place, ['stack', ...args, ...stack]);
    if (!ok) throw new CutoverError('CUT-5491', { stack: place.stack, lines: indented(said) });
    return stdout;
  };
  const { deployment, ...rest } = parsed<{ readonly deployment?: MendedState }>(await run('export'));
  const better = deployment && mended(deployment, marks);
  if (better === undefined) return;
  await withFile({ ...rest, deployment: better }, (path) => run('import', '--file', path));
}

/** The lines of an error as they stand in another. */
export function indented(text: string): string {
  return `  ${text.replaceAll('\n', '\n  ')}`;
}

interface Ran {
  readonly ok: boolean;
  readonly stdout: string;
  /** What it said about what went wrong. */
  readonly said: string;
}

function pulumi({ folder, env }: CliPlace, args: readonly string[]): Promise<Ran> {
  const options = { cwd: folder, env: plain(env), maxBuffer: 1 << 28, timeout: 30 * 60_000 };
  return new Promise((resolve) => {
    execFile(
      'pulumi',
      [...args, '--non-interactive', '--color', 'never'],
      options,
      (error, stdout, stderr) => {
        const errors = `${stderr}\n${stdout}`.split('\n').filter((line) => /^\s*error: /.test(line));
        const said = errors.map((line) => line.replace(/^\s*error: /, '')).join('\n');
        const fallback = stderr.trim() || `the CLI ended with ${error?.code ?? error?.signal}`;
        resolve({ ok: error === null, stdout, said: firstLines(said || fallback) });
      },
    );
  });
}

/** A preview that streams prints events instead of steps. */
function plain({ PULUMI_ENABLE_STREAMING_JSON_PREVIEW: _, ...env }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return env;
}

function firstLines(text: string): string {
  return text.trim().split('\n').slice(0, 10).join('\n');
}

function parsed<T extends object>(text: string): Partial<T> {
  try {
    return JSON.parse(text) as T;
  } catch {
    return {};
  }
}

/** Nobody else can read it: what it holds may be a state. */
async function withFile<T>(content: object, work: (path: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'cutover-import-'));
  try {
    const path = join(folder, 'import.json');
    await writeFile(path, JSON.stringify(content), { mode: 0o600 });
    return await work(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
