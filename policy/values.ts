/** In place of a value that only the update will know, in a preview. */
export const unknown: unique symbol = Symbol('known only after the update');

/** A property of a resource, as the engine hands it over. */
export type Value =
  | string
  | number
  | boolean
  | null
  | undefined
  | typeof unknown
  | readonly Value[]
  | { readonly [name: string]: Value };

export interface Values {
  readonly [name: string]: Value;
}

// How the SDK of policies writes a value that is not known yet, by kind:
// https://github.com/pulumi/pulumi-policy/blob/main/sdk/nodejs/policy/proxy.ts
const unknownTexts: ReadonlySet<unknown> = new Set([
  '1c4a061d-8072-4f0a-a4cb-0ff528b18fe7',
  '3eeb2bf0-c639-47a8-9e75-3b44932eb421',
  '04da6b54-80e4-46f7-96ec-b56ff0331ba9',
  '6a19a0b0-7e62-4c92-b797-7f8e31da9cc2',
  '030794c1-ac77-496b-92df-f27374a8bd58',
  'e48ece36-62e2-4504-bad9-02848725956a',
  'dd056dcd-154b-4c76-9bd3-c8f88648b5ff',
]);

/** A property of the engine as a value: what is not known yet becomes `unknown`, at any depth. */
export function valueOf(given: unknown): Value {
  if (unknownTexts.has(given)) return unknown;
  if (Array.isArray(given)) return given.map(valueOf);
  if (typeof given === 'object' && given !== null) return valuesOf(given);
  return given as Value;
}

/** The properties of a resource as values. */
export function valuesOf(given: object): Values {
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, valueOf(value)]));
}

/** What stands at a path: `rule.0.noncurrentDays`. Below what is unknown everything is. */
export function at(value: Value, path: string): Value {
  return path.split('.').reduce<Value>((outer, name) => {
    if (outer === unknown || typeof outer !== 'object' || outer === null) {
      return outer === unknown ? unknown : undefined;
    }
    return Object.hasOwn(outer, name) ? (outer as Values)[name] : undefined;
  }, value);
}

/** The items of a list. One item alone, which some arguments may be given as, is a list of one; nothing is none. */
export function listOf(value: Value): readonly Value[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? (value as readonly Value[]) : [value];
}

/** What a JSON text says; undefined when it is none. */
export function jsonOf(value: Value): Value {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value) as Value;
  } catch {
    return undefined;
  }
}

/** A value, or another where there is none. What is unknown may be one. */
export function or(value: Value, other: Value): Value {
  return value === undefined || value === null ? other : value;
}

/** Whether anything stands there: what is unknown does, an empty text does not. */
export function isThere(value: Value): boolean {
  return value !== undefined && value !== null && value !== '';
}

/** A value as text: a text as it is, another as JSON. */
export function textOf(value: Value): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'not known');
}

/** A value for a message: short, on one line. Never used for what may be secret. */
export function shown(value: Value): string {
  if (value === undefined || value === null) return 'not given';
  const text = JSON.stringify(value) ?? 'not known';
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
