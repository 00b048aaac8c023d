import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addressBytes, loaders, programDataAddress } from '@cutover/chain/plan/solana/address.ts';
import { close, setComputeUnitLimit } from '@cutover/chain/plan/solana/loader-instructions.ts';
import { largestBuffer } from '@cutover/chain/plan/solana/timelock/accounts.ts';
import { approversOf, standingOf } from '@cutover/chain/plan/solana/timelock/standing.ts';
import { approve, cancel } from '@cutover/chain/plan/solana/timelock/instructions.ts';
import { builtProgram, newSigner, rentOf, startProgramBench, type ProgramBench } from './program-kit.ts';
import {
  answering,
  answerOf,
  authorityOf,
  delaySeconds,
  graceSeconds,
  makeTimelock,
  sha256,
  type TimelockBench,
} from './timelock-kit.ts';

let bench: ProgramBench;
let program: string;
let lock: TimelockBench;

beforeAll(async () => {
  bench = await startProgramBench();
  program = await bench.deploy(builtProgram('timelock/timelock'));
  lock = await makeTimelock(bench, program);
});
afterAll(() => bench.node.stop());

describe('an upgrade through the time lock', () => {
  it('is proposed, approved by two of three, waits 48 hours and is executed, once', async () => {
    const action = await lock.upgradeable();
    const lamports = (await bench.account(action.buffer))?.lamports ?? 0n;
    const index = await lock.propose(action);
    expect(await lock.proposal(index)).toMatchObject({ state: 'open', action, approvals: 0 });

    await lock.approve(index, lock.members[0]!);
    expect(standingOf(await lock.read(), await lock.proposal(index), await bench.now())).toEqual({
      state: 'open',
      missing: 1,
      from: [lock.members[1]!.address, lock.members[2]!.address],
    });
    expect(await lock.refused(lock.executing(action, index), lock.members[2]!)).toBe('notApproved');

    await lock.approve(index, lock.members[1]!);
    const approved = await lock.proposal(index);
    expect(approved.state).toBe('approved');
    expect(approversOf(await lock.read(), approved)).toEqual(
      lock.members.slice(0, 2).map(({ address }) => address),
    );
    const readyAt = (approved.approvedAt ?? 0) + delaySeconds;
    expect(standingOf(await lock.read(), approved, readyAt - 1)).toEqual({ state: 'waiting', readyAt });
    expect(await lock.refused(lock.executing(action, index), lock.members[2]!)).toBe('tooEarly');

    await bench.node.timeTravel(delaySeconds + 1);
    expect(await answerOf(bench, action.program)).toBe(1);
    await lock.execute(action, index);
    expect(await lock.proposal(index)).toMatchObject({ state: 'executed' });
    expect(await answerOf(bench, action.program)).toBe(2);
    expect((await bench.account(action.spill))?.lamports).toBe(lamports);
    expect(await lock.refused(lock.executing(action, index), lock.members[2]!)).toBe('executed');
  });

  it('is refused a second before the time and done at it, by the clock of the cluster', async () => {
    const action = await lock.upgradeable();
    const index = await lock.propose(action);
    await lock.approve(index, lock.members[0]!, lock.members[1]!);
    const readyAt = ((await lock.proposal(index)).approvedAt ?? 0) + delaySeconds;
    await bench.node.timeTravel(readyAt - 1 - (await bench.now()));
    expect(await bench.now()).toBe(readyAt - 1);
    expect(await lock.refused(lock.executing(action, index), lock.members[2]!)).toBe('tooEarly');
    await bench.node.timeTravel(1);
    expect(await bench.now()).toBe(readyAt);
    await lock.execute(action, index);
    expect((await lock.proposal(index)).endedAt).toBe(readyAt);
  });

  it('expires when nobody executes it in time', async () => {
    const action = await lock.upgradeable();
    const index = await lock.propose(action);
    await lock.approve(index, lock.members[0]!, lock.members[1]!);
    const until = ((await lock.proposal(index)).approvedAt ?? 0) + delaySeconds + graceSeconds;
    await bench.node.timeTravel(until + 1 - (await bench.now()));
    expect(await lock.refused(lock.executing(action, index), lock.members[2]!)).toBe('expired');
    expect(standingOf(await lock.read(), await lock.proposal(index), await bench.now()).state).toBe(
      'expired',
    );
    expect(await answerOf(bench, action.program)).toBe(1);
  });
});

describe('members', () => {
  it('cancel together what as many could have withheld', async () => {
    const action = await lock.upgradeable();
    const index = await lock.propose(action);
    await lock.approve(index, lock.members[0]!, lock.members[1]!);
    await lock.cancel(index, lock.members[0]!);
    expect((await lock.proposal(index)).state).toBe('approved');
    await lock.cancel(index, lock.members[2]!);
    expect((await lock.proposal(index)).state).toBe('cancelled');
    await bench.node.timeTravel(delaySeconds + 1);
    expect(await lock.refused(lock.executing(action, index), lock.members[2]!)).toBe('cancelled');
    expect(await lock.refused(approve(lock.vote(lock.members[2]!, index)), lock.members[2]!)).toBe(
      'cancelled',
    );
  });

  it('withdraw alone what they proposed, until it is approved', async () => {
    const action = await lock.upgradeable();
    const index = await lock.propose(action);
    await lock.cancel(index, lock.members[0]!);
    expect((await lock.proposal(index)).state).toBe('cancelled');
  });

  it('take an approval back by voting to cancel', async () => {
    const action = await lock.upgradeable();
    const index = await lock.propose(action);
    await lock.approve(index, lock.members[1]!);
    await lock.cancel(index, lock.members[1]!);
    expect(await lock.proposal(index)).toMatchObject({ state: 'open', approvals: 0, cancellations: 2 });
    expect(await lock.refused(approve(lock.vote(lock.members[1]!, index)), lock.members[1]!)).toBe(
      'alreadyCancelled',
    );
    expect(await lock.refused(cancel(lock.vote(lock.members[1]!, index)), lock.members[1]!)).toBe(
      'alreadyCancelled',
    );
  });

  it('change the rules by a proposal, which makes all earlier ones stale', async () => {
    const own = await makeTimelock(bench, program);
    const upgrade = await own.upgradeable();
    const earlier = await own.propose(upgrade);
    await own.approve(earlier, own.members[0]!, own.members[1]!);
    const fresh = newSigner();
    const rules = {
      ...own.rules,
      members: [fresh.address, own.members[2]!.address],
      threshold: 1,
      delaySeconds: 60,
    };
    const change = { kind: 'changeRules', rules } as const;
    const index = await own.propose(change);
    await own.approve(index, own.members[1]!, own.members[2]!);
    expect(await own.refused(own.executing(change, index), own.members[2]!)).toBe('tooEarly');
    await bench.node.timeTravel(delaySeconds + 1);
    await own.execute(change, index);

    expect(await own.read()).toMatchObject({ rules, firstValid: 2n, proposals: 2n });
    expect(standingOf(await own.read(), await own.proposal(earlier), await bench.now()).state).toBe('stale');
    expect(await own.refused(own.executing(upgrade, earlier), own.members[2]!)).toBe('stale');
    expect(await own.refused(own.proposing(upgrade, 2n), own.members[0]!)).toBe('notAMember');

    // The new rules hold for what comes next.
    const next = await own.propose(upgrade, fresh);
    await own.approve(next, fresh);
    await bench.node.timeTravel(61);
    await own.execute(upgrade, next);
    expect(await answerOf(bench, upgrade.program)).toBe(2);
  });
});

describe('the vault hands over', () => {
  it("a program's authority to somebody who signs for it", async () => {
    const { program: app } = await lock.upgradeable();
    const next = newSigner();
    const account = programDataAddress(app);
    const action = { kind: 'handOver', account, authority: next.address } as const;
    const index = await lock.propose(action);
    await lock.approve(index, lock.members[0]!, lock.members[1]!);
    await bench.node.timeTravel(delaySeconds + 1);
    expect(await authorityOf(bench, account)).toBe(lock.vault);
    await lock.execute(action, index, next);
    expect(await authorityOf(bench, account)).toBe(next.address);
  });

  it('the buffer of an upgrade that was given up, whose lamports so come back', async () => {
    const { buffer } = await lock.upgradeable();
    const action = { kind: 'handOver', account: buffer, authority: bench.payer.address } as const;
    const index = await lock.propose(action);
    await lock.approve(index, lock.members[0]!, lock.members[1]!);
    await bench.node.timeTravel(delaySeconds + 1);
    await lock.execute(action, index);
    const recipient = newSigner().address;
    await bench.send([close({ account: buffer, recipient, authority: bench.payer.address })]);
    expect((await bench.account(recipient))?.lamports).toBeGreaterThan(0n);
  });
});

describe('what it costs', () => {
  it.each([
    { bytes: 1024 * 1024, units: 550_000 },
    { bytes: largestBuffer, units: 1_400_000 },
  ])('stays below $units compute units for a buffer of $bytes bytes', async ({ bytes, units }) => {
    const app = await lock.upgradeable();
    const content = new Uint8Array(bytes);
    content.set(answering(2));
    const buffer = newSigner().address;
    const header = Uint8Array.of(1, 0, 0, 0, 1, ...addressBytes(lock.vault));
    const lamports = await rentOf(bench.node, header.length + bytes);
    const data = Buffer.concat([header, content]);
    await bench.node.setAccount(buffer, { lamports, owner: loaders.upgradeable, data });
    // Room for it in the program's data.
    const place = programDataAddress(app.program);
    const room = Buffer.concat([(await bench.account(place))!.data, new Uint8Array(bytes)]);
    await bench.node.setAccount(place, { lamports, owner: loaders.upgradeable, data: room });

    const action = { ...app, buffer, hash: sha256(content) };
    const limit = setComputeUnitLimit(units);
    const index = (await lock.read()).proposals;
    await bench.send([limit, lock.proposing(action, index)], [lock.members[0]!]);
    await lock.approve(index, lock.members[0]!, lock.members[1]!);
    await bench.node.timeTravel(delaySeconds + 1);
    await bench.send([limit, lock.executing(action, index)], [lock.members[2]!]);
    expect(await answerOf(bench, action.program)).toBe(2);
  });
});
