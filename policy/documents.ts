import { at, jsonOf, listOf, unknown, type Value } from './values.ts';

/** A statement of a policy document, as far as rules look at it. */
export interface Statement {
  readonly effect: Value;
  /** Small letters: IAM does not tell them apart. */
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** Who is meant: `*`, accounts, services. */
  readonly principals: readonly string[];
  readonly conditions: Value;
}

/** The statements of a policy document, given as text or as an object; unknown while it is not known, [] without one. */
export function statementsOf(document: Value): readonly Statement[] | typeof unknown {
  const read = jsonOf(document);
  if (read === unknown) return unknown;
  return listOf(at(read, 'Statement')).map((statement) => ({
    effect: at(statement, 'Effect'),
    actions: textsOf(at(statement, 'Action')).map((action) => action.toLowerCase()),
    resources: textsOf(at(statement, 'Resource')),
    principals: principalsOf(at(statement, 'Principal')),
    conditions: at(statement, 'Condition'),
  }));
}

function principalsOf(principal: Value): readonly string[] {
  if (typeof principal !== 'object' || principal === null) return textsOf(principal);
  return Object.values(principal).flatMap(textsOf);
}

function textsOf(value: Value): readonly string[] {
  return listOf(value).filter((each) => typeof each === 'string');
}
