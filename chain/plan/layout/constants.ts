import { keccak256 } from 'ethers/crypto';
import { concat, dataLength, toBeHex, zeroPadBytes } from 'ethers/utils';
import { erc7201Slot } from './slots.ts';
import {
  child,
  children,
  idOf,
  linearized,
  textOf,
  walk,
  type Declarations,
  type SyntaxNode,
} from './syntax.ts';

/** What an expression is read in. */
export interface Scope {
  readonly declarations: Declarations;
  /** The contract whose storage is looked at: it decides which override of a virtual function counts. */
  readonly contract: SyntaxNode;
  /** The function or modifier whose local variables the expression may use. */
  readonly unit: SyntaxNode | undefined;
  /** Texts that were met on the way: the one behind a position is the name of its namespace. */
  readonly literals: string[];
}

/** 32 bytes as a number, or bytes of any length. */
type Value =
  { readonly kind: 'word'; readonly word: bigint } | { readonly kind: 'bytes'; readonly hex: string };

const wordMask = (1n << 256n) - 1n;
/** A constant that leads to itself does not compile; this only bounds the work. */
const deepest = 40;

/** The value of a constant expression, as positions of storage are written; undefined where it is more than that. */
export function constantWord(expression: SyntaxNode, scope: Scope): bigint | undefined {
  return asWord(evaluate(expression, scope, 0));
}

/** The value of a constant, or of a local variable that is set where it is declared and nowhere else. */
export function variableWord(id: number, scope: Scope): bigint | undefined {
  return asWord(variableValue(id, scope, 0));
}

function evaluate(node: SyntaxNode | undefined, scope: Scope, depth: number): Value | undefined {
  if (node === undefined || depth > deepest) return undefined;
  const inner = (key: string): Value | undefined => evaluate(child(node, key), scope, depth + 1);
  switch (node['nodeType']) {
    case 'Literal':
      return literal(node, scope);
    case 'Identifier':
    case 'MemberAccess':
      return variableValue(idOf(node, 'referencedDeclaration'), scope, depth + 1);
    case 'TupleExpression': {
      const components = children(node, 'components');
      return components.length === 1 ? evaluate(components[0], scope, depth + 1) : undefined;
    }
    case 'UnaryOperation': {
      const word = asWord(inner('subExpression'));
      return word !== undefined && node['operator'] === '~' ? wordOf(~word) : undefined;
    }
    case 'BinaryOperation':
      return calculate(
        textOf(node, 'operator'),
        asWord(inner('leftExpression')),
        asWord(inner('rightExpression')),
      );
    case 'FunctionCall':
      return call(node, scope, depth + 1);
    default:
      return undefined;
  }
}

function literal(node: SyntaxNode, scope: Scope): Value | undefined {
  const value = textOf(node, 'value');
  switch (node['kind']) {
    case 'string':
      scope.literals.push(value);
      return { kind: 'bytes', hex: `0x${textOf(node, 'hexValue')}` };
    case 'hexString':
      return { kind: 'bytes', hex: `0x${textOf(node, 'hexValue')}` };
    case 'number': {
      const digits = value.replaceAll('_', '');
      const plain = /^(0x[0-9a-f]+|\d+)$/i.test(digits) && typeof node['subdenomination'] !== 'string';
      return plain ? wordOf(BigInt(digits)) : undefined;
    }
    default:
      return undefined;
  }
}

function variableValue(id: number, scope: Scope, depth: number): Value | undefined {
  const declared = scope.declarations.get(id)?.node;
  if (declared !== undefined) {
    return declared['constant'] === true ? evaluate(child(declared, 'value'), scope, depth) : undefined;
  }
  const nodes = scope.unit === undefined ? [] : [...walk(scope.unit)];
  const isSetAgain = nodes.some(
    (node) =>
      node['nodeType'] === 'Assignment' && idOf(child(node, 'leftHandSide'), 'referencedDeclaration') === id,
  );
  const statement = nodes.find((node) => {
    const declarations = children(node, 'declarations');
    return (
      node['nodeType'] === 'VariableDeclarationStatement' &&
      declarations.length === 1 &&
      idOf(declarations[0]) === id
    );
  });
  return isSetAgain ? undefined : evaluate(child(statement, 'initialValue'), scope, depth);
}

function call(node: SyntaxNode, scope: Scope, depth: number): Value | undefined {
  const callee = child(node, 'expression');
  const given = children(node, 'arguments');
  const values = given.map((each) => evaluate(each, scope, depth));
  if (node['kind'] === 'typeConversion') {
    const type = textOf(child(callee, 'typeName'), 'name') || textOf(callee, 'typeName');
    // Others cut bytes off, on one end or the other; no position is written with them.
    return /^(u?int256|u?int|bytes32|bytes|string)$/.test(type) ? values[0] : undefined;
  }
  if (textOf(child(callee, 'expression'), 'name') === 'abi')
    return encode(textOf(callee, 'memberName'), given, values);
  switch (textOf(callee, 'name')) {
    case 'keccak256':
      return values[0]?.kind === 'bytes' ? wordOf(BigInt(keccak256(values[0].hex))) : undefined;
    case 'erc7201': {
      const id = scope.literals.at(-1);
      return id === undefined ? undefined : wordOf(erc7201Slot(id));
    }
    default:
      return given.length === 0 ? getter(idOf(callee, 'referencedDeclaration'), scope, depth) : undefined;
  }
}

/** `abi.encode` and `abi.encodePacked` of what is 32 bytes wide, and of texts where they are packed. */
function encode(
  how: string,
  given: readonly SyntaxNode[],
  values: readonly (Value | undefined)[],
): Value | undefined {
  const parts = values.map((value, index) => {
    const type = textOf(child(given[index], 'typeDescriptions'), 'typeString');
    if (value?.kind === 'bytes') return how === 'encodePacked' ? value.hex : undefined;
    return value !== undefined && /^(u?int256|bytes32)$/.test(type) ? toBeHex(value.word, 32) : undefined;
  });
  const whole = parts.filter((part) => part !== undefined);
  const isKnown = whole.length === parts.length && (how === 'encode' || how === 'encodePacked');
  return isKnown ? { kind: 'bytes', hex: concat(whole) } : undefined;
}

/** What a function without parameters returns, where returning is all that it does. */
function getter(id: number, scope: Scope, depth: number): Value | undefined {
  const found = scope.declarations.get(id);
  if (found === undefined || found.node['nodeType'] !== 'FunctionDefinition') return undefined;
  const name = textOf(found.node, 'name');
  const bases = linearized(scope.contract, scope.declarations);
  const overrides = bases.flatMap((base) =>
    children(base, 'nodes').filter(
      (node) =>
        node['nodeType'] === 'FunctionDefinition' &&
        node['name'] === name &&
        children(child(node, 'parameters'), 'parameters').length === 0,
    ),
  );
  const isInherited = bases.some((base) => idOf(base) === idOf(found.contract));
  const unit = (isInherited ? overrides[0] : undefined) ?? found.node;
  const [only, ...others] = children(child(unit, 'body'), 'statements');
  if (only?.['nodeType'] !== 'Return' || others.length > 0) return undefined;
  return evaluate(child(only, 'expression'), { ...scope, unit }, depth);
}

function calculate(operator: string, a: bigint | undefined, b: bigint | undefined): Value | undefined {
  if (a === undefined || b === undefined) return undefined;
  switch (operator) {
    case '+':
      return wordOf(a + b);
    case '-':
      return wordOf(a - b);
    case '*':
      return wordOf(a * b);
    case '&':
      return wordOf(a & b);
    case '|':
      return wordOf(a | b);
    case '^':
      return wordOf(a ^ b);
    case '<<':
      return b < 256n ? wordOf(a << b) : wordOf(0n);
    case '**':
      return b < 256n ? wordOf(a ** b) : undefined;
    default:
      return undefined;
  }
}

function wordOf(number: bigint): Value {
  return { kind: 'word', word: number & wordMask };
}

/** A short text becomes bytes32 with its letters first. */
function asWord(value: Value | undefined): bigint | undefined {
  if (value?.kind !== 'bytes') return value?.word;
  return dataLength(value.hex) <= 32 ? BigInt(zeroPadBytes(value.hex, 32)) : undefined;
}
