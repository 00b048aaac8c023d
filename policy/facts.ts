import { unknown, type Value } from './values.ts';

/** Whether something is so; unknown while a value is not known. */
export type Fact = boolean | typeof unknown;

/** Whether a value is another. */
export function is(value: Value, wanted: Value): Fact {
  return value === unknown ? unknown : value === wanted;
}

/** Whether a value is not another. */
export function isNot(value: Value, wanted: Value): Fact {
  return not(is(value, wanted));
}

/** Whether one fact at least is so. */
export function anyOf(...facts: readonly Fact[]): Fact {
  return facts.includes(true) ? true : facts.includes(unknown) ? unknown : false;
}

/** Whether all facts are so. */
export function allOf(...facts: readonly Fact[]): Fact {
  return facts.includes(false) ? false : facts.includes(unknown) ? unknown : true;
}

/** The opposite of a fact. */
export function not(fact: Fact): Fact {
  return fact === unknown ? unknown : !fact;
}
