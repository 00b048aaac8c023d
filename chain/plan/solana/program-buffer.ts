import { chunkSize, missingChunks, type Chunk } from './chunks.ts';
import type { ObservedProgram, ProgramWish } from './program-facts.ts';
import { programHash } from './program-hash.ts';
import { holderName, refuse, type ProgramRefusal } from './program-refusals.ts';
import { besideWrites, type ProgramStep } from './program-steps.ts';
import { rentExempt } from './rent.ts';
import { bufferSize } from './room.ts';

/** How a buffer comes to hold a build. */
export interface BufferPlan {
  readonly kind: 'buffer';
  readonly steps: readonly ProgramStep[];
  /** Whether earlier work is used. */
  readonly resumed: boolean;
  readonly missing: readonly Chunk[];
  /** What it holds when it is used: that comes back. */
  readonly lamports: bigint;
  /** Who may use it after these steps. */
  readonly authority: string;
}

/** Fills the buffer of a wish, from wherever an earlier run left it. `user` is the authority that will use it. */
export function planBuffer(
  wish: ProgramWish,
  observed: ObservedProgram,
  user: string,
): BufferPlan | ProgramRefusal {
  const { writer, bytes } = wish;
  const { buffer } = observed;
  if (buffer === undefined) return freshBuffer(wish, observed, []);
  const { content, lamports } = buffer;
  if (content.kind !== 'buffer') return refuse('CUT-2419', wish, { found: `it is ${nameOf(content.kind)}` });
  const { authority } = content;
  if (authority === writer) {
    if (content.bytes.length !== bytes.length) {
      // Made for a build of another length: it cannot grow, so its lamports are taken back first.
      return freshBuffer(wish, observed, [{ kind: 'close buffer', paid: 0n, back: lamports }]);
    }
    const missing = missingChunks(bytes, sizeOfChunks(wish), content.bytes);
    return { kind: 'buffer', steps: writing(missing), resumed: true, missing, lamports, authority };
  }
  if (authority !== undefined && authority === user) {
    const found = programHash(content.bytes);
    const wanted = programHash(bytes);
    if (found === wanted)
      return { kind: 'buffer', steps: [], resumed: true, missing: [], lamports, authority };
    return refuse('CUT-2420', wish, { found, wanted });
  }
  const whose = authority === undefined ? 'nobody may write or use it' : `${authority} may write it`;
  return refuse('CUT-2419', wish, { found: whose, holder: holderName(wish.holder) });
}

function freshBuffer(
  wish: ProgramWish,
  observed: ObservedProgram,
  before: readonly ProgramStep[],
): BufferPlan {
  const { bytes, writer } = wish;
  const lamports = rentExempt(bufferSize(bytes.length), observed.rent);
  const missing = missingChunks(bytes, sizeOfChunks(wish), undefined);
  const steps: readonly ProgramStep[] = [
    ...before,
    { kind: 'create buffer', paid: lamports, back: 0n },
    ...writing(missing),
  ];
  return { kind: 'buffer', steps, resumed: false, missing, lamports, authority: writer };
}

function writing(chunks: readonly Chunk[]): readonly ProgramStep[] {
  return chunks.length === 0 ? [] : [{ kind: 'write', chunks, paid: 0n, back: 0n }];
}

/** The size of the pieces in which a wish's program is written. */
export function sizeOfChunks(parties: Pick<ProgramWish, 'payer' | 'buffer' | 'writer'>): number {
  const { payer, buffer, writer } = parties;
  return chunkSize({ payer, buffer, authority: writer }, besideWrites(parties));
}

function nameOf(kind: string): string {
  const names: Readonly<Record<string, string>> = {
    program: 'a program',
    programData: 'the code of a program',
    foreign: 'an account of another program, or was sent lamports',
    uninitialized: 'an account of the loader that is no buffer yet',
    'loader-v4': 'a program of loader v4',
    malformed: 'not readable',
  };
  return names[kind] ?? kind;
}
