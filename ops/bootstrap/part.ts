/** What is compared of a part, in words that people read: `rotation: on`. Documents are in one form, see `sameForm`. */
export type Settings = Readonly<Record<string, string>>;

/** One thing that an account has to have before a stack can live in it, as it is to be. */
export interface Part {
  readonly kind: 'key' | 'bucket' | 'issuer' | 'policy' | 'role' | 'log group' | 'trail';
  /** Its name in AWS; of policies and roles with the path before it. */
  readonly name: string;
  readonly settings: Settings;
}

/**
 * What was found of a part.
 * - `absent`: nothing has its name.
 * - `foreign`: something has, and it is not ours to change.
 * - `ours`: it is there. `id` is what AWS named it, where that differs from its name.
 */
export type Found =
  | { readonly kind: 'absent' }
  | { readonly kind: 'foreign'; readonly why: string }
  | { readonly kind: 'ours'; readonly settings: Settings; readonly id?: string };

/** What is to be done about a part. */
export interface Step {
  readonly part: Part;
  readonly found: Found;
  readonly deed: 'create' | 'mend' | 'leave' | 'refuse';
  /** The settings that are not as they are to be. */
  readonly wrong: readonly string[];
}

/** What is to be done about a part that was found so. */
export function stepFor(part: Part, found: Found): Step {
  switch (found.kind) {
    case 'absent':
      return { part, found, deed: 'create', wrong: Object.keys(part.settings) };
    case 'foreign':
      return { part, found, deed: 'refuse', wrong: [] };
    case 'ours': {
      const wrong = wrongSettings(part, found.settings);
      return { part, found, deed: wrong.length === 0 ? 'leave' : 'mend', wrong };
    }
  }
}

/** The settings of a part that are not as they are to be. */
export function wrongSettings(part: Part, found: Settings): readonly string[] {
  return Object.entries(part.settings).flatMap(([name, value]) => (found[name] === value ? [] : [name]));
}

/**
 * A document in the one form in which two that say the same are the same text: keys and lists in order, a list of one
 * value as the value. Policies mean the same in any order. What is no JSON stays as it is.
 */
export function sameForm(text: string): string {
  try {
    return JSON.stringify(ordered(JSON.parse(text)));
  } catch {
    return text;
  }
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) {
    const texts = value.map((each) => JSON.stringify(ordered(each))).sort();
    return texts.length === 1 ? JSON.parse(texts[0] ?? '') : texts.map((text): unknown => JSON.parse(text));
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([key, each]) => [key, ordered(each)]));
}
