import { createHash } from 'node:crypto';

/**
 * A program without the zeros at its end. An account may have more room than its program has bytes, after an upgrade to
 * a shorter one say, and the loader fills that with zeros: they say nothing about what runs.
 */
export function withoutPadding(bytes: Uint8Array): Uint8Array {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end -= 1;
  return bytes.subarray(0, end);
}

/**
 * The hash of a program, of its file and of what a chain holds alike, as `solana-verify` computes it: sha256 over the
 * bytes without the zeros at their end. So a file that itself ends in zeros has another hash than `sha256sum` gives.
 */
export function programHash(bytes: Uint8Array): string {
  return createHash('sha256').update(withoutPadding(bytes)).digest('hex');
}
