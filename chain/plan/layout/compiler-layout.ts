import type { StorageArea, StorageLayout, StorageType, StorageVariable } from './layout.ts';

/** A row of the compiler's `storageLayout`. */
export interface CompilerRow {
  readonly label: string;
  readonly slot: string;
  readonly offset: number;
  readonly type: string;
  readonly astId?: number;
  /** The contract that declares it; the compiler's own rows name the most derived one, with its source. */
  readonly contract?: string;
}

/** A type of the compiler's `storageLayout`. Members of enums and `underlying` come from the syntax tree. */
export interface CompilerType {
  readonly label: string;
  readonly numberOfBytes: string;
  readonly members?: readonly CompilerRow[] | readonly string[];
  readonly underlying?: string;
}

export type CompilerTypes = Readonly<Record<string, CompilerType>>;

/** An area whose rows still speak the compiler's names of types. */
export interface CompilerArea {
  readonly kind: StorageArea['kind'];
  readonly id: string;
  readonly slot: bigint;
  readonly rows: readonly CompilerRow[];
}

/**
 * Brings areas into the one normal form. The compiler's names of types hold numbers of its syntax tree, which differ
 * from run to run: what is left of them is a place in a table, in the order in which the types are met. Undefined when
 * a type is missing or makes no sense.
 */
export function normalLayout(args: {
  readonly contract: string;
  readonly areas: readonly CompilerArea[];
  readonly types: CompilerTypes;
  readonly notUnderstood?: readonly string[];
}): StorageLayout | undefined {
  const table = typeTable(args.types);
  const areas = args.areas.map(({ rows, ...area }) => ({ ...area, variables: rows.map(table.variable) }));
  const types = table.finish();
  return types && { contract: args.contract, areas, types, notUnderstood: args.notUnderstood ?? [] };
}

interface TypeTable {
  readonly variable: (row: CompilerRow) => StorageVariable;
  /** The finished table; undefined when something was missing. */
  readonly finish: () => readonly StorageType[] | undefined;
}

function typeTable(compilerTypes: CompilerTypes): TypeTable {
  const places = new Map<string, number>();
  const types: (StorageType | undefined)[] = [];
  const placeOf = (id: string): number => {
    const known = places.get(id);
    if (known !== undefined) return known;
    const place = types.length;
    // Reserved before its parts are read: a struct may lead back to itself.
    places.set(id, place);
    types.push(undefined);
    const type = compilerTypes[id];
    types[place] = type && readType(id, type, placeOf, variable);
    return place;
  };
  const variable = (row: CompilerRow): StorageVariable => {
    // The compiler names the most derived contract, `source:Name`, which says nothing about who declares.
    const from = row.contract?.includes(':') === true ? undefined : row.contract;
    return {
      label: row.label,
      slot: BigInt(row.slot),
      offset: row.offset,
      type: placeOf(row.type),
      ...(from === undefined ? {} : { from }),
    };
  };
  const finish = (): readonly StorageType[] | undefined => {
    const whole = types.filter((type) => type !== undefined);
    return whole.length === types.length ? whole : undefined;
  };
  return { variable, finish };
}

function readType(
  id: string,
  type: CompilerType,
  placeOf: (id: string) => number,
  variable: (row: CompilerRow) => StorageVariable,
): StorageType | undefined {
  const label = type.label.replace(/^(contract|enum|struct) /, '');
  const bytes = Number(type.numberOfBytes);
  const [word = ''] = /^t_[a-zA-Z]+/.exec(id) ?? [];
  switch (word) {
    case 't_mapping': {
      const [key, value] = splitPair(id.slice('t_mapping('.length, -1));
      return { kind: 'mapping', key: placeOf(key), value: placeOf(value) };
    }
    case 't_array': {
      const [, base = '', length = ''] = /^t_array\((.*)\)(dyn|\d+)_storage(?:_ptr)?$/s.exec(id) ?? [];
      if (base === '') return undefined;
      if (length === 'dyn') return { kind: 'list', of: placeOf(base) };
      return { kind: 'array', of: placeOf(base), length: BigInt(length), bytes: BigInt(type.numberOfBytes) };
    }
    case 't_struct':
      return {
        kind: 'struct',
        label,
        bytes: BigInt(type.numberOfBytes),
        members: (type.members ?? []).filter((member) => typeof member !== 'string').map(variable),
      };
    case 't_enum': {
      const members = type.members?.filter((member) => typeof member === 'string');
      return { kind: 'enum', label, bytes, members };
    }
    case 't_userDefinedValueType': {
      const of = type.underlying === undefined ? undefined : placeOf(type.underlying);
      return { kind: 'alias', label, bytes, of };
    }
    case 't_contract':
      return { kind: 'contract', label, bytes };
    default:
      if (/^t_(bytes|string)_(storage|memory)/.test(id))
        return { kind: 'bytes', label: id.startsWith('t_bytes') ? 'bytes' : 'string' };
      // Value types may be converted freely between address and address payable.
      return { kind: 'value', label: label === 'address payable' ? 'address' : label, bytes };
  }
}

/** `a` and `b` of `a,b`, where both may hold commas in brackets. */
function splitPair(text: string): readonly [string, string] {
  let depth = 0;
  for (const [index, letter] of [...text].entries()) {
    if (letter === '(') depth += 1;
    if (letter === ')') depth -= 1;
    if (letter === ',' && depth === 0) return [text.slice(0, index), text.slice(index + 1)];
  }
  return [text, ''];
}

/** The compiler's `storageLayout` as it stands in artefacts, or undefined when it is none. */
export function readCompilerLayout(
  value: unknown,
): { readonly storage: readonly CompilerRow[]; readonly types: CompilerTypes } | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { storage, types } = value as { readonly storage?: unknown; readonly types?: unknown };
  if (!Array.isArray(storage) || !storage.every(isRow)) return undefined;
  // solc writes null where there are no variables.
  const named = types ?? {};
  if (typeof named !== 'object' || !Object.values(named).every(isType)) return undefined;
  return { storage, types: named as CompilerTypes };
}

function isRow(value: unknown): value is CompilerRow {
  const row = value as Partial<CompilerRow> | null;
  return (
    typeof row?.label === 'string' &&
    /^\d+$/.test(String(row.slot)) &&
    Number.isInteger(row.offset) &&
    typeof row.type === 'string'
  );
}

function isType(value: unknown): value is CompilerType {
  const type = value as Partial<CompilerType> | null;
  const members: unknown = type?.members ?? [];
  return (
    typeof type?.label === 'string' &&
    /^\d+$/.test(String(type.numberOfBytes)) &&
    Array.isArray(members) &&
    members.every((member) => typeof member === 'string' || isRow(member))
  );
}
