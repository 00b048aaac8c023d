import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Agreed } from '@cutover/chain/plan/quorum.ts';
import { finalityOf, inclusionFrom, provesSpent } from '@cutover/chain/plan/transaction/finality.ts';

const receipt = {
  transactionHash: '0xaa',
  blockHash: '0xb1',
  blockNumber: '0x10',
  status: '0x1',
  gasUsed: '0x5208',
};
const seen = inclusionFrom(receipt);
const agreed = (value: unknown): Agreed => ({ kind: 'agreed', value });
const votes = [
  { endpoint: 'a', value: receipt },
  { endpoint: 'b', value: null },
];
const open: Agreed = { kind: 'open', votes };
const block = agreed({ hash: '0xb5', number: '0x14' });

describe('a transaction that one endpoint showed in a block', () => {
  it('is there for good when the endpoints agree on its receipt and on a block as deep as is wanted', () => {
    expect(finalityOf(seen, agreed(receipt), block)).toEqual({ kind: 'deep', inclusion: seen });
  });

  it('is nowhere when they agree that it has no receipt', () => {
    expect(finalityOf(seen, agreed(null), block)).toEqual({ kind: 'nowhere' });
  });

  it('is where they agree that it is', () => {
    const other = { ...receipt, blockHash: '0xb2', status: '0x0' };
    expect(finalityOf(seen, agreed(other), block)).toMatchObject({
      kind: 'elsewhere',
      inclusion: { blockHash: '0xb2', succeeded: false },
    });
  });

  it('stays open while they differ, or some have not got so far', () => {
    expect(finalityOf(seen, open, block)).toEqual(open);
    expect(finalityOf(seen, agreed(receipt), open)).toEqual(open);
    expect(finalityOf(seen, agreed(receipt), agreed(null))).toEqual({ kind: 'open', votes: [] });
  });

  it('is never for good on a receipt of another block', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9a-f]{1,3}$/), (digits) => {
        const blockHash = `0x${digits}`;
        const { kind } = finalityOf(seen, agreed({ ...receipt, blockHash }), block);
        expect(kind === 'deep').toBe(blockHash === seen.blockHash);
      }),
    );
  });
});

describe('a nonce', () => {
  const address = '0xAbCd';
  const transaction = { from: '0xabcd', nonce: '0x5', blockHash: '0xb1' };

  it('is used when the endpoints show the transaction in a block', () => {
    expect(provesSpent(agreed(transaction), address, 5)).toBe(true);
  });

  it.each<readonly [string, Agreed]>([
    ['do not agree', open],
    ['know no such transaction', agreed(null)],
    ['show it in no block yet', agreed({ ...transaction, blockHash: null })],
    ['show one of somebody else', agreed({ ...transaction, from: '0xabce' })],
    ['show one with another nonce', agreed({ ...transaction, nonce: '0x6' })],
  ])('is not proven to be used when they %s', (_, shown) => {
    expect(provesSpent(shown, address, 5)).toBe(false);
  });
});
