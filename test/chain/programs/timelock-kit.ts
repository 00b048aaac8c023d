import { createHash } from 'node:crypto';
import { programDataAddress } from '@cutover/chain/plan/solana/address.ts';
import type { AccountUse, Instruction } from '@cutover/chain/plan/solana/instruction.ts';
import { readLoaderAccount } from '@cutover/chain/plan/solana/loader-accounts.ts';
import { setAuthority } from '@cutover/chain/plan/solana/loader-instructions.ts';
import {
  readProposal,
  readTimelock,
  type ProposedAction,
  type Timelock,
  type TimelockProposal,
  type TimelockRules,
} from '@cutover/chain/plan/solana/timelock/accounts.ts';
import {
  proposalAddress,
  timelockAddress,
  timelockVault,
} from '@cutover/chain/plan/solana/timelock/addresses.ts';
import { timelockRefusal } from '@cutover/chain/plan/solana/timelock/errors.ts';
import {
  approve,
  cancel,
  createTimelock,
  execute,
  propose,
  type Vote,
} from '@cutover/chain/plan/solana/timelock/instructions.ts';
import type { SolanaSigner } from '@cutover/chain/solana/keypairs.ts';
import { sharedObject } from '../../../toolchain/sbpf/shared-object.ts';
import { newSigner, type ProgramBench } from './program-kit.ts';

export const delaySeconds = 172_800;
export const graceSeconds = 86_400;

type UpgradeAction = Extract<ProposedAction, { readonly kind: 'upgrade' }>;

/** A time lock of three members, two of whom must approve, and what tests do with it. */
export interface TimelockBench {
  readonly program: string;
  readonly timelock: string;
  readonly vault: string;
  readonly members: readonly SolanaSigner[];
  readonly rules: TimelockRules;
  read(): Promise<Timelock>;
  proposal(index?: bigint): Promise<TimelockProposal>;
  /** A program under the vault, and a buffer for it that the vault owns too. */
  upgradeable(): Promise<UpgradeAction>;
  propose(action: ProposedAction, proposer?: SolanaSigner): Promise<bigint>;
  proposing(action: ProposedAction, index: bigint, proposer?: SolanaSigner): Instruction;
  vote(member: SolanaSigner, index: bigint): Vote;
  approve(index: bigint, ...members: readonly SolanaSigner[]): Promise<void>;
  cancel(index: bigint, ...members: readonly SolanaSigner[]): Promise<void>;
  execute(action: ProposedAction, index: bigint, ...further: readonly SolanaSigner[]): Promise<void>;
  executing(action: ProposedAction, index: bigint, member?: SolanaSigner): Instruction;
  /** Why the program refuses, by name. */
  refused(instruction: Instruction, ...signers: readonly SolanaSigner[]): Promise<string>;
}

/** Makes a time lock on a node where its program is. */
export async function makeTimelock(
  bench: ProgramBench,
  program: string,
  rules: Partial<TimelockRules> = {},
): Promise<TimelockBench> {
  const createKey = newSigner();
  const members = [newSigner(), newSigner(), newSigner()] as const;
  const timelock = timelockAddress(program, createKey.address);
  const vault = timelockVault(program, timelock);
  const all: TimelockRules = {
    members: members.map(({ address }) => address),
    threshold: 2,
    delaySeconds,
    graceSeconds,
    ...rules,
  };
  await bench.send(
    [createTimelock({ program, payer: bench.payer.address, createKey: createKey.address, rules: all })],
    [createKey],
  );

  const made: TimelockBench = {
    program,
    timelock,
    vault,
    members,
    rules: all,
    read: async () => found(readTimelock((await bench.account(timelock))?.data ?? new Uint8Array())),
    proposal: async (index = 0n) => {
      const account = await bench.account(proposalAddress(program, timelock, index));
      return found(readProposal(account?.data ?? new Uint8Array()));
    },
    upgradeable: async () => {
      const app = await bench.deploy(answering(1));
      const next = answering(2);
      const buffer = await bench.buffer(next);
      const authority = bench.payer.address;
      await bench.send(
        [programDataAddress(app), buffer].map((account) =>
          setAuthority({ account, authority, newAuthority: vault }),
        ),
      );
      return { kind: 'upgrade', program: app, buffer, spill: newSigner().address, hash: sha256(next) };
    },
    proposing: (action, index, proposer = members[0]) =>
      propose({ program, timelock, proposer: proposer.address, payer: bench.payer.address, index, action }),
    propose: async (action, proposer = members[0]) => {
      const { proposals } = await made.read();
      await bench.send([made.proposing(action, proposals, proposer)], [proposer]);
      return proposals;
    },
    vote: ({ address }, index) => ({ program, timelock, index, member: address }),
    approve: async (index, ...voters) => {
      for (const member of voters) await bench.send([approve(made.vote(member, index))], [member]);
    },
    cancel: async (index, ...voters) => {
      for (const member of voters) await bench.send([cancel(made.vote(member, index))], [member]);
    },
    executing: (action, index, member = members[2]) => execute(made.vote(member, index), action),
    execute: (action, index, ...further) =>
      bench.send([made.executing(action, index)], [members[2], ...further]),
    refused: async (instruction, ...signers) => {
      const code = await bench.refused([instruction], signers);
      return timelockRefusal(code) ?? `an unknown error ${code}`;
    },
  };
  return made;
}

/** A program that fails with this number, so that a test can tell which one runs. */
export function answering(result: number): Uint8Array {
  // r0 = result; exit
  const code = new Uint8Array(16);
  code[0] = 0xb7;
  new DataView(code.buffer).setInt32(4, result, true);
  code[8] = 0x95;
  return sharedObject({ code, constants: new Uint8Array(), entry: 0, systemCalls: [] });
}

/** Which of the programs of `answering` runs at an address. */
export function answerOf(bench: ProgramBench, program: string): Promise<number> {
  return bench.refused([{ program, accounts: [], data: new Uint8Array() }]);
}

/** Who may change a loader's account. */
export async function authorityOf(bench: ProgramBench, address: string): Promise<string | undefined> {
  const account = await bench.account(address);
  const read = readLoaderAccount(account?.owner ?? '', account?.data ?? new Uint8Array());
  return read.kind === 'buffer' || read.kind === 'programData' ? read.authority : undefined;
}

/** The same instruction with another account in one place. */
export function withAccount(
  instruction: Instruction,
  place: number,
  change: Partial<AccountUse>,
): Instruction {
  const accounts = instruction.accounts.map((use, at) => (at === place ? { ...use, ...change } : use));
  return { ...instruction, accounts };
}

export function sha256(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest();
}

function found<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the account is not there, or none that can be read');
  return value;
}
