import { child, children, idOf, linearized, walk, type Declarations, type SyntaxNode } from './syntax.ts';

/** What of the sources works on a contract's storage: its own code, its bases', and that of libraries it calls. */
export interface Reached {
  /** Functions and modifiers. */
  readonly units: readonly SyntaxNode[];
  readonly structs: readonly SyntaxNode[];
}

/**
 * Follows every reference from a contract and its bases, as far as code runs on the contract's own storage: into
 * libraries and functions of files, and not into other contracts, which have storage of their own.
 */
export function reach(contract: SyntaxNode, declarations: Declarations): Reached {
  const bases = linearized(contract, declarations);
  const seen = new Set<number>();
  const units: SyntaxNode[] = [];
  const structs: SyntaxNode[] = [];
  const waiting = bases.flatMap((base) => children(base, 'nodes'));
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (seen.has(idOf(node))) continue;
    seen.add(idOf(node));
    if (node['nodeType'] === 'FunctionDefinition' || node['nodeType'] === 'ModifierDefinition')
      units.push(node);
    if (node['nodeType'] === 'StructDefinition') structs.push(node);
    for (const inner of walk(node)) {
      for (const key of ['referencedDeclaration', 'function']) {
        const found = declarations.get(idOf(inner, key));
        if (found !== undefined && sharesStorage(found.node, found.contract)) waiting.push(found.node);
      }
    }
  }
  const byId = (a: SyntaxNode, b: SyntaxNode): number => idOf(a) - idOf(b);
  return { units: units.toSorted(byId), structs: structs.toSorted(byId) };
}

function sharesStorage(node: SyntaxNode, contract: SyntaxNode | undefined): boolean {
  if (contract !== undefined && contract['contractKind'] !== 'library') return false;
  return node['nodeType'] === 'FunctionDefinition' || node['nodeType'] === 'StructDefinition';
}

/** Files that are imported and whose syntax trees are not at hand: what they hold cannot be seen. */
export function missingFiles(trees: readonly SyntaxNode[]): readonly string[] {
  const present = new Set(trees.map((tree) => tree['absolutePath']));
  const imported = trees
    .flatMap((tree) => children(tree, 'nodes'))
    .filter((node) => node['nodeType'] === 'ImportDirective')
    .map((node) => String(node['absolutePath']));
  return [...new Set(imported)].filter((path) => !present.has(path)).toSorted();
}

/** The type of a declared variable, and its struct where it is one. */
export function structOf(
  typeName: SyntaxNode | undefined,
  declarations: Declarations,
): SyntaxNode | undefined {
  const id = Math.max(
    idOf(typeName, 'referencedDeclaration'),
    idOf(child(typeName, 'pathNode'), 'referencedDeclaration'),
  );
  const node = declarations.get(id)?.node;
  return node?.['nodeType'] === 'StructDefinition' ? node : undefined;
}
