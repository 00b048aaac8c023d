import { id as keccak, getCreate2Address, keccak256, AbiCoder, concat, ZeroAddress, ZeroHash } from 'ethers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { compileSource } from '@cutover/chain/evm/compile.ts';
import type { Deployed, Mined } from './chain-kit.ts';
import {
  action,
  adding,
  diamondSource,
  face,
  openStage,
  replacing,
  removing,
  routingOf,
  selectorOf,
  sourceOf,
  told,
  type Entry,
  type Person,
  type Stage,
} from './diamond-kit.ts';

const stage: Stage = await openStage();
const { chain, who, base, inits } = stage;
const [one, two] = stage.echoes as [Deployed, Deployed];
const factory = await chain.deploy(sourceOf('DiamondFactory'), 'DiamondFactory', [who.admin, 0]);
const role = { curator: keccak('CURATOR_ROLE'), creator: keccak('CREATOR_ROLE') };
const first = [adding(base.cut), adding(base.loupe), adding(base.ownership), adding(one, ['0x0000aaaa'])];
const second = [...first.slice(0, 3), adding(two, ['0x0000aaaa', '0x0000bbbb'])];
let rewind: () => Promise<void>;

beforeAll(async () => {
  await chain.send(who.admin, factory, 'grantRole', [role.creator, who.creator]);
  await set('gems', first);
  rewind = await chain.checkpoint();
});
beforeEach(() => rewind());
afterAll(() => chain.stop());

const set = (name: string, cuts: readonly Entry[]): Promise<Mined> =>
  chain.send(who.admin, factory, 'setFacets', [name, cuts], { gas: 16_000_000n });
const setRefused = (name: string, cuts: readonly Entry[]): Promise<string> =>
  chain.refusal(who.admin, factory, 'setFacets', [name, cuts]);
const act = (fn: string, ...args: unknown[]): Promise<Mined> => chain.send(who.admin, factory, fn, args);
const ask = async (fn: string, ...args: unknown[]): Promise<unknown> =>
  (await chain.read(factory, fn, ...args))[0];

interface Order {
  readonly name: string;
  readonly version: number;
  readonly admin: string;
  readonly salt: string;
  readonly init: string;
  readonly data: string;
}
const order = (change: Partial<Order> = {}): Order => ({
  ...{ name: 'gems', version: 0, admin: who.admin, salt: ZeroHash, init: ZeroAddress, data: '0x' },
  ...change,
});
const predict = async (wanted: Order): Promise<string> => (await ask('predict', wanted)) as string;
const create = (as: Person, wanted: Order): Promise<Mined> =>
  chain.send(who[as], factory, 'createFromSet', [wanted], { gas: 16_000_000n });
const createRefused = (as: Person, wanted: Order): Promise<string> =>
  chain.refusal(who[as], factory, 'createFromSet', [wanted]);
const at = (address: string): Deployed => ({ address, abi: base.loupe.abi });

/** A set as the factory gives it, in the form it was written. */
async function facets(...args: [string] | [string, number]): Promise<Entry[]> {
  const cuts = (await ask(args.length === 1 ? 'getFacets' : 'getFacetsAt', ...args)) as [
    string,
    bigint,
    string[],
  ][];
  return cuts.map(([facetAddress, kind, selectors]) => ({
    facetAddress,
    action: Number(kind),
    functionSelectors: [...selectors],
  }));
}

describe('a set of facets', () => {
  it('keeps all its versions, and the last one counts', async () => {
    const mined = await set('gems', second);
    expect(told(mined)).toEqual([`FacetsSet(${keccak('gems')}, gems, 2)`]);
    expect(await facets('gems')).toEqual(second);
    expect(await facets('gems', 1)).toEqual(first);
    expect(await facets('gems', 2)).toEqual(second);
    expect([await ask('currentVersion', 'gems'), await ask('versionCount', 'gems')]).toEqual([2n, 2n]);
  });

  it('is not written again when nothing changed', async () => {
    expect(told(await set('gems', first))).toEqual([]);
    expect(await ask('versionCount', 'gems')).toBe(1n);
    await set('gems', second);
    await set('gems', first);
    expect(await ask('versionCount', 'gems')).toBe(3n);
  });

  it('goes back to any version, and forward again', async () => {
    await set('gems', second);
    expect(told(await act('rollbackFacets', 'gems', 1))).toEqual([
      `FacetsRolledBack(${keccak('gems')}, gems, 1)`,
    ]);
    expect(await facets('gems')).toEqual(first);
    await act('rollbackFacets', 'gems', 2);
    expect(await facets('gems')).toEqual(second);
    expect(await ask('versionCount', 'gems')).toBe(2n);
  });

  it('that was removed serves no creation and keeps its history', async () => {
    expect(told(await act('removeFacets', 'gems'))).toEqual([`FacetsRemoved(${keccak('gems')}, gems)`]);
    expect(await facets('gems')).toEqual([]);
    expect(await facets('gems', 1)).toEqual(first);
    expect(await createRefused('creator', order())).toBe('NoSuchFacets(gems, 0)');
    expect(await chain.refusal(who.admin, factory, 'removeFacets', ['gems'])).toBe('NoSuchFacets(gems, 0)');
    await act('rollbackFacets', 'gems', 1);
    await create('creator', order());
    expect(await ask('setNames')).toEqual(['gems']);
  });

  it('stands beside others', async () => {
    await set('other', second);
    expect(await ask('setNames')).toEqual(['gems', 'other']);
    expect(await facets('gems')).toEqual(first);
    expect(await facets('unknown')).toEqual([]);
  });

  it.each<[string, string, () => readonly Entry[], string]>([
    ['no name', '', () => first, 'BadName()'],
    ['a long name', 'x'.repeat(64), () => first, `BadName(${'x'.repeat(64)})`],
    ['no facets', 'new', () => [], 'BadSize(0)'],
    ['an entry without functions', 'new', () => [...first, adding(two, [])], 'EmptyEntry(4)'],
    ['a replacement', 'new', () => [replacing(one, ['0x0000aaaa'])], 'NotAnAddition(0)'],
    ['a removal', 'new', () => [...first, removing(['0x0000aaaa'])], 'NotAnAddition(4)'],
    [
      'a function twice in an entry',
      'new',
      () => [adding(one, ['0x01020304', '0x01020304'])],
      'DuplicateSelector(0x01020304)',
    ],
    [
      'a function in two entries',
      'gems',
      () => [...first, adding(two, ['0x0000aaaa'])],
      'DuplicateSelector(0x0000aaaa)',
    ],
    [
      'a facet without code',
      'new',
      () =>
        [adding({ ...one, address: who.other })].map((entry) => ({
          ...entry,
          functionSelectors: ['0x01020304'],
        })),
      `FacetWithoutCode(${who.other})`,
    ],
  ])('is refused with %s', async (_, name, cuts, error) => {
    expect(await setRefused(name, cuts())).toBe(error);
  });

  it('has 400 functions at most, and that many still make a diamond in one transaction', async () => {
    const many = Array.from({ length: 401 }, (_, index) => `0x${(index + 1).toString(16).padStart(8, '0')}`);
    expect(await setRefused('many', [adding(one, many)])).toBe('BadSize(401)');
    await set('many', [adding(one, many.slice(0, 400))]);
    const mined = await create('creator', order({ name: 'many' }));
    // EIP-7825 allows 16,777,216 in a transaction.
    expect(mined.gasUsed).toBeLessThan(13_000_000n);
  });

  it.each([
    ['rollbackFacets', ['gems', 2], 'NoSuchFacets(gems, 2)'],
    ['rollbackFacets', ['gems', 0], 'NoSuchFacets(gems, 0)'],
    ['rollbackFacets', ['unknown', 1], 'NoSuchFacets(unknown, 1)'],
    ['removeFacets', ['unknown'], 'NoSuchFacets(unknown, 0)'],
    ['getFacetsAt', ['gems', 2], 'NoSuchFacets(gems, 2)'],
    ['getFacetsAt', ['unknown', 1], 'NoSuchFacets(unknown, 1)'],
  ])('has no version that was never written (%s %j)', async (fn, args, error) => {
    expect(await chain.refusal(who.admin, factory, fn, args)).toBe(error);
  });
});

describe('a diamond from a set', () => {
  it('is where it was predicted, serves the set, and belongs to whom it was made for', async () => {
    const wanted = order({ admin: who.buyer, salt: keccak('one') });
    const address = await predict(wanted);
    const mined = await create('creator', wanted);
    expect(told(mined)).toContain(
      `DiamondCreated(${address}, ${keccak('gems')}, ${who.buyer}, gems, 1, ${keccak('one')}, ${ZeroAddress}, 0x)`,
    );
    const served = await routingOf(chain, at(address));
    expect(served).toEqual(
      first.map(({ facetAddress, functionSelectors }) => ({
        address: facetAddress,
        selectors: functionSelectors,
      })),
    );
    const owner = await chain.read({ address, abi: base.ownership.abi }, 'owner');
    expect(owner[0]).toBe(who.buyer);
    expect((await chain.read(factory, 'originOf', address)).toArray()).toEqual(['gems', 1n]);
    expect([await ask('diamondCount'), await ask('diamonds', 0, 10)]).toEqual([1n, [address]]);
  });

  it('can be predicted without asking the factory', async () => {
    const { creationCode } = await compileSource({
      source: diamondSource,
      contract: 'Diamond',
      log: () => {},
    });
    const args = AbiCoder.defaultAbiCoder().encode(
      ['address', 'tuple(address,uint8,bytes4[])[]', 'address', 'bytes'],
      [
        who.admin,
        first.map(({ facetAddress, action: kind, functionSelectors }) => [
          facetAddress,
          kind,
          functionSelectors,
        ]),
        ZeroAddress,
        '0x',
      ],
    );
    const hash = keccak256(concat([creationCode, args]));
    expect(getCreate2Address(factory.address, ZeroHash, hash)).toBe(await predict(order()));
  });

  it('runs the initialiser that was ordered', async () => {
    const data = inits.abi.encodeFunctionData('claims', ['0x12345678', true]);
    const wanted = order({ init: inits.address, data });
    await create('creator', wanted);
    const answer = await chain.read(at(await predict(wanted)), 'supportsInterface', '0x12345678');
    expect(answer[0]).toBe(true);
  });

  it('is not made, and not booked, when its initialiser fails', async () => {
    const data = inits.abi.encodeFunctionData('saysWhy');
    expect(await createRefused('creator', order({ init: inits.address, data }))).toBe('Sorry(7)');
    expect(await ask('diamondCount')).toBe(0n);
  });

  it('may be of an earlier version, whatever has become the current one', async () => {
    const ordered = order({ version: 1 });
    const address = await predict(ordered);
    await set('gems', second);
    expect(await predict(order())).not.toBe(address);
    await create('creator', ordered);
    expect((await chain.read(factory, 'originOf', address)).toArray()).toEqual(['gems', 1n]);
    expect(await createRefused('creator', order({ version: 3 }))).toBe('NoSuchFacets(gems, 3)');
  });

  it('is listed in pages', async () => {
    const made: string[] = [];
    for (const salt of ['a', 'b', 'c']) {
      made.push(await predict(order({ salt: keccak(salt) })));
      await create('creator', order({ salt: keccak(salt) }));
    }
    expect(await ask('diamonds', 0, 2)).toEqual(made.slice(0, 2));
    expect(await ask('diamonds', 2, 2)).toEqual(made.slice(2));
    expect(await ask('diamonds', 3, 2)).toEqual([]);
    expect((await chain.read(factory, 'originOf', who.other)).toArray()).toEqual(['', 0n]);
  });
});

describe('somebody who is faster', () => {
  it('with the same order does the work for the one who comes second', async () => {
    const wanted = order({ admin: who.buyer });
    const address = await predict(wanted);
    await create('admin', wanted);
    const late = await create('creator', wanted);
    expect(told(late)).toEqual([]);
    expect(await ask('diamondCount')).toBe(1n);
    const [returned] = factory.abi.decodeFunctionResult(
      'createFromSet',
      await chain.rpc<string>('eth_call', [
        {
          from: who.creator,
          to: factory.address,
          data: factory.abi.encodeFunctionData('createFromSet', [wanted]),
        },
        'latest',
      ]),
    );
    expect(returned).toBe(address);
    expect((await chain.read({ address, abi: base.ownership.abi }, 'owner'))[0]).toBe(who.buyer);
  });

  it.each<[string, () => Partial<Order>]>([
    ['himself as the admin', () => ({ admin: who.stranger })],
    ['another initialiser', () => ({ init: inits.address, data: inits.abi.encodeFunctionData('fine') })],
    ['another version', () => ({ version: 2 })],
    ['another salt', () => ({ salt: keccak('taken') })],
  ])('with %s gets another address', async (_, change) => {
    await set('gems', second);
    await act('rollbackFacets', 'gems', 1);
    const address = await predict(order());
    await create('admin', order(change()));
    expect(await predict(order(change()))).not.toBe(address);
    expect(await chain.rpc('eth_getCode', [address, 'latest'])).toBe('0x');
    await create('creator', order());
    expect(await chain.rpc('eth_getCode', [address, 'latest'])).not.toBe('0x');
  });
});

describe('a diamond that calls the factory while it is made', () => {
  it.each(['createFromSet', 'setFacets', 'rollbackFacets', 'removeFacets'])('cannot %s', async (fn) => {
    const args = {
      createFromSet: [order({ salt: keccak('inner') })],
      setFacets: ['gems', second],
      rollbackFacets: ['gems', 1],
      removeFacets: ['gems'],
    }[fn] as unknown[];
    const payload = factory.abi.encodeFunctionData(fn, args);
    const data = inits.abi.encodeFunctionData('callsBack', [factory.address, payload]);
    const wanted = order({ init: inits.address, data });
    const address = await predict(wanted);
    // It has every role that the factory knows.
    for (const each of Object.values(role)) await act('grantRole', each, address);
    const mined = await create('creator', wanted);
    const back = mined.events.find(({ name }) => name === 'CalledBack');
    expect(back?.args.toArray()).toEqual([false, keccak('ReentrancyGuardReentrantCall()').slice(0, 10)]);
    expect(await ask('diamondCount')).toBe(1n);
  });
});

describe('who may', () => {
  it('write sets, and who create diamonds, is two roles', async () => {
    for (const person of ['stranger', 'creator', 'deployer'] as const) {
      for (const [fn, args] of [
        ['setFacets', ['gems', second]],
        ['rollbackFacets', ['gems', 1]],
        ['removeFacets', ['gems']],
      ] as const) {
        expect(await chain.refusal(who[person], factory, fn, args)).toBe(
          `AccessControlUnauthorizedAccount(${who[person]}, ${role.curator})`,
        );
      }
    }
    expect(await createRefused('stranger', order())).toBe(
      `AccessControlUnauthorizedAccount(${who.stranger}, ${role.creator})`,
    );
    await create('creator', order());
  });

  it('do something to a diamond is not the factory', async () => {
    await create('creator', order({ admin: who.buyer }));
    const diamond = { address: await predict(order({ admin: who.buyer })), abi: base.cut.abi };
    for (const from of [factory.address, who.admin, who.creator]) {
      expect(await chain.refusal(from, diamond, 'diamondCut', [[], ZeroAddress, '0x'])).toContain(
        'Unauthorized',
      );
    }
    const cut = [{ ...removing([selectorOf(base.loupe, 'facets')]), action: action.remove }];
    await chain.send(who.buyer, face(diamond, base.cut), 'diamondCut', [cut, ZeroAddress, '0x']);
  });
});
