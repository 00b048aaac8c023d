import { addressBytes, programAddress } from '../address.ts';
import { u64 } from '../instruction.ts';

const words = new TextEncoder();

/** Where a time lock's rules are: derived from a key that signs when it is made, so nobody can be first. */
export function timelockAddress(program: string, createKey: string): string {
  const seeds = [words.encode('timelock'), addressBytes(createKey, 'the key that a time lock is made with')];
  return programAddress(seeds, program).address;
}

/** The account that holds authorities for a time lock. No key exists for it: the program alone signs for it. */
export function timelockVault(program: string, timelock: string): string {
  const seeds = [words.encode('vault'), addressBytes(timelock, 'the time lock')];
  return programAddress(seeds, program).address;
}

/** Where a proposal is: proposals of a time lock are numbered from 0. */
export function proposalAddress(program: string, timelock: string, index: bigint): string {
  const seeds = [words.encode('proposal'), addressBytes(timelock, 'the time lock'), u64(index)];
  return programAddress(seeds, program).address;
}
