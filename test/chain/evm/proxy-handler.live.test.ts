import { Interface } from 'ethers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { loadArtifact } from '@cutover/chain/evm/artifacts.ts';
import { handler, type ProxyInputs } from '@cutover/chain/evm/proxy-handler.ts';
import type { GivenArguments } from '@cutover/chain/plan/arguments.ts';
import { checkCall, type CheckedCall, type GivenCall } from '@cutover/chain/plan/call.ts';
import { traitsOf, type WantedImplementation } from '@cutover/chain/plan/proxy/implementation.ts';
import { startFaultyNode } from '../faulty-node.ts';
import { created } from '../handler-kit.ts';
import { networkOf } from '../kit.ts';
import { startLocalNode, type LocalNode } from '../local-node.ts';
import { refusal } from '../refusal.ts';
import { accountAt, act, approve, brought, keyOf, newSafe, sentDuring, view } from './change-kit.ts';

const owner = accountAt(0);
const source = 'test/fixtures/solidity/Savings.sol';
const initialize: GivenCall = { function: 'initialize', args: { owner_: owner } };
const migrate: GivenCall = { function: 'migrate', args: { fee_: 25 } };
const initializing = (of = owner): string =>
  new Interface(['function initialize(address)']).encodeFunctionData('initialize', [of]);

let node: LocalNode;
let told: string[];
let proxies = 0;
beforeAll(async () => {
  node = await startLocalNode();
});
afterAll(() => node.stop());
beforeEach(() => {
  told = [];
  vi.spyOn(console, 'log').mockImplementation((line: string) => void told.push(line));
});
afterEach(() => void vi.restoreAllMocks());

/** Brings an implementation, and says of it what `Proxy.implementation` would. */
async function implementation(
  contract: string,
  calls: { readonly initialize?: GivenCall; readonly migrate?: GivenCall } = {},
): Promise<WantedImplementation> {
  const address = await brought(node, [source, contract]);
  const { abi, storageLayout } = await loadArtifact({ kind: 'source', source, contract });
  const checked = Object.entries(calls).map(([name, given]): [string, CheckedCall] => {
    const check = checkCall(abi, given);
    if (check.kind === 'wrong') throw new Error(check.problem);
    return [name, check.call];
  });
  const layout = storageLayout === undefined ? {} : { layout: storageLayout };
  return { contract, address, ...traitsOf(abi), ...layout, ...Object.fromEntries(checked) };
}

/** A proxy of ours, as `Proxy.prepare` has it; nothing stands behind it yet. */
function newProxy(kind: ProxyInputs['kind'], of = owner): Promise<string> {
  const contract = kind === 'uups' ? 'UupsProxy' : 'TransparentProxy';
  const salt = `proxy ${proxies++}`;
  return brought(node, [`chain/contracts/proxy/${contract}.sol`, contract], [of], salt);
}

/** A contract of others. */
function foreign(contract: string, args: GivenArguments): Promise<string> {
  return brought(node, [source, contract], args, `foreign ${proxies++}`);
}

function wanted(proxy: string, behind: WantedImplementation, more: Partial<ProxyInputs> = {}): ProxyInputs {
  return {
    ...{ title: 'Savings', proxy, kind: 'uups', implementation: behind, allow: [] },
    network: networkOf(node),
    authority: keyOf(0),
    ...more,
  };
}

const version = (proxy: string): Promise<unknown> => view(node, proxy, 'version() pure returns (uint256)');
const number = (proxy: string, name: string): Promise<unknown> =>
  view(node, proxy, `${name}() view returns (uint256)`);

describe.each([
  ['that upgrades by itself', 'uups', 'SavingsUups', 'SavingsUupsV2'],
  ['that its ProxyAdmin upgrades', 'transparent', 'Savings', 'SavingsV2'],
] as const)('a proxy of ours %s', (_, kind, one, two) => {
  it('gets its first implementation with the initialiser, the next with a migration, and goes back', async () => {
    const proxy = await newProxy(kind);
    const v1 = await implementation(one, { initialize });
    const v2 = await implementation(two, { migrate });
    const vault = await created(handler, wanted(proxy, v1, { kind }));
    expect(told.join('\n')).toMatch(
      new RegExp(`\\+ ${one} 0x\\w+, its first implementation\\n.*initialize\\(owner_: 0xf39F`),
    );
    expect(await version(proxy)).toBe(1n);
    expect(await view(node, proxy, 'owner() view returns (address)')).toBe(owner);
    expect(vault.state).toMatchObject({ serves: { contract: one, address: v1.address }, drift: [] });
    expect(vault.state.before).toBeUndefined();
    expect(await vault.diff(wanted(proxy, v1, { kind }))).toBe(false);
    await act(node, 3, proxy, 'save(uint256)', [500]);

    told = [];
    expect(await vault.diff(wanted(proxy, v2, { kind }))).toBe(true);
    const shown = told.join('\n');
    expect(shown).toContain(`~ ${one} ${v1.address} -> ${two} ${v2.address}`);
    expect(shown).toContain('with it, in the same transaction: migrate(fee_: 25)');
    expect(shown).toMatch(/storage of Savings: 1 safe, \d+ unchanged/);
    expect(shown).toMatch(/\+ .*fee uint256 at slot 2: safe/);
    expect(shown).toMatch(/[\d,]+ gas, .* ETH at .* gwei now/);
    expect(await sentDuring(node, () => vault.update(wanted(proxy, v2, { kind })))).toBe(1);
    expect([await version(proxy), await number(proxy, 'fee'), await number(proxy, 'total')]).toEqual([
      2n,
      25n,
      500n,
    ]);
    expect(vault.state.before).toMatchObject({ contract: one, address: v1.address });

    // Back, by the address that the state keeps: the source of the version before need not be there any more.
    const { contract = '', address = '' } = vault.state.before ?? {};
    told = [];
    const back = wanted(proxy, { contract, address }, { kind });
    expect(await vault.diff(back)).toBe(true);
    expect(told.join('\n')).toContain(', as it was before');
    await vault.update(back);
    expect([await version(proxy), await number(proxy, 'total')]).toEqual([1n, 500n]);
    expect(vault.state.before).toMatchObject({ contract: two });
    expect(await vault.diff(back)).toBe(false);
  });

  it('finds its own work after a kill: nothing is initialised or migrated twice', async () => {
    const proxy = await newProxy(kind);
    const v1 = await implementation(one, { initialize });
    const v2 = await implementation(two, { migrate });
    const vault = await created(handler, wanted(proxy, v1, { kind }));
    expect(await sentDuring(node, () => created(handler, wanted(proxy, v1, { kind })))).toBe(0);
    // The update to the next version was done, and its state was lost: the same update once more.
    await created(handler, wanted(proxy, v2, { kind }));
    expect(await sentDuring(node, () => vault.update(wanted(proxy, v2, { kind })))).toBe(0);
    expect(vault.state).toMatchObject({ serves: { contract: two }, before: { contract: one } });
  });

  it('may begin with a later version, at the same address', async () => {
    const proxy = await newProxy(kind);
    await created(handler, wanted(proxy, await implementation(two, { initialize, migrate }), { kind }));
    expect([await version(proxy), await number(proxy, 'fee')]).toEqual([2n, 0n]);
  });

  it('is not upgraded by a stranger: the refusal says who may', async () => {
    const proxy = await newProxy(kind, accountAt(4));
    const v1 = await implementation(one, { initialize });
    const error = await refusal(created(handler, wanted(proxy, v1, { kind })));
    expect(error.code).toBe('CUT-2252');
    expect(error.message).toContain(`is ${accountAt(4)}`);
  });
});

describe('drift of a proxy', () => {
  it('is an upgrade by hand, told by refresh and taken back', async () => {
    const proxy = await newProxy('uups');
    const v1 = await implementation('SavingsUups', { initialize });
    const v2 = await implementation('SavingsUupsV2');
    const vault = await created(handler, wanted(proxy, v1));
    await act(node, 0, proxy, 'upgradeToAndCall(address,bytes)', [v2.address, '0x']);
    for (let times = 0; times < 2; times++) {
      expect((await vault.read())?.drift).toEqual([
        `behind it stands ${v2.address}, and not SavingsUups ${v1.address}: somebody upgraded it`,
      ]);
    }
    expect(await vault.diff(wanted(proxy, v1))).toBe(true);
    await vault.update(wanted(proxy, v1));
    expect([await version(proxy), vault.state.drift]).toEqual([1n, []]);
  });

  it('is another owner of the admin', async () => {
    const proxy = await newProxy('transparent');
    const v1 = await implementation('Savings', { initialize });
    const vault = await created(handler, wanted(proxy, v1, { kind: 'transparent' }));
    const { admin = '' } = vault.state;
    expect(vault.state.adminOwner).toBe(owner);
    await act(node, 0, admin, 'transferOwnership(address)', [accountAt(6)]);
    told = [];
    expect(await vault.diff(wanted(proxy, v1, { kind: 'transparent' }))).toBe(false);
    const words = new RegExp(`owner.* is ${accountAt(6)}; it was ${owner}`);
    expect(told.join('\n')).toMatch(words);
    expect((await vault.read())?.drift.join('\n')).toMatch(words);
  });
});

describe('an upgrade that is refused at preview', () => {
  it.each([
    ['to what is no UUPS implementation', 'SavingsV2', 'CUT-2353'],
    ['to one for other slots', 'SavingsForeign', 'CUT-2353'],
    ['to one that reads the storage as something else', 'SavingsBroken', 'CUT-2150'],
  ])('%s', async (_, contract, code) => {
    const proxy = await newProxy('uups');
    const v1 = await implementation('SavingsUups', { initialize });
    const vault = await created(handler, wanted(proxy, v1));
    const next = await implementation(contract);
    const error = await refusal(vault.diff(wanted(proxy, next)));
    expect([error.code, error.exit]).toEqual([code, 3]);
    expect((await refusal(vault.update(wanted(proxy, next)))).code).toBe(code);
    expect(await version(proxy)).toBe(1n);
  });

  it('is the migration itself, in the words of the contract, and nothing changes', async () => {
    const proxy = await newProxy('uups');
    const vault = await created(handler, wanted(proxy, await implementation('SavingsUups', { initialize })));
    const greedy = { function: 'migrate', args: { fee_: 101 } };
    const v2 = await implementation('SavingsUupsV2', { migrate: greedy });
    const error = await refusal(vault.update(wanted(proxy, v2)));
    expect(error.message).toContain('BadFee(101)');
    expect(await version(proxy)).toBe(1n);
  });
});

describe('a proxy of others', () => {
  it('is adopted by its address: nothing is sent, and then it is upgraded as any other', async () => {
    const v1 = await implementation('SavingsUups');
    const proxy = await foreign('ForeignProxy', [v1.address, initializing()]);
    const known = { contract: 'Savings', address: v1.address };
    let state: Awaited<ReturnType<typeof adopt>> | undefined;
    const adopt = () => created(handler, wanted(proxy, known));
    expect(await sentDuring(node, async () => (state = await adopt()))).toBe(0);
    expect(state?.state.serves).toEqual(known);

    const v2 = await implementation('SavingsUupsV2', { migrate });
    told = [];
    expect(await state?.diff(wanted(proxy, v2))).toBe(true);
    expect(told.join('\n')).toMatch(/\? Savings: unknown: no storage layout is kept for it/);
    await state?.update(wanted(proxy, v2));
    expect(await version(proxy)).toBe(2n);
  });

  it('that nobody has initialised is told, each time', async () => {
    const open = await implementation('SavingsOpen');
    const idle = new Interface(['function proxiableUUID()']).encodeFunctionData('proxiableUUID');
    await expect(foreign('ForeignProxy', [open.address, idle])).rejects.toThrow();
    const first = await implementation('SavingsUups');
    const pure = new Interface(['function version()']).encodeFunctionData('version');
    const proxy = await foreign('ForeignProxy', [first.address, pure]);
    const vault = await created(handler, wanted(proxy, first));
    expect(vault.state.drift).toEqual([
      'warning: nobody has initialised it: whoever does so first may own it',
    ]);
    told = [];
    expect(await vault.diff(wanted(proxy, first))).toBe(false);
    expect(told.join('\n')).toContain('nobody has initialised it');
    await act(node, 0, proxy, 'initialize(address)', [owner]);
    expect(await vault.diff(wanted(proxy, first))).toBe(true);

    told = [];
    await vault.diff(wanted(proxy, open, { allow: [] }));
    expect(told.join('\n')).toContain('the implementation itself can be initialised by anybody');
  });

  it('is refused where a beacon decides, where it is of another kind, and where it is no proxy', async () => {
    const v1 = await implementation('SavingsUups');
    const v2 = await implementation('SavingsUupsV2');
    const beacon = await foreign('ForeignBeacon', [v1.address, owner]);
    const proxy = await foreign('ForeignBeaconProxy', [beacon, initializing()]);
    const error = await refusal(created(handler, wanted(proxy, v2)));
    expect(error.code).toBe('CUT-2350');
    expect(error.message).toContain(beacon);

    const transparent = await newProxy('transparent');
    expect((await refusal(created(handler, wanted(transparent, v2)))).remedy).toContain(
      "kind: 'transparent'",
    );
    const uups = await newProxy('uups');
    expect((await refusal(created(handler, wanted(uups, v2, { kind: 'transparent' })))).code).toBe(
      'CUT-2352',
    );
    expect((await refusal(created(handler, wanted(v1.address, v2)))).code).toBe('CUT-2351');
  });
});

describe('a proxy', () => {
  it('is taken as unchanged while no endpoint answers', async () => {
    const proxy = await newProxy('uups');
    const v1 = await implementation('SavingsUups', { initialize });
    const front = await startFaultyNode(node);
    const same = wanted(proxy, v1, { network: networkOf(front) });
    const vault = await created(handler, same);
    await front.stop();
    told = [];
    expect(await vault.diff(same)).toBe(false);
    expect(told.join('\n')).toMatch(/^warning: the proxy Savings at 0x\w+ .* could not be looked at/);
  });

  it.each([
    ['that upgrades by itself', 'uups', 'SavingsUups', 'SavingsUupsV2'],
    ['that its ProxyAdmin upgrades', 'transparent', 'Savings', 'SavingsV2'],
  ] as const)(
    '%s goes through a Safe over several updates: the first version, the next, and back',
    async (_, kind, one, two) => {
      const authority = await newSafe(node, [1, 2, 3], 2);
      const { address: safe } = authority;
      const proxy = await newProxy(kind, safe);
      const v1 = await implementation(one, { initialize: { ...initialize, args: [safe] } });
      const v2 = await implementation(two);
      const vault = await created(handler, wanted(proxy, v1, { kind, authority }));
      for (const [behind, is] of [
        [v1, 1n],
        [v2, 2n],
        [v1, 1n],
        [v2, 2n],
      ] as const) {
        const inputs = wanted(proxy, behind, { kind, authority });
        await vault.update(inputs);
        await approve(node, authority.folder, 1);
        await vault.update(inputs);
        expect(Object.values(vault.state.progress)).toMatchObject([{ kind: 'proposed', stage: 'approvals' }]);
        // What waits is no drift.
        expect((await vault.read())?.drift).toEqual([]);
        await approve(node, authority.folder, 3);
        await vault.update(inputs);
        expect(await version(proxy)).toBe(is);
        expect(vault.state).toMatchObject({ serves: { contract: behind.contract }, drift: [] });
        expect(await vault.diff(inputs)).toBe(false);
      }
    },
  );
});
