/** A node of the compiler's syntax tree. Only fields that are asked for are looked at, whatever the version wrote. */
export interface SyntaxNode {
  readonly [key: string]: unknown;
}

export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function child(node: SyntaxNode | undefined, key: string): SyntaxNode | undefined {
  const value = node?.[key];
  return isNode(value) ? value : undefined;
}

export function children(node: SyntaxNode | undefined, key: string): readonly SyntaxNode[] {
  const value = node?.[key];
  return Array.isArray(value) ? value.filter(isNode) : [];
}

export function textOf(node: SyntaxNode | undefined, key: string): string {
  const value = node?.[key];
  return typeof value === 'string' ? value : '';
}

/** A number of the tree, such as an id; -1 where there is none: the compiler gives its built-ins negative ones. */
export function idOf(node: SyntaxNode | undefined, key = 'id'): number {
  const value = node?.[key];
  return typeof value === 'number' ? value : -1;
}

/** A declaration of a file or of a contract. */
export interface Declaration {
  readonly node: SyntaxNode;
  /** The contract or library that it stands in; undefined for those of a file. */
  readonly contract: SyntaxNode | undefined;
}

/** Declarations of files and contracts by their number. */
export type Declarations = ReadonlyMap<number, Declaration>;

export function indexDeclarations(trees: readonly SyntaxNode[]): Declarations {
  const found = new Map<number, Declaration>();
  for (const node of trees.flatMap((tree) => children(tree, 'nodes'))) {
    found.set(idOf(node), { node, contract: undefined });
    if (node['nodeType'] !== 'ContractDefinition') continue;
    for (const inner of children(node, 'nodes')) found.set(idOf(inner), { node: inner, contract: node });
  }
  return found;
}

/** The contract and its bases as Solidity orders them, most derived first, as far as the trees hold them. */
export function linearized(contract: SyntaxNode, declarations: Declarations): readonly SyntaxNode[] {
  const ids = contract['linearizedBaseContracts'];
  if (!Array.isArray(ids)) return [contract];
  return ids.map((id: number) => declarations.get(id)?.node).filter(isNode);
}

/** Half of a tree is what the compiler has worked out about types; nothing is declared or called in there. */
const leaves = new Set(['typeDescriptions', 'argumentTypes', 'commonType', 'documentation']);

/** A node and everything below it. */
export function walk(node: SyntaxNode): readonly SyntaxNode[] {
  const found: SyntaxNode[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit);
    else if (isNode(value)) {
      found.push(value);
      for (const key in value) if (!leaves.has(key)) visit(value[key]);
    }
  };
  visit(node);
  return found;
}
