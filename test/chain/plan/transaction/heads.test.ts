import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { knownDepth, link, type Head, type KnownBlocks } from '@cutover/chain/plan/transaction/heads.ts';

const head = (number: number, hash: string, parentHash: string): Head => ({
  ...{
    number,
    hash,
    parentHash,
    timestamp: number,
    baseFee: 1n,
    gasLimit: 30_000_000n,
    rules: {},
    transactions: [],
  },
});
const known = (...hashes: readonly string[]): KnownBlocks =>
  new Map(hashes.map((hash, index) => [index + 10, hash]));

describe('a new block', () => {
  it('behind the newest one joins', () => {
    const joined = link(known('a', 'b'), [head(12, 'c', 'b')]);
    expect(joined).toMatchObject({ kind: 'joined', undone: [] });
    expect(joined.kind === 'joined' && [...joined.known.values()]).toEqual(['a', 'b', 'c']);
  });

  it('that is known, or older than the newest one, tells nothing', () => {
    expect(link(known('a', 'b'), [head(11, 'b', 'a')]).kind).toBe('nothing');
    expect(link(known('a', 'b'), [head(10, 'a', '9')]).kind).toBe('nothing');
  });

  it('that is older means, on a local node, that the chain was set back', () => {
    expect(link(known('a', 'b', 'c'), [head(10, 'a', '9')], false)).toMatchObject({ undone: ['b', 'c'] });
    expect(link(known('a', 'b'), [head(11, 'b', 'a')], false).kind).toBe('nothing');
  });

  it('behind a gap asks for what is in between', () => {
    expect(link(known('a', 'b'), [head(14, 'e', 'd')])).toEqual({ kind: 'missing', hash: 'd' });
    const filled = link(known('a', 'b'), [head(12, 'c', 'b'), head(13, 'd', 'c'), head(14, 'e', 'd')]);
    expect(filled).toMatchObject({ kind: 'joined', undone: [] });
  });

  it('beside the newest one undoes it', () => {
    const joined = link(known('a', 'b'), [head(11, 'b2', 'a')]);
    expect(joined).toMatchObject({ kind: 'joined', undone: ['b'] });
  });

  it('of a shorter chain undoes what is above', () => {
    expect(link(known('a', 'b', 'c'), [head(11, 'b2', 'a')])).toMatchObject({ undone: ['b', 'c'] });
    expect(link(known('a', 'b', 'c'), [head(11, 'b2', 'a2')])).toEqual({ kind: 'missing', hash: 'a2' });
  });

  it('that shares nothing with what is known stands apart', () => {
    expect(link(known('a', 'b'), [head(0, 'x', '0')]).kind).toBe('apart');
    expect(link(known('a', 'b'), [head(10, 'x', 'y'), head(11, 'z', 'x')]).kind).toBe('apart');
    expect(link(known('a', 'b'), [head(12 + knownDepth, 'x', 'y')]).kind).toBe('apart');
  });

  it('walked back to, however long and wherever it branched, leaves exactly the new chain', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.nat(39),
        fc.integer({ min: 1, max: 40 }),
        (old, back, long) => {
          const branch = Math.max(0, old - back);
          const before = Array.from({ length: old + 1 }, (_, number) => `o${number}`);
          const now = [
            ...before.slice(0, branch + 1),
            ...Array.from({ length: long }, (_, i) => `n${branch + 1 + i}`),
          ];
          const top = now.length - 1;
          const blocks = [head(top, now[top] ?? '', now[top - 1] ?? '')];
          const ring: KnownBlocks = new Map(before.map((hash, number) => [number, hash]));
          let joined = link(ring, blocks);
          while (joined.kind === 'missing') {
            const number = (blocks[0]?.number ?? 0) - 1;
            expect(joined.hash).toBe(now[number]);
            blocks.unshift(head(number, now[number] ?? '', now[number - 1] ?? ''));
            joined = link(ring, blocks);
          }
          expect(joined.kind === 'joined' && [...joined.known.values()]).toEqual(now);
          expect(joined.kind === 'joined' && joined.undone).toEqual(before.slice(branch + 1));
        },
      ),
    );
  });
});
