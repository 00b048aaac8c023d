import { createHash } from 'node:crypto';
import { CutoverError } from '@cutover/base/errors.ts';

/** The calls that can be made to fail. */
export const operations = ['create', 'update', 'delete', 'read', 'configure'] as const;
export type Operation = (typeof operations)[number];

/**
 * How a call goes wrong.
 * `before`: an error, and nothing has happened. `after`: it has happened, then waiting for it failed; the engine is told
 * what is there. `lost`: it has happened, and the answer is lost with what it said. `throttled`: refused some times, then
 * fine. `slow`: takes so many seconds longer. `dies-before`, `dies-after`: the plugin ends in the middle of the call.
 */
export type Fault =
  | { readonly how: 'before' | 'after' | 'lost'; readonly code?: string }
  | { readonly how: 'dies-before' | 'dies-after' }
  | { readonly how: 'throttled'; readonly times: number }
  | { readonly how: 'slow'; readonly seconds: number };

/** Which calls go wrong, and how. */
export interface Rule {
  readonly operation: Operation | '*';
  /** A type, `*` for any letters. */
  readonly type: string;
  /** The how manieth call for the same resource; absent: each. */
  readonly call?: number;
  /** In how many of a hundred calls; the seed tells in which. */
  readonly percent?: number;
  readonly fault: Fault;
}

/** A call as rules see it. */
export interface Call {
  readonly operation: Operation;
  readonly type: string;
  readonly urn: string;
  /** The how manieth of this operation for this resource since the rules were set, from 1. */
  readonly count: number;
}

/** What goes wrong with a call: the first rule that fits it says. The same seed and calls give the same faults. */
export function faultOf(call: Call, rules: readonly Rule[], seed: string): Fault | undefined {
  return rules.find((rule, index) => {
    if (rule.operation !== '*' && rule.operation !== call.operation) return false;
    if (rule.call !== undefined && rule.call !== call.count) return false;
    if (rule.percent !== undefined && draw(`${seed} ${index}`, call) >= rule.percent) return false;
    return fits(rule.type, call.type);
  })?.fault;
}

/** Reads a rule: `create aws:rds/instance:Instance #1 after`, `* * 5% before Throttling`. */
export function parseRule(text: string): Rule {
  const refuse = (reason: string): CutoverError => new CutoverError('CUT-5330', { rule: text, reason });
  const [operation = '', type = '', ...rest] = text.trim().split(/\s+/);
  if (operation !== '*' && !isOperation(operation)) {
    throw refuse(`\`${operation}\` is none of ${operations.join(', ')} and *`);
  }
  if (type === '' || type.startsWith('#')) throw refuse('it names no type');
  const limits: { call?: number; percent?: number } = {};
  const [limit = ''] = rest;
  if (/^#[1-9]\d*$/.test(limit)) limits.call = Number(limit.slice(1));
  else if (/^\d+(\.\d+)?%$/.test(limit)) limits.percent = Number(limit.slice(0, -1));
  else if (/^#|%$/.test(limit)) throw refuse(`\`${limit}\` is neither #1, #2 … nor a share like 5%`);
  const words = Object.keys(limits).length === 0 ? rest : rest.slice(1);
  return { operation, type, ...limits, fault: parseFault(words, refuse) };
}

function parseFault(
  [how = '', code, ...more]: readonly string[],
  refuse: (reason: string) => CutoverError,
): Fault {
  if (more.length > 0) throw refuse(`\`${more.join(' ')}\` is too much`);
  const [name = '', amount] = how.split(':');
  const count = amount === undefined ? 1 : Number(amount);
  switch (name) {
    case 'before':
    case 'after':
    case 'lost':
      if (amount !== undefined) throw refuse(`\`${name}\` takes no number`);
      return { how: name, ...(code !== undefined && { code }) };
    case 'dies-before':
    case 'dies-after':
      if (code !== undefined) throw refuse(`\`${code}\` is too much`);
      return { how: name };
    case 'throttled':
      if (!Number.isInteger(count) || count < 1) throw refuse(`\`${how}\` is not like throttled:3`);
      return { how: name, times: count };
    case 'slow':
      if (!(count > 0)) throw refuse(`\`${how}\` is not like slow:2.5`);
      return { how: name, seconds: count };
    default:
      throw refuse(
        `\`${how}\` is none of before, after, lost, dies-before, dies-after, throttled:TIMES, slow:SECONDS`,
      );
  }
}

/** From 0 to 100, the same for the same call and seed, in whatever order calls come. */
function draw(seed: string, { operation, urn, count }: Call): number {
  const digest = createHash('sha256').update(`${seed}\n${operation}\n${urn}\n${count}`).digest();
  return (digest.readUInt32BE(0) / 2 ** 32) * 100;
}

function fits(pattern: string, type: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('.*')}$`).test(type);
}

function isOperation(text: string): text is Operation {
  return (operations as readonly string[]).includes(text);
}
