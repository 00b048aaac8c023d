import { notKnown, wrong, type Demand, type Finding } from './rule.ts';
import { at, isThere, shown, unknown, type Value, type Values } from './values.ts';

/** A property that must have one of some values. `or` is what is true when it is left out. */
export function isOneOf(path: string, allowed: readonly Value[], leftOut?: Value): Demand {
  return (props) =>
    judgeValue(props, path, (value) =>
      allowed.includes(value ?? leftOut)
        ? undefined
        : `set ${written(path)}: ${allowed.map(shown).join(' or ')}`,
    );
}

/** A property that must be true. */
export function isTrue(path: string): Demand {
  return (props) =>
    judgeValue(props, path, (value) =>
      value === true || value === 'true' ? undefined : `set ${written(path)}: true`,
    );
}

/** A property that must not be true; left out, it is not. */
export function isNotTrue(path: string): Demand {
  return (props) =>
    judgeValue(props, path, (value) =>
      value === true || value === 'true' ? `set ${written(path)}: false, or leave it out` : undefined,
    );
}

/** A property that must be there; `example` is what could stand there. */
export function isGiven(path: string, example: string): Demand {
  return (props) =>
    judgeValue(props, path, (value) => (isThere(value) ? undefined : `set ${written(path)}: ${example}`));
}

/** A property that must be a number of at least so much. `leftOut` is what is true when it is left out. */
export function isAtLeast(path: string, least: number, leftOut?: number): Demand {
  return (props) =>
    judgeValue(props, path, (value) =>
      Number(value ?? leftOut) >= least ? undefined : `set ${written(path)}: ${least} or more`,
    );
}

/** A demand that is asked only of some. What decides may be unknown; then it is asked. */
export function where(applies: (props: Values) => boolean, demand: Demand): Demand {
  return (props) => (applies(props) ? demand(props) : []);
}

/** The same demand of every item of a list. */
export function ofEach(list: string, demand: Demand): Demand {
  return (props) => {
    const items = at(props, list);
    if (items === unknown) return [notKnown(list)];
    if (!Array.isArray(items)) return [];
    return items.flatMap((item: Value) => (item === unknown ? [notKnown(list)] : demand(item as Values)));
  };
}

function judgeValue(
  props: Values,
  path: string,
  remedyFor: (value: Value) => string | undefined,
): readonly Finding[] {
  const value = at(props, path);
  if (value === unknown) return [notKnown(written(path))];
  const remedy = remedyFor(value);
  return remedy === undefined ? [] : [wrong(`${written(path)} is ${shown(value)}`, remedy)];
}

function written(path: string): string {
  return path.replaceAll(/\.(\d+)/g, '[$1]');
}
