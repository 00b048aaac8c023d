import type { HttpExpectation, JsonRpcExpectation, RowExpectation } from './gate-check.ts';

/** A single value of JSON. */
export type Scalar = string | number | boolean | null;

/** What one value must be: exactly this, or one of a few comparisons. */
export type Expected =
  | Scalar
  | { readonly not: Scalar }
  | { readonly oneOf: readonly Scalar[] }
  | { readonly atLeast: number }
  | { readonly atMost: number }
  /** A regular expression that must match somewhere in the value. */
  | { readonly matches: string };

/** What was wrong with an answer, in words that follow "expected"; undefined when nothing was. */
export type Miss = string | undefined;

/** An answer over HTTP, its body read up to a limit. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** Compares an HTTP answer with what was expected of it. */
export function judgeHttp(expect: HttpExpectation, answer: HttpAnswer): Miss {
  const statuses = expect.status === undefined ? undefined : [expect.status].flat();
  if (
    statuses === undefined ? answer.status < 200 || answer.status > 299 : !statuses.includes(answer.status)
  ) {
    return `expected status ${statuses?.join(' or ') ?? '200 to 299'}, got ${answer.status}`;
  }
  for (const [name, expected] of Object.entries(expect.headers ?? {})) {
    const value = answer.headers[name.toLowerCase()];
    const miss = judgeValue(`header ${name}`, expected, Array.isArray(value) ? value.join(', ') : value);
    if (miss !== undefined) return miss;
  }
  if (expect.bodyContains !== undefined && !answer.body.includes(expect.bodyContains)) {
    return `expected a body that contains ${show(expect.bodyContains)}`;
  }
  if (expect.json === undefined) return undefined;
  const parsed = parseJson(answer.body);
  return parsed === undefined ? 'expected a JSON body' : judgePaths(expect.json, parsed.value);
}

/** One call of a JSON-RPC check and how its result is judged. */
export interface RpcCall {
  readonly method: string;
  readonly params: readonly unknown[];
  readonly judge: (result: unknown) => Miss;
}

/** The calls that a JSON-RPC check makes, in order. */
export function rpcCalls(
  method: string | undefined,
  params: readonly unknown[] | undefined,
  expect: JsonRpcExpectation,
): RpcCall[] {
  const { chainId, minBlock } = expect;
  const calls: RpcCall[] = [];
  if (chainId !== undefined || (method === undefined && minBlock === undefined)) {
    calls.push({
      method: 'eth_chainId',
      params: [],
      judge: (result) => judgeValue('chain id', chainId ?? { atLeast: 1 }, quantity(result)),
    });
  }
  if (minBlock !== undefined) {
    calls.push({
      method: 'eth_blockNumber',
      params: [],
      judge: (result) => judgeValue('block', { atLeast: minBlock }, quantity(result)),
    });
  }
  if (method !== undefined) {
    calls.push({
      method,
      params: params ?? [],
      judge: (result) =>
        (expect.result === undefined ? undefined : judgeValue('result', expect.result, result)) ??
        judgePaths(expect.json ?? {}, result),
    });
  }
  return calls;
}

/** Compares the rows of a query with what was expected of them. */
export function judgeRows(expect: RowExpectation, rows: readonly (readonly unknown[])[]): Miss {
  const least = expect.minRows ?? (expect.value === undefined ? 0 : 1);
  if (rows.length < least) return `expected at least ${least} row(s), got ${rows.length}`;
  return expect.value === undefined ? undefined : judgeValue('value', expect.value, rows[0]?.[0]);
}

/** Compares one value. Numbers that a database or node sends as text count as numbers where a number is expected. */
export function judgeValue(what: string, expected: Expected, got: unknown): Miss {
  const wanted = describeExpected(expected);
  return meets(expected, got) ? undefined : `expected ${what} ${wanted}, got ${show(got)}`;
}

/** The value at a path of a JSON document; undefined where there is none. */
export function valueAt(document: unknown, path: string): unknown {
  return parsePath(path).reduce<unknown>((value, step) => {
    if (typeof value !== 'object' || value === null) return undefined;
    return Object.hasOwn(value, step) ? (value as Record<string, unknown>)[step] : undefined;
  }, document);
}

/** The steps of a path: `a.b[0]["c.d"]`, with or without a leading `$.`. */
export function parsePath(path: string): string[] {
  const steps = [...path.replace(/^\$\.?/, '').matchAll(/\["([^"]*)"\]|\[(\d+)\]|([^.[\]]+)/g)];
  return steps.map((step) => step[1] ?? step[2] ?? step[3] ?? '');
}

function judgePaths(paths: Readonly<Record<string, Expected>>, document: unknown): Miss {
  for (const [path, expected] of Object.entries(paths)) {
    const miss = judgeValue(path, expected, valueAt(document, path));
    if (miss !== undefined) return miss;
  }
  return undefined;
}

function meets(expected: Expected, got: unknown): boolean {
  if (typeof expected !== 'object' || expected === null) return same(expected, got);
  if ('not' in expected) return got !== undefined && !same(expected.not, got);
  if ('oneOf' in expected) return expected.oneOf.some((value) => same(value, got));
  if ('matches' in expected) return isPrintable(got) && new RegExp(expected.matches).test(String(got));
  const number = asNumber(got);
  if (number === undefined) return false;
  return 'atLeast' in expected ? number >= expected.atLeast : number <= expected.atMost;
}

function same(expected: Scalar, got: unknown): boolean {
  return expected === got || (typeof expected === 'number' && asNumber(got) === expected);
}

function asNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value)) return Number(value);
  return undefined;
}

function quantity(result: unknown): unknown {
  return typeof result === 'string' && /^0x[0-9a-f]+$/i.test(result) ? Number(result) : result;
}

function isPrintable(value: unknown): value is string | number | boolean | bigint {
  return ['string', 'number', 'boolean', 'bigint'].includes(typeof value);
}

function describeExpected(expected: Expected): string {
  if (typeof expected !== 'object' || expected === null) return show(expected);
  if ('not' in expected) return `other than ${show(expected.not)}`;
  if ('oneOf' in expected) return expected.oneOf.map(show).join(' or ');
  if ('matches' in expected) return `like /${expected.matches}/`;
  return 'atLeast' in expected ? `of at least ${expected.atLeast}` : `of at most ${expected.atMost}`;
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = typeof value === 'bigint' ? String(value) : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

function parseJson(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}
