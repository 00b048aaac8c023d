import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loaders, programDataAddress, systemProgram } from '@cutover/chain/plan/solana/address.ts';
import type { Instruction } from '@cutover/chain/plan/solana/instruction.ts';
import { close, setAuthority } from '@cutover/chain/plan/solana/loader-instructions.ts';
import type { TimelockRules } from '@cutover/chain/plan/solana/timelock/accounts.ts';
import { proposalAddress, timelockAddress } from '@cutover/chain/plan/solana/timelock/addresses.ts';
import { timelockErrors, timelockRefusal } from '@cutover/chain/plan/solana/timelock/errors.ts';
import { approve, createTimelock } from '@cutover/chain/plan/solana/timelock/instructions.ts';
import { builtProgram, newSigner, startProgramBench, type ProgramBench } from './program-kit.ts';
import {
  answering,
  answerOf,
  delaySeconds,
  makeTimelock,
  sha256,
  withAccount,
  type TimelockBench,
} from './timelock-kit.ts';

let bench: ProgramBench;
let program: string;
let lock: TimelockBench;
let other: TimelockBench;
const met = new Set<string>();

beforeAll(async () => {
  bench = await startProgramBench();
  program = await bench.deploy(builtProgram('timelock/timelock', 3));
  lock = noting(await makeTimelock(bench, program));
  other = noting(await makeTimelock(bench, program));
});
afterAll(() => bench.node.stop());

/** Remembers what was refused, so that the last test can tell what never was. */
function noting(made: TimelockBench): TimelockBench {
  return {
    ...made,
    refused: async (instruction, ...signers) => {
      const name = await made.refused(instruction, ...signers);
      met.add(name);
      return name;
    },
  };
}

async function ready(): Promise<{
  readonly action: Awaited<ReturnType<TimelockBench['upgradeable']>>;
  readonly index: bigint;
}> {
  const action = await lock.upgradeable();
  const index = await lock.propose(action);
  await lock.approve(index, lock.members[0]!, lock.members[1]!);
  await bench.node.timeTravel(delaySeconds + 1);
  return { action, index };
}

function withByte(instruction: Instruction, place: number, value: number): Instruction {
  const data = Uint8Array.from(instruction.data);
  data[place] = value;
  return { ...instruction, data };
}

describe('who signs', () => {
  it('must be a member', async () => {
    const { action, index } = await ready();
    const stranger = await bench.person();
    expect(await lock.refused(lock.proposing(action, 99n, stranger), stranger)).toBe('notAMember');
    expect(await lock.refused(approve(lock.vote(stranger, index)), stranger)).toBe('notAMember');
    expect(await lock.refused(lock.executing(action, index, stranger), stranger)).toBe('notAMember');
  });

  it('must sign, not only be named', async () => {
    const { action, index } = await ready();
    const unsigned = (instruction: Instruction): Instruction =>
      withAccount(instruction, 0, { signer: false });
    expect(await lock.refused(unsigned(approve(lock.vote(lock.members[2]!, index))))).toBe('notSigned');
    expect(await lock.refused(unsigned(lock.executing(action, index)))).toBe('notSigned');
    expect(await lock.refused(unsigned(lock.proposing(action, (await lock.read()).proposals)))).toBe(
      'notSigned',
    );
  });

  it('counts once', async () => {
    const action = await lock.upgradeable();
    const index = await lock.propose(action);
    await lock.approve(index, lock.members[0]!);
    expect(await lock.refused(approve(lock.vote(lock.members[0]!, index)), lock.members[0]!)).toBe(
      'alreadyApproved',
    );
    expect((await lock.proposal(index)).state).toBe('open');
  });
});

describe('accounts that are forged or swapped', () => {
  it('are refused as the time lock: the same bytes under another owner, and under another address', async () => {
    const { action, index } = await ready();
    const real = await bench.account(lock.timelock);
    const forged = newSigner().address;
    const put = (owner: string): Promise<void> =>
      bench.node.setAccount(forged, {
        lamports: 1_000_000_000n,
        owner,
        data: real?.data ?? new Uint8Array(),
      });
    const vote = withAccount(approve(lock.vote(lock.members[2]!, index)), 1, { address: forged });
    await put(systemProgram);
    expect(await lock.refused(vote, lock.members[2]!)).toBe('foreignConfig');
    await put(program);
    expect(await lock.refused(vote, lock.members[2]!)).toBe('wrongAddress');
    const run = withAccount(lock.executing(action, index), 1, {
      address: proposalAddress(program, lock.timelock, index),
    });
    expect(await lock.refused(run, lock.members[2]!)).toBe('foreignConfig');
  });

  it('are refused as the proposal: of another owner, at another address, and of another time lock', async () => {
    const { index } = await ready();
    const real = await bench.account(proposalAddress(program, lock.timelock, index));
    const forged = newSigner().address;
    const vote = withAccount(approve(lock.vote(lock.members[2]!, index)), 2, { address: forged });
    const put = (owner: string): Promise<void> =>
      bench.node.setAccount(forged, {
        lamports: 1_000_000_000n,
        owner,
        data: real?.data ?? new Uint8Array(),
      });
    await put(systemProgram);
    expect(await lock.refused(vote, lock.members[2]!)).toBe('foreignProposal');
    await put(program);
    expect(await lock.refused(vote, lock.members[2]!)).toBe('wrongAddress');
    const theirs = withAccount(approve(other.vote(other.members[0]!, 0n)), 2, {
      address: proposalAddress(program, lock.timelock, index),
    });
    expect(await other.refused(theirs, other.members[0]!)).toBe('otherTimelock');
  });

  it('are refused in place of the program, the buffer, the spill, the vault and the loader', async () => {
    const { action, index } = await ready();
    const foreign = await lock.upgradeable();
    const run = lock.executing(action, index);
    const refused = (place: number, address: string): Promise<string> =>
      lock.refused(withAccount(run, place, { address }), lock.members[2]!);
    expect(await refused(3, programDataAddress(foreign.program))).toBe('wrongProgram');
    expect(await refused(4, foreign.program)).toBe('wrongProgram');
    expect(await refused(5, foreign.buffer)).toBe('wrongBuffer');
    expect(await refused(6, newSigner().address)).toBe('wrongSpill');
    expect(await refused(9, other.vault)).toBe('wrongVault');
    expect(await refused(10, loaders.v4)).toBe('wrongLoader');
    await lock.execute(action, index);
  });
});

describe('an upgrade', () => {
  it('is not proposed for a program or a buffer that is not the vault’s, nor with another hash', async () => {
    const action = await lock.upgradeable();
    const { proposals } = await lock.read();
    const refused = (change: Partial<typeof action>): Promise<string> =>
      lock.refused(lock.proposing({ ...action, ...change }, proposals), lock.members[0]!);
    const foreignBuffer = await bench.buffer(answering(3));
    expect(await refused({ buffer: foreignBuffer })).toBe('foreignBuffer');
    expect(await refused({ program: await bench.deploy(answering(4)) })).toBe('foreignAuthority');
    expect(await refused({ buffer: action.program })).toBe('wrongBuffer');
    expect(await refused({ program: action.buffer })).toBe('wrongProgram');
    expect(await refused({ hash: sha256(answering(9)) })).toBe('changedBuffer');
  });

  it('is not executed with a buffer that was spent and filled anew under the same address', async () => {
    const key = newSigner();
    const first = await lock.upgradeable();
    const honest = answering(5);
    const fill = async (bytes: Uint8Array): Promise<void> => {
      await bench.buffer(bytes, bench.payer, key);
      const authority = bench.payer.address;
      await bench.send([setAuthority({ account: key.address, authority, newAuthority: lock.vault })]);
    };
    await fill(honest);
    const action = { ...first, buffer: key.address, hash: sha256(honest) };
    const index = await lock.propose(action);
    const handOver = { kind: 'handOver', account: key.address, authority: bench.payer.address } as const;
    const way = await lock.propose(handOver);
    await lock.approve(index, lock.members[0]!, lock.members[1]!);
    await lock.approve(way, lock.members[0]!, lock.members[1]!);
    await bench.node.timeTravel(delaySeconds + 1);
    // The buffer leaves the vault by the members' will, is closed, and comes back with other bytes.
    await lock.execute(handOver, way);
    expect(await lock.refused(lock.executing(action, index), lock.members[2]!)).toBe('foreignBuffer');
    await bench.send([
      close({ account: key.address, recipient: bench.payer.address, authority: bench.payer.address }),
    ]);
    await fill(answering(6));
    expect(await lock.refused(lock.executing(action, index), lock.members[2]!)).toBe('changedBuffer');
    expect(await answerOf(bench, action.program)).toBe(1);
  });
});

describe('a hand-over', () => {
  it('is refused for what is no buffer or program data, for another account and to somebody else', async () => {
    const next = newSigner();
    const { program: app, buffer } = await lock.upgradeable();
    const { proposals } = await lock.read();
    const proposed = (account: string): Promise<string> =>
      lock.refused(
        lock.proposing({ kind: 'handOver', account, authority: next.address }, proposals),
        lock.members[0]!,
      );
    expect(await proposed(app)).toBe('wrongAccount');
    expect(await proposed(await bench.buffer(answering(7)))).toBe('foreignBuffer');

    const action = { kind: 'handOver', account: programDataAddress(app), authority: next.address } as const;
    const index = await lock.propose(action);
    await lock.approve(index, lock.members[0]!, lock.members[1]!);
    await bench.node.timeTravel(delaySeconds + 1);
    const run = lock.executing(action, index);
    expect(await lock.refused(withAccount(run, 3, { address: buffer }), lock.members[2]!, next)).toBe(
      'wrongAccount',
    );
    const thief = newSigner();
    expect(await lock.refused(withAccount(run, 5, { address: thief.address }), lock.members[2]!, thief)).toBe(
      'wrongNewAuthority',
    );
    expect(await lock.refused(withAccount(run, 5, { signer: false }), lock.members[2]!)).toBe('notSigned');
  });
});

describe('rules', () => {
  const key = newSigner();
  /** The bytes of good rules, changed after the client's own check. */
  const creating = (
    change: (data: Uint8Array) => void,
    members = lock.members.map((m) => m.address),
  ): Instruction => {
    const rules: TimelockRules = { ...lock.rules, members };
    const made = createTimelock({ program, payer: bench.payer.address, createKey: key.address, rules });
    const data = Uint8Array.from(made.data);
    change(data.subarray(1));
    return { ...made, data };
  };
  const refused = (change: (data: Uint8Array) => void): Promise<string> =>
    lock.refused(creating(change), key);

  it('are checked by the program too', async () => {
    expect(await refused((rules) => rules.set([0], 0))).toBe('badThreshold');
    expect(await refused((rules) => rules.set([4], 0))).toBe('badThreshold');
    expect(await refused((rules) => rules.set([0], 1))).toBe('badMembers');
    expect(await refused((rules) => rules.set([11], 1))).toBe('badMembers');
    expect(await refused((rules) => rules.copyWithin(16, 48, 80))).toBe('badMembers');
    expect(await refused((rules) => rules.fill(0, 16, 48))).toBe('badMembers');
    expect(await refused((rules) => rules.set([0x01, 0xa7, 0x76, 0x00], 8))).toBe('badDelay');
    expect(await refused((rules) => rules.set([0, 0, 0, 0], 12))).toBe('badGrace');
    expect(await refused((rules) => rules.set([0x01, 0xa7, 0x76, 0x00], 12))).toBe('badGrace');
  });

  it('are checked in a proposal to change them', async () => {
    const action = { kind: 'changeRules', rules: lock.rules } as const;
    const made = lock.proposing(action, (await lock.read()).proposals);
    expect(await lock.refused(withByte(made, 2, 4), lock.members[0]!)).toBe('badThreshold');
  });

  it('are put where the create key says, once', async () => {
    expect(
      await lock.refused(
        withAccount(
          creating(() => undefined),
          2,
          { address: newSigner().address },
        ),
        key,
      ),
    ).toBe('wrongAddress');
    const unsigned = withAccount(
      creating(() => undefined),
      1,
      { signer: false },
    );
    expect(await lock.refused(unsigned)).toBe('notSigned');
    await bench.send([creating(() => undefined)], [key]);
    expect(
      await lock.refused(
        creating(() => undefined),
        key,
      ),
    ).toBe('alreadyExists');
  });

  it('can be made where somebody sent lamports before', async () => {
    const createKey = newSigner();
    await bench.node.fund(timelockAddress(program, createKey.address), 890_881n);
    const rules = lock.rules;
    await bench.send(
      [createTimelock({ program, payer: bench.payer.address, createKey: createKey.address, rules })],
      [createKey],
    );
  });
});

describe('instructions', () => {
  it('of a wrong shape are refused', async () => {
    const { action, index } = await ready();
    const vote = approve(lock.vote(lock.members[2]!, index));
    const member = lock.members[2]!;
    const { proposals } = await lock.read();
    expect(await lock.refused({ ...vote, data: new Uint8Array() }, member)).toBe('malformedInstruction');
    expect(await lock.refused({ ...vote, data: Uint8Array.of(9) }, member)).toBe('malformedInstruction');
    expect(await lock.refused({ ...vote, accounts: vote.accounts.slice(0, 2) }, member)).toBe(
      'missingAccounts',
    );
    const run = lock.executing(action, index);
    expect(await lock.refused({ ...run, accounts: run.accounts.slice(0, -1) }, member)).toBe(
      'missingAccounts',
    );
    const made = lock.proposing(action, proposals);
    expect(await lock.refused(withByte(made, 1, 7), lock.members[0]!)).toBe('malformedInstruction');
    const short = { ...made, data: made.data.subarray(0, 20) };
    expect(await lock.refused(short, lock.members[0]!)).toBe('malformedInstruction');
    const many = {
      ...vote,
      accounts: Array.from({ length: 17 }, () => vote.accounts[1]!).concat(vote.accounts),
    };
    expect(await lock.refused(many, member)).toBe('missingAccounts');
  });

  it('that propose under a number that is not free are refused', async () => {
    const action = await lock.upgradeable();
    const { proposals } = await lock.read();
    expect(await lock.refused(lock.proposing(action, proposals + 1n), lock.members[0]!)).toBe('wrongAddress');
    expect(await lock.refused(lock.proposing(action, 0n), lock.members[0]!)).toBe('wrongAddress');
  });
});

describe('the list of errors', () => {
  it('has nothing that no test of this file or its neighbour has met', () => {
    // Met beside: in timelock.live.test.ts. A cluster without a clock is not to be had.
    const beside = [
      'executed',
      'cancelled',
      'stale',
      'expired',
      'notApproved',
      'tooEarly',
      'alreadyCancelled',
      'noSysvar',
    ];
    const never = [...timelockErrors.keys()]
      .map((code) => timelockRefusal(code) ?? '')
      .filter((name) => !met.has(name) && !beside.includes(name));
    expect(never).toEqual([]);
  });
});
