import { createHash } from 'node:crypto';
import type { Question, Refusal, Thing, Value, Values } from '../kind.ts';

/** The value at a path of names, `redirect.port`; undefined where there is none. */
export function valueAt(values: Values, path: string): Value | undefined {
  return path
    .split('.')
    .reduce<Value | undefined>((value, name) => (isValues(value) ? value[name] : undefined), values);
}

/** The text at a path; undefined where there is none. */
export function textAt(values: Values, path: string): string | undefined {
  const value = valueAt(values, path);
  return typeof value === 'string' ? value : undefined;
}

/** The number at a path; text that is a number counts, as it does for the provider. */
export function numberAt(values: Values, path: string): number | undefined {
  const value = valueAt(values, path);
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : undefined;
}

/** The boolean at a path; undefined where there is none. */
export function flagAt(values: Values, path: string): boolean | undefined {
  const value = valueAt(values, path);
  return typeof value === 'boolean' ? value : undefined;
}

/** The objects of a list at a path; of a single object itself. */
export function objectsAt(values: Values, path: string): readonly Values[] {
  const value = valueAt(values, path);
  return (Array.isArray(value) ? (value as readonly Value[]) : [value]).filter(isValues);
}

/** The texts of a list at a path. */
export function textsAt(values: Values, path: string): readonly string[] {
  const value = valueAt(values, path);
  return Array.isArray(value) ? value.filter((each: Value) => typeof each === 'string') : [];
}

/** Whether an argument is given or will be: what is not known yet counts as given. */
export function isGiven(question: Question, path: string): boolean {
  const value = valueAt(question.inputs, path);
  return (value !== undefined && value !== null) || isUnknown(question, path);
}

/** Whether an argument, or anything in it, is known only later. */
export function isUnknown(question: Question, path: string): boolean {
  return question.unknown.has(path);
}

/** What only the API can tell, since it is about what else is there: in preview that may still come or go. */
export function onCall(question: Question, problems: () => readonly Refusal[]): readonly Refusal[] {
  return question.calling === true ? problems() : [];
}

/** An argument or an output of a thing, whichever holds it: what was given goes before what the cloud filled in. */
export function has(thing: Thing, name: string): Value | undefined {
  return thing.inputs[name] ?? thing.outputs[name];
}

/** The text that a thing has under a name. */
export function textOf(thing: Thing, name: string): string | undefined {
  const value = has(thing, name);
  return typeof value === 'string' ? value : undefined;
}

/** The things that are not the one asked about. */
export function others(question: Question, type: string): readonly Thing[] {
  return question.cloud
    .all(type, question.place)
    .filter((thing) => thing.id !== question.before?.id || thing.type !== question.before.type);
}

/** A refusal in one line; the property is the argument that it is about, where it is about one. */
export function refusal(code: string, message: string, property?: string): Refusal {
  return property === undefined ? { code, message } : { code, message, property };
}

/** What the provider says where several arguments exclude each other and one must be there. */
export function exactlyOne(question: Question, names: readonly string[]): Refusal[] {
  const given = names.filter((name) => isGiven(question, name));
  if (given.length === 1) return [];
  const list = names.join(',');
  return given.length === 0
    ? [refusal('InvalidCombination', `one of \`${list}\` must be specified`, names[0])]
    : [
        refusal(
          'InvalidCombination',
          `only one of \`${list}\` can be specified, but \`${given.join(',')}\` were specified.`,
          given[1],
        ),
      ];
}

/** Hexadecimal digits that a text always gives. */
export function hexOf(text: string, length: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length);
}

/** Decimal digits that a text always gives. */
export function digitsOf(text: string, length: number): string {
  return BigInt(`0x${hexOf(text, 32)}`)
    .toString()
    .padStart(length, '0')
    .slice(-length);
}

/** Capital letters and digits that a text always gives, as in the ids of hosted zones. */
export function capitalsOf(text: string, length: number): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
  const bytes = createHash('sha256').update(text).digest();
  return Array.from({ length }, (_, index) => alphabet[(bytes[index] ?? 0) % alphabet.length]).join('');
}

/** A UUID that a text always gives. */
export function uuidOf(text: string): string {
  const hex = hexOf(text, 32);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

function isValues(value: Value | undefined): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
