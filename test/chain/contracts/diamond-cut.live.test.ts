import { AbiCoder, id as keccak, ZeroAddress } from 'ethers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cutGas } from '@cutover/chain/plan/cut/gas.ts';
import type { Deployed } from './chain-kit.ts';
import {
  adding,
  diamondSource,
  face,
  fixtures,
  heard,
  openStage,
  rawCall,
  removing,
  replacing,
  routingOf,
  selectorOf,
  selectorsOf,
  told,
  type Entry,
  type Stage,
} from './diamond-kit.ts';

const stage: Stage = await openStage();
const { chain, who, base, inits } = stage;
const [one, two] = stage.echoes as [Deployed, Deployed];
const [a, b, c] = ['0x0000aaaa', '0x0000bbbb', '0xcccc0000'] as const;
let diamond: Deployed;
let cutter: Deployed;
let loupe: Deployed;
let rewind: () => Promise<void>;

beforeAll(async () => {
  diamond = await stage.newDiamond();
  cutter = face(diamond, base.cut);
  loupe = face(diamond, base.loupe);
  await cut([adding(one, [a, b])]);
  rewind = await chain.checkpoint();
});
beforeEach(() => rewind());
afterAll(() => chain.stop());

type More = readonly [init?: string, data?: string];
const cut = (entries: readonly Entry[], ...[init = ZeroAddress, data = '0x']: More) =>
  chain.send(who.admin, cutter, 'diamondCut', [entries, init, data]);
const refused = (entries: readonly Entry[], ...[init = ZeroAddress, data = '0x']: More) =>
  chain.refusal(who.admin, cutter, 'diamondCut', [entries, init, data]);
const facetOf = async (selector: string): Promise<unknown> =>
  (await chain.read(loupe, 'facetAddress', selector))[0];
const call = (fn: string, ...args: unknown[]): [string, string] => [
  inits.address,
  inits.abi.encodeFunctionData(fn, args),
];

describe('a new diamond', () => {
  it('serves what it was constructed with, and says so in the event', async () => {
    const facets = [base.cut, base.loupe, base.ownership, base.pause];
    const fresh = await stage.newDiamond();
    const found = await routingOf(chain, face(fresh, base.loupe));
    expect(found).toEqual(facets.map((facet) => ({ address: facet.address, selectors: selectorsOf(facet) })));
    const logs = await chain.rpc<{ topics: string[] }[]>('eth_getLogs', [
      { address: fresh.address, fromBlock: 'latest', toBlock: 'latest' },
    ]);
    const topics = logs.map(({ topics: [topic] }) => topic);
    expect(topics).toEqual([
      keccak('OwnershipTransferred(address,address)'),
      keccak('DiamondCut((address,uint8,bytes4[])[],address,bytes)'),
    ]);
  });

  it('runs its initialiser in its own storage', async () => {
    const [init, data] = call('claims', '0x12345678', true);
    const fresh = await stage.newDiamond({ init, data });
    const answer = await chain.read(face(fresh, base.loupe), 'supportsInterface', '0x12345678');
    expect(answer[0]).toBe(true);
  });

  it.each([
    [
      'a nobody for an admin',
      () => [ZeroAddress, [], ZeroAddress, '0x'],
      `OwnableInvalidOwner(${ZeroAddress})`,
    ],
    [
      'a cut that breaks a rule',
      () => [who.admin, [adding(one, [a, a])], ZeroAddress, '0x'],
      'FunctionExists',
    ],
    ['an initialiser that reverts', () => [who.admin, [], ...call('saysWhy')], 'Sorry(7)'],
    ['a replacement', () => [who.admin, [replacing(one, [a])], ZeroAddress, '0x'], 'FunctionNotFound'],
  ])('is not made with %s', async (_, args, error) => {
    expect(await chain.deployRefusal(diamondSource, 'Diamond', args())).toContain(error);
  });
});

describe('a call', () => {
  it('reaches the facet with its caller, its ether and its bytes, and brings back the answer', async () => {
    const data = `${a}c0ffee`;
    const answer = heard(await rawCall(chain, diamond.address, data, { from: who.buyer, value: 5n }));
    expect(answer).toEqual({ number: 1n, caller: who.buyer, value: 5n, input: data });
  });

  it('costs little more than one of the facet itself: two reads of storage, and the way there', async () => {
    const gas = async (to: string): Promise<number> =>
      Number(await chain.rpc('eth_estimateGas', [{ to, data: a }]));
    const more = (await gas(diamond.address)) - (await gas(one.address));
    expect(more).toBeGreaterThan(6_800);
    expect(more).toBeLessThan(7_600);
  });

  it.each([
    ['a function that nobody serves', '0xdeadbeef', 'FunctionNotFound(0xdeadbeef)'],
    ['plain ether', '0x', 'PlainEtherRefused()'],
    ['less than a selector, though zeros would make it one', '0xcccc', 'FunctionNotFound(0xcccc0000)'],
  ])('is refused: %s', async (_, data, error) => {
    await cut([adding(one, [c])]);
    expect(await rawCall(chain, diamond.address, data, { value: 0n })).toBe(error);
    expect(await rawCall(chain, diamond.address, data, { from: who.buyer, value: 5n })).toBe(error);
  });
});

describe('a cut', () => {
  it('adds, replaces and removes in the order of its entries, and tells it', async () => {
    const entries = [adding(two, [c]), replacing(two, [a]), removing([b])];
    const mined = await cut(entries, ...call('fine'));
    expect(told(mined)).toEqual([
      expect.stringContaining(`DiamondCut(${two.address},0,${c},${two.address},1,${a},${ZeroAddress},2,${b}`),
      `Ran(${diamond.address}, ${who.admin})`,
    ]);
    expect([await facetOf(a), await facetOf(b), await facetOf(c)]).toEqual([
      two.address,
      ZeroAddress,
      two.address,
    ]);
    // Entries build on one another.
    await cut([removing([a]), adding(one, [a]), replacing(two, [a])]);
    expect(await facetOf(a)).toBe(two.address);
  });

  it('takes a facet without functions out of the loupe', async () => {
    await cut([removing([b, a])]);
    expect((await chain.read(loupe, 'facetAddresses'))[0]).not.toContain(one.address);
    expect((await chain.read(loupe, 'facetFunctionSelectors', one.address))[0]).toEqual([]);
    expect(await rawCall(chain, diamond.address, a)).toBe(`FunctionNotFound(${a})`);
  });

  const nobody = who.stranger;
  it.each<[string, () => readonly Entry[], string]>([
    ['what is there', () => [adding(two, [a])], `FunctionExists(${a}, ${one.address})`],
    ['the same twice', () => [adding(two, [c, c])], `FunctionExists(${c}, ${two.address})`],
    ['a facet without code', () => [adding({ ...one, address: nobody }, [c])], `FacetHasNoCode(${nobody})`],
    ['to nobody', () => [adding({ ...one, address: ZeroAddress }, [c])], `FacetHasNoCode(${ZeroAddress})`],
    ['itself', () => [adding(diamond, [c])], 'FacetIsDiamond()'],
    ['nothing', () => [adding(two, [])], `NoSelectors(${two.address})`],
  ])('does not add: %s', async (_, entries, error) => {
    expect(await refused(entries())).toBe(error);
  });

  it.each<[string, () => readonly Entry[], string]>([
    ['what is missing', () => [replacing(two, [c])], `FunctionNotFound(${c})`],
    ['a function by itself', () => [replacing(one, [a])], `FunctionUnchanged(${a}, ${one.address})`],
    [
      'with a facet without code',
      () => [replacing({ ...one, address: nobody }, [a])],
      `FacetHasNoCode(${nobody})`,
    ],
    ['with itself', () => [replacing(diamond, [a])], 'FacetIsDiamond()'],
    ['nothing', () => [replacing(two, [])], `NoSelectors(${two.address})`],
  ])('does not replace: %s', async (_, entries, error) => {
    expect(await refused(entries())).toBe(error);
  });

  it.each<[string, () => readonly Entry[], string]>([
    ['what is missing', () => [removing([c])], `FunctionNotFound(${c})`],
    ['the same twice', () => [removing([a, a])], `FunctionNotFound(${a})`],
    [
      'with a facet',
      () => [{ ...removing([a]), facetAddress: one.address }],
      `RemovalWithFacet(${one.address})`,
    ],
    ['nothing', () => [removing([])], `NoSelectors(${ZeroAddress})`],
  ])('does not remove: %s', async (_, entries, error) => {
    expect(await refused(entries())).toBe(error);
  });

  it('knows no fourth action', async () => {
    await expect(refused([{ ...removing([a]), action: 3 }])).resolves.toContain('revert');
  });

  it('that is refused at its last entry has changed nothing', async () => {
    const before = await routingOf(chain, loupe);
    expect(await refused([removing([a]), adding(two, [c]), removing([a])])).toBe(`FunctionNotFound(${a})`);
    expect(await routingOf(chain, loupe)).toEqual(before);
  });

  it('may move every function of the diamond, diamondCut too, and remove it for good', async () => {
    const again = await chain.deploy('chain/contracts/diamond/DiamondCutFacet.sol', 'DiamondCutFacet');
    await cut([replacing(again)]);
    expect(await facetOf(selectorOf(base.cut, 'diamondCut'))).toBe(again.address);
    await cut([removing(selectorsOf(base.cut))]);
    expect(await refused([])).toBe('FunctionNotFound(0x1f931c1c)');
  });
});

describe('tools made for other diamonds', () => {
  it('read and cut this one: the ABI of @solidstate/contracts fits', async () => {
    const file = 'test/chain/contracts/solidity/diamond/Solidstate.sol';
    const theirs = face(diamond, await chain.deploy(file, 'SolidstateView'));
    const mined = await chain.send(who.admin, theirs, 'diamondCut', [
      [Object.values(adding(two, [c]))],
      ZeroAddress,
      '0x',
    ]);
    const [event] = mined.events;
    expect(theirs.abi.getEvent('DiamondCut')?.topicHash).toBe(event?.topic);
    expect(await routingOf(chain, theirs)).toEqual(await routingOf(chain, loupe));
    for (const [fn, ...args] of [
      ['facetAddresses'],
      ['facetAddress', c],
      ['facetFunctionSelectors', two.address],
    ] as const) {
      expect(await chain.read(theirs, fn, ...args)).toEqual(await chain.read(loupe, fn, ...args));
    }
  });
});

describe('the gas of a cut', () => {
  it('is within what cuts are planned with', async () => {
    const { transaction, add, replace, remove, facetTo, facetFrom } = cutGas;
    for (const count of [1, 10, 60]) {
      const some = Array.from({ length: count }, (_, i) => `0x77${(i + 1).toString(16).padStart(6, '0')}`);
      const used: bigint[] = [];
      for (const entry of [adding(one, some), replacing(two, some), removing(some)]) {
        used.push((await cut([entry])).gasUsed);
      }
      const planned = [add, replace, remove].map((each) => transaction + BigInt(count) * each);
      const [adds = 0n, replaces = 0n, removes = 0n] = planned;
      expect(used[0]).toBeLessThan(adds + facetTo);
      expect(used[1]).toBeLessThan(replaces + facetTo + facetFrom);
      expect(used[2]).toBeLessThan(removes + facetFrom);
    }
  });
});

describe('functions of the diamond itself', () => {
  it('are listed under its address and never replaced or removed', async () => {
    const cuts = [base.cut, base.loupe].map((facet) => adding(facet));
    const own = await chain.deploy(fixtures, 'DiamondWithOwn', [who.admin, cuts]);
    const selector = selectorOf(own, 'own');
    expect((await chain.read(own, 'own'))[0]).toBe(42n);
    expect((await chain.read(face(own, base.loupe), 'facetAddress', selector))[0]).toBe(own.address);
    const attempt = (entry: Entry): Promise<string> =>
      chain.refusal(who.admin, face(own, base.cut), 'diamondCut', [[entry], ZeroAddress, '0x']);
    expect(await attempt(replacing(one, [selector]))).toBe(`FunctionImmutable(${selector})`);
    expect(await attempt(removing([selector]))).toBe(`FunctionImmutable(${selector})`);
    expect(await attempt(adding(one, [selector]))).toBe(`FunctionExists(${selector}, ${own.address})`);
  });
});

describe('an initialiser', () => {
  it('may come without a cut', async () => {
    expect(told(await cut([], ...call('fine')))).toContain(`Ran(${diamond.address}, ${who.admin})`);
  });

  it('is not run when it is nobody, whatever the calldata says: EIP-2535 lets it carry a note', async () => {
    expect(told(await cut([], ZeroAddress, '0xc0ffee'))).toEqual([`DiamondCut(, ${ZeroAddress}, 0xc0ffee)`]);
  });

  it.each<[string, () => [string, string], string]>([
    ['its own error', () => call('saysWhy'), 'Sorry(7)'],
    ['its words', () => call('saysWhyInWords'), 'Error(no luck)'],
    ['its panic', () => call('panics', 0), 'Panic(18)'],
    ['a silent failure', () => call('saysNothing'), 'InitializerReverted('],
    ['no code', () => [who.stranger, '0x12345678'], `InitializerHasNoCode(${who.stranger})`],
    ['no such function', () => [inits.address, '0x12345678'], 'InitializerReverted('],
  ])('that fails undoes the cut and passes on %s', async (_, init, error) => {
    expect(await refused([removing([a])], ...init())).toContain(error);
    expect(await facetOf(a)).toBe(one.address);
  });

  it('that calls the diamond from outside is a stranger to it, and meets the finished routes', async () => {
    const again = base.cut.abi.encodeFunctionData('diamondCut', [[removing([b])], ZeroAddress, '0x']);
    const tried = await cut([removing([a])], ...call('callsBack', diamond.address, again));
    const [, back] = tried.events;
    expect(back?.args['done']).toBe(false);
    expect(back?.args['answer']).toContain(
      keccak('AccessControlUnauthorizedAccount(address,bytes32)').slice(0, 10),
    );
    const asked = await cut([adding(two, [a])], ...call('callsBack', diamond.address, a));
    expect(heard(asked.events[1]?.args['answer'] as string).number).toBe(2n);
    expect(await facetOf(b)).toBe(one.address);
  });
});

describe('what the diamond says of its interfaces', () => {
  const says = async (idOf: string): Promise<unknown> =>
    (await chain.read(loupe, 'supportsInterface', idOf))[0];
  const ids = {
    erc165: '0x01ffc9a7',
    cut: '0x1f931c1c',
    loupe: '0x48e2b093',
    erc173: '0x7f5828d0',
    roles: '0x7965db0b',
    listed: '0x5a05180f',
    erc721: '0x80ac58cd',
  };

  it('follows the routes', async () => {
    expect(await Promise.all(Object.values(ids).map(says))).toEqual([
      true,
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
    await cut([adding(base.roles), removing([selectorOf(base.ownership, 'transferOwnership')])]);
    expect(await Promise.all(Object.values(ids).map(says))).toEqual([
      true,
      true,
      true,
      false,
      true,
      true,
      false,
    ]);
    await cut([removing([selectorOf(base.loupe, 'facets'), selectorOf(base.cut, 'diamondCut')])]);
    expect(await Promise.all(Object.values(ids).map(says))).toEqual([
      true,
      false,
      false,
      false,
      true,
      true,
      false,
    ]);
  });

  it.each(['facetFunctionSelectors', 'facetAddresses', 'facetAddress', 'facets'])(
    'denies the loupe without %s',
    async (fn) => {
      await cut([removing([selectorOf(base.loupe, fn)])]);
      expect(await says(ids.loupe)).toBe(false);
    },
  );

  it.each(['hasRole', 'getRoleAdmin', 'grantRole', 'revokeRole', 'renounceRole'])(
    'denies roles without %s',
    async (fn) => {
      await cut([adding(base.roles)]);
      await cut([removing([selectorOf(base.roles, fn)])]);
      expect(await says(ids.roles)).toBe(false);
    },
  );

  it('is what initialisers say of others, but never that it has no interface', async () => {
    await cut([], ...call('claims', ids.erc721, true));
    expect(await says(ids.erc721)).toBe(true);
    await cut([], ...call('claims', ids.erc721, false));
    expect(await says(ids.erc721)).toBe(false);
    expect(await refused([], ...call('claims', '0xffffffff', true))).toBe('NoInterface()');
    expect(await says('0xffffffff')).toBe(false);
  });

  it('costs less than the 30,000 gas that ERC-165 allows', async () => {
    await cut([adding(base.roles)]);
    const coder = AbiCoder.defaultAbiCoder();
    for (const interfaceId of Object.values(ids)) {
      const data = `0x01ffc9a7${coder.encode(['bytes4'], [interfaceId]).slice(2)}`;
      const gas = await chain.rpc<string>('eth_estimateGas', [{ to: diamond.address, data }]);
      expect(Number(gas) - 21_000, interfaceId).toBeLessThan(30_000);
    }
  });
});
