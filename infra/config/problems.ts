import { z } from 'zod';
import { nearest } from './nearest.ts';
import { aboutOf, exampleOf, keysOf, own, schemaAt, valueAt } from './schema-walk.ts';
import { describeValue, inline, type Path } from './show.ts';

type Schema = z.core.$ZodType;
type Issue = z.core.$ZodIssue;

/** A number or a yes or no that quotes have made a text. */
const looksQuoted = /^(-?(0|[1-9]\d*)(\.\d+)?|true|false)$/;

/** One thing that is wrong with a stack file. */
export interface Problem {
  readonly path: Path;
  /** What is wrong with what stands there; completes the sentence that begins with the path. */
  readonly wrong: string;
  /** What could stand there instead, as YAML. */
  readonly example?: string;
}

/** Puts what zod found into words, all of it. `values` is what it looked at. */
export function problemsOf(schema: Schema, values: unknown, issues: readonly Issue[]): Problem[] {
  const problems = issues.flatMap((issue) => problemsOfIssue(schema, values, issue));
  // A key that is misspelt is not missing as well.
  const meant = new Set(problems.map(({ meant: path }) => path));
  return problems
    .filter(({ missing, path }) => !missing || !meant.has(JSON.stringify(path)))
    .map(withoutNotes);
}

/** What the parts of this module tell each other of a problem. */
interface Noted extends Problem {
  /** The key that a misspelt one was meant to be. */
  readonly meant?: string;
  readonly missing?: boolean;
}

function withoutNotes({ path, wrong, example }: Noted): Problem {
  return { path, wrong, ...(example === undefined ? {} : { example }) };
}

function problemsOfIssue(schema: Schema, values: unknown, issue: Issue): Noted[] {
  const path = issue.path as Path;
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownKey(schema, values, path, key));
  }
  if (issue.code === 'invalid_key') return [keyProblem(path, issue)];
  const branch = issue.code === 'invalid_union' ? nearestBranch(issue.errors) : undefined;
  if (branch !== undefined) {
    return branch.flatMap((each) =>
      problemsOfIssue(schema, values, { ...each, path: [...path, ...each.path] }),
    );
  }
  const value = valueAt(values, path);
  return [
    {
      path,
      missing: value === undefined,
      wrong: wrongWith(schema, values, path, issue),
      ...example(schema, values, path),
    },
  ];
}

/** The branch of a union whose kind of value was given; its details are what is wrong. */
function nearestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  return branches.find((issues) =>
    issues.every(({ code, path }) => path.length > 0 || code !== 'invalid_type'),
  );
}

function wrongWith(schema: Schema, values: unknown, path: Path, issue: Issue): string {
  const value = valueAt(values, path);
  if (value === undefined) return missingKey(schema, values, path);
  if (value === null) return 'is empty';
  const given = describeValue(value);
  switch (issue.code) {
    case 'invalid_type':
      return `is ${given}${kindOf(value)}; ${needed(issue.expected, value)}`;
    case 'too_small':
      return typeof value === 'object'
        ? `is ${given}; ${issue.message}`
        : `is ${given}; the least is ${issue.minimum}`;
    case 'too_big':
      return `is ${given}; the most is ${issue.maximum}`;
    case 'invalid_value':
      return `is ${given}; ${choice(value, issue.values.map(String))}`;
    case 'invalid_union':
      return `is ${given}; ${'options' in issue ? choice(value, (issue.options ?? []).map(String)) : issue.message}`;
    case 'invalid_format':
    case 'invalid_key':
    case 'invalid_element':
    case 'not_multiple_of':
    case 'unrecognized_keys':
    case 'custom':
      return `is ${given}; ${issue.message}`;
  }
}

function missingKey(schema: Schema, values: unknown, path: Path): string {
  const description = aboutOf(schemaAt(schema, path, values)).description;
  return `is missing${description === undefined ? '' : `: ${description.replace(/\.$/, '')}`}`;
}

function kindOf(value: unknown): string {
  return typeof value === 'string' && value.length < 60 ? ', a text' : '';
}

/** What zod expected, in words; and the quotes that make a number a text, which is the usual cause. */
function needed(expected: string, value: unknown): string {
  const looksRight = typeof value === 'string' && looksQuoted.test(value);
  const words: Readonly<Record<string, string>> = {
    int: 'it must be a whole number',
    number: 'it must be a number',
    string: 'it must be a text',
    boolean: 'it must be true or false',
    object: 'it must be a block of keys',
    record: 'it must be a block of keys',
    array: 'it must be a list',
  };
  return `${words[expected] ?? `it must be of kind ${expected}`}${looksRight ? ', written without quotes' : ''}`;
}

function choice(value: unknown, known: readonly string[]): string {
  const near = typeof value === 'string' ? nearest(value, known) : undefined;
  const list = known.length === 1 ? `it must be ${known[0]}` : `it must be one of ${known.join(', ')}`;
  return near === undefined || known.length === 1 ? list : `did you mean ${near}? ${capital(list)}`;
}

function unknownKey(schema: Schema, values: unknown, parent: Path, key: string): Noted {
  const known = keysOf(schemaAt(schema, parent, values)) ?? [];
  const path = [...parent, key];
  const colon = parent.length === 0 ? key.indexOf(':') : -1;
  if (colon > 0 && nearest(key.slice(0, colon), ['cutover']) === undefined) {
    return {
      path,
      wrong: 'is of another namespace, which nothing would read: providers are given their settings in code',
    };
  }
  const near = nearest(key.slice(colon + 1), known);
  if (near === undefined) {
    return { path, wrong: `is not a key that is known here; known are ${known.join(', ')}` };
  }
  const meant = [...parent, near];
  const taken = own(valueAt(values, parent), near) !== undefined;
  return {
    path,
    wrong: taken
      ? `is not a key that is known here; the nearest, ${near}, is there already`
      : `is not a key that is known here; did you mean ${near}?`,
    ...(taken ? {} : { meant: JSON.stringify(meant), ...example(schema, values, meant) }),
  };
}

function keyProblem(path: Path, issue: Issue & { readonly code: 'invalid_key' }): Noted {
  return { path, wrong: `has a name that cannot be used; ${issue.issues[0]?.message ?? issue.message}` };
}

/** What would be right at a path, as YAML. */
function example(schema: Schema, values: unknown, path: Path): { example?: string } {
  const key = path.at(-1);
  const here = schemaAt(schema, path, values);
  const given = valueAt(values, path);
  const value = unquoted(here, given) ?? meantWord(here, given) ?? exampleOf(here);
  if (value === undefined || key === undefined) return {};
  const text = abridge(inline(value));
  return { example: typeof key === 'number' ? `- ${text}` : `${key}: ${text}` };
}

/** What was given, when all that is wrong with it is its quotes. */
function unquoted(schema: Schema | undefined, value: unknown): unknown {
  if (schema === undefined || typeof value !== 'string' || !looksQuoted.test(value)) return undefined;
  const parsed = z.safeParse(schema, JSON.parse(value));
  return parsed.success ? parsed.data : undefined;
}

/** The word of a choice that a misspelt one was meant to be. */
function meantWord(schema: Schema | undefined, value: unknown): string | undefined {
  return schema instanceof z.ZodEnum && typeof value === 'string'
    ? nearest(value, schema.options.map(String))
    : undefined;
}

function abridge(text: string): string {
  return text.length <= 100 ? text : `${text.slice(0, text.lastIndexOf(',', 96) + 1)} …`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
