import { addressBytes } from '../address.ts';
import { joined, u16, u8, type AccountUse, type Instruction } from '../instruction.ts';
import type { VaultMessage } from './accounts.ts';

/** Instructions as a message that a vault signs. The vault comes first and may be written, as it pays. */
export function compileVaultMessage(vault: string, instructions: readonly Instruction[]): VaultMessage {
  const uses = new Map<string, AccountUse>([[vault, { address: vault, signer: true, writable: true }]]);
  for (const { program, accounts } of instructions) {
    for (const use of [{ address: program, signer: false, writable: false }, ...accounts]) {
      const known = uses.get(use.address) ?? use;
      const signer = known.signer || use.signer;
      uses.set(use.address, { ...known, signer, writable: known.writable || use.writable });
    }
  }
  const ordered = [...uses.values()].toSorted((a, b) => rank(a) - rank(b));
  const places = new Map(ordered.map(({ address }, place) => [address, place]));
  const placeOf = (address: string): number => places.get(address) ?? 0;
  const count = (signer: boolean, written: boolean): number =>
    ordered.filter((each) => each.signer === signer && (each.writable || !written)).length;
  return {
    signers: count(true, false),
    writableSigners: count(true, true),
    writableOthers: count(false, true),
    accounts: ordered.map(({ address }) => address),
    instructions: instructions.map(({ program, accounts, data }) => ({
      program: placeOf(program),
      accounts: accounts.map(({ address }) => placeOf(address)),
      data,
    })),
    lookups: 0,
  };
}

/** A message as an instruction of Squads carries it: lengths are one byte, that of data two. */
export function messageBytes(message: VaultMessage): Uint8Array {
  const { signers, writableSigners, writableOthers, accounts, instructions } = message;
  return joined(
    Uint8Array.of(signers, writableSigners, writableOthers, accounts.length),
    ...accounts.map((address) => addressBytes(address, 'an account of a proposal')),
    u8(instructions.length),
    ...instructions.flatMap((each) => [
      Uint8Array.of(each.program, each.accounts.length, ...each.accounts),
      u16(each.data.length),
      each.data,
    ]),
    u8(0), // no lookup tables
  );
}

/** How the accounts of a message are given when it is executed: the vault signs inside, not here. */
export function usesOf(message: VaultMessage, vault: string): readonly AccountUse[] {
  const { accounts, signers, writableSigners, writableOthers } = message;
  return accounts.map((address, place) => ({
    address,
    signer: place < signers && address !== vault,
    writable: place < writableSigners || (place >= signers && place < signers + writableOthers),
  }));
}

/** The instructions of a message; undefined where it names accounts that are not in its list. */
export function instructionsOf(message: VaultMessage): readonly Instruction[] | undefined {
  const uses = usesOf(message, '');
  const instructions = message.instructions.map(({ program, accounts, data }) => ({
    program: uses[program]?.address,
    accounts: accounts.map((place) => uses[place]),
    data,
  }));
  const isWhole = (each: (typeof instructions)[number]): each is Instruction & typeof each =>
    each.program !== undefined && each.accounts.every((use) => use !== undefined);
  return instructions.every(isWhole) ? instructions : undefined;
}

function rank({ signer, writable }: AccountUse): number {
  return (signer ? 0 : 2) + (writable ? 0 : 1);
}
