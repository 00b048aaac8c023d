import type { CloudView, Kind, Place, Question, Reference, Refusal, Thing, Value } from './kind.ts';
import { valuesAt } from './paths.ts';

/** The cloud as the core sees it: other accounts too, where names are unique in the world. */
export interface WideView extends CloudView {
  /** All of a type, whoever has them. */
  everywhere(type: string): readonly Thing[];
}

/** Kinds by their types. */
export type Kinds = ReadonlyMap<string, Kind>;

/**
 * All that the cloud has against a thing as it is asked for: references that lead nowhere, a name that is taken, a quota
 * that is used up, and what its kind says. Arguments that are not known yet are not judged.
 */
export function objections(
  kinds: Kinds,
  kind: Kind,
  question: Question,
  cloud: WideView,
): readonly Refusal[] {
  return [
    ...missingReferences(kinds, kind, question),
    ...takenName(kind, question, cloud),
    ...usedUpQuota(kind, question),
    ...(kind.check?.(question) ?? []),
  ];
}

function missingReferences(kinds: Kinds, kind: Kind, question: Question): Refusal[] {
  const { inputs, place, cloud, calling } = question;
  // A name is known before its thing is there; in a preview the same update may be about to make it.
  const judgeable = ({ to, by = 'id' }: Reference): boolean =>
    calling === true || (by === 'id' && kinds.get(to)?.naming === undefined);
  return (kind.references ?? []).filter(judgeable).flatMap((reference) =>
    valuesAt(inputs, reference.property)
      .filter(({ value }) => value !== '' && referent(kinds, reference, value, place, cloud) === undefined)
      .map(({ path, value }) => ({ ...fill(reference.missing, { value: textOf(value) }), property: path })),
  );
}

/** The thing that a reference names. */
function referent(
  kinds: Kinds,
  { to, by = 'id', where = 'same-region' }: Reference,
  value: Value,
  place: Place,
  cloud: CloudView,
): Thing | undefined {
  const region = kinds.get(to)?.scope === 'global' ? 'global' : where === 'us-east-1' ? where : place.region;
  const there = where === 'anywhere' ? { account: place.account } : { account: place.account, region };
  if (by === 'id' && where !== 'anywhere')
    return cloud.get(to, textOf(value), { account: place.account, region });
  return cloud.all(to, there).find((thing) => propertyOf(thing, by) === value);
}

function takenName({ naming, type }: Kind, { inputs, place, before }: Question, cloud: WideView): Refusal[] {
  const name = naming === undefined ? undefined : inputs[naming.property];
  if (naming?.taken === undefined || typeof name !== 'string') return [];
  const { account } = place;
  const rivals =
    naming.unique === 'world'
      ? cloud.everywhere(type)
      : cloud.all(type, naming.unique === 'account' ? { account } : place);
  const taken = rivals.some((thing) => !isSame(thing, before) && propertyOf(thing, naming.property) === name);
  return taken ? [fill(naming.taken, { value: name })] : [];
}

function usedUpQuota({ quota, type }: Kind, { place, before, cloud }: Question): Refusal[] {
  if (quota === undefined || before !== undefined) return [];
  const there = cloud.all(type, quota.per === 'account' ? { account: place.account } : place);
  return there.length >= quota.count ? [quota.refusal] : [];
}

/** Why a thing cannot go now: it is protected, or something names it. */
export function holdsBack(kinds: Kinds, kind: Kind, thing: Thing, cloud: CloudView): Refusal | undefined {
  const held = kind.holds?.(thing, cloud);
  if (held !== undefined) return held;
  for (const other of kinds.values()) {
    for (const reference of other.references ?? []) {
      if (reference.to !== thing.type || reference.blocks === undefined) continue;
      const wanted = propertyOf(thing, reference.by ?? 'id');
      const naming = cloud
        .all(other.type, { account: thing.account })
        .filter((each) => !isSame(each, thing) && reaches(other, each, reference, thing))
        .find((each) => valuesAt(each.inputs, reference.property).some(({ value }) => value === wanted));
      if (naming !== undefined)
        return fill(reference.blocks, { id: thing.id, value: textOf(wanted ?? thing.id) });
    }
  }
  return undefined;
}

/** Whether a reference of a thing can mean this one: ids are used again in other regions. */
function reaches(
  kind: Kind,
  { region }: Thing,
  { where = 'same-region' }: Reference,
  target: Thing,
): boolean {
  if (where !== 'same-region' || kind.scope === 'global' || target.region === 'global') return true;
  return region === target.region;
}

function propertyOf(thing: Thing, name: string): Value | undefined {
  return name === 'id' ? thing.id : (thing.inputs[name] ?? thing.outputs[name]);
}

function isSame(thing: Thing, other: Thing | undefined): boolean {
  return (
    other?.id === thing.id &&
    other.type === thing.type &&
    other.account === thing.account &&
    other.region === thing.region
  );
}

function fill(refusal: Refusal, details: Readonly<Record<string, string>>): Refusal {
  return {
    ...refusal,
    message: refusal.message.replaceAll(/\{(\w+)\}/g, (all, name: string) => details[name] ?? all),
  };
}

function textOf(value: Value): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
