import { constantWord, type Scope } from './constants.ts';
import { child, children, idOf, textOf, walk, type Declarations, type SyntaxNode } from './syntax.ts';
import { referenceOf, slotAssignments, unreadable, yulWord } from './yul.ts';

/** A variable that assembly points at a slot: `assembly { s.slot := position }`. */
export interface Pointer {
  readonly slot: bigint;
  /** The text behind the position, where it is the hash of one. */
  readonly text: string | undefined;
  /** The declaration of the variable. */
  readonly variable: SyntaxNode;
}

export interface FoundPointers {
  readonly pointers: readonly Pointer[];
  readonly notUnderstood: readonly string[];
}

/** A function that points at whatever slot it is given, such as OpenZeppelin's StorageSlot.getAddressSlot. */
interface Helper {
  readonly variable: SyntaxNode;
  readonly parameter: number;
}

/** Finds where code points into storage by itself, and at which slots. */
export function findPointers(
  units: readonly SyntaxNode[],
  contract: SyntaxNode,
  declarations: Declarations,
): FoundPointers {
  const pointers: Pointer[] = [];
  const notUnderstood: string[] = [];
  const helpers = new Map<number, readonly Helper[]>();
  const scopeOf = (unit: SyntaxNode): Scope => ({ declarations, contract, unit, literals: [] });

  /** What becomes of a variable that is pointed at a slot, where the slot may be a parameter of the function. */
  const settle = (
    variable: SyntaxNode,
    scope: Scope,
    slot: bigint | undefined,
    source: number,
    words: string,
  ): void => {
    const { unit = {}, literals } = scope;
    const parameter = parametersOf(unit).findIndex((each) => idOf(each) === source);
    if (slot !== undefined) {
      const [text, ...others] = new Set(literals);
      pointers.push({ slot, text: others.length === 0 ? text : undefined, variable });
    } else if (parameter >= 0) {
      helpers.set(idOf(unit), [...(helpers.get(idOf(unit)) ?? []), { variable, parameter }]);
    } else {
      notUnderstood.push(`${titleOf(unit, declarations)} ${words} a slot that is worked out as it runs`);
    }
  };

  for (const unit of units) {
    for (const assembly of walk(unit).filter((node) => node['nodeType'] === 'InlineAssembly')) {
      for (const { variable, value } of slotAssignments(assembly, unit)) {
        const scope = scopeOf(unit);
        const slot = yulWord(value, assembly, scope);
        // A place within storage that the function was handed is no root of its own.
        if (slot === undefined && takesStorage(unit)) continue;
        settle(variable, scope, slot, referenceOf(value, assembly), `points ${textOf(variable, 'name')} at`);
      }
      const rest = unreadable(assembly, scopeOf(unit));
      notUnderstood.push(...rest.map((what) => `${titleOf(unit, declarations)} ${what}`));
    }
  }

  // Helpers may be called by helpers: each round settles the calls of those found in the round before.
  for (let round = [...helpers.keys()]; round.length > 0;) {
    const before = new Map(helpers);
    for (const { unit, call, callee } of callsOf(round, units)) {
      for (const { variable, parameter } of before.get(callee) ?? []) {
        const scope = scopeOf(unit);
        const argument = argumentAt(call, parameter, callee, declarations);
        const slot = argument && constantWord(argument, scope);
        const helper = titleOf(declarations.get(callee)?.node, declarations);
        settle(variable, scope, slot, idOf(argument, 'referencedDeclaration'), `calls ${helper} with`);
      }
    }
    round = [...helpers.keys()].filter((id) => !before.has(id));
  }
  return { pointers, notUnderstood: [...new Set(notUnderstood)] };
}

interface Call {
  readonly unit: SyntaxNode;
  readonly call: SyntaxNode;
  readonly callee: number;
}

/** Every call of some functions. */
function callsOf(functions: readonly number[], units: readonly SyntaxNode[]): readonly Call[] {
  return units.flatMap((unit) =>
    walk(unit)
      .filter((node) => node['nodeType'] === 'FunctionCall')
      .map((call) => ({ unit, call, callee: idOf(child(call, 'expression'), 'referencedDeclaration') }))
      .filter(({ callee }) => functions.includes(callee)),
  );
}

function parametersOf(unit: SyntaxNode): readonly SyntaxNode[] {
  return children(child(unit, 'parameters'), 'parameters');
}

function takesStorage(unit: SyntaxNode): boolean {
  return parametersOf(unit).some((parameter) => parameter['storageLocation'] === 'storage');
}

/** With `using … for`, what stands before the dot is the first argument. */
function argumentAt(
  call: SyntaxNode,
  parameter: number,
  callee: number,
  declarations: Declarations,
): SyntaxNode | undefined {
  const given = children(call, 'arguments');
  const wanted = parametersOf(declarations.get(callee)?.node ?? {}).length;
  const before = given.length < wanted ? [child(child(call, 'expression'), 'expression') ?? {}] : [];
  return [...before, ...given][parameter];
}

/** `LibDiamond.diamondStorage`. */
function titleOf(unit: SyntaxNode | undefined, declarations: Declarations): string {
  const name = textOf(unit, 'name') || textOf(unit, 'kind') || 'a function';
  const owner = textOf(declarations.get(idOf(unit))?.contract, 'name');
  return owner === '' ? name : `${owner}.${name}`;
}
