import { keccak256 } from 'ethers/crypto';
import { toBeHex, toUtf8Bytes } from 'ethers/utils';

const word = (1n << 256n) - 1n;

/** Where ERC-7201 puts the struct of a namespace: `keccak256(keccak256(id) - 1) & ~0xff`. */
export function erc7201Slot(id: string): bigint {
  const inner = (BigInt(keccak256(toUtf8Bytes(id))) - 1n) & word;
  return BigInt(keccak256(toBeHex(inner, 32))) & ~0xffn;
}

/** Where diamond storage usually puts a struct: `keccak256(text)`. */
export function keccakSlot(text: string): bigint {
  return BigInt(keccak256(toUtf8Bytes(text)));
}

/** The slots that a proxy of ERC-1967 keeps for itself, by name. */
export const erc1967Slots: Readonly<Record<string, bigint>> = Object.fromEntries(
  ['implementation', 'admin', 'beacon'].map((name) => {
    const id = `eip1967.proxy.${name}`;
    return [id, keccakSlot(id) - 1n] as const;
  }),
);

/** Slots up to here are read as numbers; beyond are hashes, read as hexadecimal digits. */
const readable = 1n << 64n;

export function printSlot(slot: bigint): string {
  return slot < readable ? String(slot) : toBeHex(slot, 32);
}

/** `0x9016d09d…9300`: enough to know a slot by, where the whole one stands elsewhere. */
export function shortSlot(slot: bigint): string {
  const hex = printSlot(slot);
  return hex.length <= 20 ? hex : `${hex.slice(0, 10)}…${hex.slice(-4)}`;
}
