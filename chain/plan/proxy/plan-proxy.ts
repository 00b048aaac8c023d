import { Interface } from 'ethers/abi';
import { CutoverError } from '@cutover/base/errors.ts';
import { sameAddress } from '../authority/authority.ts';
import type { Call } from '../authority/action.ts';
import type { CheckedCall } from '../call.ts';
import { compareProxyLayouts, type LayoutComparison } from '../layout/compare-layouts.ts';
import { readLayout } from '../layout/compact.ts';
import { layoutRefusal } from '../layout/judge-layout.ts';
import { startOf, type ProxyFacts } from './facts.ts';
import { implementationAt, type KnownImplementation, type WantedImplementation } from './implementation.ts';

/** Who upgrades: the implementation itself, or a ProxyAdmin in front of it. */
export type ProxyKind = 'uups' | 'transparent';

/** A proxy as it is wanted. */
export interface ProxyWish {
  readonly title: string;
  readonly proxy: string;
  readonly kind: ProxyKind;
  readonly implementation: WantedImplementation;
  /** Findings about the storage that are meant, in the words of the error that refused them. */
  readonly allow: readonly string[];
}

/** What is known from before: the way back, and how storage was laid out. */
export interface ProxyMemory {
  readonly serves?: KnownImplementation | undefined;
  readonly before?: KnownImplementation | undefined;
  readonly implementation?: KnownImplementation | undefined;
  readonly admin?: string | undefined;
  readonly adminOwner?: string | undefined;
}

/** An upgrade that may be sent. */
export interface Upgrade {
  readonly kind: 'upgrade';
  readonly call: Call;
  /** `first`: the proxy had no implementation yet. `back`: it had this one before. */
  readonly way: 'first' | 'on' | 'back';
  readonly from: KnownImplementation;
  readonly to: WantedImplementation;
  /** What runs in the same transaction. */
  readonly runs: CheckedCall | undefined;
  readonly storage: LayoutComparison;
  readonly warnings: readonly string[];
}

export type ProxyPlan =
  | { readonly kind: 'nothing'; readonly warnings: readonly string[] }
  | Upgrade
  /** It could be sent, or could not, and must not be. */
  | { readonly kind: 'refused'; readonly error: CutoverError };

/** What upgrades proxies, of OpenZeppelin 5 and of releases before it. */
export const upgradeInterface = new Interface([
  'function upgradeToAndCall(address newImplementation, bytes data)',
  'function upgradeTo(address newImplementation)',
  'function upgradeAndCall(address proxy, address implementation, bytes data)',
  'function upgrade(address proxy, address implementation)',
  'error ERC1967InvalidImplementation(address implementation)',
  'error UUPSUnauthorizedCallContext()',
  'error UUPSUnsupportedProxiableUUID(bytes32 slot)',
]);

/** Holds a proxy as it is wanted against what the chain says. */
export function planProxy(wish: ProxyWish, facts: ProxyFacts, memory: ProxyMemory | undefined): ProxyPlan {
  const { implementation: to, proxy } = wish;
  const current = facts.implementation;
  const refusal = kindRefusal(wish, facts);
  if (refusal !== undefined || current === undefined) {
    return { kind: 'refused', error: refusal ?? notAProxy(proxy) };
  }
  const admins = adminWarnings(facts, memory);
  if (sameAddress(current, to.address)) {
    return { kind: 'nothing', warnings: [...admins, ...openWarning(to, facts)] };
  }
  const isFirst = sameAddress(current, startOf(proxy));
  const known = [memory?.serves, memory?.before, memory?.implementation];
  const from = implementationAt(current, known);
  const storage = compareProxyLayouts(
    wish.title,
    isFirst ? undefined : readLayout(from.layout),
    readLayout(to.layout),
  );
  const error = uupsRefusal(wish, facts) ?? layoutRefusal(storage, wish.allow);
  if (error !== undefined) return { kind: 'refused', error };
  const isBack = memory?.before !== undefined && sameAddress(memory.before.address, to.address);
  const runs = isFirst ? to.initialize : to.migrate;
  return {
    kind: 'upgrade',
    call: upgradeCall(wish, facts, runs?.data ?? '0x'),
    way: isFirst ? 'first' : isBack ? 'back' : 'on',
    from,
    to,
    runs,
    storage,
    warnings: [...admins, ...upgradeWarnings(to, facts, isFirst)],
  };
}

function upgradeCall({ kind, proxy, implementation }: ProxyWish, facts: ProxyFacts, data: string): Call {
  const { address } = implementation;
  // Before release 5 the call with empty data calls the implementation's fallback, which most have not.
  const plainly = data === '0x' && facts.interfaceVersion !== '5.0.0';
  const encode = (name: string, ...args: readonly string[]): string =>
    upgradeInterface.encodeFunctionData(name, args);
  if (kind === 'uups') {
    const call = plainly ? encode('upgradeTo', address) : encode('upgradeToAndCall', address, data);
    return { to: proxy, data: call };
  }
  const call = plainly ? encode('upgrade', proxy, address) : encode('upgradeAndCall', proxy, address, data);
  return { to: facts.admin ?? proxy, data: call };
}

function kindRefusal({ title, proxy, kind }: ProxyWish, facts: ProxyFacts): CutoverError | undefined {
  const { implementation, admin, beacon, adminOwner } = facts;
  if (implementation === undefined) {
    return beacon === undefined ? undefined : new CutoverError('CUT-2350', { title, proxy, beacon });
  }
  const differs = (found: string, right: string): CutoverError =>
    new CutoverError('CUT-2352', { title, proxy, kind, found, right });
  if (kind === 'uups') {
    return admin === undefined
      ? undefined
      : differs(`it has the admin ${admin}`, "Say kind: 'transparent'; the admin upgrades it.");
  }
  if (admin === undefined) return differs('it has no admin', "Say kind: 'uups'; it upgrades by itself.");
  return adminOwner === undefined
    ? differs(
        `its admin ${admin} is no ProxyAdmin`,
        'Give it one with changeAdmin(address), from that account; upgrades then go through the ProxyAdmin and its owner.',
      )
    : undefined;
}

function notAProxy(proxy: string): CutoverError {
  return new CutoverError('CUT-2351', { proxy });
}

function uupsRefusal(
  { title, kind, implementation }: ProxyWish,
  { proxiable }: ProxyFacts,
): CutoverError | undefined {
  if (kind !== 'uups' || proxiable === 'yes') return undefined;
  const { contract, uups } = implementation;
  if (proxiable === 'not asked' && uups !== false) return undefined;
  const found =
    proxiable === 'no'
      ? 'it does not answer proxiableUUID() with the slot of ERC-1967'
      : 'its ABI has no proxiableUUID() and upgradeToAndCall(address,bytes)';
  return new CutoverError('CUT-2353', { implementation: contract, title, found });
}

function adminWarnings(facts: ProxyFacts, memory: ProxyMemory | undefined): readonly string[] {
  return [
    ['admin', facts.admin, memory?.admin],
    ["admin's owner", facts.adminOwner, memory?.adminOwner],
  ].flatMap(([what, is, was]) =>
    was === undefined || is === was ? [] : [`its ${what} is ${is ?? 'nobody'}; it was ${was}`],
  );
}

/** A proxy that nobody has initialised belongs to the first who does. */
function openWarning(
  { initializable }: WantedImplementation,
  { initialized }: ProxyFacts,
): readonly string[] {
  return initializable === true && initialized === 0n
    ? ['warning: nobody has initialised it: whoever does so first may own it']
    : [];
}

function upgradeWarnings(
  to: WantedImplementation,
  { initialized, implementationInitialized, proxiable }: ProxyFacts,
  isFirst: boolean,
): readonly string[] {
  if (to.initializable !== true) return [];
  const runs = isFirst ? to.initialize : to.migrate;
  const open = runs === undefined && initialized === 0n;
  const isThere = proxiable !== 'not asked';
  return [
    ...(open
      ? ['warning: nothing initialises it: give its `initialize`, or whoever calls that first may own it']
      : []),
    ...(isThere && implementationInitialized === 0n
      ? [
          'warning: the implementation itself can be initialised by anybody; let its constructor call _disableInitializers()',
        ]
      : []),
  ];
}
