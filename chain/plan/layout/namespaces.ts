import type { CompilerArea } from './compiler-layout.ts';
import { findPointers, type Pointer } from './pointers.ts';
import { reach, structOf } from './reach.ts';
import { erc1967Slots, erc7201Slot, printSlot, shortSlot } from './slots.ts';
import { child, children, idOf, linearized, textOf, type Declarations, type SyntaxNode } from './syntax.ts';
import type { SyntaxTypes } from './syntax-types.ts';

export interface FoundNamespaces {
  readonly areas: readonly CompilerArea[];
  readonly notUnderstood: readonly string[];
}

/**
 * Finds the structs that a contract keeps at slots of their own: those that say so in their documentation
 * (`@custom:storage-location erc7201:…`) and those that code points at. Where both are there, code counts.
 */
export function findNamespaces(
  contract: SyntaxNode,
  declarations: Declarations,
  syntax: SyntaxTypes,
): FoundNamespaces {
  const { units, structs } = reach(contract, declarations);
  const found = findPointers(units, contract, declarations);
  const notUnderstood = [...found.notUnderstood];
  const areas = new Map<string, CompilerArea>();
  const add = (
    id: string,
    slot: bigint,
    variable: SyntaxNode | undefined,
    struct: SyntaxNode | undefined,
  ): void => {
    const placed =
      struct === undefined ? placeAlone(variable, syntax) : syntax.place(children(struct, 'members'));
    if (placed === undefined)
      notUnderstood.push(`${id} at slot ${printSlot(slot)} uses types that are not at hand`);
    else areas.set(`${slot} ${idOf(struct ?? variable)}`, { kind: 'namespace', id, slot, rows: placed.rows });
  };

  const pointed = new Map<number, Pointer[]>();
  for (const pointer of found.pointers) {
    const struct = structOf(child(pointer.variable, 'typeName'), declarations);
    if (struct !== undefined) pointed.set(idOf(struct), [...(pointed.get(idOf(struct)) ?? []), pointer]);
    add(pointerName(pointer, struct), pointer.slot, pointer.variable, struct);
  }
  const own = new Set(linearized(contract, declarations).map((base) => idOf(base)));
  for (const struct of structs) {
    const location = storageLocation(struct);
    const owner = declarations.get(idOf(struct))?.contract;
    const isOwn = owner === undefined || owner['contractKind'] === 'library' || own.has(idOf(owner));
    if (location === undefined || !isOwn) continue;
    const name = textOf(struct, 'canonicalName');
    const [, id] = /^erc7201:(.+)$/.exec(location) ?? [];
    if (id === undefined) {
      notUnderstood.push(`${name} is documented to lie at ${location}, a formula other than erc7201`);
      continue;
    }
    const slot = erc7201Slot(id);
    const elsewhere = (pointed.get(idOf(struct)) ?? []).filter((pointer) => pointer.slot !== slot);
    if (elsewhere.length === 0) add(id, slot, undefined, struct);
    for (const pointer of elsewhere) {
      notUnderstood.push(
        `${name} is documented as erc7201:${id}, slot ${printSlot(slot)}, and code keeps it at ${printSlot(pointer.slot)}`,
      );
    }
  }
  const bySlot = (a: CompilerArea, b: CompilerArea): number =>
    a.slot < b.slot ? -1 : Number(a.slot > b.slot);
  return {
    areas: [...areas.values()].toSorted(bySlot),
    notUnderstood: [...new Set(notUnderstood)].toSorted(),
  };
}

/** A pointer that is no struct, such as a mapping at a slot of its own. */
function placeAlone(variable: SyntaxNode | undefined, syntax: SyntaxTypes): ReturnType<SyntaxTypes['place']> {
  return variable && syntax.place([variable]);
}

function pointerName(pointer: Pointer, struct: SyntaxNode | undefined): string {
  const [known] = Object.entries(erc1967Slots).find(([, slot]) => slot === pointer.slot) ?? [];
  const name = textOf(struct, 'canonicalName') || textOf(pointer.variable, 'name');
  return known ?? pointer.text ?? `${name}@${shortSlot(pointer.slot)}`;
}

/** `erc7201:example.main` of `@custom:storage-location erc7201:example.main`. */
function storageLocation(struct: SyntaxNode): string | undefined {
  const documentation = textOf(child(struct, 'documentation'), 'text') || textOf(struct, 'documentation');
  return /@custom:storage-location\s+(\S+)/.exec(documentation)?.[1];
}
