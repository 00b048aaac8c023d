import { CutoverError } from '@cutover/base/errors.ts';
import { sameBeginnings, sameNumbers, type Complain } from './interface-doubles.ts';

/** How a value is written: a number, an address, text of so many bytes, bytes that mean nothing. */
export type FieldType = 'u8' | 'u16' | 'u32' | 'u64' | 'i64' | 'address' | `text${number}` | `skip${number}`;

/** What an instruction needs. */
export interface InstructionShape {
  /** The byte, or the bytes, that it begins with. */
  readonly tag: Uint8Array;
  readonly accounts: readonly AccountRole[];
  readonly arguments: readonly Field[];
}

/** A place in an instruction's list of accounts. */
export interface AccountRole {
  readonly name: string;
  readonly signer: boolean;
  readonly writable: boolean;
}

export interface Field {
  readonly name: string;
  readonly type: FieldType;
}

/** What accounts of one kind look like, in each of the layouts that there ever were. */
export interface AccountShape {
  readonly tag: Uint8Array;
  /** What its address is derived from: words, and names in braces. Empty where it is not derived. */
  readonly seeds: readonly string[];
  /** Where the number of the layout stands; undefined where the size alone tells it. */
  readonly versionAt: number | undefined;
  readonly layouts: ReadonlyMap<number, readonly Field[]>;
}

/** What is known of a program: how it is called, what its accounts hold, what its releases can read, how it refuses. */
export interface ProgramInterface {
  readonly program: string;
  readonly instructions: ReadonlyMap<string, InstructionShape>;
  readonly accounts: ReadonlyMap<string, AccountShape>;
  readonly modes: ReadonlyMap<string, number>;
  readonly sides: ReadonlyMap<string, number>;
  /** For each release the layouts that it knows, by kind of account. */
  readonly releases: ReadonlyMap<string, ReadonlyMap<string, readonly number[]>>;
  readonly errors: ReadonlyMap<number, { readonly name: string; readonly words: string }>;
}

/** Reads an interface file that was parsed as JSON. Refuses it with all that is wrong in it. */
export function readInterface(file: string, description: unknown): ProgramInterface {
  const problems: string[] = [];
  const complain = (where: string, what: string): void => void problems.push(`${where} ${what}`);
  const root = recordOf(description);
  const program = typeof root['program'] === 'string' ? root['program'] : 'without a name';
  const group = <T>(name: string, read: (value: unknown, where: string) => T): ReadonlyMap<string, T> => {
    if (root[name] === undefined) complain(name, 'is missing');
    return new Map(
      Object.entries(recordOf(root[name])).map(([key, value]) => [key, read(value, `${name}.${key}`)]),
    );
  };
  const numeric = (value: unknown, where: string): number => {
    if (Number.isSafeInteger(value)) return value as number;
    complain(where, 'must be a whole number');
    return 0;
  };

  const instructions = group('instructions', (value, where) => {
    const shape = recordOf(value);
    return {
      tag: tagOf(shape['tag'], where, complain),
      accounts: textsOf(shape['accounts'], `${where}.accounts`, complain).map((text) =>
        roleOf(text, `${where}.accounts`, complain),
      ),
      arguments: fieldsOf(shape['arguments'], `${where}.arguments`, complain),
    };
  });
  const accounts = group('accounts', (value, where) => {
    const shape = recordOf(value);
    const layouts = Object.entries(recordOf(shape['layouts'])).map(
      ([version, fields]) =>
        [
          layoutNumber(version, `${where}.layouts`, complain),
          fieldsOf(fields, `${where}.layouts.${version}`, complain),
        ] as const,
    );
    if (layouts.length === 0) complain(`${where}.layouts`, 'must have one layout at least');
    const tag = tagOf(shape['tag'], where, complain);
    const { versionAt } = shape;
    if (versionAt === undefined) sameSizes(layouts, `${where}.layouts`, complain);
    else if (versionAt !== tag.length)
      complain(`${where}.versionAt`, `must be ${tag.length}, right behind the tag`);
    return {
      tag,
      seeds: seedsOf(shape['seeds'] ?? [], `${where}.seeds`, complain),
      versionAt: versionAt === undefined ? undefined : tag.length,
      layouts: new Map(layouts),
    };
  });
  const releases = group('releases', (value, where) => {
    const known = Object.entries(recordOf(value)).map(([kind, versions]) => {
      if (!accounts.has(kind)) complain(`${where}.${kind}`, 'is no kind of account');
      const list = Array.isArray(versions)
        ? versions.map((version) => numeric(version, `${where}.${kind}`))
        : [];
      for (const version of list.filter((each) => accounts.get(kind)?.layouts.has(each) === false)) {
        complain(`${where}.${kind}`, `names layout ${version}, which is not described`);
      }
      return [kind, list] as const;
    });
    return new Map(known);
  });
  const refusals = group('errors', (value, where) => {
    const [code, words] = Array.isArray(value) ? (value as readonly unknown[]) : [];
    if (typeof words !== 'string') complain(where, 'must be a number and its words');
    return [numeric(code, where), typeof words === 'string' ? words : ''] as const;
  });
  const errors = new Map([...refusals].map(([name, [code, words]]) => [code, { name, words }]));
  const modes = group('modes', numeric);
  const sides = group('sides', numeric);
  sameBeginnings(instructions, 'instructions', complain);
  sameBeginnings(accounts, 'accounts', complain);
  sameNumbers(modes, 'modes', complain);
  if (problems.length > 0) {
    throw new CutoverError('CUT-2501', { program, file, list: problems.join('; ') });
  }
  return { program, instructions, accounts, modes, sides, releases, errors };
}

/** How many bytes a value takes. */
export function widthOf(type: FieldType): number {
  switch (type) {
    case 'u8':
      return 1;
    case 'u16':
      return 2;
    case 'u32':
      return 4;
    case 'u64':
    case 'i64':
      return 8;
    case 'address':
      return 32;
    default:
      return Number(type.slice(4));
  }
}

function fieldsOf(value: unknown, where: string, complain: Complain): readonly Field[] {
  if (!isRecord(value)) complain(where, 'must be names with their types, {} where there are none');
  return Object.entries(recordOf(value)).map(([name, type]) => {
    // JSON puts names that are numbers before all others, so their order would be lost.
    if (!/^(?!__proto__$)[A-Za-z_]\w*$/.test(name)) {
      complain(`${where}.${name}`, 'must have a name of letters, digits and _ that begins with no digit');
    }
    const known =
      typeof type === 'string' && /^(u8|u16|u32|u64|i64|address|(text|skip)[1-9]\d{0,3})$/.test(type);
    if (!known) complain(`${where}.${name}`, `is ${JSON.stringify(type)}, a type that there is not`);
    return { name, type: known ? (type as FieldType) : 'u8' };
  });
}

// One byte of the account has it.
function layoutNumber(version: string, where: string, complain: Complain): number {
  if (!/^(0|[1-9]\d{0,2})$/.test(version) || Number(version) > 255) {
    complain(`${where}.${version}`, 'must be a number from 0 to 255');
  }
  return Number(version);
}

// A byte; the 16 hexadecimal digits of an Anchor discriminator; or letters.
function tagOf(value: unknown, where: string, complain: Complain): Uint8Array {
  if (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 255) {
    return Uint8Array.of(value as number);
  }
  if (typeof value === 'string' && /^0x([0-9a-f]{2})+$/.test(value)) {
    return Uint8Array.from(value.slice(2).match(/../g) ?? [], (pair) => parseInt(pair, 16));
  }
  if (typeof value === 'string' && /^[ -~]+$/.test(value) && !value.startsWith('0x')) {
    return new TextEncoder().encode(value);
  }
  complain(`${where}.tag`, 'must be a byte, hexadecimal digits after 0x, or letters');
  return new Uint8Array();
}

function roleOf(text: string, where: string, complain: Complain): AccountRole {
  const [name = '', ...rights] = text.split(' ');
  // A right that is misspelt would be none, and the program would refuse the call when it is needed.
  if (name === '' || rights.some((right) => right !== 'signer' && right !== 'writable')) {
    complain(where, `has "${text}"; it must be a name, then signer, writable, both or none`);
  }
  return { name, signer: rights.includes('signer'), writable: rights.includes('writable') };
}

function seedsOf(value: unknown, where: string, complain: Complain): readonly string[] {
  const seeds = textsOf(value, where, complain);
  for (const seed of seeds.filter((each) => /[{}]/.test(each) && !/^\{\w+\}$/.test(each))) {
    complain(where, `has "${seed}"; it must be a word, or a name in braces`);
  }
  return seeds;
}

function textsOf(value: unknown, where: string, complain: Complain): readonly string[] {
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value;
  complain(where, 'must be a list of texts');
  return [];
}

function sameSizes(
  layouts: readonly (readonly [number, readonly Field[]])[],
  where: string,
  complain: Complain,
): void {
  const sizes = layouts.map(([, fields]) => fields.reduce((sum, { type }) => sum + widthOf(type), 0));
  for (const [at, [version]] of layouts.entries()) {
    const other = sizes.indexOf(sizes[at] ?? 0);
    if (other < at)
      complain(where, `${layouts[other]?.[0]} and ${version} have one size; versionAt must tell them apart`);
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}
