import { CutoverError } from '@cutover/base/errors.ts';
import { askProgram, importFile, indented, mendState, type Asked, type CliPlace } from './cli.ts';
import { importableAs, importFileOf, type Importable } from './import-file.ts';
import { matchesOf } from './match.ts';
import { drawnNames, filledIn } from './mend.ts';
import type { Found, Known } from './plan.ts';
import { nameIn, type ProgramStep } from './steps.ts';

/** What can be imported, and why the rest cannot. */
export interface ImportPlan {
  readonly importables: readonly Importable[];
  readonly stays: readonly { readonly orphan: Found; readonly why: string }[];
}

/** What came of an import. */
export interface Imported {
  readonly into: readonly Importable[];
  readonly stays: ImportPlan['stays'];
  /** What the next update would replace or delete of it, by its name in the program. */
  readonly replaced: readonly string[];
}

/** What the engine is asked for, so that it can be asked by a test. */
export interface ImportSource {
  readonly place: CliPlace;
  /** What the state knows now. */
  readonly known: () => Promise<readonly Known[]>;
}

/** Which orphans can be imported, by what a preview says. */
export function importPlan(
  orphans: readonly Found[],
  steps: readonly ProgramStep[],
  known: readonly Known[],
): ImportPlan {
  const importables: Importable[] = [];
  const stays: { orphan: Found; why: string }[] = [];
  for (const match of matchesOf(orphans, steps)) {
    const { orphan } = match;
    if (match.kind === 'cannot be told') stays.push({ orphan, why: match.why });
    else if (match.kind === 'beside') {
      const { urn, oldState } = match.step;
      stays.push({
        orphan,
        why: `the state has another ${nameIn(urn)}, ${oldState?.id ?? 'of the same name'}`,
      });
    } else {
      const found = importableAs(orphan, match.step, known);
      if ('why' in found) stays.push({ orphan, why: found.why });
      else importables.push(found);
    }
  }
  return { importables, stays };
}

// What one import brings to light, the next can take: a route by the route table that it names.
const mostRounds = 5;

/**
 * Imports orphans as what the program calls them, round by round, until there is nothing more to import. Whatever it is
 * killed in, it can be run again. SIDE EFFECTS: changes the state.
 */
export async function importOrphans(
  orphans: readonly Found[],
  source: ImportSource,
  first: Asked,
): Promise<Imported> {
  const into: Importable[] = [];
  let asked = first;
  for (let round = 1; ; round++) {
    const left = orphans.filter((orphan) => !into.some((each) => each.orphan === orphan));
    const { importables, stays } = importPlan(left, asked.steps, await source.known());
    const drawn = drawnNames(asked.steps);
    if (importables.length === 0 || round > mostRounds) {
      await mendState(source.place, drawn);
      const later = importables.map(({ orphan }) => ({ orphan, why: 'it is for the next import' }));
      return { into, stays: [...later, ...stays], replaced: replacedOf(into, asked.steps, drawn) };
    }
    const { done, failed } = await importAll(importables, asked.steps, source);
    into.push(...done);
    await mendState(source.place, new Map([...drawn, ...filledIn(done)]));
    if (done.length === 0) return { into, stays: [...failed, ...stays], replaced: [] };
    asked = await askProgram(source.place);
  }
}

/** The names of what was imported and would be replaced or deleted, for another reason than a drawn name. */
function replacedOf(
  imported: readonly Importable[],
  steps: readonly ProgramStep[],
  drawn: ReadonlyMap<string, unknown>,
): readonly string[] {
  const urns = new Set(imported.map(({ step }) => step.urn));
  const lost = steps.filter(
    ({ urn, op }) => urns.has(urn) && !drawn.has(urn) && /^(replace|delete|create-replacement)/.test(op),
  );
  return [...new Set(lost.map(({ urn }) => nameIn(urn)))];
}

/** All at once; where the engine stops at one of them, one by one. */
async function importAll(
  importables: readonly Importable[],
  steps: readonly ProgramStep[],
  { place, known }: ImportSource,
): Promise<{ readonly done: readonly Importable[]; readonly failed: ImportPlan['stays'] }> {
  const problem = await importFile(place, importFileOf(importables, steps));
  const failed: { orphan: Found; why: string }[] = [];
  if (problem !== undefined && /currently locked/.test(problem)) {
    throw new CutoverError('CUT-5492', { stack: place.stack, lines: indented(problem) });
  }
  if (problem !== undefined) {
    const before = urnsOf(await known());
    for (const each of importables) {
      if (before.has(each.step.urn)) continue;
      const why = await importFile(place, importFileOf([each], steps));
      if (why !== undefined) failed.push({ orphan: each.orphan, why: why.split('\n')[0] ?? '' });
    }
  }
  const after = urnsOf(await known());
  return { done: importables.filter(({ step }) => after.has(step.urn)), failed };
}

function urnsOf(known: readonly Known[]): ReadonlySet<string> {
  return new Set(known.map(({ urn }) => urn));
}
