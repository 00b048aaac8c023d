import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { programDataAddress } from '@cutover/chain/plan/solana/address.ts';
import { programHash } from '@cutover/chain/plan/solana/program-hash.ts';
import { setAuthority } from '@cutover/chain/plan/solana/loader-instructions.ts';
import { refusal } from '../../refusal.ts';
import type { ProgramBench } from '../../programs/program-kit.ts';
import { answering, answerOf } from '../../programs/timelock-kit.ts';
import {
  day,
  lockedProgram,
  memberAddresses,
  members,
  proposer,
  startUpgradeNode,
  type UpgradeBench,
} from './upgrade-kit.ts';

let bench: ProgramBench;
let lockProgram: string;
const [ann, bob, cid] = members as [(typeof members)[0], (typeof members)[0], (typeof members)[0]];

beforeAll(async () => {
  ({ bench, lockProgram } = await startUpgradeNode());
});
afterAll(() => bench.node.stop());

describe('an upgrade behind the time lock, one update after the other', () => {
  it('is proposed, approved by two of three, waits 48 hours, is executed, verified and announced', async () => {
    const { up, lock, program, told } = await lockedProgram(bench, lockProgram);
    const first = await up(2);
    expect(first).toMatchObject({
      kind: 'proposed',
      stage: 'approved',
      missing: [{ what: '2 of 2 approvals', who: memberAddresses }, { seconds: 2 * day }],
    });
    expect(await up(2)).toMatchObject({ missing: [{ what: '2 of 2 approvals' }, {}] });

    await lock.approve(0n, bob);
    expect(await up(2)).toMatchObject({
      missing: [{ what: '1 of 2 approvals', who: [ann.address, cid.address] }, {}],
    });
    await lock.approve(0n, cid);
    const waiting = await up(2);
    const { approvedAt = 0 } = await lock.proposal();
    expect(waiting).toMatchObject({ kind: 'proposed', stage: 'delay over' });

    // A second early: the update only waits, and whoever tries it by hand is refused by the program.
    await bench.node.timeTravel(approvedAt + 2 * day - 1 - (await bench.now()));
    expect(await up(2)).toMatchObject({ stage: 'delay over', missing: [{ seconds: 1 }] });
    const { action } = await lock.proposal();
    expect(await lock.refused(lock.executing(action, 0n, cid), cid)).toBe('tooEarly');
    expect(await answerOf(bench, program)).toBe(1);

    await bench.node.timeTravel(1);
    const done = await up(2);
    expect(done.kind).toBe('done');
    expect(await answerOf(bench, program)).toBe(2);
    expect(await up(2)).toEqual(done);
    expect(done.record?.transactions).toHaveLength(3);
    expect(Object.keys(done.record?.milestones ?? {})).toHaveLength(8);
    expect(done.record?.milestones).toMatchObject({
      approved: { at: approvedAt },
      'delay over': { at: approvedAt + 2 * day },
      executed: { at: approvedAt + 2 * day, transaction: done.record?.transactions.at(-1) },
    });
    expect(told.map((text) => /is proposed|will be|was upgraded/.exec(text)?.[0])).toEqual([
      'is proposed',
      'will be',
      'was upgraded',
    ]);
  });

  it('is done in two runs with the keys of enough members at hand', async () => {
    const { up, authority } = await lockedProgram(bench, lockProgram);
    const approvers = [1, 2].map((account) => ({ kind: 'local', account }) as const);
    const withKeys = { authority: { ...authority, approvers } };
    expect(await up(2, withKeys)).toMatchObject({ kind: 'proposed', stage: 'delay over' });
    await bench.node.timeTravel(2 * day);
    expect(await up(2, withKeys)).toMatchObject({ kind: 'done' });
  });

  it('finds that somebody else executed it', async () => {
    const { up, lock } = await proposedAndApproved();
    await bench.node.timeTravel(2 * day);
    await bench.send([lock.executing((await lock.proposal()).action, 0n, cid)], [cid]);
    expect(await up(2)).toMatchObject({ kind: 'done' });
  });

  it('is refused loudly when the buffer was changed after it was proposed, however much time passes', async () => {
    const { up, lock, program } = await proposedAndApproved();
    const { action } = await lock.proposal();
    if (action.kind !== 'upgrade') throw new Error('it upgrades');
    // Nobody can do that on a cluster, where the vault alone may write: the node does it for the test.
    const account = await bench.account(action.buffer);
    const data = Buffer.from(account?.data ?? []);
    data.set(answering(3), 37);
    await bench.node.setAccount(action.buffer, { data });
    await bench.node.timeTravel(3 * day);
    const refused = await refusal(up(2));
    expect(refused).toMatchObject({ code: 'CUT-2476', exit: 3 });
    expect(refused.message).toContain(programHash(answering(3)));
    expect(await answerOf(bench, program)).toBe(1);
    expect(await lock.refused(lock.executing(action, 0n, cid), cid)).toBe('changedBuffer');

    // Once it is cancelled the build is written into another buffer and proposed anew, when told to.
    await lock.cancel(0n, bob, cid);
    expect(await up(2)).toMatchObject({ kind: 'cancelled' });
    expect(await up(2, { again: true })).toMatchObject({ kind: 'proposed', stage: 'approved' });
    expect((await lock.proposal(1n)).action).not.toMatchObject({ buffer: action.buffer });
    await lock.approve(1n, bob, cid);
    expect(await up(2)).toMatchObject({ stage: 'delay over' });
    await bench.node.timeTravel(2 * day);
    expect(await up(2)).toMatchObject({ kind: 'done' });
    expect(await answerOf(bench, program)).toBe(2);
  });

  it('is proposed once more when a change of the members made it stale', async () => {
    const { up, lock, lines } = await proposedAndApproved();
    const index = await lock.propose(
      { kind: 'changeRules', rules: { ...lock.rules, members: memberAddresses.slice(0, 2) } },
      ann,
    );
    await lock.approve(index, ann, bob);
    await bench.node.timeTravel(2 * day);
    await bench.send([lock.executing({ kind: 'changeRules', rules: lock.rules }, index, bob)], [bob]);
    expect(await up(2)).toMatchObject({
      stage: 'approved',
      missing: [{ what: '2 of 2 approvals', who: [ann.address, bob.address] }, {}],
    });
    expect(lines.at(-1)).toContain('became stale');
    await lock.approve(2n, ann, bob);
    expect(await up(2)).toMatchObject({ stage: 'delay over' });
    await bench.node.timeTravel(2 * day);
    expect(await up(2)).toMatchObject({ kind: 'done' });
  });

  it('stays cancelled until it is wanted again', async () => {
    const { up, lock } = await proposedAndApproved();
    await lock.cancel(0n, bob, cid);
    expect(await up(2)).toMatchObject({ kind: 'cancelled' });
    expect(await up(2)).toMatchObject({ kind: 'cancelled' });
    expect(await up(2, { again: true })).toMatchObject({ kind: 'proposed', stage: 'approved' });
    expect(await up(2)).toMatchObject({ kind: 'proposed', stage: 'approved' });
    expect((await lock.read()).proposals).toBe(2n);
  });

  it('gives way to a newer build: the older proposal is taken back first', async () => {
    const { up, lock, program } = await lockedProgram(bench, lockProgram);
    await up(2);
    expect(await up(3)).toMatchObject({ kind: 'proposed', stage: 'approved' });
    expect(await lock.proposal(0n)).toMatchObject({ state: 'cancelled' });
    await lock.approve(1n, ann, bob);
    await up(3);
    await bench.node.timeTravel(2 * day);
    expect(await up(3)).toMatchObject({ kind: 'done' });
    expect(await answerOf(bench, program)).toBe(3);
  });

  it('is taken back when the build that runs is wanted again', async () => {
    const { up, lock } = await lockedProgram(bench, lockProgram);
    await up(2);
    expect(await up(1)).toMatchObject({ kind: 'nothing' });
    expect(await lock.proposal(0n)).toMatchObject({ state: 'cancelled' });
    expect(await up(2)).toMatchObject({ kind: 'proposed', stage: 'approved' });
    expect((await lock.read()).proposals).toBe(2n);
  });

  it('is proposed once by two updates at the same time: the second is refused', async () => {
    const { up, lock } = await lockedProgram(bench, lockProgram);
    const ends = await Promise.allSettled([up(2), up(2)]);
    expect(ends.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    const refused = ends.find((each) => each.status === 'rejected');
    expect(refused?.reason).toMatchObject({ code: 'CUT-2448' });
    expect((await lock.read()).proposals).toBe(1n);
  });

  it('waits for votes where the older one is approved already', async () => {
    const { up, lock } = await proposedAndApproved();
    expect(await up(3)).toMatchObject({
      stage: 'proposed',
      missing: [
        {
          what: expect.stringMatching(/^1 of 2 votes to take back/) as string,
          who: [bob.address, cid.address],
        },
      ],
    });
    await lock.cancel(0n, cid);
    expect(await up(3)).toMatchObject({ stage: 'approved' });
  });

  it('is refused behind a time lock that is shorter than required, before anything is written', async () => {
    const { up, lines } = await lockedProgram(bench, lockProgram, { delaySeconds: day });
    const refused = await refusal(up(2));
    expect(refused).toMatchObject({ code: 'CUT-2477', details: { delay: day, wanted: 2 * day } });
    expect(lines).toEqual([]);
  });

  it('is refused for one who is no member, and names those who are', async () => {
    const { up, authority } = await lockedProgram(bench, lockProgram);
    const stranger = { ...authority, proposer: { kind: 'local', account: 7 } } as const;
    const refused = await refusal(up(2, { authority: stranger }));
    expect(refused.code).toBe('CUT-2479');
    expect(refused.message).toContain(memberAddresses.join(', '));
  });

  it('is refused for ever once the program belongs to somebody else, or to nobody', async () => {
    const { up, lock, program } = await lockedProgram(bench, lockProgram);
    const action = {
      kind: 'handOver',
      account: programDataAddress(program),
      authority: cid.address,
    } as const;
    const index = await lock.propose(action, ann);
    await lock.approve(index, ann, bob);
    await bench.node.timeTravel(2 * day);
    await bench.send([lock.executing(action, index, cid)], [cid]);
    expect((await refusal(up(2))).code).toBe('CUT-2474');
    await bench.send([setAuthority({ account: action.account, authority: cid.address })], [cid]);
    expect((await refusal(up(2))).code).toBe('CUT-2473');
  });

  it('is refused when there is no time lock at the address, or no program', async () => {
    const { up, authority } = await lockedProgram(bench, lockProgram);
    const wrong = { ...authority, account: ann.address };
    expect((await refusal(up(2, { authority: wrong }))).code).toBe('CUT-2490');
    expect((await refusal(up(2, { program: bob.address }))).code).toBe('CUT-2472');
    expect((await refusal(up(2, { authority: { kind: 'none' } }))).code).toBe('CUT-2473');
  });

  it('happens at once with a key, and finds its way back', async () => {
    const { up, program } = await lockedProgram(bench, lockProgram);
    const key = { kind: 'key', signer: proposer } as const;
    expect((await refusal(up(2, { authority: key }))).code).toBe('CUT-2474');
    const mine = await bench.deploy(answering(1));
    await bench.send([
      setAuthority({
        account: programDataAddress(mine),
        authority: bench.payer.address,
        newAuthority: ann.address,
      }),
    ]);
    expect(await up(2, { authority: key, program: mine })).toMatchObject({ kind: 'done' });
    expect(await answerOf(bench, mine)).toBe(2);
    expect(await up(2, { authority: key, program: mine })).toMatchObject({ kind: 'done' });
    expect(await up(1, { authority: key, program: mine })).toMatchObject({ kind: 'done' });
    expect(await answerOf(bench, mine)).toBe(1);
    expect(await answerOf(bench, program)).toBe(1);
  });
});

async function proposedAndApproved(): Promise<UpgradeBench> {
  const made = await lockedProgram(bench, lockProgram);
  await made.up(2);
  await made.lock.approve(0n, ann, bob);
  await made.up(2);
  return made;
}
