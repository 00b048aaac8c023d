import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { projectRoot } from '@cutover/base/project.ts';
import type { Cloud } from '../../ops/twin/cloud.ts';

/** How a run of the engine ended, and all that it printed. */
export interface Run {
  readonly exit: number | null;
  readonly text: string;
}

/** Runs the engine on a program of test/fixtures; `onStart` gets its process id. SIDE EFFECTS: runs the Pulumi CLI. */
export function runProgram(
  fixture: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  onStart?: (pid: number) => void,
): Promise<Run> {
  return runEngineIn(join(projectRoot, 'test', 'fixtures', fixture), args, env, onStart);
}

/** Runs the engine on the program in a folder. SIDE EFFECTS: runs the Pulumi CLI. */
export function runEngineIn(
  cwd: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  onStart?: (pid: number) => void,
): Promise<Run> {
  const child = spawn('pulumi', [...args, '--non-interactive'], {
    cwd,
    env: { ...env, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (child.pid !== undefined) onStart?.(child.pid);
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (part: string) => (text += part));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exit) => resolve({ exit, text }));
  });
}

/** Takes a run that must have succeeded; shows what was printed when it did not. */
export function done(run: Run): string {
  if (run.exit !== 0) throw new Error(`It ended with ${run.exit}:\n${run.text}`);
  return run.text;
}

/** The number of the last call that was made of the cloud. */
export function lastCall(cloud: Cloud): number {
  return cloud.ledger().at(-1)?.seq ?? 0;
}

/** What has been asked of the cloud since a call: `update aws:ecs/service:Service`, each once. */
export function changesSince(cloud: Cloud, seq: number): readonly string[] {
  const changes = cloud
    .ledger()
    .filter((row) => row.seq > seq && ['create', 'update', 'delete'].includes(row.operation))
    .map(({ operation, type }) => `${operation} ${type}`);
  return [...new Set(changes)].sort();
}
