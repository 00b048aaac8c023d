import type { ExportedState } from '../exported-state.ts';
import type { Inputs } from '../prices/monthly.ts';
import { defaultsIn, inputsOf, type ProgramStep } from './steps.ts';

/** A state as it is exported, as far as it is mended. */
export interface MendedState extends ExportedState {
  readonly resources?: readonly StateResource[];
  readonly pending_operations?: readonly {
    readonly type?: string;
    readonly resource?: { readonly urn?: string };
  }[];
}

interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly inputs?: Inputs;
}

/**
 * The arguments that the provider would have filled in, had the engine made what was imported. An import takes a drawn
 * name for one that the program gave, and the next update would replace the thing for another name.
 */
export function filledIn(
  imported: readonly { readonly step: ProgramStep }[],
): ReadonlyMap<string, readonly string[]> {
  return new Map(imported.map(({ step }) => [step.urn, defaultsIn(inputsOf(step))]));
}

/** The drawn names of what was imported earlier and not marked, by URN: the import was killed in between. */
export function drawnNames(steps: readonly ProgramStep[]): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, readonly string[]>();
  for (const { urn, op, oldState, newState } of steps) {
    if (op === 'same' || oldState?.inputs === undefined || newState?.inputs === undefined) continue;
    const was = oldState.inputs;
    const drawn = defaultsIn(newState.inputs).filter(
      (name) =>
        typeof was[name] === 'string' &&
        !defaultsIn(was).includes(name) &&
        was[name] !== newState.inputs?.[name],
    );
    if (drawn.length > 0) names.set(urn, drawn);
  }
  return names;
}

/**
 * A state in which arguments are marked as filled in, and creates are no longer pending of what it knows. Undefined where
 * it is so already.
 */
export function mended(
  state: MendedState,
  marks: ReadonlyMap<string, readonly string[]>,
): MendedState | undefined {
  const { resources = [], pending_operations: pending = [] } = state;
  const known = new Set(resources.map(({ urn }) => urn));
  const left = pending.filter(({ type, resource }) => type !== 'creating' || !known.has(resource?.urn ?? ''));
  if (marks.size === 0 && left.length === pending.length) return undefined;
  return {
    ...state,
    resources: resources.map((resource) => {
      const { urn, id, inputs = {} } = resource;
      const names = marks.get(urn)?.filter((name) => name in inputs);
      if (names === undefined || id === undefined) return resource;
      return {
        ...resource,
        inputs: { ...inputs, __defaults: [...new Set([...defaultsIn(inputs), ...names])] },
      };
    }),
    ...(pending.length > 0 && { pending_operations: left }),
  };
}
