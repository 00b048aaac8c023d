import { Interface } from 'ethers';
import { describe, expect, it } from 'vitest';
import type { Abi } from '@cutover/chain/plan/artifact.ts';
import { checkInitializer, type GivenInitializer } from '@cutover/chain/plan/cut/initializer.ts';
import { address } from './kit.ts';

const contract = new Interface([
  'function init(address owner, (uint96 cap, string label)[] limits)',
  'function reset()',
  'function unnamed(uint256)',
]);
const abi = JSON.parse(contract.formatJson()) as Abi;
const at = address('5');
const init = contract.encodeFunctionData('init', [address('a'), [[5n, 'daily']]]);

function wordsOf(given: GivenInitializer): string | readonly string[] {
  const check = checkInitializer(given);
  if (check.kind === 'none') return 'none';
  return check.kind === 'fits' ? check.initializer.words : check.problems;
}

describe('an initialiser', () => {
  it('is none where nothing is given', () => {
    for (const given of [{}, { calldata: '0x' }, { address: `0x${'0'.repeat(40)}`, calldata: '0x' }]) {
      expect(checkInitializer(given)).toEqual({ kind: 'none' });
    }
  });

  it('is described in words by its ABI, and by its selector without one', () => {
    expect(wordsOf({ address: at, calldata: init, abi, name: 'MigrateInit' })).toBe(
      `MigrateInit.init(owner = ${address('a')}, limits = [[5, "daily"]]) at ${at}`,
    );
    const unnamed = contract.encodeFunctionData('unnamed', [7n]);
    expect(wordsOf({ address: at.toLowerCase(), calldata: unnamed, abi })).toBe(`unnamed(7) at ${at}`);
    expect(wordsOf({ address: at, calldata: '0xD826F88F', abi })).toBe(`reset() at ${at}`);
    expect(wordsOf({ address: at, calldata: init })).toBe(
      `0x${init.slice(2, 10)} with 256 bytes of arguments at ${at}`,
    );
  });

  it('comes with the gas that it may use', () => {
    const given = { address: at, calldata: '0xd826f88f' };
    expect(checkInitializer(given)).toMatchObject({ initializer: { ...given, gas: 500_000n } });
    expect(checkInitializer({ ...given, gas: 7n })).toMatchObject({ initializer: { gas: 7n } });
  });

  it('may be called with nothing only where that is said', () => {
    expect(wordsOf({ address: at })).toEqual([expect.stringContaining('an address without calldata')]);
    expect(wordsOf({ address: at, calldata: '0x' })).toEqual([expect.stringContaining('emptyCalldata')]);
    expect(wordsOf({ address: at, emptyCalldata: 'meant' })).toBe(`fallback() at ${at}`);
  });

  it.each([
    ['calldata without an address', { calldata: init }, /calldata without an address/],
    [
      'calldata for the zero address',
      { address: `0x${'0'.repeat(40)}`, calldata: init },
      /without an address/,
    ],
    ['a broken address', { address: '0x12', calldata: init }, /0x12: that is no address/],
    ['odd digits', { address: at, calldata: '0xabc' }, /not hex text of whole bytes/],
    ['too few bytes', { address: at, calldata: '0xabcd' }, /calldata of 2 byte\(s\)/],
    [
      'another contract’s function',
      { address: at, calldata: '0xdeadbeef', abi },
      /0xdeadbeef, which the ABI does not/,
    ],
    [
      'arguments cut short',
      { address: at, calldata: init.slice(0, -64), abi },
      /do not fit init\(address owner/,
    ],
    ['bytes too many', { address: at, calldata: `${init}00`, abi }, /not encoded as init\(address owner/],
  ])('is refused with words: %s', (_, given, words) => {
    expect(wordsOf(given)).toEqual([expect.stringMatching(words)]);
  });

  it('tells all its problems at once', () => {
    expect(wordsOf({ address: '0x12', calldata: '0xabc' })).toHaveLength(2);
  });
});
