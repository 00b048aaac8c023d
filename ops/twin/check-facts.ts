import { nearest } from '../../infra/config/nearest.ts';
import type { Fact, TypeFacts } from './facts.ts';
import { bare, isAsset, isList, isMap, isSecret, isUnknown, same, type Held, type HeldMap } from './held.ts';
import { childPath, itemPath, stepsOf } from './paths.ts';

type Facts = TypeFacts['inputs'];

/** What is wrong with one argument. */
export interface Failure {
  /** The argument's path; empty where it is about the whole. */
  readonly property: string;
  readonly reason: string;
}

/** What the provider keeps beside the arguments: which of them were filled in by it. */
export const defaultsKey = '__defaults';

/** Where a value stands while it is checked. */
interface At {
  readonly path: string;
  /** Whether it lies in a secret, so that messages must not show it. */
  readonly hidden: boolean;
  /** The facts of the whole resource, for objects that hold their own kind. */
  readonly all: Facts;
}

/**
 * Compares arguments with what is known of them: names, presence, types, enums, patterns, lengths, ranges, sizes.
 * What is not known yet is only checked for being there. Texts are those of the real provider, where it has one.
 */
export function checkFacts(inputs: HeldMap, facts: Facts): readonly Failure[] {
  return checkFields(inputs, facts, { path: '', hidden: false, all: facts });
}

function checkFields(given: HeldMap, facts: Facts, at: At): Failure[] {
  const known = Object.keys(facts);
  const strangers = Object.keys(given)
    .filter((name) => name !== defaultsKey && facts[name] === undefined)
    .map((name) => {
      const near = nearest(name, known);
      const hint = near === undefined ? '' : ` Did you mean "${near}"?`;
      return failure(below(at, name), `Invalid or unknown key "${name}".${hint}`);
    });
  const missing = known
    .filter((name) => facts[name]?.required === true && isAbsent(given[name]))
    .map((name) =>
      failure(
        below(at, name),
        `Missing required argument. The argument "${name}" is required, but no definition was found.`,
      ),
    );
  const wrong = Object.entries(given).flatMap(([name, value]) => {
    const fact = facts[name];
    return fact === undefined ? [] : checkValue(value, fact, below(at, name));
  });
  return [...strangers, ...missing, ...wrong];
}

function checkValue(held: Held, fact: Fact, outer: At): Failure[] {
  const value = bare(held);
  const at = isSecret(held) ? { ...outer, hidden: true } : outer;
  if (isUnknown(value) || value === null || fact.type === 'any' || isAsset(value)) return [];
  const wrongType = (): Failure[] => [failure(at, `expected ${fact.type}, got ${typeName(value)}`)];
  switch (fact.type) {
    case 'boolean':
      return typeof value === 'boolean' || value === 'true' || value === 'false' ? [] : wrongType();
    case 'number': {
      const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
      if (typeof number !== 'number' || Number.isNaN(number)) return wrongType();
      return checkNumber(number, fact, at);
    }
    case 'string':
      return typeof value === 'object' ? wrongType() : checkText(String(value), fact, at);
    case 'list':
      return isList(value) ? checkList(value, fact, at) : wrongType();
    case 'map': {
      const { items } = fact;
      if (!isMap(value)) return wrongType();
      if (items === undefined) return [];
      return Object.entries(value).flatMap(([name, each]) =>
        name === defaultsKey ? [] : checkValue(each, items, below(at, name)),
      );
    }
    case 'object': {
      const fields = fact.like === undefined ? fact.fields : factAt(at.all, fact.like)?.fields;
      if (!isMap(value)) return wrongType();
      return fields === undefined ? [] : checkFields(value, fields, at);
    }
  }
}

/** The fact of the argument at a path: `rules.*.statement`. */
function factAt(facts: Facts, path: string): Fact | undefined {
  const whole: Fact = { type: 'object', fields: facts };
  return stepsOf(path).reduce<Fact | undefined>(
    (fact, step) => (step === '*' ? fact?.items : fact?.fields?.[step]),
    whole,
  );
}

function checkNumber(value: number, fact: Fact, at: At): Failure[] {
  const { min = -Infinity, max = Infinity } = fact;
  const wrong = checkEnum(value, fact, at);
  if (value >= min && value <= max) return wrong;
  const range =
    max === Infinity
      ? `at least (${min})`
      : min === -Infinity
        ? `at most (${max})`
        : `in the range (${min} - ${max})`;
  return [...wrong, failure(at, `expected ${at.path} to be ${range}, got ${show(value, at)}`)];
}

function checkText(value: string, fact: Fact, at: At): Failure[] {
  const wrong = checkEnum(value, fact, at);
  const { minLength = 0, maxLength = Infinity, pattern } = fact;
  const length = [...value].length;
  if (length < minLength || length > maxLength) {
    const range =
      maxLength === Infinity ? `at least ${minLength}` : `in the range (${minLength} - ${maxLength})`;
    wrong.push(failure(at, `expected length of ${at.path} to be ${range}, got ${show(value, at)}`));
  }
  if (pattern !== undefined && expression(pattern)?.test(value) === false) {
    wrong.push(failure(at, `invalid value for ${at.path} (must match ${pattern}), got ${show(value, at)}`));
  }
  return wrong;
}

function checkEnum(value: string | number, fact: Fact, at: At): Failure[] {
  // Numbers and the texts of numbers are one to the provider.
  if (fact.enum === undefined || fact.enum.some((each) => String(each) === String(value))) return [];
  const choices = fact.enum.map((each) => JSON.stringify(each)).join(' ');
  return [failure(at, `expected ${at.path} to be one of [${choices}], got ${show(value, at)}`)];
}

function checkList(items: readonly Held[], fact: Fact, at: At): Failure[] {
  const wrong: Failure[] = [];
  const { minItems = 0, maxItems = Infinity } = fact;
  const declared = `${items.length} declared.`;
  if (items.length > maxItems) {
    const limit = `Attribute ${at.path} supports ${maxItems} item maximum`;
    wrong.push(failure(at, `Too many list items. ${limit}, but config has ${declared}`));
  }
  if (items.length < minItems) {
    const limit = `Attribute ${at.path} requires ${minItems} item minimum`;
    wrong.push(failure(at, `Not enough list items. ${limit}, but config has only ${declared}`));
  }
  if (fact.unique === true) {
    const twice = items.findIndex((item, index) => items.slice(0, index).some((other) => same(item, other)));
    if (twice !== -1) wrong.push(failure(inside(at, twice), `expected items of ${at.path} to be unique`));
  }
  const each = fact.items;
  if (each === undefined) return wrong;
  return [...wrong, ...items.flatMap((item, index) => checkValue(item, each, inside(at, index)))];
}

function below(at: At, name: string): At {
  return { ...at, path: childPath(at.path, name) };
}

function inside(at: At, index: number): At {
  return { ...at, path: itemPath(at.path, index) };
}

const expressions = new Map<string, RegExp | undefined>();

/** A pattern for the whole of a value. Those that JavaScript does not understand limit nothing. */
function expression(pattern: string): RegExp | undefined {
  if (!expressions.has(pattern)) expressions.set(pattern, compile(pattern, 'u') ?? compile(pattern, ''));
  return expressions.get(pattern);
}

function compile(pattern: string, flags: string): RegExp | undefined {
  try {
    return new RegExp(`^(?:${pattern})$`, flags);
  } catch {
    return undefined;
  }
}

function isAbsent(value: Held | undefined): boolean {
  return value === undefined || bare(value) === null;
}

function typeName(value: Held): string {
  if (isList(value)) return 'list';
  return isMap(value) ? 'object' : typeof value;
}

function show(value: string | number, { hidden }: At): string {
  return hidden ? '[secret]' : String(value);
}

function failure({ path }: At, reason: string): Failure {
  return { property: path, reason };
}
