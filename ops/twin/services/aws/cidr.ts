/** A block of IPv4 addresses. */
export interface Cidr {
  /** The address as it was written, as a number; bits behind the prefix may be set. */
  readonly address: number;
  /** Bits of the prefix, 0 to 32. */
  readonly length: number;
}

/** Reads `10.0.0.0/16`; undefined for text that is no IPv4 block. */
export function parseCidr(text: string): Cidr | undefined {
  const found = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  if (found === null) return undefined;
  const [length = 33, ...octets] = [found[5], found[1], found[2], found[3], found[4]].map(Number);
  if (length > 32 || octets.some((octet) => octet > 255)) return undefined;
  return { address: octets.reduce((address, octet) => address * 256 + octet, 0), length };
}

/** How many addresses a block has. */
export function sizeOf({ length }: Cidr): number {
  return 2 ** (32 - length);
}

/** The first address of a block. */
export function startOf(cidr: Cidr): number {
  return cidr.address - (cidr.address % sizeOf(cidr));
}

/** Whether a block is written with its first address, as `10.0.0.0/16` is and `10.0.0.1/16` is not. */
export function isNetwork(cidr: Cidr): boolean {
  return startOf(cidr) === cidr.address;
}

/** Whether a block has all addresses of another. */
export function contains(outer: Cidr, inner: Cidr): boolean {
  return startOf(outer) <= startOf(inner) && startOf(inner) + sizeOf(inner) <= startOf(outer) + sizeOf(outer);
}

/** Whether two blocks have an address in common. */
export function overlaps(one: Cidr, other: Cidr): boolean {
  return contains(one, other) || contains(other, one);
}

/** A block as text, with its first address. */
export function cidrText(cidr: Cidr): string {
  return `${addressText(startOf(cidr))}/${cidr.length}`;
}

/** An address as text: `10.0.0.1`. */
export function addressText(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}

/** Whether text is an IPv6 block, by its form. */
export function isIpv6Cidr(text: string): boolean {
  const [address = '', length = ''] = text.split('/');
  return URL.canParse(`http://[${address}]`) && /^\d{1,3}$/.test(length) && Number(length) <= 128;
}
