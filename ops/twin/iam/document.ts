/** Where a policy document is used: IAM asks other things of each. */
export type DocumentUse = 'identity' | 'trust' | 'resource';

/** Someone that a statement is about. */
export interface Principal {
  readonly type: 'AWS' | 'Service' | 'Federated' | 'CanonicalUser';
  readonly name: string;
}

/** One comparison of a statement's conditions; all of them must hold. */
export interface Condition {
  /** `ForAnyValue:StringLike`, as written. */
  readonly operator: string;
  readonly key: string;
  /** One of them is enough. */
  readonly values: readonly string[];
}

/** One statement, with lists where one value was written alone. */
export interface Statement {
  readonly sid?: string;
  readonly effect: 'Allow' | 'Deny';
  readonly principals?: readonly Principal[];
  readonly notPrincipals?: readonly Principal[];
  readonly actions?: readonly string[];
  readonly notActions?: readonly string[];
  readonly resources?: readonly string[];
  readonly notResources?: readonly string[];
  readonly conditions: readonly Condition[];
}

/** A policy document that has been read. */
export interface PolicyDocument {
  readonly version?: string;
  readonly statements: readonly Statement[];
}

/** What is wrong with a document; the message is IAM's, other services say it in words of their own. */
export interface Fault {
  readonly kind:
    | 'json'
    | 'syntax'
    | 'version'
    | 'legacy'
    | 'sid'
    | 'prohibited'
    | 'no-principal'
    | 'principal'
    | 'no-action'
    | 'action'
    | 'unknown-action'
    | 'no-resource'
    | 'resource';
  readonly message: string;
  /** `Statement[0].Action`, for people. */
  readonly where: string;
}

type Json = Readonly<Record<string, unknown>>;

const operators =
  /^(ForAnyValue:|ForAllValues:)?(String(Not)?(Equals(IgnoreCase)?|Like)|Numeric(Not)?Equals|NumericLessThan(Equals)?|NumericGreaterThan(Equals)?|Date(Not)?Equals|DateLessThan(Equals)?|DateGreaterThan(Equals)?|Bool|BinaryEquals|(Not)?IpAddress|Arn(Not)?(Equals|Like)|Null)(IfExists)?$/;

const elements = new Set([
  'Sid',
  'Effect',
  'Principal',
  'NotPrincipal',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
]);

/** Reads a document; `undefined` with the faults of its syntax where it cannot be read. */
export function readDocument(text: string): {
  readonly document?: PolicyDocument;
  readonly faults: readonly Fault[];
} {
  const parsed = parseJson(text);
  if ('fault' in parsed) return { faults: [parsed.fault] };
  const { value } = parsed;
  const faults: Fault[] = [];
  for (const name of Object.keys(value)) {
    if (!['Version', 'Id', 'Statement'].includes(name)) faults.push(syntax(name));
  }
  const version = value['Version'];
  if (version !== undefined && version !== '2012-10-17' && version !== '2008-10-17')
    faults.push({
      kind: 'version',
      message: 'The policy must contain a valid version string',
      where: 'Version',
    });
  const listed = Array.isArray(value['Statement']) ? (value['Statement'] as unknown[]) : [value['Statement']];
  if (listed.length === 0) faults.push(syntax('Statement'));
  const statements = listed.map((each, index) => readStatement(each, `Statement[${index}]`, faults));
  if (faults.length > 0) return { faults };
  return {
    document: { ...(typeof version === 'string' && { version }), statements: statements.filter(isStatement) },
    faults,
  };
}

/** Characters that count against IAM's limits: all but white space. */
export function documentSize(text: string): number {
  return text.replace(/\s/g, '').length;
}

// The provider looks at JSON before it sends it, with these words (terraform-provider-aws, verify.ValidIAMPolicyJSON).
function parseJson(text: string): { readonly value: Json } | { readonly fault: Fault } {
  const fault = (why: string): { readonly fault: Fault } => ({
    fault: { kind: 'json', message: `contains an invalid JSON policy: ${why}`, where: '' },
  });
  if (/^\s/.test(text)) return fault('leading space characters are not allowed');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return fault(text.startsWith('{') ? String((error as Error).message) : 'not a JSON object');
  }
  if (typeof value === 'string') return fault('contains a JSON-encoded string, not a JSON-encoded object');
  if (Array.isArray(value)) return fault('contains a JSON array, not a JSON object');
  return isObject(value) ? { value } : fault('not a JSON object');
}

function readStatement(given: unknown, where: string, faults: Fault[]): Statement | undefined {
  if (!isObject(given)) return void faults.push(syntax(where));
  const before = faults.length;
  for (const name of Object.keys(given)) if (!elements.has(name)) faults.push(syntax(`${where}.${name}`));
  for (const name of ['Principal', 'Action', 'Resource'])
    if (name in given && `Not${name}` in given) faults.push(syntax(`${where}.Not${name}`));
  const effect = given['Effect'];
  if (effect !== 'Allow' && effect !== 'Deny') {
    const almost = typeof effect === 'string' && /^(allow|deny)$/i.test(effect);
    faults.push(
      almost
        ? { kind: 'legacy', message: 'The policy failed legacy parsing', where: `${where}.Effect` }
        : syntax(`${where}.Effect`),
    );
  }
  const sid = given['Sid'];
  if (sid !== undefined && typeof sid !== 'string') faults.push(syntax(`${where}.Sid`));
  const texts = (name: string): readonly string[] | undefined => {
    if (!(name in given)) return undefined;
    const list = textsOf(given[name]);
    if (list === undefined) faults.push(syntax(`${where}.${name}`));
    return list;
  };
  const principals = (name: string): readonly Principal[] | undefined => {
    if (!(name in given)) return undefined;
    const list = principalsOf(given[name]);
    if (list === undefined) faults.push(syntax(`${where}.${name}`));
    return list;
  };
  const read = {
    principals: principals('Principal'),
    notPrincipals: principals('NotPrincipal'),
    actions: texts('Action'),
    notActions: texts('NotAction'),
    resources: texts('Resource'),
    notResources: texts('NotResource'),
  };
  const conditions = conditionsOf(given['Condition'], `${where}.Condition`, faults);
  if (faults.length > before || (effect !== 'Allow' && effect !== 'Deny')) return undefined;
  return { ...(typeof sid === 'string' && { sid }), effect, ...defined(read), conditions };
}

function conditionsOf(given: unknown, where: string, faults: Fault[]): readonly Condition[] {
  if (given === undefined) return [];
  if (!isObject(given)) return (faults.push(syntax(where)), []);
  return Object.entries(given).flatMap(([operator, keys]) => {
    if (!operators.test(operator) || !isObject(keys))
      return (faults.push(syntax(`${where}.${operator}`)), []);
    return Object.entries(keys).map(([key, value]) => {
      const values = (Array.isArray(value) ? (value as unknown[]) : [value]).map((each) =>
        typeof each === 'string' || typeof each === 'number' || typeof each === 'boolean'
          ? String(each)
          : undefined,
      );
      if (values.includes(undefined)) faults.push(syntax(`${where}.${operator}.${key}`));
      return { operator, key, values: values.filter((each) => each !== undefined) };
    });
  });
}

function principalsOf(given: unknown): readonly Principal[] | undefined {
  if (given === '*') return [{ type: 'AWS', name: '*' }];
  if (!isObject(given)) return undefined;
  const found = Object.entries(given).map(([type, names]) =>
    isPrincipalType(type) ? textsOf(names)?.map((name): Principal => ({ type, name })) : undefined,
  );
  return found.some((each) => each === undefined) ? undefined : found.flatMap((each) => each ?? []);
}

function isPrincipalType(type: string): type is Principal['type'] {
  return ['AWS', 'Service', 'Federated', 'CanonicalUser'].includes(type);
}

function textsOf(value: unknown): readonly string[] | undefined {
  const list: readonly unknown[] = Array.isArray(value) ? (value as unknown[]) : [value];
  return list.every((each): each is string => typeof each === 'string') ? list : undefined;
}

function defined<T extends Readonly<Record<string, unknown>>>(
  values: T,
): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isStatement(statement: Statement | undefined): statement is Statement {
  return statement !== undefined;
}

function syntax(where: string): Fault {
  return { kind: 'syntax', message: 'Syntax errors in policy.', where };
}
