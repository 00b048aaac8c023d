import { kindsOf } from './kinds.ts';
import type { Found, Known } from './plan.ts';
import { inputsOf, nameIn, type ProgramStep } from './steps.ts';

/** What `pulumi import --file` reads. */
export interface ImportFile {
  readonly nameTable: Readonly<Record<string, string>>;
  readonly resources: readonly ImportEntry[];
}

interface ImportEntry {
  readonly type: string;
  /** What others in the file call it. */
  readonly name: string;
  readonly logicalName: string;
  readonly id?: string;
  readonly component?: true;
  readonly parent?: string;
  readonly provider?: string;
}

/** An orphan and the resource of the program that it becomes. */
export interface Importable {
  readonly orphan: Found;
  readonly step: ProgramStep;
  readonly id: string;
}

/** What an orphan is imported by, or why it cannot be. */
export function importableAs(
  orphan: Found,
  step: ProgramStep,
  known: readonly Known[],
): Importable | { readonly why: string } {
  const provider = known.find(({ urn }) => urn === providerUrn(step));
  if (provider === undefined) {
    return { why: 'the state does not know its provider; an update makes that first' };
  }
  const kind = kindsOf(orphan).find(({ type }) => type === step.newState?.type);
  // What carries no tags is met on the twin only, under the id that the engine has for it.
  const id = kind === undefined ? orphan.id : kind.importId(orphan, inputsOf(step));
  if (id === undefined) return { why: 'what it is imported by is not known yet' };
  const { region } = inputsOf(step);
  const own = provider.outputs?.['region'];
  // Of another region than the provider's it is imported as `id@region`.
  const elsewhere = typeof region === 'string' && region !== own && orphan.region === region;
  return { orphan, step, id: elsewhere ? `${id}@${region}` : id };
}

/**
 * The file that imports orphans. The engine's own (`preview --import-file`) finds parents by their names, which components
 * of different types share; here URNs stand for themselves. Components that the state does not know come before what is
 * below them.
 */
export function importFileOf(importables: readonly Importable[], steps: readonly ProgramStep[]): ImportFile {
  const byUrn = new Map(steps.map((step) => [step.urn, step]));
  const entries = new Map<string, ImportEntry>();
  const known = new Set<string>();
  const add = (step: ProgramStep, id?: string): void => {
    const { type = '', parent } = step.newState ?? {};
    const above = parent === undefined ? undefined : byUrn.get(parent);
    if (above?.op === 'create') {
      if (!entries.has(above.urn)) add(above);
    } else if (parent !== undefined) known.add(parent);
    const provider = id === undefined ? undefined : providerUrn(step);
    if (provider !== undefined) known.add(provider);
    entries.set(step.urn, {
      ...{ type, name: step.urn, logicalName: nameIn(step.urn) },
      ...(id === undefined ? { component: true as const } : { id }),
      ...(parent !== undefined && { parent }),
      ...(provider !== undefined && { provider }),
    });
  };
  for (const { step, id } of importables) add(step, id);
  return {
    nameTable: Object.fromEntries([...known].map((urn) => [urn, urn])),
    resources: [...entries.values()],
  };
}

/** Without the id that stands behind it. */
function providerUrn({ newState }: ProgramStep): string | undefined {
  return newState?.provider?.split('::').slice(0, -1).join('::');
}
