import { compareVariables } from './compare-variables.ts';
import type { LayoutFinding, LayoutVerdict, Origin, Place } from './finding.ts';
import { printType, sizeOf, typeAt, type StorageLayout, type StorageType } from './layout.ts';

export interface TypeContext {
  readonly old: StorageLayout;
  readonly next: StorageLayout;
  readonly path: string;
  readonly place: Place;
  /** Where the members are counted from if the type is a struct. */
  readonly origin: Origin;
  readonly seen: ReadonlySet<string>;
}

/** Compares two types at one place; nothing is found when the new code reads what the old code wrote. */
export function compareTypes(old: number, next: number, context: TypeContext): readonly LayoutFinding[] {
  const pair = `${old} ${next}`;
  if (context.seen.has(pair)) return [];
  const inner = { ...context, seen: new Set([...context.seen, pair]) };
  const [a, b] = [typeAt(context.old, old), typeAt(context.next, next)];
  const types = [printType(context.old, old), printType(context.next, next)] as const;
  const retyped: Retyped = (verdict, what, change = types.join(' -> ')) => [
    { verdict, kind: 'retyped', path: context.path, change, what, ...context.place },
  ];

  if (a.kind === 'mapping' && b.kind === 'mapping') {
    if (!sameKeys(typeAt(context.old, a.key), typeAt(context.next, b.key), context)) {
      return retyped('breaks', 'its entries are looked for under other keys');
    }
    return compareTypes(a.value, b.value, elements(inner));
  }
  if ((a.kind === 'list' && b.kind === 'list') || (a.kind === 'array' && b.kind === 'array')) {
    const [was, is] = [sizeOf(typeAt(context.old, a.of)), sizeOf(typeAt(context.next, b.of))];
    if (was !== is) {
      const change = `${types[1]}, ${was} -> ${is} bytes each`;
      return retyped('breaks', 'all elements but the first are read elsewhere', change);
    }
    const found = compareTypes(a.of, b.of, elements(inner));
    if (a.kind === 'list' || b.kind === 'list' || a.length === b.length) return found;
    const sized =
      b.length > a.length
        ? retyped('safe', 'it has more elements than it had')
        : retyped('risky', `elements from ${b.length} on are no longer reached`);
    return [...sized, ...found];
  }
  if (a.kind === 'struct' && b.kind === 'struct') {
    const { findings } = compareVariables(
      { layout: context.old, variables: a.members },
      { layout: context.next, variables: b.members },
      { origin: context.origin, pathOf: ({ label }) => `${context.path}.${label}`, seen: inner.seen },
    );
    return findings;
  }
  if (a.kind === 'bytes' && b.kind === 'bytes') {
    return a.label === b.label ? [] : retyped('risky', 'both are stored alike, but bytes may be no text');
  }
  if (a.kind === 'enum' && b.kind === 'enum') return compareEnums(a, b, retyped);
  return compareValues(a, b, context, retyped);
}

/** What mappings and arrays lead to is counted from its own start. */
function elements(context: TypeContext): TypeContext {
  return {
    ...context,
    path: `${context.path}[*]`,
    origin: { kind: 'inside', place: context.place, slot: 0n },
  };
}

type Retyped = (verdict: LayoutVerdict, what: string, change?: string) => readonly LayoutFinding[];
type Enum = Extract<StorageType, { readonly kind: 'enum' }>;

function compareEnums(a: Enum, b: Enum, retyped: Retyped): readonly LayoutFinding[] {
  if (a.bytes !== b.bytes)
    return retyped('breaks', 'more bytes are read than were written', `${a.bytes} -> ${b.bytes} bytes`);
  const [was, is] = [a.members, b.members];
  if (was === undefined || is === undefined) {
    return a.label === b.label ? [] : retyped('unknown', 'the members of the enums are not at hand');
  }
  const change = `${was.join(', ')} -> ${is.join(', ')}`;
  if (was.join() === is.join()) return [];
  if (was.every((member, index) => is[index] === member))
    return retyped('safe', 'members are added at the end', change);
  if (is.every((member, index) => was[index] === member)) {
    return retyped('breaks', 'a stored member that is gone cannot be read any more', change);
  }
  const isRenamed =
    was.length <= is.length && !was.some((member, index) => is[index] !== member && is.includes(member));
  return isRenamed
    ? retyped('risky', 'members have other names; right only if they mean the same', change)
    : retyped('breaks', 'stored numbers mean other members', change);
}

function compareValues(
  a: StorageType,
  b: StorageType,
  context: TypeContext,
  retyped: Retyped,
): readonly LayoutFinding[] {
  const [was, is] = [madeOf(a, context.old), madeOf(b, context.next)];
  const [wasText, isText] = [textOf(a), textOf(b)];
  if (wasText !== undefined && textOf(was) === textOf(is)) {
    return wasText === isText ? [] : retyped('safe', 'both are stored alike');
  }
  if (isAddress(was) && isAddress(is)) return retyped('safe', 'both are stored alike');
  if (wasText === isText && wasText !== undefined) {
    // The same name with another body, or one whose body is not at hand.
    const isKnown = was.kind !== 'alias' && is.kind !== 'alias';
    if (!isKnown && sizeOf(a) === sizeOf(b)) return [];
  }
  if (isByteNumber(was) && is.kind === 'enum')
    return retyped('risky', 'a number beyond its members cannot be read');
  if (was.kind === 'enum' && isByteNumber(is) && was.bytes === 1)
    return retyped('risky', 'members become numbers');
  const change = wasText === isText ? `${wasText} (${textOf(was)} -> ${textOf(is)})` : undefined;
  return retyped('breaks', 'what is stored is read as something else', change);
}

/** What a user-defined value type is made of, as far as it is known. */
function madeOf(type: StorageType, layout: StorageLayout): StorageType {
  return type.kind === 'alias' && type.of !== undefined ? typeAt(layout, type.of) : type;
}

function textOf(type: StorageType): string | undefined {
  if (!('label' in type)) return undefined;
  return type.kind === 'value' || type.kind === 'alias' ? type.label : `${type.kind} ${type.label}`;
}

function isAddress(type: StorageType): boolean {
  return type.kind === 'contract' || (type.kind === 'value' && type.label === 'address');
}

function isByteNumber(type: StorageType): boolean {
  return type.kind === 'value' && type.label === 'uint8';
}

/** Keys are widened to 32 bytes before they are hashed, so that numbers of any width find the same entries. */
function sameKeys(a: StorageType, b: StorageType, context: TypeContext): boolean {
  const [was, is] = [keyForm(a, context.old), keyForm(b, context.next)];
  return was === is || (was.startsWith('uint') && is.startsWith('uint') && sizeOf(a) <= sizeOf(b));
}

function keyForm(type: StorageType, layout: StorageLayout): string {
  const inner = madeOf(type, layout);
  if (inner.kind === 'enum') return 'uint8';
  if (isAddress(inner)) return 'address';
  if (inner.kind === 'bytes') return 'bytes';
  return textOf(inner) ?? inner.kind;
}
