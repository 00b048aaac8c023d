import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CutoverError } from '@cutover/base/errors.ts';
import type { Migrations } from '@cutover/delivery/migrations/engine.ts';
import { migrateTo } from '@cutover/delivery/migrations/front.ts';
import { startProcess, type TestProcess } from '../services/processes.ts';

/** A temporary folder; its name has a space and a letter beyond ASCII, as a user's folder may. */
export function temporaryFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'cutover mïgrate '));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

let made = 0;

/** A folder of migrations under another one. Each gets a path of its own: modules are cached by their path. */
export function folderOf(root: string, files: Readonly<Record<string, string>>): string {
  const folder = join(root, `migrations ${(made += 1)}`);
  mkdirSync(folder);
  writeAll(folder, files);
  return folder;
}

/** Writes files into a folder. */
export function writeAll(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
}

/** An SQL migration with both directions. */
export function sql(up: string, down?: string): string {
  return `-- Up Migration\n${up}\n${down === undefined ? '' : `\n-- Down Migration\n${down}\n`}`;
}

/** Migrates and returns what was said and what came of it, or the error. */
export async function run(migrations: Migrations, target = migrations.target ?? 'latest') {
  const lines: string[] = [];
  try {
    const outcome = await migrateTo({ ...migrations, target }, { say: (line) => lines.push(line) });
    const ran = outcome.ran.map(({ direction, name }) => `${direction} ${name}`);
    return { lines, ran, current: outcome.current, copy: outcome.copy, error: undefined };
  } catch (error) {
    if (!(error instanceof CutoverError)) throw error;
    return { lines, ran: [], current: undefined, copy: undefined, error };
  }
}

/** The same in a process of its own, which can be killed. */
export function runInProcess(
  migrations: Migrations,
  env: Readonly<Record<string, string>> = {},
): TestProcess {
  const child = join(import.meta.dirname, 'migration-child.ts');
  return startProcess(process.execPath, [child, JSON.stringify(migrations)], env);
}

/** The quickest of some idle runs, in milliseconds: the machine may be busy with other tests. */
export async function quickestIdleRun(migrations: Migrations): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index < 5; index += 1) {
    const started = performance.now();
    if ((await migrateTo(migrations)).ran.length > 0) throw new Error('it was not idle');
    times.push(performance.now() - started);
  }
  return Math.min(...times);
}
