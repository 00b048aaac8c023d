import { AbiCoder, id, Interface } from 'ethers';
import { describe, expect, it } from 'vitest';
import { describeRevert } from '@cutover/chain/plan/revert.ts';

const errors = new Interface(['error LimitTooHigh(address account, uint96 most)']);
const abi = JSON.parse(errors.formatJson()) as Parameters<typeof describeRevert>[0];
const builtIn = (signature: string, type: string, value: unknown): string =>
  id(signature).slice(0, 10) + AbiCoder.defaultAbiCoder().encode([type], [value]).slice(2);

describe('what a contract says when it reverts', () => {
  it('is its own error with its values', () => {
    const account = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';
    const data = errors.encodeErrorResult('LimitTooHigh', [account, 5n]);
    expect(describeRevert(abi, data)).toBe(`reverted with LimitTooHigh(${account}, 5)`);
  });

  it('is the text of a require', () => {
    expect(describeRevert(abi, builtIn('Error(string)', 'string', 'too late'))).toBe('reverted: too late');
  });

  it('is a panic in words', () => {
    expect(describeRevert(abi, builtIn('Panic(uint256)', 'uint256', 17))).toBe(
      'panicked: arithmetic overflow or underflow',
    );
    expect(describeRevert(abi, builtIn('Panic(uint256)', 'uint256', 99))).toBe('panicked: code 99');
  });

  it('is unknown when another contract said it, cut short, or says nothing', () => {
    expect(describeRevert(abi, '0xdeadbeef')).toBe(
      'reverted with 0xdeadbeef, an error that the ABI does not have',
    );
    expect(describeRevert(abi, '0x')).toContain('without a reason');
    expect(
      describeRevert(
        abi,
        errors.encodeErrorResult('LimitTooHigh', [`0x${'00'.repeat(20)}`, 5n]).slice(0, 20),
      ),
    ).toContain('reverted with');
  });
});
