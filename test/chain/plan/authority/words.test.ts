import { Interface } from 'ethers';
import { describe, expect, it } from 'vitest';
import type { Action } from '@cutover/chain/plan/authority/action.ts';
import { multiSends, safeCallOf, safeTransaction } from '@cutover/chain/plan/authority/safe-transaction.ts';
import { operationOf, scheduleData } from '@cutover/chain/plan/authority/timelock-operation.ts';
import { describeSafeTransaction, functionsOf } from '@cutover/chain/plan/authority/words.ts';
import { action, mint, safe, target, transaction } from './mint.ts';

describe('a Safe transaction in words', () => {
  it('names functions and arguments, down into tuples', () => {
    expect(describeSafeTransaction(transaction, functionsOf(action))).toEqual([
      `${target}: mint(to: ${target}, lots: [(amount: 5, memo: "first")])`,
    ]);
  });

  it('shows what a time lock is to do inside of it, and each call of several', () => {
    const inner: Action = {
      ...action,
      calls: [
        { to: target, data: mint },
        { to: safe, data: '0x', value: 10n ** 18n },
      ],
    };
    const scheduled = { ...action, to: safe, data: scheduleData(operationOf(inner, undefined, 0), 60) };
    const lines = describeSafeTransaction(safeTransaction(safeCallOf(scheduled, ''), 0), functionsOf(inner));
    expect(lines[0]).toMatch(
      new RegExp(`^${safe}: scheduleBatch\\(predecessor: 0x0+, salt: 0x\\w{64}, delay: 60\\)$`),
    );
    expect(lines.slice(1)).toEqual([
      `  ${target}: mint(to: ${target}, lots: [(amount: 5, memo: "first")])`,
      `  send 1.0 ETH to ${safe}`,
    ]);
    const multi = safeTransaction(safeCallOf(inner, multiSends[0]?.address ?? ''), 0);
    expect(describeSafeTransaction(multi, functionsOf(inner)).slice(1)).toEqual(lines.slice(1));
  });

  it('warns of foreign code with the rights of the Safe, and of refunds', () => {
    const lines = describeSafeTransaction({ ...transaction, operation: 1, gasPrice: '1' }, []);
    expect(lines.join('\n')).toContain(`WARNING: the code of ${target} runs with all rights of the Safe`);
    expect(lines.join('\n')).toContain('WARNING: the Safe pays back gas to whoever executes');
  });

  it('does not let a proposal lend a harmless name to a function that is known', () => {
    const handOver = new Interface(['function transferOwnership(address newOwner)']);
    const data = handOver.encodeFunctionData('transferOwnership', [target]);
    const lines = describeSafeTransaction({ ...transaction, data }, [
      'function transferOwnership(address previousOwner)',
    ]);
    expect(lines[0]).toContain(`transferOwnership(newOwner: ${target})`);
  });

  it('says so where nothing is known of a function, and never breaks on odd data', () => {
    expect(describeSafeTransaction({ ...transaction, data: '0x12345678' }, ['nonsense'])[0]).toContain(
      'not known here, 0x12345678, with 4 bytes',
    );
    expect(describeSafeTransaction({ ...transaction, data: '0x8d80ff0a' }, [])[0]).toContain(
      'not known here',
    );
  });
});
