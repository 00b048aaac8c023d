import { variableWord, type Scope } from './constants.ts';
import { printSlot } from './slots.ts';
import { child, children, idOf, textOf, walk, type SyntaxNode } from './syntax.ts';

/** Every `variable.slot := value`. */
export function slotAssignments(
  assembly: SyntaxNode,
  unit: SyntaxNode,
): readonly { readonly variable: SyntaxNode; readonly value: SyntaxNode }[] {
  const declared = new Map(
    walk(unit)
      .filter((node) => node['nodeType'] === 'VariableDeclaration')
      .map((node) => [idOf(node), node]),
  );
  return walk(assembly).flatMap((node) => {
    const value = child(node, 'value');
    if (node['nodeType'] !== 'YulAssignment' || value === undefined) return [];
    return children(node, 'variableNames').flatMap((name) => {
      const variable = declared.get(idOf(externalReference(name, assembly), 'declaration'));
      const isSlot = externalReference(name, assembly)?.['isSlot'] === true;
      return isSlot && variable !== undefined ? [{ variable, value }] : [];
    });
  });
}

/** What of an assembly goes to storage in ways that are not read, in words. */
export function unreadable(assembly: SyntaxNode, scope: Scope): readonly string[] {
  if (child(assembly, 'AST') === undefined)
    return ['has assembly that its compiler, older than 0.6, keeps as text'];
  return walk(assembly)
    .filter((node) => textOf(child(node, 'functionName'), 'name') === 'sstore')
    .flatMap((node) => {
      const [target] = children(node, 'arguments');
      // Into a variable that the compiler has laid out.
      if (target === undefined || externalReference(target, assembly)?.['isSlot'] === true) return [];
      const slot = yulWord(target, assembly, scope);
      const where = slot === undefined ? 'a slot that is worked out as it runs' : `slot ${printSlot(slot)}`;
      return [`writes with sstore to ${where}`];
    });
}

/** The value of a Yul expression that is constant. */
export function yulWord(value: SyntaxNode, assembly: SyntaxNode, scope: Scope): bigint | undefined {
  if (value['nodeType'] === 'YulLiteral') {
    const text = textOf(value, 'value');
    return /^(0x[0-9a-f]+|\d+)$/i.test(text) ? BigInt(text) : undefined;
  }
  if (value['nodeType'] !== 'YulIdentifier') return undefined;
  const declaration = referenceOf(value, assembly);
  if (declaration >= 0) return variableWord(declaration, scope);
  return localYulWord(textOf(value, 'name'), assembly, scope);
}

/** A variable of the assembly itself: `let position := 0x…`, unless it is set again. */
function localYulWord(name: string, assembly: SyntaxNode, scope: Scope): bigint | undefined {
  const isNamed = (key: string) => (node: SyntaxNode) =>
    children(node, key).length === 1 && textOf(children(node, key)[0], 'name') === name;
  const nodes = walk(assembly);
  const declared = nodes.find(
    (node) => node['nodeType'] === 'YulVariableDeclaration' && isNamed('variables')(node),
  );
  const isSetAgain = nodes.some(
    (node) => node['nodeType'] === 'YulAssignment' && isNamed('variableNames')(node),
  );
  const value = child(declared, 'value');
  return value === undefined || isSetAgain ? undefined : yulWord(value, assembly, scope);
}

function externalReference(node: SyntaxNode, assembly: SyntaxNode): SyntaxNode | undefined {
  return children(assembly, 'externalReferences').find((reference) => reference['src'] === node['src']);
}

/** The number of the Solidity variable that a Yul name stands for. */
export function referenceOf(node: SyntaxNode, assembly: SyntaxNode): number {
  return idOf(externalReference(node, assembly), 'declaration');
}
