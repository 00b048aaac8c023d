/** As much as is read of the compiler's syntax trees. */
export interface SyntaxTree {
  readonly nodes?: readonly SyntaxNode[];
}

interface SyntaxNode {
  readonly id?: number;
  readonly nodeType?: string;
  readonly name?: unknown;
  readonly nodes?: readonly SyntaxNode[];
}

/** The names of immutables by the compiler's number of the variable; code alone has only numbers. */
export function immutableNames(trees: readonly SyntaxTree[], ids: readonly string[]): Record<string, string> {
  const wanted = new Set(ids);
  // Immutables are state variables: they stand right below a contract.
  const contracts = trees.flatMap((tree) => tree.nodes ?? []);
  const variables = contracts.flatMap((contract) => contract.nodes ?? []);
  return Object.fromEntries(
    variables
      .filter((node) => node.nodeType === 'VariableDeclaration' && wanted.has(String(node.id)))
      .map((node) => [String(node.id), String(node.name)]),
  );
}
