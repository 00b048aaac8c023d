import { getAddress, id as keccak, keccak256, parseEther } from 'ethers';
import { startChain, type Chain, type Deployed, type Mined } from './chain-kit.ts';

export const operationsSource = 'chain/contracts/sop-138/SecuredOperations.sol';
export const meddlerSource = 'test/chain/contracts/solidity/Meddler.sol';
export const day = 86_400;
export const adminDelay = 2 * day;
export const exitDelay = day;

/** What may be done, in the contract's order. */
export const Mode = { Running: 0n, Paused: 1n, Emergency: 2n };

/** The roles, by the names that the contract hashes; the admin's is zero. */
export const roles = {
  admin: `0x${'00'.repeat(32)}`,
  authority: keccak('AUTHORITY_ROLE'),
  registrar: keccak('REGISTRAR_ROLE'),
  validator: keccak('VALIDATOR_ROLE'),
  pauser: keccak('PAUSER_ROLE'),
  unpauser: keccak('UNPAUSER_ROLE'),
  emergency: keccak('EMERGENCY_ROLE'),
  recovery: keccak('RECOVERY_ROLE'),
  /** Not one of the contract's own: operations name it. */
  operator: keccak('OPERATOR_ROLE'),
};

/** A role by its short name. */
export type Role = keyof typeof roles;

/** Who takes part; the authority is a contract, as it must be. */
const cast = [
  'deployer',
  'admin',
  'authority',
  'registrar',
  'validator',
  'pauser',
  'guardian',
  'operator',
  'vault',
  'stranger',
] as const;
export type Person = (typeof cast)[number];

/** What each holds after construction, and after the operator was made. */
export const holds: Readonly<Partial<Record<Person, readonly Role[]>>> = {
  admin: ['admin', 'unpauser', 'recovery'],
  authority: ['authority'],
  registrar: ['registrar'],
  validator: ['validator'],
  pauser: ['pauser'],
  guardian: ['emergency'],
  operator: ['operator'],
};

/** Limits as the contract takes them. */
export interface Limits {
  readonly role: string;
  readonly maxValue: bigint;
  readonly calls: bigint;
  readonly window: bigint;
  readonly validated: boolean;
  readonly amountArgument: bigint;
  readonly maxAmount: bigint;
}

/** `work` of the machine may be called three times an hour, with a thousand at most and a little ether. */
export const workLimits: Limits = {
  role: roles.operator,
  maxValue: 100n,
  calls: 3n,
  window: 3_600n,
  validated: false,
  amountArgument: 2n,
  maxAmount: 1_000n,
};

/** Secured operations on a real node, with one registered machine. */
export interface Stage {
  readonly chain: Chain;
  readonly operations: Deployed;
  readonly machine: Deployed;
  /** The selector of the machine's `work`. */
  readonly work: string;
  readonly who: Readonly<Record<Person, string>>;
  /** What the contract was constructed with. */
  readonly setup: Readonly<Record<string, unknown>>;
  /** Sends a transaction to the operations; throws when it reverts. */
  act(as: Person, fn: string, args?: readonly unknown[]): Promise<Mined>;
  /** The revert of a call to the operations that must not go through. */
  refused(as: Person, fn: string, args?: readonly unknown[]): Promise<string>;
  /** What a view answers first. */
  ask<T>(fn: string, ...args: readonly unknown[]): Promise<T>;
  /** The hash of the code at an address. */
  codeHash(contract: Deployed): Promise<string>;
  /** Lets a contract in: its code approved, its address registered. */
  letIn(contract: Deployed): Promise<void>;
  /** The arguments of `execute` for one call of the machine's `work`. */
  working(amount: bigint, value?: bigint): [string, bigint, string];
  /** Allows `work` with these limits. */
  allow(limits?: Partial<Limits>): Promise<void>;
  /** Lets time pass. */
  pass(seconds: number): Promise<void>;
}

/** Starts a node unless one is given, deploys the operations with ether in them, and lets the machine in. */
export async function openStage(given?: Chain): Promise<Stage> {
  const chain = given ?? (await startChain());
  const accounts = await chain.rpc<string[]>('eth_accounts');
  const authority = await chain.deploy(meddlerSource, 'Meddler');
  // The multisig acts by itself here; how one comes to act is not what is tested.
  await chain.rpc('anvil_autoImpersonateAccount', [true]);
  await chain.rpc('anvil_setBalance', [authority.address, parseEther('100')]);
  const named = cast.map((person, index) => [person, getAddress(accounts[index] ?? '')]);
  const who = { ...Object.fromEntries(named), authority: authority.address } as Record<Person, string>;
  const setup = {
    ...{ admin: who.admin, authority: who.authority, registrar: who.registrar, validator: who.validator },
    ...{ pauser: who.pauser, guardian: who.guardian, recoveryAddress: who.vault, adminDelay, exitDelay },
  };
  const operations = await chain.deploy(operationsSource, 'SecuredOperations', [setup]);
  const machine = await chain.deploy(meddlerSource, 'Meddler');
  const work = machine.abi.getFunction('work')?.selector ?? '';

  const act: Stage['act'] = (as, fn, args = []) => chain.send(who[as], operations, fn, args);
  async function codeHash(contract: Deployed): Promise<string> {
    return keccak256(await chain.rpc<string>('eth_getCode', [contract.address, 'latest']));
  }
  async function letIn(contract: Deployed): Promise<void> {
    await act('authority', 'authorizeCode', [await codeHash(contract)]);
    await act('registrar', 'registerDeployment', [contract.address]);
  }

  await act('admin', 'grantRole', [roles.operator, who.operator]);
  await letIn(machine);
  await chain.rpc('eth_sendTransactionSync', [
    { from: who.deployer, to: operations.address, value: '0x2710', gas: '0x186a0' },
  ]);

  return {
    chain,
    operations,
    machine,
    work,
    who,
    setup,
    act,
    codeHash,
    letIn,
    refused: (as, fn, args = []) => chain.refusal(who[as], operations, fn, args),
    ask: async <T>(fn: string, ...args: readonly unknown[]) =>
      (await chain.read(operations, fn, ...args))[0] as T,
    working: (amount, value = 0n) => [
      machine.address,
      value,
      machine.abi.encodeFunctionData('work', [who.stranger, amount]),
    ],
    allow: async (limits = {}) => {
      await act('authority', 'allowOperation', [machine.address, work, { ...workLimits, ...limits }]);
    },
    pass: async (seconds) => chain.mineAt((await chain.now()) + seconds),
  };
}

/** What events of a transaction say, as `Name(arguments)`. */
export function told(mined: Mined): string[] {
  return mined.events.map((event) => `${event.name}(${event.args.map(String).join(', ')})`);
}
