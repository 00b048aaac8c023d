import { spawnSync } from 'node:child_process';
import { readdir, readFile, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { CutoverError } from '@cutover/base/errors.ts';
import {
  processCommand,
  processesWithEnvironment,
  processStartTime,
} from '@cutover/base/process-identity.ts';
import { projectRoot } from '@cutover/base/project.ts';
import { engineTag } from './engine.ts';
import { readEngineLocks, readLocalState, stateFile } from './stack-state.ts';
import type { Terminal } from './terminal.ts';

/**
 * Clears what an engine that was killed left behind, so that the next update goes on by itself: its plugins, its lock,
 * its list of pending steps. Steps of ours find their own earlier work, so running them again doubles nothing.
 * Call it only while holding the update lock. SIDE EFFECTS: ends processes, removes lock files, rewrites the state.
 */
export async function recoverStack(stack: string, env: NodeJS.ProcessEnv, terminal: Terminal): Promise<void> {
  const stale = await staleLocks(stack);
  const orphans = await endOrphans(stack);
  for (const path of stale) await rm(path, { force: true });
  await removeTornFiles(stack);
  const state = await readLocalState(stack);
  const pending = state?.pendingOperations ?? 0;
  if (pending > 0) forgetPendingSteps(stack, env);
  if (stale.length + orphans + pending > 0) {
    const done = [
      stale.length > 0 ? 'its lock was released' : '',
      orphans > 0 ? `${orphans} left-over process(es) ended` : '',
      pending > 0 ? `${pending} unfinished step(s) will be taken up again` : '',
    ].filter((part) => part !== '');
    terminal.line(`The last update was cut off: ${done.join(', ')}.`);
  }
}

/** The locks whose engine is gone. Throws when one is held by an engine that still runs, or by another machine. */
async function staleLocks(stack: string): Promise<readonly string[]> {
  const { locks, unreadable } = await readEngineLocks(stack);
  for (const lock of locks) {
    if (lock.hostname !== hostname() || (await isEngine(lock.pid, lock.timestamp))) {
      const { hostname, username, pid, timestamp: since } = lock;
      throw new CutoverError('CUT-5103', { stack, hostname, username, pid, since });
    }
  }
  return [...locks.map(({ path }) => path), ...unreadable];
}

// A pid that is used again by something else is not the engine that took the lock.
async function isEngine(pid: number, lockedAt: string): Promise<boolean> {
  if ((await processStartTime(pid)) === undefined) return false;
  const command = await processCommand(pid);
  return (
    command !== undefined && /pulumi/.test(command.split(' ')[0] ?? '') && !Number.isNaN(Date.parse(lockedAt))
  );
}

/** Ends plugins and programs of an engine of this project that was killed: they would go on working unseen. */
async function endOrphans(stack: string): Promise<number> {
  const { name, value } = engineTag(stack);
  const tagged = (await processesWithEnvironment(name, value)).filter((pid) => pid !== process.pid);
  let ended = 0;
  for (const pid of tagged) {
    try {
      process.kill(pid, 'SIGKILL');
      ended++;
    } catch {
      // It ended by itself.
    }
  }
  return ended;
}

/**
 * Removes what an engine left half-written beside a state. Without the temporary copies nothing is lost. Metadata
 * (`dev.json.attrs`) is no longer written, but a state of an earlier version has some, and the engine refuses the whole
 * state when that was cut off; without it the state is read as it is.
 */
async function removeTornFiles(stack: string): Promise<void> {
  const folder = dirname(stateFile(stack));
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((each) => each.startsWith(`${stack}.json`))) {
    const path = join(folder, name);
    const torn = name.endsWith('.attrs') && !isJson(await readFile(path, 'utf8'));
    if (torn || name.endsWith('.tmp')) await rm(path, { force: true });
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The engine warns of pending steps at each update until they are dropped; ours need no such care. */
function forgetPendingSteps(stack: string, env: NodeJS.ProcessEnv): void {
  const exported = pulumi(['stack', 'export', '--stack', stack], env);
  const state = JSON.parse(exported) as { deployment: { pending_operations?: unknown } };
  delete state.deployment.pending_operations;
  pulumi(['stack', 'import', '--stack', stack], env, JSON.stringify(state));

  function pulumi(args: readonly string[], environment: NodeJS.ProcessEnv, input?: string): string {
    const run = spawnSync('pulumi', [...args, '--non-interactive'], {
      cwd: projectRoot,
      env: environment,
      encoding: 'utf8',
      maxBuffer: 256 << 20,
      ...(input === undefined ? {} : { input }),
    });
    if (run.status !== 0) throw new CutoverError('CUT-5105', { stack, message: run.stderr.trim() });
    return run.stdout;
  }
}
