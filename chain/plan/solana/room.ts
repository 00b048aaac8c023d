import { bufferHeader, largestAccount, programDataHeader } from './loader-accounts.ts';

/** The longest program that an account can hold. */
export const longestProgram = largestAccount - programDataHeader;

/** SIMD-0431, active on mainnet-beta since slot 432,864,000: no program is extended by less, but to its very end. */
export const leastExtension = 10_240;

/** The size of the account that a program's bytes wait in. */
export function bufferSize(length: number): number {
  return bufferHeader + length;
}

/** The size of the account that has a program's code, with room for so many bytes. */
export function programDataSize(room: number): number {
  return programDataHeader + room;
}

/** By how many bytes a program's room has to grow for a build of this length; 0 where it fits. */
export function extensionFor(length: number, room: number): number {
  if (length <= room) return 0;
  return Math.max(length - room, Math.min(leastExtension, longestProgram - room));
}
