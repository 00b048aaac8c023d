import { printSlot } from './slots.ts';
import type { LayoutReading, StorageArea, StorageLayout, StorageType, StorageVariable } from './layout.ts';

/**
 * A layout in few plain bytes, fit for a resource's state: rows of text, with numbers that do not change from one
 * compilation of the same sources to the next.
 */
export interface CompactLayout {
  readonly version: 1;
  readonly contract: string;
  /** `kind slot id`, then a row for each variable: `slot+offset type label contract`. */
  readonly areas: readonly (readonly string[])[];
  /** One for each type, `kind …`; behind a struct's come its members. */
  readonly types: readonly (string | readonly string[])[];
  readonly notUnderstood?: readonly string[];
}

const howToGet =
  'with Hardhat, add "ast" or "storageLayout" to solidity.settings.outputSelection; with Foundry, set ' +
  'extra_output = ["storageLayout"] and ast = true in foundry.toml; then compile again';

export function compactLayout(layout: StorageLayout): CompactLayout {
  const { contract, areas, types, notUnderstood } = layout;
  return {
    version: 1,
    contract,
    areas: areas.map(({ kind, slot, id, variables }) => [
      `${kind} ${printSlot(slot)} ${id}`,
      ...variables.map(printVariable),
    ]),
    types: types.map(printRow),
    ...(notUnderstood.length > 0 ? { notUnderstood } : {}),
  };
}

/** Reads what `compactLayout` wrote; anything else is unknown, with the reason. */
export function readLayout(compact: unknown): LayoutReading {
  if (compact === undefined || compact === null) {
    return { kind: 'unknown', why: `no storage layout is kept for it; ${howToGet}` };
  }
  const { version, contract, areas, types, notUnderstood = [] } = compact as Partial<CompactLayout>;
  if (version !== 1)
    return { kind: 'unknown', why: 'its storage layout was kept by another version of Cutover' };
  const isWhole =
    typeof contract === 'string' && Array.isArray(areas) && Array.isArray(types) && isTexts(notUnderstood);
  const readTypes = isWhole ? types.map(readType) : [];
  const readAreas = isWhole ? areas.map(readArea) : [];
  const layout = {
    contract: contract ?? '',
    areas: readAreas.filter((area) => area !== undefined),
    types: readTypes.filter((type) => type !== undefined),
    notUnderstood,
  };
  const isRead = layout.areas.length === readAreas.length && layout.types.length === readTypes.length;
  if (!isWhole || !isRead || !placesOf(layout).every((place) => place < layout.types.length)) {
    return { kind: 'unknown', why: 'its storage layout is damaged' };
  }
  return { kind: 'known', layout };
}

function printVariable({ slot, offset, type, label, from }: StorageVariable): string {
  return `${slot}+${offset} ${type} ${label}${from === undefined ? '' : ` ${from}`}`;
}

function readVariable(row: string): StorageVariable | undefined {
  const [, slot, offset, type, label, from] = /^(\d+)\+(\d+) (\d+) (\S*)(?: (\S+))?$/.exec(row) ?? [];
  if (slot === undefined || label === undefined) return undefined;
  const place = { label, slot: BigInt(slot), offset: Number(offset), type: Number(type) };
  return from === undefined ? place : { ...place, from };
}

function readVariables(rows: readonly string[]): readonly StorageVariable[] | undefined {
  const variables = rows.map(readVariable).filter((variable) => variable !== undefined);
  return variables.length === rows.length ? variables : undefined;
}

function readArea(rows: unknown): StorageArea | undefined {
  if (!isTexts(rows)) return undefined;
  const [head = '', ...rest] = rows;
  const [, kind, slot, id = ''] = /^(plain|namespace|transient) (\d+|0x[0-9a-f]+) (.*)$/s.exec(head) ?? [];
  const variables = readVariables(rest);
  if (slot === undefined || variables === undefined) return undefined;
  return { kind: kind as StorageArea['kind'], id, slot: BigInt(slot), variables };
}

function printRow(type: StorageType): string | readonly string[] {
  switch (type.kind) {
    case 'value':
    case 'contract':
      return `${type.kind} ${type.bytes} ${type.label}`;
    case 'enum':
      return `enum ${type.bytes} ${type.label}${type.members === undefined ? '' : ` ${type.members.join(',')}`}`;
    case 'alias':
      return `alias ${type.bytes} ${type.label}${type.of === undefined ? '' : ` ${type.of}`}`;
    case 'bytes':
      return type.label;
    case 'mapping':
      return `mapping ${type.key} ${type.value}`;
    case 'list':
      return `list ${type.of}`;
    case 'array':
      return `array ${type.of} ${type.length} ${type.bytes}`;
    case 'struct':
      return [`struct ${type.bytes} ${type.label}`, ...type.members.map(printVariable)];
  }
}

function readType(row: unknown): StorageType | undefined {
  if (isTexts(row)) {
    const [, size, name = ''] = /^struct (\d+) (.+)$/.exec(row[0] ?? '') ?? [];
    const variables = readVariables(row.slice(1));
    if (size === undefined || variables === undefined) return undefined;
    return { kind: 'struct', label: name, bytes: BigInt(size), members: variables };
  }
  if (typeof row !== 'string') return undefined;
  if (row === 'bytes' || row === 'string') return { kind: 'bytes', label: row };
  const fields = (pattern: RegExp): readonly (string | undefined)[] => pattern.exec(row)?.slice(1) ?? [];
  const [plain, bytes, label] = fields(/^(value|contract) (\d+) (.+)$/);
  if (label !== undefined) return { kind: plain as 'value' | 'contract', label, bytes: Number(bytes) };
  const [enumBytes, enumLabel, members] = fields(/^enum (\d+) (\S+)(?: (\S+))?$/);
  if (enumLabel !== undefined) {
    return { kind: 'enum', label: enumLabel, bytes: Number(enumBytes), members: members?.split(',') };
  }
  const [aliasBytes, aliasLabel, made] = fields(/^alias (\d+) (\S+)(?: (\d+))?$/);
  if (aliasLabel !== undefined) {
    const of = made === undefined ? undefined : Number(made);
    return { kind: 'alias', label: aliasLabel, bytes: Number(aliasBytes), of };
  }
  const [key, value] = fields(/^mapping (\d+) (\d+)$/);
  if (value !== undefined) return { kind: 'mapping', key: Number(key), value: Number(value) };
  const [listed] = fields(/^list (\d+)$/);
  if (listed !== undefined) return { kind: 'list', of: Number(listed) };
  const [of, length = '', size] = fields(/^array (\d+) (\d+) (\d+)$/);
  return size === undefined
    ? undefined
    : { kind: 'array', of: Number(of), length: BigInt(length), bytes: BigInt(size) };
}

/** Every place of the table that something refers to. */
function placesOf({ areas, types }: Pick<StorageLayout, 'areas' | 'types'>): readonly number[] {
  const inTypes = types.flatMap((type) => {
    switch (type.kind) {
      case 'mapping':
        return [type.key, type.value];
      case 'list':
      case 'array':
        return [type.of];
      case 'alias':
        return type.of === undefined ? [] : [type.of];
      case 'struct':
        return type.members.map((member) => member.type);
      case 'value':
      case 'contract':
      case 'enum':
      case 'bytes':
        return [];
    }
  });
  return [...areas.flatMap(({ variables }) => variables.map(({ type }) => type)), ...inTypes];
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}
