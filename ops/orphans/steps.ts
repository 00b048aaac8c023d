import type { Inputs } from '../prices/monthly.ts';
import { signature, unknownText } from '../twin/held.ts';

/** One step of `pulumi preview --json`, as far as it tells which resource of the program something is. */
export interface ProgramStep {
  /** `create`, `same`, `update`, `replace`, … */
  readonly op: string;
  readonly urn: string;
  readonly oldState?: StepState;
  readonly newState?: StepState;
}

interface StepState {
  readonly type: string;
  readonly custom?: boolean;
  readonly id?: string;
  readonly inputs?: Inputs;
  readonly outputs?: Inputs;
  readonly parent?: string;
  /** The URN of the provider and its id: `urn:…::account::25c9…`. */
  readonly provider?: string;
  readonly propertyDependencies?: Readonly<Record<string, readonly string[]>>;
}

/** The name that a resource has in the program: the last part of its URN. */
export function nameIn(urn: string): string {
  return urn.split('::').at(-1) ?? urn;
}

/** What the program says for a step. */
export function inputsOf({ newState, oldState }: ProgramStep): Inputs {
  return newState?.inputs ?? oldState?.inputs ?? {};
}

/** The names of arguments that the provider has filled in: drawn names above all. */
export function defaultsIn(inputs: Inputs): readonly string[] {
  const names = inputs['__defaults'];
  return Array.isArray(names) ? names.filter((name) => typeof name === 'string') : [];
}

/** Whether something in a preview is known, and no secret. */
export function isKnown(value: unknown): boolean {
  if (value === undefined || value === unknownText || value === '[secret]') return false;
  return !(typeof value === 'object' && value !== null && signature in value);
}
