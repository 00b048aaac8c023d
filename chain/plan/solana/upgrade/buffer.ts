import type { BufferFacts, DesiredUpgrade } from './facts.ts';
import { take, type UpgradeNext } from './next.ts';

/** Whether a buffer holds a build, and nobody but the authority can change or use it. */
export function isPrepared(
  { hash }: DesiredUpgrade,
  buffer: BufferFacts | undefined,
  authority: string,
): buffer is BufferFacts {
  return buffer?.hash === hash && buffer.authority === authority;
}

/** What has to be there before the authority is asked for anything. */
export const prepareBuffer: UpgradeNext = take({ kind: 'prepare buffer' });
