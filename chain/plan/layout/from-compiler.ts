import { compactLayout, type CompactLayout } from './compact.ts';
import {
  normalLayout,
  readCompilerLayout,
  type CompilerArea,
  type CompilerRow,
  type CompilerTypes,
} from './compiler-layout.ts';
import type { StorageLayout } from './layout.ts';
import { findNamespaces } from './namespaces.ts';
import { missingFiles } from './reach.ts';
import {
  children,
  idOf,
  indexDeclarations,
  isNode,
  linearized,
  textOf,
  type Declarations,
  type SyntaxNode,
} from './syntax.ts';
import { syntaxTypes, type SyntaxTypes } from './syntax-types.ts';

/** What is at hand of one compilation. */
export interface CompilerKnowledge {
  readonly contract: string;
  /** The source's name as the compiler knew it. */
  readonly source: string;
  /** What it wrote about the contract, with `storageLayout` if it was asked for. */
  readonly compiled: unknown;
  /** Its syntax trees, as many as there are. */
  readonly trees: readonly object[];
}

const noTree =
  'no syntax tree is at hand, so structs at slots of their own (ERC-7201, diamond storage) cannot be seen; with ' +
  'Foundry, set `ast = true` in foundry.toml';

/** The layout as artefacts carry it: nothing where the compilation does not tell. */
export function layoutOfArtifact(known: CompilerKnowledge): { readonly storageLayout?: CompactLayout } {
  const layout = layoutFromCompiler(known);
  return layout === undefined ? {} : { storageLayout: compactLayout(layout) };
}

/**
 * The layout of a contract. The compiler's word counts where it gave one; what it leaves out (namespaces, members of
 * enums) comes from the syntax trees, and so does the rest where only those are at hand. Undefined when nothing is.
 */
export function layoutFromCompiler(known: CompilerKnowledge): StorageLayout | undefined {
  const trees = known.trees.filter(isNode);
  const declarations = indexDeclarations(trees);
  const contract = contractNode(trees, known);
  const syntax = syntaxTypes(declarations);
  const compiled = readCompilerLayout(fieldOf(known.compiled, 'storageLayout'));
  const plain = compiled ?? (contract && layOut(contract, declarations, syntax));
  if (plain === undefined) return undefined;

  const transient = readCompilerLayout(fieldOf(known.compiled, 'transientStorageLayout'));
  const compilerTypes = { ...plain.types, ...transient?.types };
  completeTypes(compilerTypes, declarations, syntax);
  const namespaces =
    contract === undefined
      ? { areas: [], notUnderstood: [noTree] }
      : findNamespaces(contract, declarations, syntax);
  const missing = missingFiles(trees).map(
    (path) =>
      `the syntax tree of ${path} is not at hand, so structs at slots of their own in it cannot be seen`,
  );
  const areas: CompilerArea[] = [
    { kind: 'plain', id: '', slot: 0n, rows: declaredBy(plain.storage, declarations) },
    ...namespaces.areas,
    {
      kind: 'transient',
      id: 'transient',
      slot: 0n,
      rows: declaredBy(transient?.storage ?? [], declarations),
    },
  ];
  return normalLayout({
    contract: `${known.source}:${known.contract}`,
    areas: areas.filter(({ rows }) => rows.length > 0),
    types: { ...syntax.types, ...compilerTypes, ...declaredTypes(syntax) },
    notUnderstood: [...namespaces.notUnderstood, ...missing],
  });
}

function fieldOf(compiled: unknown, key: string): unknown {
  return isNode(compiled) ? compiled[key] : undefined;
}

function contractNode(trees: readonly SyntaxNode[], known: CompilerKnowledge): SyntaxNode | undefined {
  const named = (tree: SyntaxNode): readonly SyntaxNode[] =>
    children(tree, 'nodes').filter(
      (node) => node['nodeType'] === 'ContractDefinition' && node['name'] === known.contract,
    );
  const own = trees.filter((tree) => tree['absolutePath'] === known.source).flatMap(named);
  // Tools rename sources; a name that only one contract has is as good.
  const all = trees.flatMap(named);
  return own[0] ?? (all.length === 1 ? all[0] : undefined);
}

/** State variables as Solidity lays them out: those of the most basic contract first. */
function layOut(
  contract: SyntaxNode,
  declarations: Declarations,
  syntax: SyntaxTypes,
): { readonly storage: readonly CompilerRow[]; readonly types: CompilerTypes } | undefined {
  const bases = linearized(contract, declarations);
  const ids = contract['linearizedBaseContracts'];
  // `layout at` may be any expression: left to the compiler.
  if (!Array.isArray(ids) || bases.length !== ids.length || contract['storageLayout'] !== undefined)
    return undefined;
  const variables = bases
    .toReversed()
    .flatMap((base) => children(base, 'nodes'))
    .filter(isStored);
  const placed = syntax.place(variables);
  return placed && { storage: placed.rows, types: syntax.types };
}

function isStored(node: SyntaxNode): boolean {
  return (
    node['nodeType'] === 'VariableDeclaration' &&
    node['constant'] !== true &&
    node['mutability'] !== 'immutable' &&
    node['storageLocation'] !== 'transient'
  );
}

function declaredBy(rows: readonly CompilerRow[], declarations: Declarations): readonly CompilerRow[] {
  return rows.map((row) => {
    const from = textOf(declarations.get(row.astId ?? -1)?.contract, 'name');
    return from === '' ? row : { ...row, contract: from };
  });
}

/** Has the declarations behind the compiler's enums and user-defined value types read. */
function completeTypes(types: CompilerTypes, declarations: Declarations, syntax: SyntaxTypes): void {
  for (const id of Object.keys(types)) {
    const [, number] = /^t_(?:enum|userDefinedValueType)\(.*\)(\d+)$/.exec(id) ?? [];
    const node = declarations.get(Number(number ?? -1))?.node;
    if (node !== undefined && idOf(node) >= 0) syntax.declaredType(node);
  }
}

/** Types of which the syntax tree tells more than the compiler's layout. */
function declaredTypes(syntax: SyntaxTypes): CompilerTypes {
  return Object.fromEntries(
    Object.entries(syntax.types).filter(([id]) => /^t_(enum|userDefinedValueType)\(/.test(id)),
  );
}
