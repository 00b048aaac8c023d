import { keccak256 } from 'ethers/crypto';

/** Three bits of a bloom filter of 2048: byte and mask each. */
type Bits = readonly (readonly [byte: number, mask: number])[];

/** What to look for in a block's bloom filter: an address together with one of its topics. */
export interface BloomPattern {
  readonly address: Bits;
  readonly topics: readonly Bits[];
}

/** The pattern of a contract and its events. */
export function bloomPattern(address: string, topics: readonly string[]): BloomPattern {
  return { address: bitsOf(address), topics: topics.map(bitsOf) };
}

/**
 * Whether a block may hold a log of one of the patterns. A filter never denies what is there, so a "no" is sure; a
 * "yes" with no log to show for it is a reason to ask again.
 */
export function mayHold(logsBloom: string, patterns: readonly BloomPattern[]): boolean {
  const bloom = Buffer.from(logsBloom.slice(2), 'hex');
  const has = (bits: Bits): boolean => bits.every(([byte, mask]) => ((bloom[byte] ?? 0) & mask) !== 0);
  return patterns.some(({ address, topics }) => has(address) && topics.some(has));
}

/** As the Yellow Paper has it: of the first three pairs of bytes of the hash, the low 11 bits. */
function bitsOf(item: string): Bits {
  const hash = Buffer.from(keccak256(item).slice(2), 'hex');
  return [0, 2, 4].map((offset) => {
    const bit = hash.readUInt16BE(offset) & 2047;
    return [255 - (bit >> 3), 1 << (bit & 7)] as const;
  });
}
