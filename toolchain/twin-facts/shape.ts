import type { Fact } from './table.ts';

/** What a source other than the SDK tells of a value. Both sources are read into this, so that they compare. */
export interface Shape {
  readonly type: Fact['type'];
  readonly limits: Limits;
  /** Of a list or a map. */
  readonly items?: () => Shape;
  /** Of an object, by the source's own names. */
  readonly fields?: () => ReadonlyMap<string, Shape>;
}

/** The facts that limit a value. */
export type Limits = Pick<
  Fact,
  'enum' | 'pattern' | 'minLength' | 'maxLength' | 'min' | 'max' | 'minItems' | 'maxItems'
>;

const limitsOfType: { readonly [Type in Fact['type']]?: readonly (keyof Limits)[] } = {
  string: ['enum', 'pattern', 'minLength', 'maxLength'],
  number: ['enum', 'min', 'max'],
  list: ['minItems', 'maxItems'],
};

/** Those limits that are given and that a type can have: schemas hold some that do nothing. */
export function limitsFor(
  type: Fact['type'],
  given: { readonly [Key in keyof Limits]: Limits[Key] | undefined },
): Limits {
  const kept = limitsOfType[type] ?? [];
  return Object.fromEntries(kept.flatMap((key) => (given[key] === undefined ? [] : [[key, given[key]]])));
}

/** A value of which nothing is told; each its own, since shapes are compared by identity. */
export function unknownShape(): Shape {
  return { type: 'any', limits: {} };
}

/** A name as sources that spell and pluralise differently compare: `vpcSecurityGroupIds`, `VPCSecurityGroupId`. */
export function bareName(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '')
    .replace(/ies$/, 'y')
    .replace(/s$/, '');
}

/** The field of an object that has a name, however it is spelt. */
export function fieldOf(shape: Shape | undefined, name: string): Shape | undefined {
  const wanted = bareName(name);
  for (const [field, value] of shape?.fields?.() ?? []) if (bareName(field) === wanted) return value;
  return undefined;
}

/** The value that a path leads to: `HealthCheckConfig.Port`, `*` for the items of a list or a map. */
export function follow(shape: Shape, path: string): Shape | undefined {
  return path
    .split('.')
    .reduce<Shape | undefined>((at, name) => (name === '*' ? at?.items?.() : fieldOf(at, name)), shape);
}

/**
 * A pattern as the table keeps it: matched against the whole value, by JavaScript with the flag `u`. AWS means the
 * whole value too where it writes no anchors; one that is anchored at one side only is searched for. Undefined where
 * it cannot be kept as it was meant, or limits nothing.
 */
export function wholePattern(pattern: string | undefined): string | undefined {
  if (pattern === undefined) return undefined;
  const parts = alternatives(plain(pattern));
  const anchored = parts.every((part) => part.startsWith('^') && part.endsWith('$'));
  // `\S` alone asks for one such character somewhere.
  const free = !/(^|[^\\[])[\^$]/.test(pattern) && /[*+?})]$/.test(pattern);
  const whole = anchored ? parts.map((part) => part.slice(1, -1)).join('|') : parts.join('|');
  const kept = anchored || free ? whole : `[\\s\\S]*(?:${whole})[\\s\\S]*`;
  return takesAnything(kept) || !compiles(kept) ? undefined : kept;
}

// The second is how AWS's models write "any character that XML can hold".
function takesAnything(pattern: string): boolean {
  return (
    /^[([]*(\.|\\s\\S|\\S\\s)[\])]*[*+]?[\])]*[*+]?$/.test(pattern) ||
    /^\[\\u0020-\\uD7FF[^\]]*\][*+]$/.test(pattern)
  );
}

function compiles(pattern: string): boolean {
  try {
    new RegExp(`^(?:${pattern})$`, 'u');
    return true;
  } catch {
    return false;
  }
}

/** Without escapes that other dialects allow: `\_` is an error in JavaScript with the flag `u`, as is `[\w-.]`. */
function plain(pattern: string): string {
  let inClass = false;
  return pattern
    .replaceAll(/\\[\s\S]|[[\]]/g, (token) => {
      if (token === '[' && !inClass) inClass = true;
      else if (token === ']') inClass = false;
      const needless = inClass ? /^\\[^\w\s\\^$.*+?()[\]{}|/-]$/ : /^\\[^\w\s\\^$.*+?()[\]{}|/]$/;
      return needless.test(token) || token === '\\_' || token === '\\ ' ? token.slice(1) : token;
    })
    .replaceAll(/(\\[wds])-(?=[^\]])/g, '$1\\-');
}

/** The parts of a pattern between the bars that stand in no group and no class. */
function alternatives(pattern: string): string[] {
  const parts = [''];
  let depth = 0;
  let inClass = false;
  for (const [token = ''] of pattern.matchAll(/\\?[\s\S]/g)) {
    if (inClass) inClass = token !== ']';
    else if (token === '[') inClass = true;
    else if (token === '(') depth++;
    else if (token === ')') depth--;
    if (token === '|' && depth === 0 && !inClass) parts.push('');
    else parts.push(`${parts.pop() ?? ''}${token}`);
  }
  return parts;
}
