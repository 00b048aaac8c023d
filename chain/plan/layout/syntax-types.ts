import type { CompilerRow, CompilerType } from './compiler-layout.ts';
import { child, children, idOf, isNode, textOf, type Declarations, type SyntaxNode } from './syntax.ts';

/** Lays out types of a syntax tree by Solidity's rules, in the compiler's own words. */
export interface SyntaxTypes {
  /** Every type that was met so far. */
  readonly types: Readonly<Record<string, CompilerType>>;
  /** The name of a type, which is then in `types`; undefined when its declaration is not in the trees. */
  readonly typeOf: (typeName: SyntaxNode | undefined) => string | undefined;
  /** The same for a struct, an enum, a contract or a user-defined value type by its declaration. */
  readonly declaredType: (node: SyntaxNode) => string | undefined;
  /** Where variables lie that are declared one after the other, counted from slot 0. */
  readonly place: (
    variables: readonly SyntaxNode[],
    contractOf?: (variable: SyntaxNode) => string | undefined,
  ) => Placed | undefined;
}

export interface Placed {
  readonly rows: readonly CompilerRow[];
  readonly slots: bigint;
}

const bytesPerSlot = 32n;

export function syntaxTypes(declarations: Declarations): SyntaxTypes {
  const types: Record<string, CompilerType> = {};
  const remember = (
    id: string,
    label: string,
    bytes: bigint | number,
    more: Partial<CompilerType> = {},
  ): string => {
    types[id] = { label, numberOfBytes: String(bytes), ...more };
    return id;
  };

  const typeOf = (typeName: SyntaxNode | undefined): string | undefined => {
    switch (typeName?.['nodeType']) {
      case 'ElementaryTypeName':
        return elementary(typeName);
      case 'UserDefinedTypeName':
        return userDefined(typeName);
      case 'FunctionTypeName': {
        const label = textOf(child(typeName, 'typeDescriptions'), 'typeString');
        return remember(`t_function(${label})`, label, typeName['visibility'] === 'external' ? 24 : 8);
      }
      case 'Mapping': {
        const [key, value] = [typeOf(child(typeName, 'keyType')), typeOf(child(typeName, 'valueType'))];
        if (key === undefined || value === undefined) return undefined;
        return remember(`t_mapping(${key},${value})`, 'mapping', bytesPerSlot);
      }
      case 'ArrayTypeName':
        return array(typeName);
      default:
        return undefined;
    }
  };

  const elementary = (typeName: SyntaxNode): string => {
    // `uint` and `byte` stand written out there.
    const written = textOf(child(typeName, 'typeDescriptions'), 'typeString') || textOf(typeName, 'name');
    const [name = ''] = written.split(' ');
    if (name === 'string' || name === 'bytes') return remember(`t_${name}_storage`, name, bytesPerSlot);
    return remember(`t_${name}`, name, elementaryBytes(name));
  };

  const array = (typeName: SyntaxNode): string | undefined => {
    const base = typeOf(child(typeName, 'baseType'));
    const identifier = textOf(child(typeName, 'typeDescriptions'), 'typeIdentifier');
    // The compiler has worked the length out, whatever expression stands there.
    const [, length] = /\$(dyn|\d+)_storage(?:_ptr)?$/.exec(identifier) ?? [];
    if (base === undefined || length === undefined) return undefined;
    if (length === 'dyn') return remember(`t_array(${base})dyn_storage`, 'array', bytesPerSlot);
    const each = BigInt(types[base]?.numberOfBytes ?? 0);
    return remember(
      `t_array(${base})${length}_storage`,
      'array',
      arraySlots(each, BigInt(length)) * bytesPerSlot,
    );
  };

  const userDefined = (typeName: SyntaxNode): string | undefined => {
    const declared =
      declarations.get(idOf(typeName, 'referencedDeclaration')) ??
      declarations.get(idOf(child(typeName, 'pathNode'), 'referencedDeclaration'));
    return declared && declaredType(declared.node);
  };

  const declaredType = (node: SyntaxNode): string | undefined => {
    const [name, label] = [textOf(node, 'name'), textOf(node, 'canonicalName') || textOf(node, 'name')];
    switch (node['nodeType']) {
      case 'ContractDefinition':
        return remember(`t_contract(${name})${idOf(node)}`, `contract ${label}`, 20);
      case 'EnumDefinition': {
        const members = enumMembers(node);
        return remember(`t_enum(${name})${idOf(node)}`, `enum ${label}`, members.length > 256 ? 2 : 1, {
          members,
        });
      }
      case 'UserDefinedValueTypeDefinition': {
        const underlying = typeOf(child(node, 'underlyingType'));
        if (underlying === undefined) return undefined;
        const bytes = BigInt(types[underlying]?.numberOfBytes ?? 0);
        return remember(`t_userDefinedValueType(${name})${idOf(node)}`, label, bytes, { underlying });
      }
      case 'StructDefinition':
        return struct(node, `t_struct(${name})${idOf(node)}_storage`, `struct ${label}`);
      default:
        return undefined;
    }
  };

  const struct = (node: SyntaxNode, id: string, label: string): string | undefined => {
    // Met on the way into itself, through a mapping or a list: it is being laid out.
    if (types[id] !== undefined) return id;
    remember(id, label, 0, { members: [] });
    const placed = place(children(node, 'members'));
    if (placed === undefined) {
      delete types[id];
      return undefined;
    }
    return remember(id, label, placed.slots * bytesPerSlot, { members: placed.rows });
  };

  const place: SyntaxTypes['place'] = (variables, contractOf = () => undefined) => {
    const rows: CompilerRow[] = [];
    let [slot, offset] = [0n, 0n];
    for (const variable of variables) {
      const type = typeOf(child(variable, 'typeName'));
      if (type === undefined) return undefined;
      const bytes = BigInt(types[type]?.numberOfBytes ?? 0);
      if (offset + (bytes < bytesPerSlot ? bytes : bytesPerSlot) > bytesPerSlot)
        [slot, offset] = [slot + 1n, 0n];
      const contract = contractOf(variable);
      rows.push({
        label: textOf(variable, 'name'),
        slot: String(slot),
        offset: Number(offset),
        type,
        astId: idOf(variable),
        ...(contract === undefined ? {} : { contract }),
      });
      if (bytes > bytesPerSlot) slot += bytes / bytesPerSlot;
      else offset += bytes;
    }
    return { rows, slots: offset > 0n ? slot + 1n : slot };
  };

  return { types, typeOf, declaredType, place };
}

function enumMembers(node: SyntaxNode): readonly string[] {
  const members = node['members'];
  return Array.isArray(members) ? members.filter(isNode).map((member) => textOf(member, 'name')) : [];
}

function elementaryBytes(name: string): number {
  const [, kind = name, digits] = /^(uint|int|bytes)(\d+)?$/.exec(name) ?? [];
  if (kind === 'uint' || kind === 'int') return Number(digits ?? 256) / 8;
  if (kind === 'bytes') return Number(digits);
  return kind === 'address' ? 20 : 1;
}

function arraySlots(each: bigint, length: bigint): bigint {
  if (each > bytesPerSlot / 2n) return length * ((each + bytesPerSlot - 1n) / bytesPerSlot);
  const inSlot = bytesPerSlot / each;
  return (length + inSlot - 1n) / inSlot;
}
