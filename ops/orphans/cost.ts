import { monthlyCost, type Cost, type Inputs } from '../prices/monthly.ts';
import { kindsOf } from './kinds.ts';
import { matchesOf } from './match.ts';
import type { Found } from './plan.ts';
import { inputsOf, nameIn, type ProgramStep } from './steps.ts';

/** What is told of an orphan besides itself. */
export interface Told {
  readonly orphan: Found;
  readonly cost: Cost;
  /** Its name in the program, where that can be told. */
  readonly resource?: string;
}

/** What orphans cost, by what they were made with where that is known, else by what the program says of them. */
export function toldOf(
  orphans: readonly Found[],
  things: readonly Found[],
  steps: readonly ProgramStep[],
): readonly Told[] {
  const byArn = new Map(things.flatMap(({ arn, inputs }) => (arn === undefined ? [] : [[arn, inputs]])));
  const byUrn = new Map(steps.map((step) => [step.urn, step]));
  const lookUpIn =
    (inputs: Inputs | undefined, step: ProgramStep | undefined) =>
    (property: string): Inputs | undefined => {
      const [urn = ''] = step?.newState?.propertyDependencies?.[property] ?? [];
      const named = byUrn.get(urn);
      return named === undefined ? byArn.get(String(inputs?.[property])) : inputsOf(named);
    };
  return matchesOf(orphans, steps).map((match) => {
    const { orphan } = match;
    const step = match.kind === 'cannot be told' ? undefined : match.step;
    const inputs = orphan.inputs ?? (step === undefined ? undefined : inputsOf(step));
    return {
      orphan,
      cost: costOf(typesOf(orphan, step), inputs, lookUpIn(inputs, step)),
      ...(step !== undefined && { resource: nameIn(step.urn) }),
    };
  });
}

function typesOf(orphan: Found, step: ProgramStep | undefined): readonly string[] {
  if (step?.newState !== undefined) return [step.newState.type];
  return orphan.type.startsWith('aws:') ? [orphan.type] : kindsOf(orphan).map(({ type }) => type);
}

/** Where something may be of two types, only what both cost is known. */
function costOf(
  types: readonly string[],
  inputs: Inputs | undefined,
  lookUp: (property: string) => Inputs | undefined,
): Cost {
  const [first = { kind: 'unknown' }, ...others] = types.map((type) => monthlyCost(type, inputs, lookUp));
  return others.every((other) => JSON.stringify(other) === JSON.stringify(first))
    ? first
    : { kind: 'unknown' };
}
