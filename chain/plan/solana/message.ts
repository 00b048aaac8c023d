import { addressBytes } from './address.ts';
import { joined, u8, type AccountUse, type Instruction } from './instruction.ts';

/** The most bytes of a transaction, signatures included: what one packet carries (IPv6's 1,280 less its headers). */
export const largestTransaction = 1_232;
const signatureSize = 64;

/** What is signed, and who has to. */
export interface Message {
  readonly bytes: Uint8Array;
  /** The payer first, in the order of their signatures. */
  readonly signers: readonly string[];
}

/**
 * Instructions as one message, in the layout that every cluster takes (the one without a version number). Accounts are
 * listed once each: those that sign first, among them those that are written first. Written here, not taken from
 * web3.js, which takes a quarter of a second to load and ten times as long for each of a program's thousand chunks.
 */
export function compileMessage(
  payer: string,
  instructions: readonly Instruction[],
  blockhash: string,
): Message {
  const uses = [...usesOf(payer, instructions).values()];
  const signing = uses.filter(({ signer }) => signer);
  const others = uses.filter(({ signer }) => !signer);
  const ordered = [...signing, ...others].toSorted((a, b) => rank(a) - rank(b));
  const places = new Map(ordered.map(({ address }, place) => [address, place]));
  const placeOf = (address: string): Uint8Array => u8(places.get(address) ?? 0);
  return {
    signers: ordered.slice(0, signing.length).map(({ address }) => address),
    bytes: joined(
      u8(signing.length),
      u8(signing.filter(({ writable }) => !writable).length),
      u8(others.filter(({ writable }) => !writable).length),
      compact(ordered.length),
      ...ordered.map(({ address }) => addressBytes(address, 'an account of an instruction')),
      addressBytes(blockhash, 'a blockhash'),
      compact(instructions.length),
      ...instructions.flatMap(({ program, accounts, data }) => [
        placeOf(program),
        compact(accounts.length),
        ...accounts.map(({ address }) => placeOf(address)),
        compact(data.length),
        data,
      ]),
    ),
  };
}

/** How many bytes a message takes with its signatures. */
export function transactionSize({ bytes, signers }: Message): number {
  return compact(signers.length).length + signers.length * signatureSize + bytes.length;
}

/** A message with its signatures, as it is sent. */
export function signedTransaction(message: Message, signatures: readonly Uint8Array[]): Uint8Array {
  return joined(compact(signatures.length), ...signatures, message.bytes);
}

/** How many instructions a signed transaction has. */
export function instructionCount(transaction: Uint8Array): number {
  // All of these lengths are below 128: no transaction has room for more accounts or instructions.
  const accountsAt = 1 + signatureSize * (transaction[0] ?? 0) + 3;
  return transaction[accountsAt + 1 + 32 * (transaction[accountsAt] ?? 0) + 32] ?? 0;
}

/** A length in one to three bytes, seven bits each, lowest first. */
function compact(length: number): Uint8Array {
  const bytes: number[] = [];
  let rest = length;
  for (; rest > 0x7f; rest >>= 7) bytes.push((rest & 0x7f) | 0x80);
  return Uint8Array.of(...bytes, rest);
}

/** Every account once: it signs, or is written, where any instruction says so. */
function usesOf(payer: string, instructions: readonly Instruction[]): ReadonlyMap<string, AccountUse> {
  const uses = new Map<string, AccountUse>([[payer, { address: payer, signer: true, writable: true }]]);
  for (const { program, accounts } of instructions) {
    for (const use of [{ address: program, signer: false, writable: false }, ...accounts]) {
      const known = uses.get(use.address) ?? use;
      uses.set(use.address, {
        address: use.address,
        signer: known.signer || use.signer,
        writable: known.writable || use.writable,
      });
    }
  }
  return uses;
}

function rank({ signer, writable }: AccountUse): number {
  return (signer ? 0 : 2) + (writable ? 0 : 1);
}
