import { PublicKey, Transaction } from '@solana/web3.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chunkSize, chunksOf, missingChunks, type Chunk } from '@cutover/chain/plan/solana/chunks.ts';
import type { Instruction } from '@cutover/chain/plan/solana/instruction.ts';
import {
  setComputeUnitLimit,
  setComputeUnitPrice,
  transfer,
  write,
} from '@cutover/chain/plan/solana/loader-instructions.ts';
import { addressOf, asWeb3 } from './kit.ts';

const payer = addressOf('payer');
const buffer = addressOf('buffer');
const budget = [setComputeUnitLimit(2_670), setComputeUnitPrice(1n)];

/** How long web3.js makes the signed transaction; undefined where it is too long for a packet. */
function serialized(instructions: readonly Instruction[]): number | undefined {
  const transaction = new Transaction({ feePayer: new PublicKey(payer), recentBlockhash: addressOf('hash') });
  transaction.add(...instructions.map(asWeb3));
  try {
    return transaction.serialize({ requireAllSignatures: false }).length;
  } catch {
    return undefined;
  }
}

describe('the size of a chunk', () => {
  it.each([
    ['alone', payer, [], 1_012],
    ['beside a limit and a price', payer, budget, 960],
    ['with another authority than the payer', addressOf('authority'), [], 916],
    ['with both', addressOf('authority'), budget, 864],
  ] as const)('%s is what fills a packet, as web3.js serializes it', (_, authority, beside, size) => {
    const found = chunkSize({ payer, buffer, authority }, beside);
    expect(found).toBe(size);
    const filled = (length: number): readonly Instruction[] => [
      ...beside,
      write({ buffer, authority, offset: 0, bytes: new Uint8Array(length) }),
    ];
    expect(serialized(filled(found))).toBe(1_232);
    expect(serialized(filled(found + 1))).toBeUndefined();
  });

  it('is right wherever the length of its data grows by a byte', () => {
    // Other calls in the same transaction leave less and less room.
    for (let others = 0; others < 20; others += 1) {
      const beside = Array.from({ length: others }, (_, index) =>
        transfer({ from: payer, to: addressOf(`receiver ${index}`), lamports: 1n }),
      );
      const size = chunkSize({ payer, buffer, authority: payer }, beside);
      if (size < 1) return;
      const filled = (length: number): readonly Instruction[] => [
        ...beside,
        write({ buffer, authority: payer, offset: 0, bytes: new Uint8Array(length) }),
      ];
      expect(serialized(filled(size))).toBeGreaterThanOrEqual(1_231);
      expect(serialized(filled(size + 1))).toBeUndefined();
    }
  });
});

const size = 7;
const program = fc.uint8Array({ maxLength: 100 });

/** What a buffer holds after these writes. */
function written(held: Uint8Array, chunks: readonly Chunk[]): Uint8Array {
  const bytes = Uint8Array.from(held);
  for (const { offset, bytes: part } of chunks) bytes.set(part, offset);
  return bytes;
}

describe('chunks', () => {
  it('make up the program, in order and without a gap', () => {
    fc.assert(
      fc.property(program, (bytes) => {
        const chunks = chunksOf(bytes, size);
        expect(written(new Uint8Array(bytes.length), chunks)).toEqual(bytes);
        expect(chunks.map(({ offset }) => offset)).toEqual(chunks.map((_, index) => index * size));
        expect(chunks.every((chunk) => chunk.bytes.length <= size)).toBe(true);
      }),
    );
  });

  it('that are missing, and no others, complete whatever a buffer holds', () => {
    const held = program.chain((bytes) =>
      fc.tuple(
        fc.constant(bytes),
        fc.array(fc.constantFrom(0, 1, 2), { minLength: bytes.length, maxLength: bytes.length }),
      ),
    );
    fc.assert(
      fc.property(held, ([bytes, marks]) => {
        // Each byte of the buffer is right, still zero, or wrong.
        const before = bytes.map((byte, index) =>
          marks[index] === 0 ? byte : marks[index] === 1 ? 0 : byte ^ 1,
        );
        const missing = missingChunks(bytes, size, before);
        expect(written(before, missing)).toEqual(bytes);
        for (const each of missing) {
          const without = missing.filter((other) => other !== each);
          expect(written(before, without)).not.toEqual(bytes);
        }
        expect(missingChunks(bytes, size, bytes)).toEqual([]);
      }),
    );
  });

  it('of zeros need no write into a fresh buffer', () => {
    const bytes = Uint8Array.from([...new Uint8Array(14), 1, ...new Uint8Array(20)]);
    expect(missingChunks(bytes, size, undefined).map(({ offset }) => offset)).toEqual([14]);
    fc.assert(
      fc.property(program, (given) => {
        expect(missingChunks(given, size, undefined)).toEqual(
          missingChunks(given, size, new Uint8Array(given.length)),
        );
      }),
    );
  });
});
