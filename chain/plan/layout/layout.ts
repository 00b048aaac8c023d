/** Counted up when the same sources would be read to another layout: kept results are then made anew. */
export const layoutReaderVersion = 1;

/** A variable, or a member of a struct: where it lies, counted from the start of its area or struct. */
export interface StorageVariable {
  readonly label: string;
  readonly slot: bigint;
  /** Bytes from the low end of the slot. */
  readonly offset: number;
  /** Its type, by the place in the layout's table. */
  readonly type: number;
  /** The contract that declares it, where that is known: bases may have private variables of the same name. */
  readonly from?: string;
}

/** How a type lies in storage. Types refer to one another by their place in the layout's table. */
export type StorageType =
  | { readonly kind: 'value'; readonly label: string; readonly bytes: number }
  | { readonly kind: 'contract'; readonly label: string; readonly bytes: number }
  | {
      readonly kind: 'enum';
      readonly label: string;
      readonly bytes: number;
      /** Undefined where only the compiler's layout is at hand: it names no members. */
      readonly members: readonly string[] | undefined;
    }
  /** A user-defined value type; what it is made of is undefined where no syntax tree is at hand. */
  | {
      readonly kind: 'alias';
      readonly label: string;
      readonly bytes: number;
      readonly of: number | undefined;
    }
  | { readonly kind: 'bytes'; readonly label: 'bytes' | 'string' }
  | { readonly kind: 'mapping'; readonly key: number; readonly value: number }
  | { readonly kind: 'list'; readonly of: number }
  | { readonly kind: 'array'; readonly of: number; readonly length: bigint; readonly bytes: bigint }
  | {
      readonly kind: 'struct';
      readonly label: string;
      readonly bytes: bigint;
      readonly members: readonly StorageVariable[];
    };

/**
 * Variables that lie together.
 * - `plain`: state variables, from slot 0 or from where `layout at` says.
 * - `namespace`: a struct at a slot of its own, as ERC-7201 and diamond storage have it.
 * - `transient`: gone after each transaction; only contracts that share an address can clash there.
 */
export interface StorageArea {
  readonly kind: 'plain' | 'namespace' | 'transient';
  /** For people: the namespace's id. Areas are the same when their slots are. */
  readonly id: string;
  readonly slot: bigint;
  readonly variables: readonly StorageVariable[];
}

/** Where a contract keeps what, whoever compiled it. */
export interface StorageLayout {
  readonly contract: string;
  readonly areas: readonly StorageArea[];
  readonly types: readonly StorageType[];
  /** What of the contract's storage could not be resolved, in words. */
  readonly notUnderstood: readonly string[];
}

/** A layout, or why there is none. */
export type LayoutReading =
  | { readonly kind: 'known'; readonly layout: StorageLayout }
  | { readonly kind: 'unknown'; readonly why: string };

const bytesPerSlot = 32n;

/** The type at a place of the table; a table with holes is a fault of the reader that made it. */
export function typeAt(layout: Pick<StorageLayout, 'types'>, index: number): StorageType {
  const type = layout.types[index];
  if (type === undefined) throw new RangeError(`type ${index} of ${layout.types.length}`);
  return type;
}

/** How many bytes a type takes in place; what mappings and lists lead to lies elsewhere. */
export function sizeOf(type: StorageType): bigint {
  switch (type.kind) {
    case 'bytes':
    case 'mapping':
    case 'list':
      return bytesPerSlot;
    case 'value':
    case 'contract':
    case 'enum':
    case 'alias':
    case 'array':
    case 'struct':
      return BigInt(type.bytes);
  }
}

/** A type as Solidity writes it. */
export function printType(layout: Pick<StorageLayout, 'types'>, index: number): string {
  const type = typeAt(layout, index);
  switch (type.kind) {
    case 'value':
    case 'bytes':
    case 'alias':
      return type.label;
    case 'contract':
    case 'enum':
    case 'struct':
      return `${type.kind} ${type.label}`;
    case 'mapping':
      return `mapping(${printType(layout, type.key)} => ${printType(layout, type.value)})`;
    case 'list':
      return `${printType(layout, type.of)}[]`;
    case 'array':
      return `${printType(layout, type.of)}[${type.length}]`;
  }
}

/** A stretch of storage, in bytes counted from the start of an area. */
export interface Stretch {
  readonly start: bigint;
  readonly end: bigint;
}

export function stretchOf(layout: StorageLayout, variable: StorageVariable): Stretch {
  const start = variable.slot * bytesPerSlot + BigInt(variable.offset);
  return { start, end: start + sizeOf(typeAt(layout, variable.type)) };
}

export function overlap(a: Stretch, b: Stretch): boolean {
  return a.start < b.end && b.start < a.end;
}

/** The first byte behind the last of these variables. */
export function endOf(layout: StorageLayout, variables: readonly StorageVariable[]): bigint {
  return variables.reduce((end, variable) => {
    const stretch = stretchOf(layout, variable);
    return stretch.end > end ? stretch.end : end;
  }, 0n);
}

/** Whether a variable only keeps room for later ones, as OpenZeppelin's `uint256[50] private __gap` does. */
export function isGap(layout: StorageLayout, variable: StorageVariable): boolean {
  if (!/^_+gap(_|$)/i.test(variable.label)) return false;
  const type = typeAt(layout, variable.type);
  return type.kind === 'array' && typeAt(layout, type.of).kind === 'value';
}

/** `Vault` of `contracts/Vault.sol:Vault`. */
export function shortName(contract: string): string {
  return contract.slice(contract.lastIndexOf(':') + 1);
}
