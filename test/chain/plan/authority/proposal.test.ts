import { describe, expect, it } from 'vitest';
import { ownerChanges, readProposal, type Proposal } from '@cutover/chain/plan/authority/proposal.ts';
import {
  executionIn,
  executionTopics,
  safeTransactionHash,
} from '@cutover/chain/plan/authority/safe-transaction.ts';
import { safe, target, transaction } from './mint.ts';

const proposal: Proposal = {
  ...{ safe, chainId: 1, genesis: '', network: 'ethereum', transaction, key: 'k', purpose: 'mint' },
  ...{ functions: [], words: [], approvals: 'approvals', block: 1, proposedAt: '2026-01-01T00:00:00Z' },
  ...{ owners: [target], threshold: 1, signed: [], waitsFor: [target] },
  safeTxHash: safeTransactionHash(safe, 1, transaction),
};
const file = `${proposal.safeTxHash}.json`;

describe('the file of a proposal', () => {
  it('is read as it was written', () => {
    expect(readProposal(JSON.stringify(proposal), file)).toEqual({ kind: 'proposal', proposal });
  });

  it.each([
    ['another target', { transaction: { ...transaction, to: safe } }],
    ['another value', { transaction: { ...transaction, value: '1' } }],
    ['other data', { transaction: { ...transaction, data: '0x' } }],
    ['a call that runs with the rights of the Safe', { transaction: { ...transaction, operation: 1 } }],
    ['a refund', { transaction: { ...transaction, gasPrice: '1' } }],
    ['another nonce', { transaction: { ...transaction, nonce: 4 } }],
    ['another Safe', { safe: target }],
    ['another chain', { chainId: 5 }],
    ['another hash', { safeTxHash: `0x${'11'.repeat(32)}` }],
  ])('with %s under the same hash is refused', (_, change) => {
    const read = readProposal(JSON.stringify({ ...proposal, ...change }), file);
    expect(read).toMatchObject({ kind: 'wrong', problem: expect.stringContaining('asks to sign') as string });
  });

  it('under the name of another, cut short, or of another kind is refused', () => {
    const text = JSON.stringify(proposal);
    expect(readProposal(text, `0x${'22'.repeat(32)}.json`).kind).toBe('wrong');
    expect(readProposal(text.slice(0, 300), file).kind).toBe('wrong');
    for (const other of ['null', '[]', '{}', '"x"', JSON.stringify({ ...proposal, transaction: {} })]) {
      expect(readProposal(other, file)).toEqual({
        kind: 'wrong',
        problem: 'it has not the fields of a proposal',
      });
    }
  });
});

describe('changes among the owners', () => {
  it('are told one by one', () => {
    const before = { owners: ['a', 'b'], threshold: 1 };
    expect(ownerChanges(before, before)).toEqual([]);
    expect(ownerChanges(before, { owners: ['b', 'c'], threshold: 2 })).toEqual([
      'a is no owner any more',
      'c is an owner now',
      'it takes 2 approvals now, not 1',
    ]);
  });
});

describe('events of executions', () => {
  const hash = proposal.safeTxHash;
  const [success = '', failure = ''] = executionTopics;

  it('are read with the hash as topic, and as release 1.3.0 wrote it', () => {
    expect(executionIn(hash, { topics: [success, hash], data: `0x${'00'.repeat(32)}` })).toBe('success');
    expect(executionIn(hash, { topics: [failure, hash], data: '0x' })).toBe('failure');
    expect(executionIn(hash, { topics: [success], data: `${hash}${'00'.repeat(32)}` })).toBe('success');
    expect(executionIn(hash, { topics: [success, `0x${'11'.repeat(32)}`], data: '0x' })).toBeUndefined();
  });
});
