import { rm } from 'node:fs/promises';
import { CutoverError, messageOf } from '@cutover/base/errors.ts';
import { dataId, readRecord, type ProcessFolder } from './folder.ts';
import { kindOf } from './kinds.ts';
import { firstOnes, leftAfter, runs, taggedProcesses, type Identity } from './process-table.ts';

const graceSeconds = 15;
/** For one whose data folder is gone: it has nowhere to save, and some refuse to end before they have. */
const graceSecondsWithoutData = 0.5;
const killSeconds = 5;

/**
 * Stops the process of a folder and all that it started, in order if it lets itself be: the signal that ends it, time
 * to end, and only then SIGKILL. A process is touched only when its pid started when we say, or carries our tag; a
 * stranger that has the pid by now is left alone. Data and log stay. Returns what was stopped.
 * SIDE EFFECTS: signals processes; removes process.json.
 */
export async function stopProcess(folder: ProcessFolder, name: string): Promise<readonly Identity[]> {
  const record = await readRecord(folder);
  const recorded = record !== undefined && (await runs(record)) ? record : undefined;
  const tagged = await taggedProcesses(folder);
  const all = unite(recorded, tagged);
  if (all.length > 0) {
    const signal = record === undefined ? 'SIGTERM' : kindOf(record.definition).stopSignal;
    // The first process tells its own children.
    for (const process of recorded === undefined ? await firstOnes(all) : [recorded]) {
      send(process, signal, name);
    }
    // One that is suspended cannot hear that it should end.
    for (const process of all) send(process, 'SIGCONT', name);
    const data = await dataId(folder);
    const hasData = data !== undefined && (record === undefined || data === record.dataId);
    let left = await leftAfter(all, hasData ? graceSeconds : graceSecondsWithoutData);
    // What it started in the meantime, and what outlived its parent.
    left = unite(undefined, [...left, ...(await taggedProcesses(folder))]);
    if (left.length > 0) {
      for (const process of left) send(process, 'SIGKILL', name);
      left = await leftAfter(left, killSeconds);
      const [stubborn] = left;
      if (stubborn !== undefined) {
        throw new CutoverError('CUT-4304', { name, pid: stubborn.pid, why: 'it outlived SIGKILL' });
      }
    }
  }
  await rm(folder.record, { force: true });
  return all;
}

function unite(first: Identity | undefined, others: readonly Identity[]): readonly Identity[] {
  const all = first === undefined ? others : [first, ...others];
  return [...new Map(all.map(({ pid, started }) => [pid, { pid, started }])).values()];
}

function send(target: Identity, signal: NodeJS.Signals, name: string): void {
  try {
    process.kill(target.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return;
    throw new CutoverError('CUT-4304', { name, pid: target.pid, why: messageOf(error) }, { cause: error });
  }
}
