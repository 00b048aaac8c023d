import { CutoverError } from '@cutover/base/errors.ts';
import { checkFacts, defaultsKey, type Failure } from './check-facts.ts';
import { filledIn } from './diff.ts';
import { bare, isMap, isSecret, open, same, secret, type Held, type HeldMap } from './held.ts';
import { hideSecrets } from './hide-secrets.ts';
import { objections } from './judge.ts';
import type { KnownKind } from './kind.ts';
import { makeName, prefixArgument, prefixProblems } from './naming.ts';
import { kindOf, questionOf, thingOf, viewBeside, type Named, type Stage } from './stage.ts';

/** A resource as the program wants it; `olds` are its arguments of before, where it is there already. */
export interface CheckCall extends Named {
  readonly olds: HeldMap;
  readonly news: HeldMap;
  readonly seed: Uint8Array;
}

/** The arguments with everything that the provider fills in, and what is wrong with them. */
export interface CheckAnswer {
  readonly inputs: HeldMap;
  readonly failures: readonly Failure[];
}

/**
 * Fills in what the provider fills in, and says what is wrong with the arguments: first by themselves, then together
 * with what is in the cloud. Arguments that have not changed were judged when they were new.
 */
export function checkResource(stage: Stage, call: CheckCall): CheckAnswer {
  let kind: KnownKind;
  try {
    kind = kindOf(stage, call.type);
  } catch (error) {
    if (!(error instanceof CutoverError)) throw error;
    return { inputs: call.news, failures: [{ property: '', reason: error.message }] };
  }
  const inputs = fillIn(stage, kind, call);
  const misnamed = kind.naming === undefined ? [] : prefixProblems(kind.naming, call.news);
  const wrong = misnamed.length > 0 ? misnamed : checkFacts(inputs, kind.facts.inputs);
  const failures = wrong.length > 0 || same(call.olds, inputs) ? wrong : judged(stage, kind, call, inputs);
  return { inputs, failures: failures.map((failure) => printable(failure, call.name, inputs)) };
}

/**
 * The engine prints the value of the property that a failure names: of a secret one in plain text, of one inside
 * another or missing as nil. Those are named in the reason instead, in the words of the real provider.
 */
function printable({ property, reason }: Failure, name: string, inputs: HeldMap): Failure {
  const value = inputs[property];
  if (value !== undefined && !hasSecret(value)) return { property, reason };
  const sentence = reason.endsWith('.') ? reason : `${reason}.`;
  return { property: '', reason: `${sentence} Examine values at '${name}.${property}'.` };
}

function hasSecret(value: Held): boolean {
  return open({ value }).secret.size > 0;
}

function fillIn({ config }: Stage, kind: KnownKind, { name, olds, news, seed }: CheckCall): HeldMap {
  const tagged = withDefaultTags(kind, news, config.defaultTags);
  const made = madeName(kind, { name, olds, news, seed });
  const defaults = kind.defaults?.(open(tagged).values) ?? {};
  const missing = Object.entries(defaults).filter(([each]) => !(each in tagged) && !(each in made));
  const filled: HeldMap = { ...made, ...Object.fromEntries(missing) };
  return { ...tagged, ...filled, [defaultsKey]: Object.keys(filled).sort() };
}

/** The name that the provider makes up; one that it has made stays, as long as the prefix of it does. */
function madeName(
  { naming }: KnownKind,
  { name, olds, news, seed }: Pick<CheckCall, 'name' | 'olds' | 'news' | 'seed'>,
): Readonly<Record<string, string>> {
  if (naming === undefined || naming.property in news) return {};
  const { property } = naming;
  const prefix = prefixArgument(naming);
  const old = filledIn(olds).includes(property) ? olds[property] : undefined;
  const kept = old !== undefined && same(olds[prefix], news[prefix]) ? bare(old) : undefined;
  const made = typeof kept === 'string' ? kept : makeName(naming, name, seed, news);
  return made === undefined ? {} : { [property]: made };
}

/** The tags of the provider go into those of the resource, which win. */
function withDefaultTags(kind: KnownKind, news: HeldMap, tags: Readonly<Record<string, string>>): HeldMap {
  const takesTags = kind.facts.inputs['tags'] !== undefined && kind.facts.outputs['tagsAll'] !== undefined;
  const given = news['tags'] ?? {};
  const own = bare(given);
  if (!takesTags || Object.keys(tags).length === 0 || !isMap(own)) return news;
  const all = { ...tags, ...own };
  return { ...news, tags: isSecret(given) ? secret(all) : all };
}

/** What the cloud says no to, as far as it is about an argument: the rest is said by the call itself. */
function judged(stage: Stage, kind: KnownKind, call: CheckCall, inputs: HeldMap): readonly Failure[] {
  const isThere = Object.keys(call.olds).length > 0;
  const before = isThere ? thingOf(stage, call) : undefined;
  // Renamed, moved or imported: only by its id can it be told from another of the same name. The next calls bring it.
  if (isThere && before === undefined) return [];
  const { question } = questionOf(stage, kind, call, inputs, before);
  return objections(stage.kinds, kind, question, viewBeside(stage, call)).flatMap(
    ({ code, message, property }) =>
      property === undefined ? [] : [{ property, reason: hideSecrets(`${code}: ${message}`, inputs) }],
  );
}
