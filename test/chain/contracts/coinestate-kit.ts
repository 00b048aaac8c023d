import { getAddress, id as keccak } from 'ethers';
import { startChain, type Chain, type Deployed, type Mined } from './chain-kit.ts';

export const tokenSource = 'chain/contracts/coinestate/PropertyToken.sol';
export const meddlerSource = 'test/chain/contracts/solidity/Meddler.sol';
export const day = 86_400;
export const adminDelay = 2 * day;
export const recoveryDelay = 7 * day;
export const maxTerm = 3 * 366 * day;

/** The roles, by the names that the contract hashes; the admin's is zero. */
export const roles = {
  admin: `0x${'00'.repeat(32)}`,
  minter: keccak('MINTER_ROLE'),
  identity: keccak('IDENTITY_ROLE'),
  pauser: keccak('PAUSER_ROLE'),
  unpauser: keccak('UNPAUSER_ROLE'),
  recovery: keccak('RECOVERY_ROLE'),
};

/** A role by its short name. */
export type Role = keyof typeof roles;

const cast = [
  'deployer',
  'admin',
  'minter',
  'clerk',
  'pauser',
  'recoverer',
  'holder',
  'buyer',
  'newKey',
  'stranger',
] as const;

/** Who takes part; holder, buyer and newKey have identity checks for ten days. */
export type Person = (typeof cast)[number];

/** What each holds after construction. */
export const holds: Readonly<Partial<Record<Person, readonly Role[]>>> = {
  admin: ['admin', 'unpauser'],
  minter: ['minter'],
  clerk: ['identity'],
  pauser: ['pauser'],
  recoverer: ['recovery'],
};

/** A property of three shares on a real node; the holder has the first. */
export interface Stage {
  readonly chain: Chain;
  readonly token: Deployed;
  readonly who: Readonly<Record<Person, string>>;
  /** What the contract was constructed with. */
  readonly setup: Readonly<Record<string, unknown>>;
  /** The end of the identity checks. */
  readonly checkedUntil: number;
  /** Sends a transaction to the token; throws when it reverts. */
  act(as: Person, fn: string, args?: readonly unknown[]): Promise<Mined>;
  /** The revert of a call to the token that must not go through. */
  refused(as: Person, fn: string, args?: readonly unknown[]): Promise<string>;
  /** What a view answers first. */
  ask<T>(fn: string, ...args: readonly unknown[]): Promise<T>;
  /** Lets time pass. */
  pass(seconds: number): Promise<void>;
}

/** Starts a node unless one is given, deploys the token, checks identities and makes the first share. */
export async function openStage(given?: Chain): Promise<Stage> {
  const chain = given ?? (await startChain());
  const accounts = await chain.rpc<string[]>('eth_accounts');
  const named = cast.map((person, index) => [person, getAddress(accounts[index] ?? '')]);
  const who = Object.fromEntries(named) as Record<Person, string>;
  const setup = {
    ...{ name: '12 Harbour Street', symbol: 'HARB12', shares: 3n, royalty: 250n },
    ...{ admin: who.admin, minter: who.minter, identity: who.clerk, pauser: who.pauser },
    ...{ recoverer: who.recoverer, royaltyReceiver: who.admin, adminDelay, recoveryDelay },
  };
  const token = await chain.deploy(tokenSource, 'PropertyToken', [setup]);
  const act: Stage['act'] = (as, fn, args = []) => chain.send(who[as], token, fn, args);
  const checkedUntil = (await chain.now()) + 10 * day;
  await act('clerk', 'allow', [[who.holder, who.buyer, who.newKey], checkedUntil]);
  await act('minter', 'mint', [who.holder, 1n, 'ipfs://share-1']);
  return {
    chain,
    token,
    who,
    setup,
    checkedUntil,
    act,
    refused: (as, fn, args = []) => chain.refusal(who[as], token, fn, args),
    ask: async <T>(fn: string, ...args: readonly unknown[]) => (await chain.read(token, fn, ...args))[0] as T,
    pass: async (seconds) => chain.mineAt((await chain.now()) + seconds),
  };
}

/** What events of a transaction say, as `Name(arguments)`. */
export function told(mined: Mined): string[] {
  return mined.events.map((event) => `${event.name}(${event.args.map(String).join(', ')})`);
}
