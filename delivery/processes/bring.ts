import { rm } from 'node:fs/promises';
import type { ProcessRecord } from '../plan/process.ts';
import { definitionHashes, type PortUse, type ProcessInputs } from '../plan/process-definition.ts';
import { answerTimeout, compare } from './compare.ts';
import { dataId, writeRecord } from './folder.ts';
import type { Place } from './kind.ts';
import { kindOf } from './kinds.ts';
import { withLock } from './lock.ts';
import { observe, placeOf } from './observe.ts';
import { environmentOf, firstOnes, launchTag, readLaunchTag, taggedProcesses } from './process-table.ts';
import { assertPortsFree, startProcess, waitUntilItAnswers } from './start.ts';
import { stopProcess } from './stop.ts';

/**
 * Brings a process to what is wanted, from wherever it is: not there, dead, hung, described anew, or started by a
 * command that was killed before it could write that down. Run twice, the second time does nothing.
 * SIDE EFFECTS: starts and stops processes; writes in the process's folder.
 */
export async function bring(inputs: ProcessInputs): Promise<ProcessRecord> {
  const place = placeOf(inputs);
  return withLock(place.folder, place.name, async () => {
    const launchHash = definitionHashes(inputs).launch;
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
        // What runs is not stopped for a start that is known to fail.
        await kindOf(place.definition).locate(place.definition, place.name);
        await assertPortsFree(place, portsBeside(seen.record, inputs.ports));
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
    // Nothing was settled on it yet, so it never answered: it is starting, not hanging.
    const starting = seen.record !== undefined && seen.record.settleHash === undefined;
    if (starting && seen.answer.kind === 'silent' && seen.data === 'there') {
      await waitUntilItAnswers(place, seen.record).catch(() => undefined);
    }
    return;
  }
  if (seen.life === 'suspended' || seen.data === 'missing') return;
  const [only, ...others] = await firstOnes(await taggedProcesses(place.folder));
  // A child that outlived its parent is no leader.
  if (only === undefined || others.length > 0 || !only.leader || only.suspended) return;
  const launched = readLaunchTag(await environmentOf(only.pid, launchTag));
  if (launched?.hash !== launchHash) return;
  const record: ProcessRecord = {
    name: place.name,
    pid: only.pid,
    started: only.started,
    startedAt: new Date().toISOString(),
    launchHash,
    secretsHash: seen.secretsHash,
    dataId: (await dataId(place.folder)) ?? '',
    engine: launched.engine,
    version: launched.version,
    ports: place.ports,
    definition: place.definition,
  };
  await writeRecord(place.folder, record);
  await waitUntilItAnswers(place, record).catch(() => undefined);
}

/** The ports that a process of ours does not hold already. */
function portsBeside(record: ProcessRecord | undefined, ports: readonly PortUse[]): readonly PortUse[] {
  const held = new Set(record?.ports.map(({ port }) => port) ?? ports.map(({ port }) => port));
  return ports.filter(({ port }) => !held.has(port));
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
