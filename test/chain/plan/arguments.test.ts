import { AbiCoder, ParamType } from 'ethers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkArguments, type GivenArguments } from '@cutover/chain/plan/arguments.ts';

const arbiter = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';
const parameters = (...types: string[]): ParamType[] => types.map((type) => ParamType.from(type));

function problemsOf(types: string[], given: GivenArguments): string[] {
  const check = checkArguments(parameters(...types), given);
  return check.kind === 'fits'
    ? []
    : check.problems.map(({ parameter, problem, right }) => `${parameter}: ${problem} | ${right}`);
}

function readable(types: string[], given: GivenArguments): unknown {
  const check = checkArguments(parameters(...types), given);
  return check.kind === 'fits' ? check.readable : check.problems;
}

describe('constructor arguments', () => {
  it('are taken by name or in order, and come out the same', () => {
    const types = ['address arbiter', 'uint16 feeBps'];
    const expected = { arbiter, feeBps: '250' };
    expect(readable(types, { feeBps: 250, arbiter })).toEqual(expected);
    expect(readable(types, [arbiter.toLowerCase(), 250n])).toEqual(expected);
  });

  it('stay in order where a parameter has no name', () => {
    expect(readable(['address', 'uint8 x'], [arbiter, '7'])).toEqual([arbiter, '7']);
    expect(readable(['address', 'uint8 x'], { 0: arbiter, x: 7 })).toEqual([arbiter, '7']);
  });

  it('are all checked at once', () => {
    const types = ['address arbiter', 'uint16 feeBps', 'bytes32 salt', 'bool open'];
    const found = problemsOf(types, { arbiter: '0x12', feeBps: 70_000, salt: '0xabcd', open: 'true' });
    expect(found).toEqual([
      'arbiter: not an address: 2 characters where 0x and 40 hexadecimal digits belong | an address, 0x and 40 hexadecimal digits',
      'feeBps: out of range | uint16, a whole number from 0 to 65535',
      'salt: 2 bytes where 32 belong | bytes32, 0x and 64 hexadecimal digits',
      'open: not a boolean | true or false, without quotes',
    ]);
  });

  it('name the parameter that a misspelt name means, and the missing one', () => {
    expect(problemsOf(['address _arbiter'], { arbitre: arbiter })).toEqual([
      'arbitre: there is no parameter of that name | _arbiter, of (address _arbiter)',
      '_arbiter: it is missing | an address, 0x and 40 hexadecimal digits',
    ]);
  });

  it('must be as many as there are parameters', () => {
    expect(problemsOf(['uint8 a', 'uint8 b'], [1])).toEqual([
      'arguments: 1 value for 2 parameters | (uint8 a, uint8 b)',
    ]);
    expect(problemsOf([], [1])).toEqual(['arguments: 1 value for 0 parameters | none']);
    expect(problemsOf([], { x: 1 })).toEqual(['x: there is no parameter of that name | none']);
    expect(problemsOf([], [])).toEqual([]);
  });

  it('are followed into tuples and arrays', () => {
    const types = ['tuple(address account, uint96 most)[] limits', 'uint8[2] pair'];
    expect(
      problemsOf(types, {
        limits: [{ account: arbiter, most: 1 }, { account: arbiter, most: -1 }, [arbiter], 7],
        pair: [1, 2, 3],
      }),
    ).toEqual([
      'limits[1].most: out of range | uint96, a whole number from 0 to 79228162514264337593543950335',
      'limits[2]: 1 value for 2 parameters | (address account, uint96 most)',
      'limits[3]: not an object of names and values, nor an array | (address account, uint96 most)',
      'pair: 3 elements where 2 belong | an array of 2 of uint8',
    ]);
  });

  it.each([
    ['address', '0x70997970c51812dc3A010C7d01b50e0d17dc79C8', 'its checksum is wrong'],
    ['address', '70997970C51812dc3A010C7d01b50e0d17dc79C8', 'the 0x in front is missing'],
    ['address', 'arbiter.eth', 'names are not looked up'],
    ['address', 7, 'not an address'],
    ['uint256', 1e21, 'too large for a number'],
    ['uint256', 1.5, 'not a whole number'],
    ['uint256', '1e18', 'not a whole number'],
    ['uint256', '', 'not a whole number'],
    ['uint256', null, 'not a whole number'],
    ['uint256', 2n ** 256n, 'out of range'],
    ['int8', -129, 'out of range'],
    ['bytes', '0xabc', 'an odd number of digits'],
    ['bytes', 'abcd', 'not hexadecimal text that starts with 0x'],
    ['bytes4', new Uint8Array(3), '3 bytes where 4 belong'],
    ['string', 7, 'not a text'],
    ['string', '\ud800', 'not valid Unicode'],
    ['bool', 1, 'not a boolean'],
    ['uint8[]', { 0: 1 }, 'not an array'],
  ])('refuse %s = %s: %s', (type, value, problem) => {
    expect(problemsOf([`${type} x`], [value])[0]).toContain(`x: ${problem}`);
  });

  it('need an object or an array', () => {
    expect(problemsOf(['uint8 a'], 'a' as unknown as GivenArguments)[0]).toContain(
      'arguments: not an object',
    );
  });
});

/** Types with values that fit them, nested up to a depth. */
function typed(depth: number): fc.Arbitrary<{ type: string; value: unknown }> {
  const bits = fc.integer({ min: 1, max: 32 }).map((bytes) => 8 * bytes);
  const hex = (length: number): fc.Arbitrary<string> =>
    fc
      .uint8Array({ minLength: length, maxLength: length })
      .map((bytes) => `0x${Buffer.from(bytes).toString('hex')}`);
  const elementary = fc.oneof(
    bits.chain((size) =>
      fc.bigInt({ min: 0n, max: 2n ** BigInt(size) - 1n }).map((value) => ({ type: `uint${size}`, value })),
    ),
    bits.chain((size) =>
      fc
        .bigInt({ min: -(2n ** BigInt(size - 1)), max: 2n ** BigInt(size - 1) - 1n })
        .map((value) => ({ type: `int${size}`, value: value.toString() })),
    ),
    hex(20).map((value) => ({ type: 'address', value })),
    fc.boolean().map((value) => ({ type: 'bool', value })),
    fc.string({ unit: 'grapheme' }).map((value) => ({ type: 'string', value })),
    fc
      .integer({ min: 1, max: 32 })
      .chain((size) => hex(size).map((value) => ({ type: `bytes${size}`, value }))),
    fc.integer({ min: 0, max: 70 }).chain((size) => hex(size).map((value) => ({ type: 'bytes', value }))),
  );
  if (depth === 0) return elementary;
  const inner = typed(depth - 1);
  return fc.oneof(
    elementary,
    inner.chain(({ type, value }) =>
      fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 3 })).map(([fixed, length]) => ({
        type: `${type}[${fixed ? length + 1 : ''}]`,
        value: Array.from({ length: fixed ? length + 1 : length }, () => value),
      })),
    ),
    fc.array(inner, { minLength: 1, maxLength: 3 }).chain((members) =>
      fc.boolean().map((named) => ({
        type: `tuple(${members.map(({ type }, index) => `${type}${named ? ` m${index}` : ''}`).join(', ')})`,
        value: named
          ? Object.fromEntries(members.map(({ value }, index) => [`m${index}`, value]))
          : members.map(({ value }) => value),
      })),
    ),
  );
}

describe('arguments of any type', () => {
  it('that fit are encoded, and their readable form gives the same code again', () => {
    fc.assert(
      fc.property(fc.array(typed(2), { maxLength: 4 }), (members) => {
        const types = members.map(({ type }, index) => ParamType.from(`${type} p${index}`));
        const check = checkArguments(
          types,
          members.map(({ value }) => value),
        );
        if (check.kind !== 'fits') throw new Error(JSON.stringify(check.problems));
        const kept = JSON.parse(JSON.stringify(check.readable)) as GivenArguments;
        const again = checkArguments(types, kept);
        if (again.kind !== 'fits') throw new Error(JSON.stringify(again.problems));
        const coder = AbiCoder.defaultAbiCoder();
        expect(coder.encode(types, again.values)).toBe(coder.encode(types, check.values));
      }),
      { numRuns: 200 },
    );
  });

  it('never make the check throw, whatever is given', () => {
    fc.assert(
      fc.property(
        fc.array(typed(2), { maxLength: 3 }),
        fc.anything({ withBigInt: true }),
        (members, given) => {
          const types = members.map(({ type }, index) => ParamType.from(`${type} p${index}`));
          checkArguments(types, given as GivenArguments);
          checkArguments(
            types,
            types.map(() => given),
          );
        },
      ),
      { numRuns: 200 },
    );
  });
});
