import { elf } from './object.ts';
import type { Image, Places } from './shared-object.ts';

// SIMD-0189: constants from 0 on, code from here on, one behind the other in the file.
const codeAt = 0x1_0000_0000;
const headerSize = 64;
const programHeaderSize = 56;

/** In version 3 code and constants have addresses of their own, wherever they are in the file. */
export function fixedPlaces(): Places {
  return { code: codeAt, constants: 0 };
}

/**
 * Writes a program of sBPF version 3: two segments and nothing else. Calls of the system carry the hash of their name
 * (SIMD-0178), so there is nothing that the loader would have to fill in.
 */
export function segmentFile({ code, constants, entry, systemCalls }: Image): Uint8Array {
  const called = Uint8Array.from(code);
  const view = new DataView(called.buffer);
  for (const { offset, name } of systemCalls) view.setUint32(offset + 4, murmur3(name), true);

  const constantsFrom = headerSize + 2 * programHeaderSize;
  const codeFrom = constantsFrom + constants.length;
  const file = new Uint8Array(codeFrom + called.length);
  file.set(header(codeAt + entry));
  file.set(segment(4, constantsFrom, 0, constants.length), headerSize);
  file.set(segment(1, codeFrom, codeAt, called.length), headerSize + programHeaderSize);
  file.set(constants, constantsFrom);
  file.set(called, codeFrom);
  return file;
}

function header(entry: number): Uint8Array {
  const bytes = new Uint8Array(headerSize);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  const view = new DataView(bytes.buffer);
  view.setUint16(16, elf.sharedObject, true);
  view.setUint16(18, elf.machineBpf, true);
  view.setUint32(20, 1, true);
  view.setBigUint64(24, BigInt(entry), true);
  view.setBigUint64(32, BigInt(headerSize), true);
  view.setUint32(48, 3, true); // the version
  view.setUint16(52, headerSize, true);
  view.setUint16(54, programHeaderSize, true);
  view.setUint16(56, 2, true);
  view.setUint16(58, 64, true);
  return bytes;
}

function segment(flags: number, from: number, address: number, size: number): Uint8Array {
  const bytes = new Uint8Array(programHeaderSize);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 1, true);
  view.setUint32(4, flags, true);
  for (const [index, value] of [from, address, address, size, size].entries()) {
    view.setBigUint64(8 + 8 * index, BigInt(value), true);
  }
  return bytes;
}

/** MurmurHash3 of 32 bits with the seed 0: how version 3 names calls of the system. */
export function murmur3(text: string): number {
  const bytes = new TextEncoder().encode(text);
  const view = new DataView(bytes.buffer);
  const whole = bytes.length - (bytes.length % 4);
  let hash = 0;
  for (let at = 0; at < whole; at += 4) {
    hash = Math.imul(turned(hash ^ mixed(view.getUint32(at, true)), 13), 5) + 0xe6546b64;
  }
  let rest = 0;
  for (let at = bytes.length - 1; at >= whole; at--) rest = (rest << 8) | view.getUint8(at);
  hash ^= mixed(rest) ^ bytes.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function mixed(word: number): number {
  return Math.imul(turned(Math.imul(word, 0xcc9e2d51), 15), 0x1b873593);
}

function turned(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}
