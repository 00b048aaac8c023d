import { ParamType } from 'ethers/abi';
import { getAddress } from 'ethers/address';
import { hexlify } from 'ethers/utils';
import type { Abi } from './artifact.ts';
import { nearest } from './nearest.ts';

/** Arguments as people give them: by name, or in the order of the parameters. */
export type GivenArguments = Readonly<Record<string, unknown>> | readonly unknown[];

/** What is wrong with one argument. */
export interface ArgumentProblem {
  /** The parameter, with the way into tuples and arrays: `order.legs[2].amount`. */
  readonly parameter: string;
  /** What was given, shortened. */
  readonly value: string;
  readonly problem: string;
  /** What would be right. */
  readonly right: string;
}

/** Arguments that fit. */
export interface CheckedArguments {
  readonly kind: 'fits';
  readonly types: readonly ParamType[];
  /** In the order of the parameters, as the encoder takes them. */
  readonly values: readonly unknown[];
  /** The same for people and for state: plain JSON, by name where all parameters have one. */
  readonly readable: GivenArguments;
}

export type ArgumentCheck =
  CheckedArguments | { readonly kind: 'wrong'; readonly problems: readonly ArgumentProblem[] };

/** The parameters of the constructor; none when there is no constructor. */
export function constructorParameters(abi: Abi): readonly ParamType[] {
  const constructor = abi.find((item) => item.type === 'constructor');
  return (constructor?.inputs ?? []).map((input) => ParamType.from(input));
}

/** Checks arguments against parameters: count, names, types, ranges. All problems at once. */
export function checkArguments(parameters: readonly ParamType[], given: GivenArguments): ArgumentCheck {
  const problems: ArgumentProblem[] = [];
  const values = fields(parameters, given, '', problems);
  if (problems.length > 0) return { kind: 'wrong', problems };
  return { kind: 'fits', types: parameters, values, readable: readableFields(parameters, values) };
}

/** The problems, one a line. */
export function printProblems(problems: readonly ArgumentProblem[]): string {
  return problems
    .map(({ parameter, value, problem, right }) => `  - ${parameter} = ${value}: ${problem}. Right: ${right}`)
    .join('\n');
}

/** Parameters as they stand in a signature: `address arbiter, uint256 feeBps`. */
export function printParameters(parameters: readonly ParamType[]): string {
  return parameters.map((parameter) => parameter.format('full')).join(', ');
}

type Problems = ArgumentProblem[];

/** The members of a constructor or a tuple, named or in order. */
function fields(
  parameters: readonly ParamType[],
  given: unknown,
  path: string,
  problems: Problems,
): readonly unknown[] {
  const at = path === '' ? 'arguments' : path;
  const right = parameters.length === 0 ? 'none' : `(${printParameters(parameters)})`;
  const wrong = (problem: string): readonly unknown[] => {
    problems.push({ parameter: at, value: show(given), problem, right });
    return [];
  };
  if (Array.isArray(given)) {
    if (given.length !== parameters.length) {
      return wrong(`${count(given.length, 'value')} for ${count(parameters.length, 'parameter')}`);
    }
    return parameters.map((parameter, index) =>
      value(parameter, given[index], member(path, nameOf(parameter, index)), problems),
    );
  }
  if (!isPlainObject(given)) return wrong('not an object of names and values, nor an array');
  const names = parameters.map(nameOf);
  for (const name of Object.keys(given).filter((key) => !names.includes(key))) {
    const suggestion = nearest(name, names);
    problems.push({
      parameter: member(path, name),
      value: show(given[name]),
      problem: 'there is no parameter of that name',
      right: suggestion === undefined ? right : `${suggestion}, of ${right}`,
    });
  }
  return parameters.map((parameter, index) => {
    const name = nameOf(parameter, index);
    if (Object.hasOwn(given, name)) return value(parameter, given[name], member(path, name), problems);
    problems.push({
      parameter: member(path, name),
      value: 'nothing',
      problem: 'it is missing',
      right: rightFor(parameter),
    });
    return undefined;
  });
}

function value(type: ParamType, given: unknown, path: string, problems: Problems): unknown {
  if (type.isTuple()) return fields(type.components, given, path, problems);
  if (type.isArray()) return list(type.arrayChildren, type.arrayLength, type, given, path, problems);
  const result = elementary(type.type, given);
  if (typeof result === 'object') {
    problems.push({
      parameter: path,
      value: show(given),
      problem: result.problem,
      right: result.right ?? rightFor(type),
    });
    return undefined;
  }
  return result;
}

function list(
  child: ParamType,
  length: number,
  type: ParamType,
  given: unknown,
  path: string,
  problems: Problems,
): readonly unknown[] {
  if (!Array.isArray(given) || (length >= 0 && given.length !== length)) {
    const problem = Array.isArray(given)
      ? `${count(given.length, 'element')} where ${length} belong`
      : 'not an array';
    problems.push({ parameter: path, value: show(given), problem, right: rightFor(type) });
    return [];
  }
  return given.map((element, index) => value(child, element, `${path}[${index}]`, problems));
}

interface Refusal {
  readonly problem: string;
  readonly right?: string;
}

/** Elementary values, in one canonical form each: bigint as decimal text, bytes as lower-case hex. */
function elementary(type: string, given: unknown): string | boolean | Refusal {
  const integer = /^(u?)int(\d+)$/.exec(type);
  if (integer !== null) return integerValue(integer[1] === 'u', Number(integer[2]), given);
  if (type === 'address') return addressValue(given);
  if (type === 'bool') return typeof given === 'boolean' ? given : { problem: 'not a boolean' };
  if (type === 'string') {
    if (typeof given !== 'string') return { problem: 'not a text' };
    return given.isWellFormed() ? given : { problem: 'not valid Unicode: it has half of a surrogate pair' };
  }
  const fixed = /^bytes(\d+)$/.exec(type);
  if (fixed !== null) return bytesValue(Number(fixed[1]), given);
  if (type === 'bytes') return bytesValue(undefined, given);
  if (type === 'function') return bytesValue(24, given);
  return { problem: `${type} is not a type that can be encoded` };
}

function integerValue(unsigned: boolean, bits: number, given: unknown): string | Refusal {
  if (typeof given === 'number' && Number.isInteger(given) && !Number.isSafeInteger(given)) {
    return {
      problem: 'too large for a number: digits are lost already',
      right: 'the same as a text or a bigint',
    };
  }
  const isText = typeof given === 'string' && /^(-?\d+|0x[0-9a-fA-F]+)$/.test(given);
  if (!isText && typeof given !== 'bigint' && !(typeof given === 'number' && Number.isInteger(given))) {
    return { problem: 'not a whole number' };
  }
  const number = BigInt(given);
  const [lowest, highest] = integerRange(unsigned, bits);
  return number < lowest || number > highest ? { problem: 'out of range' } : number.toString();
}

function integerRange(unsigned: boolean, bits: number): readonly [bigint, bigint] {
  return unsigned ? [0n, 2n ** BigInt(bits) - 1n] : [-(2n ** BigInt(bits - 1)), 2n ** BigInt(bits - 1) - 1n];
}

function addressValue(given: unknown): string | Refusal {
  if (typeof given !== 'string') return { problem: 'not an address' };
  if (!/^0x[0-9a-fA-F]{40}$/.test(given)) {
    if (/^[0-9a-fA-F]{40}$/.test(given))
      return { problem: 'the 0x in front is missing', right: `0x${given}` };
    if (/^[^.\s]+(\.[^.\s]+)+$/.test(given)) {
      return { problem: 'names are not looked up', right: 'the address that the name stands for' };
    }
    const digits = given.startsWith('0x') ? given.length - 2 : given.length;
    return {
      problem: `not an address: ${count(digits, 'character')} where 0x and 40 hexadecimal digits belong`,
    };
  }
  const plain = given === given.toLowerCase() || given.slice(2) === given.slice(2).toUpperCase();
  const checksummed = getAddress(given.toLowerCase());
  if (plain || given === checksummed) return checksummed;
  return {
    problem: 'its checksum is wrong: a digit may be mistyped',
    right: `${checksummed}, if all digits are right`,
  };
}

function bytesValue(length: number | undefined, given: unknown): string | Refusal {
  const hex = given instanceof Uint8Array ? hexlify(given) : given;
  if (typeof hex !== 'string') return { problem: 'neither hexadecimal text nor a Uint8Array' };
  if (!/^0x[0-9a-fA-F]*$/.test(hex)) return { problem: 'not hexadecimal text that starts with 0x' };
  if (hex.length % 2 !== 0) return { problem: 'an odd number of digits' };
  const bytes = (hex.length - 2) / 2;
  if (length !== undefined && bytes !== length) {
    return { problem: `${count(bytes, 'byte')} where ${length} belong` };
  }
  return hex.toLowerCase();
}

function rightFor(type: ParamType): string {
  if (type.isArray()) {
    const some = type.arrayLength < 0 ? 'an array' : `an array of ${type.arrayLength}`;
    return `${some} of ${type.arrayChildren.format('full')}`;
  }
  if (type.isTuple()) return `an object or array of (${printParameters(type.components)})`;
  const integer = /^(u?)int(\d+)$/.exec(type.type);
  if (integer !== null) {
    const [lowest, highest] = integerRange(integer[1] === 'u', Number(integer[2]));
    return `${type.type}, a whole number from ${lowest} to ${highest}`;
  }
  switch (type.type) {
    case 'address':
      return 'an address, 0x and 40 hexadecimal digits';
    case 'bool':
      return 'true or false, without quotes';
    case 'string':
      return 'a text';
    case 'bytes':
      return '0x and an even number of hexadecimal digits';
    default: {
      const bytes = type.type === 'function' ? 24 : Number(/^bytes(\d+)$/.exec(type.type)?.[1] ?? 0);
      return bytes === 0 ? type.type : `${type.type}, 0x and ${2 * bytes} hexadecimal digits`;
    }
  }
}

function readableFields(parameters: readonly ParamType[], values: readonly unknown[]): GivenArguments {
  const readable = parameters.map((parameter, index) => readableValue(parameter, values[index]));
  if (parameters.length > 0 && parameters.some((parameter) => parameter.name === '')) return readable;
  return Object.fromEntries(parameters.map((parameter, index) => [parameter.name, readable[index]]));
}

function readableValue(type: ParamType, given: unknown): unknown {
  if (type.isTuple()) return readableFields(type.components, given as readonly unknown[]);
  if (type.isArray())
    return (given as readonly unknown[]).map((element) => readableValue(type.arrayChildren, element));
  return given;
}

/** Parameters without a name go by their place. */
function nameOf(parameter: ParamType, index: number): string {
  return parameter.name === '' ? String(index) : parameter.name;
}

function member(path: string, name: string): string {
  if (path === '') return name;
  return /^\d+$/.test(name) ? `${path}[${name}]` : `${path}.${name}`;
}

function isPlainObject(given: unknown): given is Record<string, unknown> {
  return typeof given === 'object' && given !== null && !(given instanceof Uint8Array);
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

function show(given: unknown): string {
  const text =
    typeof given === 'bigint'
      ? `${given}n`
      : given === undefined
        ? 'undefined'
        : JSON.stringify(given, (_, inner: unknown) => (typeof inner === 'bigint' ? `${inner}n` : inner));
  return text.length > 90 ? `${text.slice(0, 87)}…` : text;
}
