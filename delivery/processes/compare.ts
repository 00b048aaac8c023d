import { decide, type Decision, type Observation, type Wanted } from '../plan/process.ts';
import { definitionHashes, type ProcessInputs } from '../plan/process-definition.ts';
import { observe, placeOf } from './observe.ts';

/** How long a healthy process may take to answer. It takes milliseconds; a hung one never answers. */
export const answerTimeout = 1500;

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

function wantedOf(inputs: ProcessInputs): Wanted {
  const { launch, settle } = definitionHashes(inputs);
  return { name: inputs.name, launchHash: launch, settleHash: settle };
}
