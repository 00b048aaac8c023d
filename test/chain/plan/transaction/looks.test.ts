import { describe, expect, it } from 'vitest';
import { blockTime, pauseBeforeLook } from '@cutover/chain/plan/transaction/looks.ts';
import { recognise } from '@cutover/chain/plan/transaction/recognise.ts';

const pauses = (chainId: number, blockMs: number | undefined, count: number): number[] =>
  Array.from({ length: count }, (_, looks) =>
    pauseBeforeLook({ network: { chainId }, blockMs, handedOverMs: 1_000, looks }),
  );

describe('the looks at a chain', () => {
  it('come after 15 s and then every 30 s on a slow one', () => {
    expect(pauses(1, 12_000, 3)).toEqual([14_000, 30_000, 30_000]);
  });

  it('come four times a block on a fast one', () => {
    expect(pauses(84532, 2_000, 4)).toEqual([250, 500, 500, 500]);
    expect(pauses(84532, 8_000, 6)).toEqual([250, 500, 1_000, 2_000, 2_000, 2_000]);
  });

  it('come quickly at first on a local one, and not more often than every 100 ms after that', () => {
    expect(pauses(31337, 1_000, 6)).toEqual([25, 50, 100, 200, 250, 250]);
    expect(pauses(31337, 0, 4)).toEqual([25, 50, 100, 100]);
    expect(pauses(31337, 3_600_000, 8).at(-1)).toBe(1_000);
  });

  it('know the time between blocks from two of them', () => {
    expect(blockTime({ number: 10, timestamp: 100 }, { number: 30, timestamp: 340 })).toBe(12_000);
    expect(blockTime({ number: 10, timestamp: 100 }, { number: 10, timestamp: 100 })).toBeUndefined();
  });
});

describe('the chain that a journal is about', () => {
  const witness = { nonce: 7, blockNumber: 50, blockHash: '0xb' };
  const claim = { local: true, minedCount: 8, headNumber: 60, blockHash: '0xb' };

  it('is the same where the account is past what the journal saw', () => {
    expect(recognise(undefined, { ...claim, minedCount: 0 })).toBe('same');
    expect(recognise(witness, { ...claim, blockHash: undefined })).toBe('same');
  });

  it('is another where that block is another', () => {
    expect(recognise(witness, { ...claim, minedCount: 0, blockHash: '0xother' })).toBe('restarted');
    expect(recognise(witness, { ...claim, minedCount: 0, headNumber: 2, blockHash: undefined })).toBe(
      'restarted',
    );
  });

  it('may be the same where a public node has not got that far', () => {
    const behind = { ...claim, local: false, minedCount: 7, headNumber: 49, blockHash: undefined };
    expect(recognise(witness, behind)).toBe('behind');
    expect(recognise(witness, { ...behind, headNumber: 60 })).toBe('restarted');
  });
});
