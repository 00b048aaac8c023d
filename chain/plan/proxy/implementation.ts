import { FunctionFragment } from 'ethers/abi';
import { sameAddress } from '../authority/authority.ts';
import type { Abi } from '../artifact.ts';
import type { CheckedCall } from '../call.ts';
import type { CompactLayout } from '../layout/compact.ts';

/** An implementation as far as it is known: of one that others brought, only the address. */
export interface KnownImplementation {
  readonly contract?: string;
  readonly address: string;
  readonly layout?: CompactLayout;
}

/** The implementation that should stand behind a proxy. A prepared one fits. */
export interface WantedImplementation extends KnownImplementation {
  readonly contract: string;
  /** Whether it can upgrade a UUPS proxy, by its ABI; undefined where there is none at hand. */
  readonly uups?: boolean;
  /** Whether it is initialised by OpenZeppelin's Initializable, by its ABI. */
  readonly initializable?: boolean;
  /** Run with the upgrade that makes it a proxy's first implementation. */
  readonly initialize?: CheckedCall;
  /** Run with the upgrade that brings it in place of another one. */
  readonly migrate?: CheckedCall;
}

/** What an ABI says of a contract as an implementation. */
export function traitsOf(abi: Abi): Required<Pick<WantedImplementation, 'uups' | 'initializable'>> {
  const functions = abi
    .filter(({ type }) => type === 'function')
    .map((item) => FunctionFragment.from(item).format('sighash'));
  // OpenZeppelin 4 has uint8 there, and keeps the version where no standard says.
  const initialized = abi.some(
    ({ type, name, inputs }) => type === 'event' && name === 'Initialized' && inputs?.[0]?.type === 'uint64',
  );
  const uups = functions.includes('proxiableUUID()') && functions.includes('upgradeToAndCall(address,bytes)');
  return { uups, initializable: initialized };
}

/** What is known of the implementation at an address, by whoever knows most. */
export function implementationAt(
  address: string,
  known: readonly (KnownImplementation | undefined)[],
): KnownImplementation {
  const same = known.filter((each) => each !== undefined && sameAddress(each.address, address));
  const { contract, layout } = same.find((each) => each?.layout !== undefined) ?? same[0] ?? {};
  return {
    address,
    ...(contract === undefined ? {} : { contract }),
    ...(layout === undefined ? {} : { layout }),
  };
}

/** `VaultV2 0x…`. */
export function implementationTitle({ contract, address }: KnownImplementation): string {
  return contract === undefined ? address : `${contract} ${address}`;
}
