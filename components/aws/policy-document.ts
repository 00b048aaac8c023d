import { CutoverError } from '@cutover/base/errors.ts';

/** One statement of a policy. `Text` is a string, or in a program something that is known only later. */
export interface Statement<Text = string> {
  /** What it is for: letters and digits, once in a policy. */
  readonly sid: string;
  /** @default 'Allow' */
  readonly effect?: 'Allow' | 'Deny';
  readonly actions?: readonly string[];
  /** All actions but these. */
  readonly notActions?: readonly string[];
  /** Left out where a role is trusted. */
  readonly resources?: readonly Text[];
  /** All resources but these. */
  readonly notResources?: readonly Text[];
  /** Who it is about; left out in policies of roles. */
  readonly principals?: 'anyone' | { readonly [Kind in 'AWS' | 'Service' | 'Federated']?: readonly Text[] };
  /** Operator, key, values: `{ Bool: { 'aws:SecureTransport': ['false'] } }`. */
  readonly conditions?: Readonly<Record<string, Readonly<Record<string, readonly Text[]>>>>;
  /** Why it may be as wide as it is; without one, what changes something names what it changes. */
  readonly reason?: string;
}

/** What a policy is attached to, which limits its length. */
export type PolicyKind = keyof typeof limits;

// Characters without white space, of which ours have none outside of values.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html, and those of S3, KMS and SNS.
const limits = {
  managed: 6144,
  inline: 10_240,
  trust: 2048,
  bucket: 20_480,
  key: 32_768,
  topic: 30_720,
} as const;

/**
 * The JSON of a policy, always the same for the same statements. Refuses statements that allow more than they say why,
 * and what is too long for its kind.
 *
 * @example
 * policyDocument('orders-api', 'inline', [
 *   { sid: 'ReadOrders', actions: ['s3:GetObject'], resources: ['arn:aws:s3:::orders/*'] },
 * ]);
 */
export function policyDocument(name: string, kind: PolicyKind, statements: readonly Statement[]): string {
  refuseWide(name, statements);
  const text = JSON.stringify({ Version: '2012-10-17', Statement: statements.map(render) });
  if (text.length > limits[kind]) {
    throw new CutoverError('CUT-5431', { name, kind, length: text.length, limit: limits[kind] });
  }
  return text;
}

/** Refuses statements that are not well formed, or wider than they say why. What is not known yet is left alone. */
export function refuseWide(name: string, statements: readonly Statement<unknown>[]): void {
  const problems = [...repeatedSids(statements), ...statements.flatMap(statementProblems)];
  if (problems.length === 0) return;
  throw new CutoverError('CUT-5430', { name, list: problems.map((problem) => `  - ${problem}`).join('\n') });
}

function statementProblems(statement: Statement<unknown>): string[] {
  const { sid, actions, notActions, resources, notResources, principals, conditions, reason } = statement;
  const problems = [];
  if (!/^[A-Za-z0-9]+$/.test(sid)) problems.push('the sid may have letters and digits only');
  if ((actions === undefined) === (notActions === undefined)) problems.push('give actions or notActions');
  if (resources !== undefined && notResources !== undefined)
    problems.push('give resources or notResources, not both');
  if (principals === undefined && (resources ?? notResources) === undefined) problems.push('give resources');
  for (const [part, list] of Object.entries({ actions, notActions, resources, notResources })) {
    if (list?.length === 0) problems.push(`${part} is empty`);
  }
  for (const action of [...(actions ?? []), ...(notActions ?? [])]) {
    if (!/^(\*|[a-z0-9-]+:[A-Za-z0-9*?]+)$/.test(action)) problems.push(`"${action}" is no action`);
  }
  if (statement.effect !== 'Deny' && (reason ?? '').trim() === '') {
    if (principals === undefined) problems.push(...tooWide(statement));
    if (principals === 'anyone' && conditions === undefined)
      problems.push('it allows anyone: name principals, or conditions that they meet');
  }
  return problems.map((problem) => `${sid}: ${problem}`);
}

/** What a statement of a role allows beyond named things. In policies of things, "*" is the thing itself. */
function tooWide({ actions, notActions, resources, notResources }: Statement<unknown>): string[] {
  if (notActions !== undefined) return ['it allows all but some actions: name actions, or give a reason'];
  const writes = (actions ?? []).filter((action) => !reads(action));
  if (writes.length === 0) return [];
  if (notResources !== undefined)
    return [`${writes.join(', ')} on all but some resources: name resources, or give a reason`];
  const wide = (resources ?? []).filter((resource) => typeof resource === 'string' && isWide(resource));
  return wide.length === 0
    ? []
    : [`${writes.join(', ')} on ${wide.join(', ')}: name what it changes, or give a reason`];
}

/** Whether an action only looks; one that gives out the content of a store does more than that. */
export function reads(action: string): boolean {
  return (
    /^[a-z0-9-]+:(Get|List|Describe|BatchGet|Lookup|Search|Head|Simulate|Estimate)[A-Za-z]*\*?$/.test(
      action,
    ) && !givesContent.test(action)
  );
}

const givesContent = /^(s3:Get(\*|O)|secretsmanager:(Batch)?Get(\*|S)|ssm:Get(\*|P)|dynamodb:(Batch)?Get)/;

/** Names nothing in particular: `*`, or a service with nothing behind it. */
function isWide(resource: string): boolean {
  return resource === '*' || /^arn(:[^:]*){4}:[*/]+$/.test(resource);
}

function repeatedSids(statements: readonly Statement<unknown>[]): string[] {
  const sids = statements.map(({ sid }) => sid);
  const repeated = new Set(sids.filter((sid, index) => sids.indexOf(sid) !== index));
  return [...repeated].map((sid) => `${sid}: the sid is there more than once`);
}

function render(statement: Statement): Readonly<Record<string, unknown>> {
  const { sid, effect = 'Allow', principals, conditions } = statement;
  return {
    Sid: sid,
    Effect: effect,
    ...(principals === undefined
      ? {}
      : { Principal: principals === 'anyone' ? '*' : sortedKeys(principals) }),
    ...entry('Action', statement.actions),
    ...entry('NotAction', statement.notActions),
    ...entry('Resource', statement.resources),
    ...entry('NotResource', statement.notResources),
    ...(conditions === undefined
      ? {}
      : { Condition: Object.fromEntries(byKey(conditions).map(([key, of]) => [key, sortedKeys(of)])) }),
  };
}

function entry(key: string, values: readonly string[] | undefined): Readonly<Record<string, unknown>> {
  return values === undefined ? {} : { [key]: oneOrMore(values) };
}

function sortedKeys(map: Readonly<Record<string, readonly string[] | undefined>>): Record<string, unknown> {
  return Object.fromEntries(
    byKey(map).flatMap(([key, values]) => (values === undefined ? [] : [[key, oneOrMore(values)]])),
  );
}

/** As AWS gives it back: one value alone, several in a list; in order, so that a change of order is none. */
function oneOrMore(values: readonly string[]): string | readonly string[] {
  const distinct = [...new Set(values)].sort();
  return distinct.length === 1 && distinct[0] !== undefined ? distinct[0] : distinct;
}

function byKey<Value>(map: Readonly<Record<string, Value>>): [string, Value][] {
  return Object.entries(map).sort(([one], [other]) => (one < other ? -1 : 1));
}
