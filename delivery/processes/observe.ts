import { setTimeout as sleep } from 'node:timers/promises';
import { toRoot } from '@cutover/base/project.ts';
import { processStartTime } from '@cutover/base/process-identity.ts';
import type { Answer, MissingSecret, Observation, ProcessRecord } from '../plan/process.ts';
import type { ProcessInputs } from '../plan/process-definition.ts';
import { dataId, processFolder, readRecord } from './folder.ts';
import type { Place } from './kind.ts';
import { kindOf } from './kinds.ts';
import { processState } from './process-table.ts';
import { hashSecrets, isMissing } from './secrets.ts';

/** Where the process of these inputs stands. */
export function placeOf(inputs: ProcessInputs): Place {
  const { stack, name, ports, definition } = inputs;
  return { stack, name, ports, definition, folder: processFolder(stack, name) };
}

/** Looks at a process: is it there, does it answer, has it its data? Milliseconds, or `timeout` when it hangs. */
export async function observe(place: Place, timeout: number): Promise<Observation> {
  const record = await readRecord(place.folder);
  const [seen, data, missing, secretsHash] = await Promise.all([
    look(record, timeout),
    dataId(place.folder),
    missingSecrets(place),
    secretsAtStart(record ?? place),
  ]);
  return {
    record,
    ...seen,
    data: data === undefined ? 'missing' : data === record?.dataId ? 'there' : 'replaced',
    missingSecrets: missing,
    secretsHash,
  };
}

/** Whether what was written down still runs, and what it answers. It asks the process that was started, on its ports. */
export async function look(
  record: ProcessRecord | undefined,
  timeout: number,
): Promise<Pick<Observation, 'life' | 'answer'>> {
  const nothing: Answer = { kind: 'silent', detail: 'it does not run' };
  if (record === undefined) return { life: 'never started', answer: nothing };
  const before = await lifeOf(record);
  // One that is suspended is not asked: it would keep us waiting.
  if (before !== 'running') return { life: before, answer: nothing };
  const answer = await kindOf(record.definition).probe(record, timeout);
  // One that was killed is there for some milliseconds more, without answering.
  if (answer.kind === 'silent') await sleep(50);
  // It may have died while it was asked; then someone else answered, or nobody.
  const after = await lifeOf(record);
  return after === 'running' ? { life: after, answer } : { life: after, answer: nothing };
}

async function lifeOf({ pid, started }: ProcessRecord): Promise<'running' | 'suspended' | 'dead'> {
  const [now, { suspended }] = await Promise.all([processStartTime(pid), processState(pid)]);
  return now !== started ? 'dead' : suspended ? 'suspended' : 'running';
}

async function missingSecrets({ definition }: Place): Promise<readonly MissingSecret[]> {
  const secrets = kindOf(definition).secrets(definition);
  const missing = await Promise.all(secrets.map(({ ref }) => isMissing(ref)));
  return secrets
    .filter((_, index) => missing[index])
    .map(({ ref, takenUp }) => ({ file: toRoot(ref.name), takenUp }));
}

/** A hash of the secrets that a start reads. */
export function secretsAtStart({ definition }: Pick<Place, 'definition'>): Promise<string> {
  const secrets = kindOf(definition).secrets(definition);
  return hashSecrets(secrets.filter(({ takenUp }) => takenUp === 'at start').map(({ ref }) => ref));
}
