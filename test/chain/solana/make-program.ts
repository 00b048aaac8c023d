import { createHash } from 'node:crypto';
import { joined } from '@cutover/chain/plan/solana/instruction.ts';
import { exit, instruction, strictElf } from '../plan/solana/elf-kit.ts';

const besideConstants = 64 + 2 * 56 + 16;

/**
 * A valid program of exactly so many bytes, a multiple of eight: it returns 0, and carries constants that are the same
 * for the same name and look like code does, with hardly any zeros.
 */
export function makeProgram(size: number, name = 'program'): Uint8Array {
  const constants = new Uint8Array(size - besideConstants);
  for (let at = 0, block = 0; at < constants.length; at += 32, block++) {
    const bytes = createHash('sha256').update(`${name} ${block}`).digest();
    constants.set(bytes.subarray(0, Math.min(32, constants.length - at)), at);
  }
  const returnZero = instruction(0xb7, 0);
  return strictElf(constants, joined(returnZero, exit));
}
