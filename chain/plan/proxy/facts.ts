import { getAddress, getCreateAddress } from 'ethers/address';
import { toBeHex } from 'ethers/utils';
import { erc1967Slots, erc7201Slot } from '../layout/slots.ts';

/** What a chain says of a proxy. */
export interface ProxyFacts {
  /** Undefined where the slot is empty. */
  readonly implementation: string | undefined;
  readonly admin: string | undefined;
  readonly beacon: string | undefined;
  /** Who owns the admin; undefined where there is none, or where it is no contract with an owner. */
  readonly adminOwner: string | undefined;
  /** What upgrades it says of its interface: `5.0.0` since OpenZeppelin 5. */
  readonly interfaceVersion: string | undefined;
  /** Whether the wanted implementation says that it is made for these slots; it may not be there yet. */
  readonly proxiable: 'yes' | 'no' | 'not asked';
  /** How often it was initialised, by Initializable of OpenZeppelin 5: 0 says not yet. */
  readonly initialized: bigint;
  /** The same of the wanted implementation itself. */
  readonly implementationInitialized: bigint;
}

/** The slots of ERC-1967, as a node is asked for them. */
export const proxySlots = {
  implementation: slotText('eip1967.proxy.implementation'),
  admin: slotText('eip1967.proxy.admin'),
  beacon: slotText('eip1967.proxy.beacon'),
  initializable: toBeHex(erc7201Slot('openzeppelin.storage.Initializable'), 32),
} as const;

/** The address that a slot holds; undefined where it is empty or holds something else. */
export function addressInSlot(word: string): string | undefined {
  const digits = word.slice(2).padStart(64, '0');
  return /^0{24}/.test(digits) && !/^0*$/.test(digits) ? getAddress(`0x${digits.slice(24)}`) : undefined;
}

/** The version in the slot of Initializable: its lowest eight bytes. */
export function versionInSlot(word: string): bigint {
  return BigInt(word === '0x' ? 0 : word) & 0xffff_ffff_ffff_ffffn;
}

/** What a proxy of ours runs before its first implementation: the first contract that it creates itself. */
export function startOf(proxy: string): string {
  return getCreateAddress({ from: proxy, nonce: 1 });
}

function slotText(name: string): string {
  return toBeHex(erc1967Slots[name] ?? 0n, 32);
}
