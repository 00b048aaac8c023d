/** A block of IPv4 addresses: where it begins, and how many leading bits its addresses share. */
export interface AddressBlock {
  readonly first: number;
  readonly prefix: number;
}

/** Reads 10.20.0.0/16; undefined when it is no block of addresses. */
export function readCidr(text: string): AddressBlock | undefined {
  const found = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  if (found === null) return undefined;
  const [bytes, prefix] = [found.slice(1, 5).map(Number), Number(found[5])];
  if (bytes.some((byte) => byte > 255) || prefix > 32) return undefined;
  const block = { first: bytes.reduce((sum, byte) => sum * 256 + byte, 0), prefix };
  // With zeros before its numbers AWS takes it for something else, or for nothing.
  return showCidr(block) === text ? block : undefined;
}

/** Writes a block as 10.20.0.0/16. */
export function showCidr({ first, prefix }: AddressBlock): string {
  return `${[24, 16, 8, 0].map((shift) => (first >>> shift) & 255).join('.')}/${prefix}`;
}

/** How many addresses a block has. */
export function sizeOf({ prefix }: AddressBlock): number {
  return 2 ** (32 - prefix);
}

/** The block that an address with this prefix lies in: 10.20.1.7/16 is 10.20.0.0/16. */
export function aligned({ first, prefix }: AddressBlock): AddressBlock {
  return { first: first - (first % sizeOf({ first, prefix })), prefix };
}

export function contains(outer: AddressBlock, inner: AddressBlock): boolean {
  return inner.first >= outer.first && inner.first + sizeOf(inner) <= outer.first + sizeOf(outer);
}

export function overlap(one: AddressBlock, other: AddressBlock): boolean {
  return one.first < other.first + sizeOf(other) && other.first < one.first + sizeOf(one);
}
