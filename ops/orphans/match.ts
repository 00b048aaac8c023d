import type { Inputs } from '../prices/monthly.ts';
import { kindsOf, ownNameOf, type ImportKind } from './kinds.ts';
import type { Found } from './plan.ts';
import { defaultsIn, inputsOf, isKnown, nameIn, type ProgramStep } from './steps.ts';

/** Which resource of the program an orphan is. */
export type Match =
  /** The program makes it, and the state does not know it. */
  | { readonly kind: 'is'; readonly orphan: Found; readonly step: ProgramStep }
  /** The state knows another one in its place. */
  | { readonly kind: 'beside'; readonly orphan: Found; readonly step: ProgramStep }
  | { readonly kind: 'cannot be told'; readonly orphan: Found; readonly why: string };

/**
 * Tells which resource of the program each orphan is: by type, region, and the name that the program gives it; by its tag
 * `Name` where the name is drawn, by its arguments where it carries no tags. Who is not alone is not told.
 */
export function matchesOf(orphans: readonly Found[], steps: readonly ProgramStep[]): readonly Match[] {
  const resources = steps.filter(
    ({ op, newState }) => newState?.custom === true && !/^(delete|discard|read)/.test(op),
  );
  const fitting = orphans.map((orphan) => ({
    orphan,
    fits: resources.filter((step) => fitsTo(orphan, step)),
  }));
  const claims = new Map<string, number>();
  for (const { fits } of fitting) for (const urn of urnsOf(fits)) claims.set(urn, (claims.get(urn) ?? 0) + 1);
  return fitting.map(({ orphan, fits }): Match => {
    const [step, ...others] = fits;
    if (step === undefined)
      return { kind: 'cannot be told', orphan, why: 'the program makes nothing like it' };
    if (new Set(urnsOf(fits)).size > 1) {
      const names = [step, ...others].map(({ urn }) => nameIn(urn)).join(', ');
      return { kind: 'cannot be told', orphan, why: `it may be any of ${names}` };
    }
    if (fits.every(({ op }) => op !== 'create')) return { kind: 'beside', orphan, step };
    const rivals = (claims.get(step.urn) ?? 1) - 1;
    if (rivals > 0) {
      return { kind: 'cannot be told', orphan, why: `${rivals} more may be ${nameIn(step.urn)} too` };
    }
    return { kind: 'is', orphan, step };
  });
}

function urnsOf(steps: readonly ProgramStep[]): readonly string[] {
  return [...new Set(steps.map(({ urn }) => urn))];
}

function fitsTo(orphan: Found, step: ProgramStep): boolean {
  const type = step.newState?.type ?? '';
  const kind = kindsOf(orphan).find((each) => each.type === type);
  if (kind === undefined && orphan.type !== type) return false;
  const inputs = inputsOf(step);
  const { region } = inputs;
  if (typeof region === 'string' && orphan.region !== 'global' && region !== orphan.region) return false;
  const given = givenName(kind, inputs);
  if (given !== undefined) return given === ownNameOf(orphan);
  if (orphan.name !== undefined) return orphan.name === (inputs['tags'] as Inputs | undefined)?.['Name'];
  return orphan.inputs !== undefined && agree(inputs, orphan.inputs);
}

/** The name that the program gives a thing; undefined where the provider draws it. */
function givenName(kind: ImportKind | undefined, inputs: Inputs): string | undefined {
  if (kind?.named === undefined || defaultsIn(inputs).includes(kind.named)) return undefined;
  const name = inputs[kind.named];
  return typeof name === 'string' && isKnown(name) ? name : undefined;
}

/** Whether what the program says, as far as it is known and not drawn, is what the thing was made with. */
function agree(wanted: Inputs, made: Inputs): boolean {
  const drawn = ['__defaults', ...defaultsIn(wanted)];
  const known = Object.entries(wanted).filter(
    ([name, value]) => !drawn.includes(name) && name !== 'region' && isKnown(value) && name in made,
  );
  return known.length > 0 && known.every(([name, value]) => isLike(value, made[name]));
}

function isLike(wanted: unknown, made: unknown): boolean {
  if (!isKnown(wanted)) return true;
  if (typeof wanted !== 'object' || wanted === null) return wanted === made;
  if (typeof made !== 'object' || made === null) return false;
  const [one, other] = [wanted as Inputs, made as Inputs];
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  names.delete('__defaults');
  return [...names].every((name) => (name in one ? isLike(one[name], other[name]) : false));
}
