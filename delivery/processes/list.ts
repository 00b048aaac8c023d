import { toRoot } from '@cutover/base/project.ts';
import type { PortUse, ProcessKind } from '../plan/process-definition.ts';
import { processFolder, processNames, readRecord } from './folder.ts';
import { look } from './observe.ts';

/** A local process as `status` shows it. */
export interface ProcessStatus {
  readonly name: string;
  readonly kind: ProcessKind;
  /** What runs: `anvil 1.7.1`. */
  readonly program: string;
  readonly pid: number;
  /** When it was started. */
  readonly since: string;
  /** `unwell`: it answers that it is not well. `hung`: it runs and does not answer. */
  readonly state: 'healthy' | 'unwell' | 'hung' | 'dead';
  /** Its last answer, or why there was none. */
  readonly detail: string;
  readonly ports: readonly PortUse[];
  /** Relative to the project's folder. */
  readonly log: string;
}

/**
 * Every process that a stack started and did not stop, looked at all at once. Works without the engine; takes as long
 * as the slowest answer, `timeout` milliseconds at most.
 */
export async function listProcesses(stack: string, timeout = 200): Promise<readonly ProcessStatus[]> {
  const names = await processNames(stack);
  const all = await Promise.all(names.map((name) => statusOf(stack, name, timeout)));
  return all.filter((each) => each !== undefined).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * Stops every process of a stack, written down or not, without the engine. Data and logs stay. Returns the names of
 * those that ran. SIDE EFFECTS: signals processes.
 */
export async function stopAll(stack: string): Promise<readonly string[]> {
  const [{ withLock }, { taggedProcesses }, { stopProcess }] = await Promise.all([
    import('./lock.ts'),
    import('./process-table.ts'),
    import('./stop.ts'),
  ]);
  const names = await processNames(stack);
  const stopped = await Promise.all(
    names.map(async (name) => {
      const folder = processFolder(stack, name);
      // Most often there is nothing left to stop; then there is nothing to wait for either.
      const record = await readRecord(folder);
      if (record === undefined && (await taggedProcesses(folder)).length === 0) return undefined;
      const ended = await withLock(folder, name, () => stopProcess(folder, name));
      return ended.length > 0 ? name : undefined;
    }),
  );
  return stopped.filter((name) => name !== undefined);
}

async function statusOf(stack: string, name: string, timeout: number): Promise<ProcessStatus | undefined> {
  const folder = processFolder(stack, name);
  const record = await readRecord(folder);
  if (record === undefined) return undefined;
  const { life, answer } = await look(record, timeout);
  const state =
    life === 'dead' || life === 'never started'
      ? 'dead'
      : life === 'suspended' || answer.kind === 'silent'
        ? 'hung'
        : answer.well
          ? 'healthy'
          : 'unwell';
  return {
    name,
    kind: record.definition.kind,
    program: `${record.engine} ${record.version}`,
    pid: record.pid,
    since: record.startedAt,
    state,
    detail: life === 'suspended' ? 'suspended by a signal' : answer.detail,
    ports: record.ports,
    log: toRoot(folder.log),
  };
}
