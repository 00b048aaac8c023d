import { layoutFromCompiler } from '@cutover/chain/plan/layout/from-compiler.ts';
import type { LayoutReading, StorageLayout } from '@cutover/chain/plan/layout/layout.ts';

type Node = Record<string, unknown>;

/** A contract in few words; variables are written as Solidity does: `uint256 total; address[] owners`. */
export interface Sketch {
  readonly name?: string;
  readonly variables?: string;
  /** Bases, the most basic first, each with its variables. */
  readonly bases?: Readonly<Record<string, string>>;
  readonly structs?: Readonly<Record<string, string>>;
  readonly enums?: Readonly<Record<string, string>>;
  /** User-defined value types and what they are made of. */
  readonly aliases?: Readonly<Record<string, string>>;
  readonly contracts?: readonly string[];
  /** ERC-7201 ids and their structs. */
  readonly namespaces?: Readonly<Record<string, string>>;
  /** Where the numbers of the syntax tree begin: no layout may depend on it. */
  readonly firstId?: number;
}

/** The layout of a sketched contract, read from a syntax tree such as solc writes. */
export function layoutOf(sketch: Sketch): StorageLayout {
  const { name = 'Vault', bases = {}, structs = {}, firstId = 1 } = sketch;
  let last = firstId;
  const next = (): number => last++;
  const declared = (nodeType: string, each: string, rest: Node = {}): Node => ({
    nodeType,
    id: next(),
    name: each,
    canonicalName: each,
    ...rest,
  });
  const types: Node[] = [
    ...(sketch.contracts ?? []).map((each) => declared('ContractDefinition', each)),
    ...Object.entries(sketch.enums ?? {}).map(([each, members]) =>
      declared('EnumDefinition', each, { members: members.split(/, */).map((member) => ({ name: member })) }),
    ),
    ...Object.entries(sketch.aliases ?? {}).map(([each, underlying]) =>
      declared('UserDefinedValueTypeDefinition', each, { underlyingType: elementary(underlying) }),
    ),
  ];
  const locations = Object.entries(sketch.namespaces ?? {});
  const structNodes = Object.keys(structs).map((each) => {
    const [id] = locations.find(([, struct]) => struct === each) ?? [];
    const text = `@custom:storage-location erc7201:${id ?? ''}`;
    return declared('StructDefinition', each, id === undefined ? {} : { documentation: { text } });
  });
  const ids = new Map([...types, ...structNodes].map((node) => [node['name'], node['id']]));
  const variables = (text: string): Node[] =>
    text
      .split(';')
      .map((each) => each.trim())
      .filter((each) => each !== '')
      .map((each) => {
        const [, type = '', label] = /^(.*) (\S+)$/.exec(each) ?? [];
        return declared('VariableDeclaration', label ?? '', { typeName: typeNode(type, ids) });
      });
  for (const node of structNodes) node['members'] = variables(structs[String(node['name'])] ?? '');
  const inherited = Object.entries(bases).map(([each, text]) =>
    declared('ContractDefinition', each, { nodes: variables(text) }),
  );
  const contract = declared('ContractDefinition', name, { nodes: variables(sketch.variables ?? '') });
  contract['linearizedBaseContracts'] = [contract, ...inherited.toReversed()].map((node) => node['id']);
  // Structs with a place of their own are the contract's; it only sees what it declares or uses.
  contract['nodes'] = [...(contract['nodes'] as Node[]), ...structNodes];
  const tree = { absolutePath: 'contracts/Vault.sol', nodes: [...types, ...inherited, contract] };
  const known = { source: tree.absolutePath, contract: name, compiled: undefined, trees: [tree] };
  const layout = layoutFromCompiler(known);
  if (layout === undefined) throw new Error('the sketch has no layout');
  return layout;
}

export function readingOf(sketch: Sketch): LayoutReading {
  return { kind: 'known', layout: layoutOf(sketch) };
}

function typeNode(type: string, ids: ReadonlyMap<unknown, unknown>): Node {
  const [, base, length] = /^(.*)\[(\d*)\]$/.exec(type) ?? [];
  if (base !== undefined) {
    const typeIdentifier = `t_array$_x_$${length === '' ? 'dyn' : length}_storage`;
    return { nodeType: 'ArrayTypeName', baseType: typeNode(base, ids), typeDescriptions: { typeIdentifier } };
  }
  const [, key, value] = /^mapping\((\S+) => (.*)\)$/.exec(type) ?? [];
  if (key !== undefined && value !== undefined) {
    return { nodeType: 'Mapping', keyType: typeNode(key, ids), valueType: typeNode(value, ids) };
  }
  const id = ids.get(type);
  return id === undefined ? elementary(type) : { nodeType: 'UserDefinedTypeName', referencedDeclaration: id };
}

function elementary(name: string): Node {
  return { nodeType: 'ElementaryTypeName', name, typeDescriptions: { typeString: name } };
}
