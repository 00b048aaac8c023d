import { systemProgram } from './address.ts';
import type { Instruction } from './instruction.ts';
import { write } from './loader-instructions.ts';
import { compileMessage, largestTransaction, transactionSize } from './message.ts';

/** A piece of a program, as one transaction writes it. */
export interface Chunk {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** Who pays and who may write: each signature takes 64 bytes and each account 32 that a chunk cannot have. */
export interface ChunkParties {
  readonly payer: string;
  readonly buffer: string;
  readonly authority: string;
}

/** The most bytes that one transaction can write beside these other instructions. */
export function chunkSize(
  { payer, buffer, authority }: ChunkParties,
  beside: readonly Instruction[],
): number {
  const sizeWith = (length: number): number => {
    const call = write({ buffer, authority, offset: 0, bytes: new Uint8Array(length) });
    // A blockhash has the length of an address; which one it is takes no room.
    return transactionSize(compileMessage(payer, [...beside, call], systemProgram));
  };
  const left = largestTransaction - sizeWith(0);
  // The length of the data is written in more bytes the longer it is.
  return left - Math.max(0, sizeWith(left) - largestTransaction);
}

/** A program in pieces, in order. The pieces are the same in every run, so each is recognised by its place. */
export function chunksOf(program: Uint8Array, size: number): readonly Chunk[] {
  return Array.from({ length: Math.ceil(program.length / size) }, (_, index) => ({
    offset: index * size,
    bytes: program.subarray(index * size, (index + 1) * size),
  }));
}

/**
 * The pieces that a buffer does not hold yet, or holds otherwise. A fresh buffer is all zeros, so pieces of zeros need
 * no write; `held` undefined stands for one that is not there yet.
 */
export function missingChunks(
  program: Uint8Array,
  size: number,
  held: Uint8Array | undefined,
): readonly Chunk[] {
  return chunksOf(program, size).filter(({ offset, bytes }) =>
    held === undefined
      ? bytes.some((byte) => byte !== 0)
      : Buffer.compare(bytes, held.subarray(offset, offset + bytes.length)) !== 0,
  );
}
