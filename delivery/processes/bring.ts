import { rm } from 'node:fs/promises';
import { decide, type Decision, type Observation, type ProcessRecord, type Wanted } from '../plan/process.ts';
import { definitionHashes, type ProcessInputs } from '../plan/process-definition.ts';
import { dataId, writeRecord } from './folder.ts';
import type { Place } from './kind.ts';
import { kindOf } from './kinds.ts';
import { withLock } from './lock.ts';
import { observe, placeOf } from './observe.ts';
import { environmentOf, launchTag, processState, readLaunchTag, taggedProcesses } from './process-table.ts';
import { startProcess, waitUntilItAnswers } from './start.ts';
import { stopProcess } from './stop.ts';

/** How long a healthy process may take to answer. It takes milliseconds; a hung one never answers. */
const answerTimeout = 1500;

/** What is, what is wanted, and what follows. */
export interface Comparison {
  readonly seen: Observation;
  readonly decision: Decision;
}

/** Compares a process with what is wanted of it. Changes nothing. */
export async function compare(inputs: ProcessInputs): Promise<Comparison> {
  const seen = await observe(placeOf(inputs), answerTimeout);
  return { seen, decision: decide(wantedOf(inputs), seen) };
}

/**
 * Brings a process to what is wanted, from wherever it is: not there, dead, hung, described anew, or started by a
 * command that was killed before it could write that down. Run twice, the second time does nothing.
 * SIDE EFFECTS: starts and stops processes; writes in the process's folder.
 */
export async function bring(inputs: ProcessInputs): Promise<ProcessRecord> {
  const place = placeOf(inputs);
  return withLock(place.folder, place.name, async () => {
    const { launchHash } = wantedOf(inputs);
    await takeOver(place, launchHash);
    const { seen, decision } = await compare(inputs);
    switch (decision.step) {
      case 'keep':
        // Keys of the stack file may have been renamed; nothing of the process depends on them.
        return keep(place, { ...(seen.record as ProcessRecord), ports: inputs.ports });
      case 'settle':
        return settle(place, seen.record as ProcessRecord, inputs);
      case 'restart':
      case 'start':
        await stopProcess(place.folder, place.name);
        // Whatever is there now was written by a process that was ending, into a folder that someone deleted.
        if (seen.data === 'missing') await rm(place.folder.data, { recursive: true, force: true });
        return settle(place, await startProcess(place, launchHash), inputs);
    }
  });
}

/**
 * Finds a process that was started and never written down, or was still starting, since our command was killed. If it
 * is what is wanted it is written down and waited for; everything else of its folder is stopped by the caller.
 */
async function takeOver(place: Place, launchHash: string): Promise<void> {
  const seen = await observe(place, answerTimeout);
  if (seen.life === 'running') {
    const young = Date.now() - Date.parse(seen.record?.startedAt ?? '') < 30_000;
    if (seen.answer.kind === 'silent' && young && seen.data === 'there') {
      await waitUntilItAnswers(place, seen.record as ProcessRecord).catch(() => undefined);
    }
    return;
  }
  if (seen.life === 'suspended' || seen.data === 'missing') return;
  const found = await taggedProcesses(place.folder);
  const states = await Promise.all(found.map(({ pid }) => processState(pid)));
  const leaders = found.filter((_, index) => states[index]?.leader === true && !states[index]?.suspended);
  const [only] = leaders;
  if (only === undefined || leaders.length > 1) return;
  const launched = readLaunchTag(await environmentOf(only.pid, launchTag));
  if (launched?.hash !== launchHash) return;
  const record: ProcessRecord = {
    name: place.name,
    ...only,
    startedAt: new Date().toISOString(),
    launchHash,
    dataId: (await dataId(place.folder)) ?? '',
    engine: launched.engine,
    version: launched.version,
    ports: place.ports,
    definition: place.definition,
  };
  await writeRecord(place.folder, record);
  await waitUntilItAnswers(place, record).catch(() => undefined);
}

async function settle(place: Place, record: ProcessRecord, inputs: ProcessInputs): Promise<ProcessRecord> {
  await kindOf(place.definition).settle?.(place);
  const { settle: settleHash } = definitionHashes(inputs);
  return keep(place, { ...record, settleHash, ports: inputs.ports, definition: inputs.definition });
}

async function keep(place: Place, record: ProcessRecord): Promise<ProcessRecord> {
  await writeRecord(place.folder, record);
  return record;
}

function wantedOf(inputs: ProcessInputs): Wanted {
  const { launch, settle } = definitionHashes(inputs);
  return { name: inputs.name, launchHash: launch, settleHash: settle };
}
