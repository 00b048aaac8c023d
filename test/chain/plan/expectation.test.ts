import { Interface } from 'ethers';
import { describe, expect, it } from 'vitest';
import type { Abi } from '@cutover/chain/plan/artifact.ts';
import { checkExpectation, viewDifference } from '@cutover/chain/plan/expectation.ts';

const contract = new Interface([
  'function arbiter() view returns (address)',
  'function hasRole(bytes32 role, address account) view returns (bool)',
  'function limits(address) view returns (uint96 most, uint64 until)',
  'function at(uint256) view returns (uint256)',
  'function at(address) view returns (uint256)',
  'function release(uint256 id)',
]);
const abi = JSON.parse(contract.formatJson()) as Abi;
const arbiter = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';

function problemOf(...expected: Parameters<typeof checkExpectation>): string {
  const check = checkExpectation(...expected);
  return check.kind === 'wrong' ? check.problem : 'fits';
}

describe('what is expected of a contract', () => {
  it('is kept in canonical form, with all that is needed to ask', () => {
    expect(checkExpectation(abi, { view: 'arbiter', returns: arbiter.toLowerCase() })).toEqual({
      kind: 'fits',
      view: { view: 'function arbiter() view returns (address)', args: [], returns: [arbiter] },
    });
    expect(
      checkExpectation(abi, { view: 'limits', args: [arbiter], returns: { most: 5n, until: 0 } }),
    ).toMatchObject({
      view: { args: [arbiter], returns: ['5', '0'] },
    });
  });

  it('must name a view, with arguments and value that fit', () => {
    expect(problemOf(abi, { view: 'arbitre', returns: arbiter })).toBe(
      'there is no view arbitre; is arbiter meant?',
    );
    expect(problemOf(abi, { view: 'release', args: [1], returns: true })).toContain(
      'there is no view release',
    );
    expect(problemOf(abi, { view: 'at', args: [1], returns: 1 })).toBe(
      'there are several at: name one of at(uint256), at(address)',
    );
    expect(problemOf(abi, { view: 'at(uint256)', args: [1], returns: 1 })).toBe('fits');
    expect(problemOf(abi, { view: 'hasRole', args: ['0x00', arbiter], returns: 'yes' })).toContain(
      'role = "0x00": 1 byte where 32 belong',
    );
  });

  it('is held against the answer', () => {
    const check = checkExpectation(abi, { view: 'arbiter', returns: arbiter });
    if (check.kind === 'wrong') throw new Error(check.problem);
    const answer = (address: string): string => contract.encodeFunctionResult('arbiter', [address]);
    const other = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC';
    expect(viewDifference(check.view, answer(arbiter))).toBeUndefined();
    expect(viewDifference(check.view, answer(other))).toBe(`arbiter() is ${other}; expected ${arbiter}`);
    expect(viewDifference(check.view, '0x')).toContain('answers nothing that fits its signature');
  });
});
