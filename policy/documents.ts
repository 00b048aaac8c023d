import { allOf, anyOf, is, type Fact } from './facts.ts';
import { at, jsonOf, listOf, unknown, type Value } from './values.ts';

type Texts = readonly (string | typeof unknown)[];

/** One comparison of a statement's conditions; all of them must hold. */
export interface Condition {
  /** `ForAnyValue:StringLike`, as written. */
  readonly operator: string;
  readonly key: string;
  readonly values: Texts;
}

/** A statement of a policy document, as far as rules look at it. */
export interface Statement {
  readonly allows: Fact;
  /** Small letters: IAM does not tell them apart. */
  readonly actions: Texts;
  readonly notActions: Texts;
  readonly resources: Texts;
  readonly notResources: Texts;
  /** Who is meant: `*`, accounts, services. */
  readonly principals: Texts;
  readonly notPrincipals: Texts;
  readonly conditions: readonly Condition[] | typeof unknown;
}

/** The statements of a policy document, given as text or as an object; unknown while it is not known, [] without one. */
export function statementsOf(document: Value): readonly Statement[] | typeof unknown {
  const read = at(jsonOf(document), 'Statement');
  const statements = listOf(read);
  if (statements.includes(unknown)) return unknown;
  return statements.map((statement) => ({
    allows: is(at(statement, 'Effect'), 'Allow'),
    actions: smallTextsOf(at(statement, 'Action')),
    notActions: smallTextsOf(at(statement, 'NotAction')),
    resources: textsOf(at(statement, 'Resource')),
    notResources: textsOf(at(statement, 'NotResource')),
    principals: principalsOf(at(statement, 'Principal')),
    notPrincipals: principalsOf(at(statement, 'NotPrincipal')),
    conditions: conditionsOf(at(statement, 'Condition')),
  }));
}

/** Whether one of some texts is as asked. */
export function someOf(texts: Texts, asked: (text: string) => boolean): Fact {
  return anyOf(...texts.map((text) => (text === unknown ? unknown : asked(text))));
}

/** Whether all of some texts are as asked. */
export function everyOf(texts: Texts, asked: (text: string) => boolean): Fact {
  return allOf(...texts.map((text) => (text === unknown ? unknown : asked(text))));
}

function principalsOf(principal: Value): Texts {
  if (typeof principal !== 'object' || principal === null) return textsOf(principal);
  return Object.values(principal).flatMap(textsOf);
}

function conditionsOf(condition: Value): Statement['conditions'] {
  if (condition === unknown) return unknown;
  return entriesOf(condition).flatMap(([operator, compared]) =>
    entriesOf(compared).map(([key, values]) => ({ operator, key, values: textsOf(values) })),
  );
}

function entriesOf(value: Value): readonly [string, Value][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

function smallTextsOf(value: Value): Texts {
  return textsOf(value).map((text) => (text === unknown ? text : text.toLowerCase()));
}

function textsOf(value: Value): Texts {
  return listOf(value).flatMap((each): Texts => {
    if (each === unknown || typeof each === 'string') return [each];
    return typeof each === 'boolean' || typeof each === 'number' ? [String(each)] : [];
  });
}
