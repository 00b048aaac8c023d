import { Interface } from 'ethers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Abi } from '@cutover/chain/plan/artifact.ts';
import {
  abiOfCall,
  callDigest,
  checkCall,
  planCall,
  readAbi,
  type CallQuestion,
  type GivenAbi,
  type GivenCall,
} from '@cutover/chain/plan/call.ts';

const treasury = [
  'function setFee(uint16 basisPoints)',
  'function pay(address to) payable',
  'function move(address to)',
  'function move(address to, uint256 amount)',
  'function fee() view returns (uint16)',
  'error FeeTooHigh(uint16 given)',
];

function abiOf(given: GivenAbi): Abi {
  const read = readAbi(given);
  if (read.kind === 'wrong') throw new Error(read.problems.join());
  return read.abi;
}

function problemOf(given: GivenCall): string {
  const check = checkCall(abiOf(treasury), given);
  return check.kind === 'wrong' ? check.problem : '';
}

describe('an ABI', () => {
  it('is read alike as source text and as compilers write it', () => {
    const json = JSON.parse(new Interface(treasury).formatJson()) as Abi;
    const call = { function: 'setFee', args: [25] };
    expect(checkCall(abiOf(treasury), call)).toEqual(checkCall(abiOf(json), call));
  });

  it('is refused with each line that does not read', () => {
    expect(readAbi(['function setFee(uint16)', 'setFee 25', 'function f(uint17)'])).toEqual({
      kind: 'wrong',
      problems: [
        '"setFee 25" is no function, event or error as Solidity has them',
        '"function f(uint17)" is no function, event or error as Solidity has them',
      ],
    });
  });
});

describe('a call', () => {
  it('is checked and made ready, with the errors that it may meet', () => {
    const check = checkCall(abiOf(treasury), { function: 'setFee', args: { basisPoints: 25 } });
    if (check.kind === 'wrong') throw new Error(check.problem);
    const { call } = check;
    expect(call).toEqual({
      function: 'function setFee(uint16 basisPoints)',
      args: { basisPoints: '25' },
      data: new Interface(treasury).encodeFunctionData('setFee', [25]),
      value: '0',
      errors: ['error FeeTooHigh(uint16 given)'],
    });
    expect(abiOfCall(call).map(({ name }) => name)).toEqual(['setFee', 'FeeTooHigh']);
  });

  it.each([
    ['an unknown function', { function: 'setFees' }, /no function setFees .* is setFee meant/],
    ['a view', { function: 'fee' }, /no function fee that changes anything/],
    ['an overloaded one', { function: 'move' }, /name one of move\(address\), move\(address,uint256\)/],
    ['a number out of range', { function: 'setFee', args: [70_000] }, /basisPoints = 70000/],
    ['too few arguments', { function: 'setFee' }, /0 values for 1 parameter/],
    ['an address that is none', { function: 'pay', args: ['0x12'] }, /to = "0x12": .*address/],
    ['value that is not taken', { function: 'setFee', args: [1], value: 1n }, /not payable/],
    [
      'value that is no number',
      { function: 'pay', args: [`0x${'11'.repeat(20)}`], value: '1 ether' },
      /value is 1 ether/,
    ],
  ] as const)('is refused with %s', (_, given, words) => {
    expect(problemOf(given)).toMatch(words);
  });

  it('finds one of several by its signature, and takes value where that is meant', () => {
    const to = `0x${'11'.repeat(20)}`;
    expect(problemOf({ function: 'move(address,uint256)', args: [to, 5] })).toBe('');
    expect(problemOf({ function: 'pay', args: [to], value: '1000000000000000000' })).toBe('');
  });
});

describe('whether a call is made', () => {
  const unmet = ['fee() is 0; expected 25'];
  it.each([
    ['not when what it brings about holds', { unmet: [] }, 'nothing'],
    ['when it does not', { unmet }, 'call'],
    ['not again when somebody undid it: that is told', { unmet, held: true }, 'tell'],
    ['again when that is meant', { unmet, held: true, again: 'whenever it does not hold' }, 'call'],
    ['not again when it holds', { unmet: [], held: true, again: 'whenever it does not hold' }, 'nothing'],
  ] as const satisfies readonly (readonly [string, Partial<CallQuestion>, string])[])(
    '%s',
    (_, question, step) => {
      expect(planCall({ held: false, again: 'tell', ...question })).toBe(step);
    },
  );
});

describe('the hash of a call', () => {
  const [a, b] = [`0x${'aa'.repeat(20)}`, `0x${'bb'.repeat(20)}`];
  const call = fc.record({
    to: fc.constantFrom(a, b),
    data: fc.constantFrom('0x', '0x01'),
    value: fc.constantFrom('0', '1'),
  });
  const after = fc.record({
    of: fc.constantFrom(a, b),
    view: fc.constantFrom('fee()', 'most()'),
    args: fc.constantFrom([], ['1']),
    returns: fc.constantFrom(['25'], ['26']),
  });
  it('is the same for the same wish, and another for any other', () => {
    fc.assert(
      fc.property(call, after, call, after, (one, then, other, next) => {
        const same = JSON.stringify([one, then]) === JSON.stringify([other, next]);
        expect(callDigest(one, then) === callDigest(other, next)).toBe(same);
      }),
    );
  });
});
