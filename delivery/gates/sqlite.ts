import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fromRoot } from '@cutover/base/project.ts';
import type { SqliteCheck } from '../plan/gate-check.ts';
import type { ProbeAnswer, ProbeContext } from './context.ts';

/**
 * Runs the query of an SQLite check on a file opened for reading only, in a process of its own: a query cannot be
 * interrupted from within, and would stop everything else here until it ends. SIDE EFFECTS: starts and ends a process.
 */
export async function querySqlite(check: SqliteCheck, { signal }: ProbeContext): Promise<ProbeAnswer> {
  const program = join(import.meta.dirname, 'sqlite-query.ts');
  const running = promisify(execFile)(process.execPath, [program], {
    signal,
    killSignal: 'SIGKILL',
    env: {},
  });
  running.child.stdin?.end(JSON.stringify({ ...check, file: fromRoot(check.file) }));
  const { stdout } = await running;
  const said = JSON.parse(stdout) as ProbeAnswer | { readonly failed: string };
  if ('failed' in said) throw new Error(said.failed);
  return said;
}
