import { describe, expect, it } from 'vitest';
import { compareLayouts, type LayoutComparison } from '@cutover/chain/plan/layout/compare-layouts.ts';
import { readLayout } from '@cutover/chain/plan/layout/compact.ts';
import { describeLayout } from '@cutover/chain/plan/layout/describe-layout.ts';
import { layoutOf, readingOf, type Sketch } from './kit.ts';

function compared(old: Sketch, next: Sketch): LayoutComparison {
  return compareLayouts('Vault', readingOf(old), readingOf(next));
}

/** The findings as lines, without the summary. */
function lines(old: Sketch, next: Sketch): readonly string[] {
  return describeLayout(compared(old, next)).slice(1);
}

const account = { Account: 'uint128 balance; address owner' };
const longAccount = { Account: 'uint128 balance; address owner; uint256 since' };

describe('variables', () => {
  it.each<[string, string, string, string, readonly string[]]>([
    ['are the same', 'uint256 a; bool b', 'uint256 a; bool b', 'safe', []],
    [
      'are added at the end',
      'uint256 a',
      'uint256 a; bool b',
      'safe',
      ['+ Vault.b bool at slot 1: safe: at the end'],
    ],
    [
      'are added behind the last in its slot',
      'address a; uint8 b',
      'address a; uint8 b; uint64 c',
      'safe',
      ['+ Vault.c uint64 at slot 0+21: safe: at the end'],
    ],
    [
      'are added in bytes that packing left free',
      'uint8 a; uint256 b',
      'uint8 a; uint8 c; uint256 b',
      'safe',
      ['+ Vault.c uint8 at slot 0+1: safe: in bytes that nothing used'],
    ],
    [
      'take the place of others',
      'uint256 a; bool b',
      'uint256 a; uint256 c; bool b',
      'breaks',
      [
        '+ Vault.c uint256 at slot 1: breaks: the bytes of b are read as its value',
        '~ Vault.b slot 1 -> 2 at slot 2: breaks: other bytes are read as its value',
      ],
    ],
    [
      'change places',
      'address a; address b',
      'address b; address a',
      'breaks',
      [
        '~ Vault.b slot 1 -> 0 at slot 0: breaks: other bytes are read as its value',
        '~ Vault.a slot 0 -> 1 at slot 1: breaks: other bytes are read as its value',
      ],
    ],
    [
      'move within a slot',
      'uint8 a; uint8 b; uint8 c',
      'uint8 a; uint16 d; uint8 b; uint8 c',
      'breaks',
      [
        '+ Vault.d uint16 at slot 0+1: breaks: the bytes of b, c are read as its value',
        '~ Vault.b slot 0+1 -> 0+3 at slot 0+3: breaks: other bytes are read as its value',
        '~ Vault.c slot 0+2 -> 0+4 at slot 0+4: breaks: other bytes are read as its value',
      ],
    ],
    [
      'have another name',
      'uint256 total',
      'uint256 supply',
      'risky',
      [
        '~ Vault.total total -> supply at slot 0: risky: what total held is read as supply; right only if it is the same thing',
      ],
    ],
    [
      'are replaced',
      'address owner',
      'uint96 fee',
      'breaks',
      [
        '~ Vault.owner owner address -> fee uint96 at slot 0: breaks: the bytes of owner are read as its value',
      ],
    ],
    [
      'are gone from the end',
      'uint256 a; bool b',
      'uint256 a',
      'risky',
      [
        '- Vault.b bool at slot 1: risky: its value stays where it is, and a later variable at that place would begin with it',
      ],
    ],
    [
      'are gone, and what was packed behind them stays',
      'uint128 a; uint256 b',
      'uint256 b',
      'breaks',
      [
        '~ Vault.b slot 1 -> 0 at slot 0: breaks: other bytes are read as its value',
        '- Vault.a uint128 at slot 0: risky: its value stays where it is, and a later variable at that place would begin with it',
      ],
    ],
    [
      'become longer over another that is gone',
      'uint256[2] a; uint256 b',
      'uint256[3] a',
      'breaks',
      [
        '~ Vault.a 64 -> 96 bytes at slot 0: breaks: it reaches over the bytes of b',
        '- Vault.b uint256 at slot 2: risky: its value stays where it is, and a later variable at that place would begin with it',
        '~ Vault.a uint256[2] -> uint256[3] at slot 0: safe: it has more elements than it had',
      ],
    ],
  ])('that %s', (_, old, next, verdict, expected) => {
    expect(lines({ variables: old }, { variables: next })).toEqual(expected);
    expect(compared({ variables: old }, { variables: next }).verdict).toBe(verdict);
  });

  it('that moved together are one line', () => {
    const variables = 'uint256 a; address b; uint256 c; mapping(address => uint256) d';
    expect(lines({ variables }, { variables: `uint256 z; ${variables}` })).toEqual([
      '+ Vault.z uint256 at slot 0: breaks: the bytes of a are read as its value',
      '~ Vault.a (slot 0 -> 1) to Vault.d (slot 3 -> 4): 4 variables move up by 1 slot: breaks: other bytes are read as its value',
    ]);
  });
});

describe('types at one place', () => {
  const kinds: Sketch = {
    structs: account,
    enums: { State: 'Open, Closed' },
    aliases: { Shares: 'uint128' },
    contracts: ['IToken', 'IOther'],
  };
  it.each<[string, string, string, string]>([
    ['address', 'IToken', 'safe', 'both are stored alike'],
    ['IToken', 'IOther', 'safe', 'both are stored alike'],
    ['Shares', 'uint128', 'safe', 'both are stored alike'],
    ['uint128', 'Shares', 'safe', 'both are stored alike'],
    ['State', 'uint8', 'risky', 'members become numbers'],
    ['uint8', 'State', 'risky', 'a number beyond its members cannot be read'],
    ['bytes', 'string', 'risky', 'both are stored alike, but bytes may be no text'],
    ['uint256[3]', 'uint256[5]', 'safe', 'it has more elements than it had'],
    ['uint256[5]', 'uint256[3]', 'risky', 'elements from 3 on are no longer reached'],
    ['uint128', 'uint256', 'breaks', 'what is stored is read as something else'],
    ['uint256', 'int256', 'breaks', 'what is stored is read as something else'],
    ['bool', 'uint8', 'breaks', 'what is stored is read as something else'],
    ['uint256', 'uint256[]', 'breaks', 'what is stored is read as something else'],
    ['string', 'uint256', 'breaks', 'what is stored is read as something else'],
    [
      'mapping(address => bool)',
      'mapping(uint256 => bool)',
      'breaks',
      'its entries are looked for under other keys',
    ],
    [
      'mapping(uint256 => bool)',
      'mapping(uint8 => bool)',
      'breaks',
      'its entries are looked for under other keys',
    ],
    [
      'mapping(address => uint64)',
      'mapping(address => uint96)',
      'breaks',
      'what is stored is read as something else',
    ],
    ['uint128[]', 'uint64[]', 'breaks', 'all elements but the first are read elsewhere'],
  ])('%s -> %s is %s', (old, next, verdict, what) => {
    const result = compared({ ...kinds, variables: `${old} x` }, { ...kinds, variables: `${next} x` });
    expect(result).toMatchObject({ verdict, findings: [{ verdict, what, slot: 0n, offset: 0 }] });
  });

  it.each([
    ['mapping(uint8 => bool)', 'mapping(uint256 => bool)'],
    ['mapping(address => bool)', 'mapping(IToken => bool)'],
    ['mapping(State => bool)', 'mapping(uint8 => bool)'],
    ['mapping(bytes => bool)', 'mapping(string => bool)'],
  ])('%s -> %s finds the same entries', (old, next) => {
    const result = compared({ ...kinds, variables: `${old} x` }, { ...kinds, variables: `${next} x` });
    expect(result).toMatchObject({ verdict: 'safe', findings: [], unchanged: 1 });
  });

  it.each([
    ['Open, Closed', 'Open, Closed, Gone', 'safe'],
    ['Open, Closed', 'Open, Shut', 'risky'],
    ['Open, Closed', 'Closed, Open', 'breaks'],
    ['Open, Closed', 'Open, Paused, Closed', 'breaks'],
    ['Open, Closed', 'Open', 'breaks'],
  ])('an enum of %s that becomes %s is %s', (old, next, verdict) => {
    const of = (members: string): Sketch => ({ variables: 'State s', enums: { State: members } });
    expect(compared(of(old), of(next))).toMatchObject({ verdict, findings: [{ path: 'Vault.s' }] });
  });

  it('an alias of the same name and another width breaks', () => {
    const of = (underlying: string): Sketch => ({ variables: 'Shares s', aliases: { Shares: underlying } });
    expect(lines(of('uint128'), of('uint96'))).toEqual([
      '~ Vault.s Shares (uint128 -> uint96) at slot 0: breaks: what is stored is read as something else',
    ]);
  });
});

describe('structs', () => {
  it.each<[string, string, string, readonly string[]]>([
    [
      'may grow in a mapping',
      'mapping(address => Account) a; uint256 b',
      'safe',
      ['+ Vault.a[*].since uint256 at slot 0, place 2 in it: safe: at the end'],
    ],
    [
      'may grow in a mapping of mappings',
      'mapping(address => mapping(uint256 => Account)) a',
      'safe',
      ['+ Vault.a[*][*].since uint256 at slot 0, place 2 in it: safe: at the end'],
    ],
    [
      'may grow as the last variable',
      'uint256 b; Account a',
      'safe',
      ['+ Vault.a.since uint256 at slot 3: safe: at the end'],
    ],
    [
      'may not grow in a list',
      'Account[] a',
      'breaks',
      [
        '~ Vault.a struct Account[], 64 -> 96 bytes each at slot 0: breaks: all elements but the first are read elsewhere',
      ],
    ],
    [
      'may not grow in an array',
      'Account[2] a',
      'breaks',
      [
        '~ Vault.a struct Account[2], 64 -> 96 bytes each at slot 0: breaks: all elements but the first are read elsewhere',
      ],
    ],
    [
      'may not grow before other variables',
      'Account a; uint256 b',
      'breaks',
      [
        '~ Vault.a 64 -> 96 bytes at slot 0: breaks: it reaches over the bytes of b',
        '~ Vault.b slot 2 -> 3 at slot 3: breaks: other bytes are read as its value',
        '+ Vault.a.since uint256 at slot 2: safe: at the end',
      ],
    ],
  ])('%s', (_, variables, verdict, expected) => {
    const [old, next] = [
      { variables, structs: account },
      { variables, structs: longAccount },
    ];
    expect(lines(old, next)).toEqual(expected);
    expect(compared(old, next).verdict).toBe(verdict);
  });

  it('may grow in a list as long as an element takes the same bytes', () => {
    const of = (members: string): Sketch => ({ variables: 'A[] a', structs: { A: members } });
    expect(lines(of('uint128 x'), of('uint128 x; uint64 y'))).toEqual([
      '+ Vault.a[*].y uint64 at slot 0, place 0+16 in it: safe: at the end',
    ]);
  });

  it('are compared however deep they lie, with their slot', () => {
    const of = (type: string): Sketch => ({
      variables: 'uint256 a; Outer o',
      structs: { Outer: 'bool x; Inner i', Inner: `uint8 y; ${type} z` },
    });
    expect(lines(of('uint64'), of('int64'))).toEqual([
      '~ Vault.o.i.z uint64 -> int64 at slot 2+1: breaks: what is stored is read as something else',
    ]);
  });

  it('that lead back to themselves are compared once', () => {
    const of = (type: string): Sketch => ({
      variables: 'Node n',
      structs: { Node: `mapping(address => Node) children; ${type} value` },
    });
    expect(compared(of('uint256'), of('uint256'))).toMatchObject({ findings: [], unchanged: 1 });
    expect(lines(of('uint256'), of('bytes32'))).toHaveLength(1);
  });
});

describe('gaps', () => {
  const old = 'uint256 a; uint256[50] __gap; bool b';
  it.each<[string, string, string, readonly string[]]>([
    [
      'shrink by what is added',
      'uint256 a; uint256 c; uint256[49] __gap; bool b',
      'safe',
      [
        '+ Vault.c uint256 at slot 1: safe: in the gap',
        '~ Vault.__gap uint256[50] -> uint256[49] at slot 2: safe: it ends where it did',
      ],
    ],
    [
      'may be named otherwise',
      'uint256 a; uint256 c; uint256[49] __gap_v2; bool b',
      'safe',
      [
        '+ Vault.c uint256 at slot 1: safe: in the gap',
        '~ Vault.__gap_v2 uint256[50] -> uint256[49] at slot 2: safe: it ends where it did',
      ],
    ],
    [
      'that shrink too little move what follows',
      'uint256 a; uint256 c; uint256[50] __gap; bool b',
      'breaks',
      [
        '~ Vault.b slot 51 -> 52 at slot 52: breaks: other bytes are read as its value',
        '~ Vault.__gap uint256[50] -> uint256[50] at slot 2: risky: it ends at slot 52, not 51, and whatever follows it moves; with 49 slots it would end where it did',
        '+ Vault.c uint256 at slot 1: safe: in the gap',
      ],
    ],
    [
      'that shrink too much do so too',
      'uint256 a; bool c; uint256[48] __gap; bool b',
      'breaks',
      [
        '~ Vault.b slot 51 -> 50 at slot 50: breaks: other bytes are read as its value',
        '~ Vault.__gap uint256[50] -> uint256[48] at slot 2: risky: it ends at slot 50, not 51, and whatever follows it moves; with 49 slots it would end where it did',
        '+ Vault.c bool at slot 1: safe: in the gap',
      ],
    ],
    [
      'may take over what is gone',
      'uint256[51] __gap; bool b',
      'risky',
      [
        '- Vault.a uint256 at slot 0: risky: its value stays where it is, and a later variable at that place would begin with it',
        '~ Vault.__gap uint256[50] -> uint256[51] at slot 0: safe: it ends where it did',
      ],
    ],
  ])('%s', (_, next, verdict, expected) => {
    expect(lines({ variables: old }, { variables: next })).toEqual(expected);
    expect(compared({ variables: old }, { variables: next }).verdict).toBe(verdict);
  });

  it('may be used up', () => {
    const filled = Array.from({ length: 3 }, (_, index) => `uint256 x${index}`).join('; ');
    const result = compared({ variables: 'uint256[3] __gap; bool b' }, { variables: `${filled}; bool b` });
    expect(result).toMatchObject({ verdict: 'safe', unchanged: 1 });
  });

  it('of several bases shrink each for itself', () => {
    const of = (a: string): Sketch => ({
      bases: { A: a, B: 'uint256 b; uint256[49] __gap' },
      variables: 'uint256 c',
    });
    const result = compared(
      of('uint256 a; uint256[49] __gap'),
      of('uint256 a; address more; uint256[48] __gap'),
    );
    expect(result).toMatchObject({ verdict: 'safe', unchanged: 3 });
  });

  it('are lists of plain values: a variable that is only called so counts as any other', () => {
    expect(compared({ variables: 'uint256 __gap; bool b' }, { variables: 'bool b' }).verdict).toBe('breaks');
  });
});

describe('inheritance', () => {
  const [a, b] = ['uint256 a', 'address b'];
  it('in another order is named as the cause', () => {
    expect(lines({ bases: { A: a, B: b } }, { bases: { B: b, A: a } })).toEqual([
      '~ Vault A, B -> B, A at slot 0: breaks: bases are inherited in another order, so their variables change places',
      '~ B.b slot 1 -> 0 at slot 0: breaks: other bytes are read as its value',
      '~ A.a slot 0 -> 1 at slot 1: breaks: other bytes are read as its value',
    ]);
  });

  it('of a variable that went to a base at the same place changes nothing', () => {
    expect(compared({ bases: { A: a }, variables: b }, { bases: { A: `${a}; ${b}` } })).toMatchObject({
      findings: [],
      unchanged: 2,
    });
  });

  it('knows variables of one name in two bases apart', () => {
    const swapped = compared(
      { bases: { A: 'address x', B: 'address x' } },
      { bases: { B: 'address x', A: 'address x' } },
    );
    // The bytes are read by another contract, though nothing has another name or type.
    expect(swapped.verdict).toBe('breaks');
  });
});

describe('namespaces', () => {
  const of = (id: string, members: string): Sketch => ({
    variables: 'uint256 a',
    structs: { Main: members },
    namespaces: { [id]: 'Main' },
  });
  it('may grow, at their own slot', () => {
    expect(lines(of('example.main', 'uint256 x'), of('example.main', 'uint256 x; bool y'))).toEqual([
      '+ example.main.y bool at slot 0x183a6125…b501: safe: at the end',
    ]);
  });

  it('are compared as variables are', () => {
    const result = compared(of('example.main', 'uint256 x; bool y'), of('example.main', 'bool y; uint256 x'));
    expect(result.verdict).toBe('breaks');
    expect(result.findings.map(({ path }) => path)).toEqual(['example.main.x', 'example.main.y']);
  });

  it('that appear are empty, and those that vanish leave their data', () => {
    const none = { variables: 'uint256 a' };
    expect(compared(none, of('example.main', 'uint256 x'))).toMatchObject({
      verdict: 'safe',
      findings: [{ kind: 'added', path: 'example.main' }],
    });
    expect(compared(of('example.main', 'uint256 x'), none)).toMatchObject({
      verdict: 'risky',
      findings: [{ kind: 'removed', path: 'example.main' }],
    });
  });

  it('with another id begin empty', () => {
    const result = compared(of('example.main', 'uint256 x'), of('example.main.v2', 'uint256 x; bool y'));
    expect(result.findings.find(({ verdict }) => verdict === 'breaks')).toMatchObject({
      kind: 'moved',
      path: 'example.main',
      change: expect.stringMatching(/^example\.main 0x183a6125…b500 -> example\.main\.v2 0x/) as unknown,
    });
  });

  it('do not take values along from plain variables, as from OpenZeppelin 4 to 5', () => {
    const old = { bases: { Ownable: 'address _owner; uint256[49] __gap' }, variables: 'uint256 a' };
    const next = {
      variables: 'uint256 a',
      structs: { OwnableStorage: 'address _owner' },
      namespaces: { 'openzeppelin.storage.Ownable': 'OwnableStorage' },
    };
    expect(lines(old, next)).toContain(
      '~ Ownable._owner Ownable._owner -> openzeppelin.storage.Ownable._owner at slot 0: breaks: ' +
        'its value stays behind; openzeppelin.storage.Ownable._owner begins empty',
    );
  });
});

describe('a layout that is not known', () => {
  it('gives an unknown verdict, with how to get it', () => {
    const result = compareLayouts('Vault', readLayout(undefined), readingOf({ variables: 'uint256 a' }));
    expect(result.verdict).toBe('unknown');
    expect(describeLayout(result).join('\n')).toContain('extra_output = ["storageLayout"]');
  });

  it('or not understood in part is said each time', () => {
    const layout = {
      ...layoutOf({ variables: 'uint256 a' }),
      notUnderstood: ['f writes with sstore to slot 7'],
    };
    const reading = { kind: 'known', layout } as const;
    expect(describeLayout(compareLayouts('Vault', reading, reading))).toEqual([
      'storage of Vault: 1 unknown, 1 unchanged',
      '? Vault: unknown: f writes with sstore to slot 7',
    ]);
  });
});
