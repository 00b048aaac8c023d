import { isDeepStrictEqual } from 'node:util';
import { hasUnknown } from '@cutover/base/dispatch.ts';
import type { Handler } from '@cutover/base/dynamic.ts';
import { CutoverError, messageOf } from '@cutover/base/errors.ts';
import { gateProblems, timingOf, type GateInputs } from '../plan/gate-inputs.ts';
import { waitText } from '../plan/gate-text.ts';
import type { CheckMiss, GateProgress } from '../plan/gate.ts';
import { engineCancelled } from './cancel.ts';
import { probe } from './probe.ts';
import { openSecrets, type Secrets } from './secrets.ts';
import { waitForGate } from './wait.ts';

/** What is kept of a gate that has passed. */
export interface GateState extends GateInputs {
  /** When it last passed, as an ISO date. */
  readonly passedAt: string;
  /** How many rounds it took. */
  readonly attempts: number;
}

// A gate that stood open is looked at on every update and preview, so the look is short.
const QUICK_LOOK_MS = 1000;

/** A gate as a resource: creating or updating it waits; every `up` and preview looks whether it still stands open. */
export const handler: Handler<GateInputs, GateState> = {
  check: (_, news) => Promise.resolve({ inputs: news, failures: gateProblems(news) }),
  diff: async (_, olds, news) => {
    if (hasUnknown(news) || !sameInputs(olds, news)) return { changes: true };
    const miss = await quickLook(news);
    if (miss === undefined) return { changes: false };
    console.log(
      `${labelOf(news)} was healthy and is not now: ${miss.check} (${miss.target}): ${miss.reason}; it is waited for again`,
    );
    return { changes: true };
  },
  create: async (inputs) => ({ id: `${inputs.system}-${inputs.tier}`, outs: await pass(inputs) }),
  update: async (_, __, news) => ({ outs: await pass(news) }),
};

/** Waits until the gate passes; refuses the update when it does not. SIDE EFFECTS: connects to what is checked. */
async function pass(inputs: GateInputs): Promise<GateState> {
  const secrets = await openSecrets(inputs.checks);
  const { kind, progress } = await waitForGate(labelOf(inputs), timingOf(inputs), {
    look: () => lookAtAll(inputs, secrets, inputs.requestTimeoutSeconds * 1000),
    say: (line) => console.log(line),
    signal: engineCancelled,
  });
  if (kind === 'stopped') throw new CutoverError('CUT-4202', { gate: labelOf(inputs) });
  if (kind === 'failed') throw refusal(inputs, progress);
  return { ...inputs, passedAt: new Date().toISOString(), attempts: progress.attempts };
}

/** Asks all checks at the same time; the first one in their order that is not good speaks for all. */
async function lookAtAll(
  inputs: GateInputs,
  secrets: Secrets,
  timeoutMs: number,
): Promise<CheckMiss | undefined> {
  const misses = await Promise.all(
    inputs.checks.map((check) => probe(check, secrets, timeoutMs, engineCancelled)),
  );
  return misses.find((miss) => miss !== undefined);
}

/** One short look. Who previews may lack the secrets that a check needs; that is said and is no drift. */
async function quickLook(inputs: GateInputs): Promise<CheckMiss | undefined> {
  let secrets: Secrets;
  try {
    secrets = await openSecrets(inputs.checks);
  } catch (error) {
    console.log(`${labelOf(inputs)} cannot be looked at from here: ${messageOf(error)}`);
    return undefined;
  }
  return lookAtAll(inputs, secrets, Math.min(QUICK_LOOK_MS, inputs.requestTimeoutSeconds * 1000));
}

function refusal(inputs: GateInputs, progress: GateProgress): CutoverError {
  const miss = progress.lastMiss;
  const logs = inputs.logs.length === 0 ? '' : `Read ${inputs.logs.join(' and ')}. `;
  return new CutoverError('CUT-4200', {
    system: inputs.system,
    tier: inputs.tier,
    check: miss?.check,
    target: miss?.target,
    reason: miss?.reason,
    answer: miss?.answer,
    tried: waitText(timingOf(inputs), progress),
    look: `${logs}Run ./cutover status ${inputs.stack}.`,
  });
}

function labelOf(inputs: GateInputs): string {
  return `gate ${inputs.system}/${inputs.tier}`;
}

/** Compares what the program gives, leaving out what the gate itself added. */
function sameInputs(olds: GateState, news: GateInputs): boolean {
  return (Object.keys(news) as (keyof GateInputs)[]).every((key) => isDeepStrictEqual(olds[key], news[key]));
}
