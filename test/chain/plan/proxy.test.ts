import { getAddress, getCreateAddress, Interface } from 'ethers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Abi } from '@cutover/chain/plan/artifact.ts';
import { compactLayout, type CompactLayout } from '@cutover/chain/plan/layout/compact.ts';
import { describeUpgrade } from '@cutover/chain/plan/proxy/describe-upgrade.ts';
import {
  addressInSlot,
  proxySlots,
  startOf,
  versionInSlot,
  type ProxyFacts,
} from '@cutover/chain/plan/proxy/facts.ts';
import {
  implementationAt,
  traitsOf,
  type KnownImplementation,
  type WantedImplementation,
} from '@cutover/chain/plan/proxy/implementation.ts';
import {
  planProxy,
  upgradeInterface,
  type ProxyMemory,
  type ProxyWish,
  type Upgrade,
} from '@cutover/chain/plan/proxy/plan-proxy.ts';

const address = (digit: string): string => getAddress(`0x${digit.repeat(40)}`);
const [proxy, admin, owner] = [address('9'), address('a'), address('b')];

/** A layout of numbers one behind the other. */
function layoutOf(...labels: readonly string[]): CompactLayout {
  return compactLayout({
    contract: 'Vault',
    areas: [
      {
        kind: 'plain',
        id: '',
        slot: 0n,
        variables: labels.map((label, index) => ({ label, slot: BigInt(index), offset: 0, type: 0 })),
      },
    ],
    types: [{ kind: 'value', label: 'uint256', bytes: 32 }],
    notUnderstood: [],
  });
}

const v1: WantedImplementation = {
  ...{ contract: 'VaultV1', address: address('1'), layout: layoutOf('total') },
  ...{ uups: true, initializable: false },
};
const v2 = { ...v1, contract: 'VaultV2', address: address('2'), layout: layoutOf('total', 'fee') };
const broken = { ...v1, contract: 'Broken', address: address('3'), layout: layoutOf('fee', 'total') };
const calls = {
  initialize: { function: 'function initialize(address owner)', data: '0x01' },
  migrate: { function: 'function migrate(uint256 fee)', data: '0x02' },
} as const;
const call = (name: keyof typeof calls): NonNullable<WantedImplementation['migrate']> => ({
  ...{ ...calls[name], args: [], value: '0', errors: [] },
});

const uups: ProxyWish = { title: 'Vault', proxy, kind: 'uups', implementation: v2, allow: [] };
const transparent: ProxyWish = { ...uups, kind: 'transparent' };
const behind = (implementation: string, more: Partial<ProxyFacts> = {}): ProxyFacts => ({
  ...{ implementation, admin: undefined, beacon: undefined, adminOwner: undefined },
  ...{
    interfaceVersion: '5.0.0',
    proxiable: 'yes',
    initialized: 1n,
    implementationInitialized: 2n ** 64n - 1n,
  },
  ...more,
});
const memory: ProxyMemory = { serves: v1 };

function upgradeOf(wish: ProxyWish, facts: ProxyFacts, known: ProxyMemory | undefined = memory): Upgrade {
  const plan = planProxy(wish, facts, known);
  if (plan.kind !== 'upgrade') throw new Error(plan.kind === 'refused' ? plan.error.message : plan.kind);
  return plan;
}

function refusalOf(wish: ProxyWish, facts: ProxyFacts, known: ProxyMemory | undefined = memory): string {
  const plan = planProxy(wish, facts, known);
  if (plan.kind !== 'refused') throw new Error(`it is ${plan.kind}`);
  return `${plan.error.message}`;
}

describe('what stands behind a proxy', () => {
  it('is left alone where it is as wanted, in whatever letters', () => {
    expect(planProxy(uups, behind(v2.address.toLowerCase()), memory)).toEqual({
      kind: 'nothing',
      warnings: [],
    });
  });

  it('is upgraded by itself with UUPS, and by its admin where it is transparent', () => {
    const byItself = upgradeOf(uups, behind(v1.address));
    expect(byItself.call.to).toBe(proxy);
    expect([...upgradeInterface.decodeFunctionData('upgradeToAndCall', byItself.call.data)]).toEqual([
      v2.address,
      '0x',
    ]);
    const byAdmin = upgradeOf(transparent, behind(v1.address, { admin, adminOwner: owner }));
    expect(byAdmin.call.to).toBe(admin);
    expect([...upgradeInterface.decodeFunctionData('upgradeAndCall', byAdmin.call.data)]).toEqual([
      proxy,
      v2.address,
      '0x',
    ]);
  });

  it('is upgraded with the functions that releases before 5 have, where nothing is called with it', () => {
    const old = { interfaceVersion: undefined };
    expect(upgradeOf(uups, behind(v1.address, old)).call.data).toBe(
      upgradeInterface.encodeFunctionData('upgradeTo', [v2.address]),
    );
    const facts = behind(v1.address, { ...old, admin, adminOwner: owner });
    expect(upgradeOf(transparent, facts).call.data).toBe(
      upgradeInterface.encodeFunctionData('upgrade', [proxy, v2.address]),
    );
    const migrating = { ...uups, implementation: { ...v2, migrate: call('migrate') } };
    expect(upgradeOf(migrating, behind(v1.address, old)).call.data).toBe(
      upgradeInterface.encodeFunctionData('upgradeToAndCall', [v2.address, '0x02']),
    );
  });

  it('is initialised the first time, and migrated from then on', () => {
    const both = {
      ...uups,
      implementation: { ...v2, initialize: call('initialize'), migrate: call('migrate') },
    };
    const first = upgradeOf(both, behind(startOf(proxy)), undefined);
    expect([first.way, first.runs?.data]).toEqual(['first', '0x01']);
    const next = upgradeOf(both, behind(v1.address));
    expect([next.way, next.runs?.data]).toEqual(['on', '0x02']);
  });

  it('is shown to a reviewer with what runs and what becomes of the storage', () => {
    const migrating = { ...v2, migrate: call('migrate') };
    const plan = upgradeOf({ ...uups, implementation: migrating }, behind(v1.address));
    const lines = describeUpgrade(plan, proxy, []);
    expect(lines[0]).toBe(`~ VaultV1 ${v1.address} -> VaultV2 ${v2.address}`);
    expect(lines[1]).toMatch(/^with it, in the same transaction: /);
    expect(lines.slice(2)).toEqual([
      'storage of Vault: 1 safe, 1 unchanged',
      '+ Vault.fee uint256 at slot 1: safe: at the end',
    ]);
  });

  it('goes back to the one before, which is told as that', () => {
    const wish = { ...uups, implementation: v1 };
    const known = { serves: v2, before: v1 };
    const plan = upgradeOf({ ...wish, allow: ['removed:Vault.fee:uint256'] }, behind(v2.address), known);
    expect(plan.way).toBe('back');
    expect(describeUpgrade(plan, proxy, [])[0]).toMatch(/-> VaultV1 0x1+, as it was before$/);
  });
});

describe('an upgrade that must not be', () => {
  const layoutUnknown = { contract: 'VaultV1', address: v1.address };
  it.each([
    ['of a beacon proxy', uups, behind('', { implementation: undefined, beacon: owner }), 'CUT-2350'],
    ['of what is no proxy', uups, behind('', { implementation: undefined }), 'CUT-2351'],
    ['as UUPS where an admin upgrades', uups, behind(v1.address, { admin, adminOwner: owner }), 'CUT-2352'],
    ['by an admin where there is none', transparent, behind(v1.address), 'CUT-2352'],
    ['by an admin that is a plain account', transparent, behind(v1.address, { admin }), 'CUT-2352'],
    ['to what says it is for other slots', uups, behind(v1.address, { proxiable: 'no' }), 'CUT-2353'],
    [
      'to what is not UUPS by its ABI and not there yet',
      { ...uups, implementation: { ...v2, uups: false } },
      behind(v1.address, { proxiable: 'not asked' }),
      'CUT-2353',
    ],
    ['that breaks the storage', { ...uups, implementation: broken }, behind(v1.address), 'CUT-2150'],
  ] as const)('%s', (_, wish, facts, code) => {
    expect(refusalOf(wish, facts)).toContain(code);
  });

  it('may be all the same where each finding is allowed in its words', () => {
    const words = refusalOf({ ...uups, implementation: broken }, behind(v1.address));
    const allow = [...words.matchAll(/^ {4}("[^"]+")/gm)].map(([, text]) => JSON.parse(text ?? '') as string);
    expect(allow.length).toBeGreaterThan(0);
    expect(upgradeOf({ ...uups, implementation: broken, allow }, behind(v1.address)).to).toBe(broken);
  });

  it('is told where the storage before is not known, and goes on', () => {
    const plan = upgradeOf(uups, behind(v1.address), { serves: layoutUnknown });
    expect(plan.storage.verdict).toBe('unknown');
    expect(describeUpgrade(plan, proxy, []).join('\n')).toContain('no storage layout is kept for it');
  });
});

describe('what a reviewer is warned of', () => {
  const initializable = { ...v2, initializable: true };
  const wish = { ...uups, implementation: initializable };
  it.each([
    ['a proxy that nobody initialised', behind(v2.address, { initialized: 0n }), /nobody has initialised it/],
    [
      'a first implementation that nothing initialises',
      behind(startOf(proxy), { initialized: 0n }),
      /nothing initialises it/,
    ],
    [
      'an implementation that can be initialised itself',
      behind(v1.address, { implementationInitialized: 0n }),
      /call _disableInitializers\(\)/,
    ],
    ['another admin', behind(v2.address, {}), /its admin's owner is nobody; it was 0x/],
  ] as const)('%s', (_, facts, words) => {
    const plan = planProxy(wish, facts, { ...memory, adminOwner: owner });
    if (plan.kind === 'refused') throw plan.error;
    expect(plan.warnings.join('\n')).toMatch(words);
  });

  it('is not what cannot be seen yet', () => {
    const facts = behind(v1.address, { implementationInitialized: 0n, proxiable: 'not asked' });
    expect(upgradeOf(wish, facts).warnings).toEqual([]);
  });
});

describe('the slots of a proxy', () => {
  it('are those of ERC-1967', () => {
    expect(proxySlots).toMatchObject({
      implementation: '0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc',
      admin: '0xb53127684a568b3173ae13b9f8a6016e243e63b6e8ee1178d6a717850b5d6103',
      beacon: '0xa3f0ad74e5423aebfd80d3ef4346578335a9a72aeaee59ff6cb3582b35133d50',
    });
  });

  it('hold an address, or none', () => {
    const word = `0x${'00'.repeat(12)}${owner.slice(2).toLowerCase()}`;
    expect(addressInSlot(word)).toBe(owner);
    for (const other of ['0x', '0x0', `0x${'00'.repeat(32)}`, `0x01${'00'.repeat(31)}`]) {
      expect(addressInSlot(other)).toBeUndefined();
    }
  });

  it('hold a version beside other flags', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 64n - 1n), fc.boolean(), (version, flag) => {
        const word = `0x${(version + (flag ? 2n ** 64n : 0n)).toString(16)}`;
        expect(versionInSlot(word)).toBe(version);
      }),
    );
    expect(versionInSlot('0x')).toBe(0n);
  });

  it('say where a proxy of ours starts: the first contract that it creates', () => {
    expect(startOf(proxy)).toBe(getCreateAddress({ from: proxy, nonce: 1 }));
  });
});

describe('an implementation', () => {
  const abiOf = (...lines: readonly string[]): Abi => JSON.parse(new Interface(lines).formatJson()) as Abi;
  const both = [
    'function proxiableUUID() view returns (bytes32)',
    'function upgradeToAndCall(address, bytes) payable',
  ];
  it('is known by its ABI', () => {
    expect(traitsOf(abiOf(...both, 'event Initialized(uint64 version)'))).toEqual({
      uups: true,
      initializable: true,
    });
    expect(traitsOf(abiOf(...both.slice(1), 'event Initialized(uint8 version)'))).toEqual({
      uups: false,
      initializable: false,
    });
  });

  it('is known by whoever knows its storage, else by its name, else by its address alone', () => {
    const bare: KnownImplementation = { address: v1.address, contract: 'Old' };
    expect(implementationAt(v1.address, [undefined, bare, v1]).layout).toBe(v1.layout);
    expect(implementationAt(v1.address, [bare])).toEqual(bare);
    expect(implementationAt(v1.address, [v2])).toEqual({ address: v1.address });
  });
});
