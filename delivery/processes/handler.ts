import { isDeepStrictEqual } from 'node:util';
import { hasUnknown } from '@cutover/base/dispatch.ts';
import type { CheckFailure, Handler } from '@cutover/base/dynamic.ts';
import { messageOf } from '@cutover/base/errors.ts';
import { toRoot } from '@cutover/base/project.ts';
import { isDrift, type ProcessRecord } from '../plan/process.ts';
import {
  definitionProblems,
  nameProblems,
  type ProcessDefinition,
  type ProcessInputs,
} from '../plan/process-definition.ts';
import { compare } from './compare.ts';
import { fingerprint } from './fingerprint.ts';
import { processFolder, readGeneration } from './folder.ts';
import { kindOf } from './kinds.ts';

/** What the engine keeps of a local process. */
export interface ProcessState extends ProcessInputs {
  readonly pid: number;
  readonly startedAt: string;
  /** What runs, and its version. */
  readonly engine: string;
  readonly version: string;
  /** Changes when the data began again from nothing, so that what depends on it is looked at again. */
  readonly generation: string;
  /** Its log, relative to the project's folder. */
  readonly log: string;
}

/**
 * A child process that outlives `up`, as a managed resource. What starts and stops processes is loaded when it is
 * needed: most updates only look.
 */
export const handler: Handler<ProcessInputs, ProcessState> = {
  async check(_olds, news) {
    const inputs = await withFingerprint(news);
    const failures: CheckFailure[] = [...nameProblems(inputs), ...knownProblems(inputs.definition)].map(
      ({ property, problem }) => ({ property, reason: problem }),
    );
    try {
      await kindOf(inputs.definition).locate(inputs.definition, inputs.name);
    } catch (error) {
      failures.push({ property: 'definition', reason: messageOf(error) });
    }
    return { inputs, failures };
  },

  async diff(_id, olds, news) {
    const replaces = (['stack', 'name'] as const).filter((key) => olds[key] !== news[key]);
    if (replaces.length > 0) return { changes: true, replaces, deleteBeforeReplace: true };
    // A value that is known only later (the address of a contract that is still to be deployed) is a change.
    if (hasUnknown(news)) return { changes: true };
    const { seen, decision } = await compare(news);
    if (isDrift(seen, decision)) for (const line of decision.why) console.log(line);
    return { changes: decision.step !== 'keep' || !isDeepStrictEqual(inputsOf(olds), inputsOf(news)) };
  },

  async create(inputs) {
    const { bring } = await import('./bring.ts');
    const record = await bring(inputs);
    return { id: `${inputs.stack}/${inputs.name}`, outs: await stateOf(inputs, record) };
  },

  async update(_id, _olds, news) {
    const { bring } = await import('./bring.ts');
    return { outs: await stateOf(news, await bring(news)) };
  },

  /** Tells drift to `refresh`. What does not run as it was left is gone; creating it again brings it back. */
  async read(id, olds) {
    const inputs = inputsOf(olds);
    const { seen, decision } = await compare(inputs);
    if (isDrift(seen, decision) || seen.record === undefined) {
      for (const line of decision.why) console.log(line);
    }
    if (seen.record === undefined || seen.life === 'dead' || seen.life === 'never started') return {};
    // Hung, or without its data: it is there, and the next `up` mends it, since diff asks again.
    const { record } = seen;
    const running: ProcessInputs = { ...inputs, ports: record.ports, definition: record.definition };
    return { id, props: await stateOf(running, record), inputs: running };
  },

  async delete(_id, { stack, name }) {
    const [{ withLock }, { stopProcess }] = await Promise.all([import('./lock.ts'), import('./stop.ts')]);
    const folder = processFolder(stack, name);
    await withLock(folder, name, () => stopProcess(folder, name));
  },
};

async function stateOf(inputs: ProcessInputs, record: ProcessRecord): Promise<ProcessState> {
  const folder = processFolder(inputs.stack, inputs.name);
  return {
    ...inputsOf(inputs),
    pid: record.pid,
    startedAt: record.startedAt,
    engine: record.engine,
    version: record.version,
    generation: (await readGeneration(folder)) ?? '',
    log: toRoot(folder.log),
  };
}

// The state holds more than the inputs, and what the engine adds of its own.
function inputsOf({ stack, name, ports, definition }: ProcessInputs): ProcessInputs {
  return { stack, name, ports, definition };
}

async function withFingerprint(inputs: ProcessInputs): Promise<ProcessInputs> {
  const { definition } = inputs;
  if (definition.kind !== 'node-service' || hasUnknown(definition.sources)) return inputs;
  return { ...inputs, definition: { ...definition, fingerprint: await fingerprint(definition.sources) } };
}

function knownProblems(definition: ProcessDefinition): ReturnType<typeof definitionProblems> {
  return hasUnknown(definition) ? [] : definitionProblems(definition);
}
