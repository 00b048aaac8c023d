import { describe, expect, it } from 'vitest';
import type { ProposalFacts, UpgradeFacts } from '@cutover/chain/plan/solana/upgrade/facts.ts';
import { planUpgrade, type UpgradePlan } from '@cutover/chain/plan/solana/upgrade/plan.ts';
import { describeUpgrade } from '@cutover/chain/plan/solana/upgrade/progress.ts';
import type { UpgradeRecord } from '@cutover/chain/plan/solana/upgrade/record.ts';
import { standingsOf, upgradeLines } from '@cutover/chain/plan/solana/upgrade/words.ts';
import { addressOf } from '../kit.ts';
import * as kit from './kit.ts';

const {
  ann,
  approved,
  bob,
  buffer,
  cid,
  day,
  desired,
  facts,
  newHash,
  now,
  oldHash,
  otherHash,
  proposal,
  vault,
} = kit;

/** A record of this upgrade in which all announcements so far were made. */
const record: UpgradeRecord = {
  program: desired.program,
  hash: newHash,
  from: oldHash,
  startedAt: now - 1_000,
  buffer: buffer.address,
  proposal: proposal.address,
  milestones: {},
  transactions: [],
  told: [`proposed ${proposal.address}`, `approved ${proposal.address}`],
};

function plan(
  more: Partial<UpgradeFacts>,
  proposals: readonly ProposalFacts[] = [],
  again = false,
): UpgradePlan {
  return planUpgrade({ ...desired, again }, facts(more, { proposals }));
}

describe('an upgrade on its way', () => {
  it('prepares the buffer, proposes it, tells that, and waits for approvals', () => {
    expect(plan({})).toMatchObject({ kind: 'step', step: { kind: 'prepare buffer' } });
    const ours = { ...buffer, authority: ann };
    expect(plan({ buffer: ours })).toMatchObject({ step: { kind: 'prepare buffer' } });
    expect(plan({ buffer })).toMatchObject({ step: { kind: 'propose', buffer: buffer.address } });
    expect(plan({ buffer }, [proposal])).toMatchObject({
      step: { kind: 'announce', announcement: { key: `proposed ${proposal.address}` } },
    });
    expect(plan({ buffer, record }, [proposal])).toMatchObject({
      kind: 'wait',
      stage: 'approved',
      missing: [
        { what: '2 of 2 approvals', who: [ann, bob, cid] },
        { what: 'then 172800 s of its delay', seconds: 172_800 },
      ],
    });
  });

  it('says of an approver of the stack file that has no vote that nothing comes from it', () => {
    const members = { proposals: [proposal], voteless: [addressOf('stranger')] };
    const waiting = planUpgrade(desired, facts({ buffer, record }, members));
    expect(waiting).toMatchObject({ kind: 'wait', stage: 'approved' });
    expect(waiting.kind === 'wait' && waiting.missing.map(({ what }) => what)).toEqual([
      '2 of 2 approvals',
      `nothing from ${addressOf('stranger')}: the stack file has it as an approver, and it has no vote`,
      'then 172800 s of its delay',
    ]);
  });

  it('approves with the keys at hand, as many as are missing', () => {
    const half = { ...proposal, approvals: { given: [cid], needed: 2, open: [ann, bob] } };
    const members = { proposals: [half], keys: [ann, bob] };
    expect(planUpgrade(desired, facts({ record }, members))).toMatchObject({
      step: { kind: 'approve', by: [ann] },
    });
  });

  it('tells when it comes, waits for that second of the clock of the cluster, and executes', () => {
    const since = now - 2 * day + 1;
    const told = { ...record, told: record.told.slice(0, 1) };
    expect(plan({ record: told }, [approved(since)])).toMatchObject({
      step: { kind: 'announce', announcement: { key: `approved ${proposal.address}` } },
    });
    expect(plan({ record }, [approved(since)])).toMatchObject({
      kind: 'wait',
      stage: 'delay over',
      missing: [{ what: '1 s of its delay', seconds: 1, readyAt: new Date((now + 1) * 1000).toISOString() }],
    });
    expect(plan({ record }, [approved(since - 1)])).toMatchObject({ step: { kind: 'execute' } });
  });

  it('tells that it is done, once, and is done', () => {
    const executed: ProposalFacts = {
      ...approved(now - 3 * day),
      ...{ status: 'executed', executable: false, executedAt: now - 5, bufferNow: undefined },
    };
    const runs = { authority: vault, hash: newHash };
    const first = plan({ program: runs, record }, [executed]);
    expect(first).toMatchObject({ step: { kind: 'announce', announcement: { key: `executed ${newHash}` } } });
    const told = { ...(first.record ?? record), told: [...record.told, `executed ${newHash}`] };
    const last = plan({ program: runs, record: told }, [executed]);
    expect(last).toMatchObject({ kind: 'done', record: { milestones: { executed: { at: now - 5 } } } });
    expect(standingsOf('council', last).map(({ standing }) => standing)).toEqual(Array(8).fill('done'));
    expect(plan({ program: runs, record: last.record }, [executed])).toEqual(last);
  });

  it('by a key happens at once', () => {
    const authority = { kind: 'key', address: ann } as const;
    const program = { authority: ann, hash: oldHash };
    expect(planUpgrade(desired, facts({ authority, program }))).toMatchObject({
      step: { kind: 'prepare buffer' },
    });
    const ours = { ...buffer, authority: ann };
    expect(planUpgrade(desired, facts({ authority, program, buffer: ours }))).toMatchObject({
      step: { kind: 'execute', buffer: buffer.address, proposal: undefined },
    });
  });
});

describe('an upgrade that goes another way', () => {
  it('is nothing when the program runs the build and none was under way', () => {
    expect(plan({ program: { authority: undefined, hash: newHash } })).toEqual({
      kind: 'nothing',
      record: undefined,
    });
  });

  it('ends when members reject or cancel it, and is proposed again only when told to', () => {
    for (const status of ['rejected', 'cancelled'] as const) {
      const ended = { ...proposal, status, executable: false };
      const stopped = plan({ buffer, record }, [ended]);
      expect(stopped).toMatchObject({ kind: status });
      expect(plan({ buffer }, [ended])).toMatchObject({ kind: status });
      expect(plan({ buffer, record }, [ended], true)).toMatchObject({ step: { kind: 'propose' } });
      const newer = { ...proposal, address: addressOf('proposal 2') };
      expect(plan({ buffer, record }, [ended, newer])).toMatchObject({ step: { kind: 'announce' } });
    }
  });

  it('does not count a decision about an earlier wish for the same build', () => {
    const ended: ProposalFacts = { ...proposal, status: 'cancelled', executable: false };
    const other = { ...record, hash: otherHash };
    expect(plan({ buffer, record: other }, [ended])).toMatchObject({
      step: { kind: 'propose' },
      record: { hash: newHash, startedAt: now },
    });
  });

  it('is proposed anew when its proposal became stale or expired', () => {
    const stale = { ...approved(now - 5 * day), stale: true };
    expect(plan({ buffer, record }, [stale])).toMatchObject({
      step: { kind: 'propose', because: expect.stringContaining('became stale') as string },
    });
    const expired: ProposalFacts = { ...approved(0), status: 'expired', executable: false };
    expect(plan({ buffer, record }, [expired])).toMatchObject({
      step: { kind: 'propose', because: expect.stringContaining('expired') as string },
    });
  });

  it('ends well when somebody else brought the build, and takes back what it proposed', () => {
    const program = { authority: vault, hash: newHash };
    const waits = { ...proposal, bufferNow: undefined };
    expect(plan({ program, record }, [waits])).toMatchObject({
      step: { kind: 'withdraw', proposal: { address: proposal.address }, by: [ann] },
    });
    const told = { ...record, told: [`executed ${newHash}`] };
    expect(plan({ program, record: told }, [])).toMatchObject({ kind: 'executed elsewhere' });
  });

  it('stays done by the proposal that brought it, whoever proposes the same build after it', () => {
    const program = { authority: vault, hash: newHash };
    const brought: ProposalFacts = {
      ...proposal,
      ...{ status: 'executed', executable: false, bufferNow: undefined, executedAt: now },
    };
    const later: ProposalFacts = { ...proposal, address: addressOf('later'), creator: bob };
    const told = { ...record, proposal: brought.address, told: [`executed ${newHash}`] };
    const first = plan({ program, record: told }, [brought, later]);
    expect(first).toMatchObject({ kind: 'done', record: { proposal: brought.address } });
    expect(plan({ program, record: first.record }, [brought, later])).toMatchObject({ kind: 'done' });
  });

  it('is refused when somebody else brought other code, until it is wanted all the same', () => {
    const program = { authority: vault, hash: otherHash };
    expect(plan({ program, buffer, record }, [proposal])).toMatchObject({
      kind: 'refuse',
      refusal: { reason: 'changed elsewhere', from: oldHash, found: otherHash },
    });
    const again = plan({ program, buffer, record }, [], true);
    expect(again).toMatchObject({ step: { kind: 'propose' }, record: { from: otherHash } });
    expect(plan({ program, buffer, record: again.record }, [proposal])).toMatchObject({
      step: { kind: 'announce' },
    });
  });

  it('is refused when it was executed and other code runs', () => {
    const milestones = { executed: { at: now, transaction: 'abc' } };
    expect(plan({ buffer, record: { ...record, milestones } })).toMatchObject({
      refusal: { reason: 'without effect', how: 'abc', found: oldHash },
    });
    const executed: ProposalFacts = { ...proposal, status: 'executed', executable: false, executedAt: now };
    expect(plan({ buffer, record }, [executed])).toMatchObject({ refusal: { reason: 'without effect' } });
    expect(plan({ buffer, record }, [executed], true)).toMatchObject({ step: { kind: 'propose' } });
  });

  it('is refused when its buffer is not what was proposed, in every state', () => {
    const changes = [undefined, { ...buffer, hash: otherHash }, { ...buffer, authority: bob }];
    for (const bufferNow of changes) {
      for (const each of [proposal, approved(now - 5 * day)]) {
        expect(plan({ record }, [{ ...each, bufferNow }])).toMatchObject({
          refusal: { reason: 'buffer changed', proposal: proposal.address, buffer: buffer.address },
        });
      }
    }
  });

  it('takes a tampered proposal back when told to go on, and proposes once that is done', () => {
    const tampered = { ...proposal, bufferNow: { ...buffer, hash: otherHash } };
    expect(plan({ buffer, record }, [tampered], true)).toMatchObject({
      step: { kind: 'withdraw', by: [ann] },
    });
    const withdrawn: ProposalFacts = { ...tampered, status: 'rejected', executable: false };
    expect(plan({ buffer, record }, [withdrawn], true)).toMatchObject({ step: { kind: 'propose' } });
  });

  it('takes back an older one of its own first, and waits where others have to vote', () => {
    const older = { ...proposal, promised: otherHash, bufferNow: { ...buffer, hash: otherHash } };
    expect(plan({ buffer }, [older])).toMatchObject({ step: { kind: 'withdraw', by: [ann] } });
    const voted = { ...older, withdrawals: { given: [ann], needed: 2, open: [bob, cid] } };
    expect(plan({ buffer }, [voted])).toMatchObject({
      kind: 'wait',
      stage: 'proposed',
      missing: [
        { what: `1 of 2 votes to take back the older proposal ${proposal.address}`, who: [bob, cid] },
      ],
    });
    expect(plan({ buffer }, [{ ...voted, executable: false }])).toMatchObject({ step: { kind: 'propose' } });
  });

  it('takes it back, too, when what runs is wanted again, and waits where others have to vote', () => {
    const wish = { ...desired, hash: oldHash };
    const members = { proposals: [proposal] };
    expect(planUpgrade(wish, facts({ record }, members))).toMatchObject({
      step: { kind: 'withdraw', proposal: { address: proposal.address } },
      record: { hash: newHash },
    });
    const voted = { ...proposal, withdrawals: { given: [ann], needed: 2, open: [bob, cid] } };
    expect(planUpgrade(wish, facts({ record }, { proposals: [voted] }))).toMatchObject({
      ...{ kind: 'wait', stage: 'proposed' },
    });
    const over = { ...proposal, executable: false };
    const rested = planUpgrade(wish, facts({ record }, { proposals: [over] }));
    expect(rested).toMatchObject({ kind: 'nothing', record: { abandoned: true } });
    expect(planUpgrade(wish, facts({ record: rested.record }, { proposals: [over] }))).toEqual(rested);
    // That we took it back ourselves is no decision of the members.
    const cancelled: ProposalFacts = { ...over, status: 'cancelled' };
    expect(plan({ buffer, record: rested.record }, [cancelled])).toMatchObject({ step: { kind: 'propose' } });
  });

  it('is refused beside an upgrade that somebody else proposed', () => {
    const theirs = { ...proposal, creator: bob, promised: otherHash };
    expect(plan({ buffer }, [theirs])).toMatchObject({ refusal: { reason: 'another upgrade' } });
    expect(plan({ buffer }, [theirs], true)).toMatchObject({ step: { kind: 'propose' } });
  });

  it('takes a proposal for the same build over, whoever made it, unless it does more than that', () => {
    const theirs = { ...proposal, creator: bob, promised: undefined };
    expect(plan({ buffer }, [theirs])).toMatchObject({ step: { kind: 'announce' } });
    expect(plan({ buffer }, [{ ...theirs, pure: false }])).toMatchObject({
      refusal: { reason: 'another upgrade' },
    });
  });

  it('is refused behind a delay that is shorter than promised, before and after it is proposed', () => {
    for (const proposals of [[], [proposal], [approved(now - 5 * day)]]) {
      expect(planUpgrade(desired, facts({ buffer, record }, { proposals, delaySeconds: 60 }))).toMatchObject({
        refusal: { reason: 'delay too short', delay: 60, wanted: 172_800 },
      });
    }
  });

  it('waits for the longer delay where the authority demands more', () => {
    const members = { proposals: [approved(now - 2 * day)], delaySeconds: 3 * day };
    expect(planUpgrade(desired, facts({ record }, members))).toMatchObject({
      kind: 'wait',
      missing: [{ seconds: day }],
    });
  });

  it('says before anything is written that nobody of us may', () => {
    expect(planUpgrade(desired, facts({}, { lacks: ['execute'] }))).toMatchObject({
      refusal: { reason: 'may not', what: 'execute', account: ann, holders: [ann, cid] },
    });
    expect(planUpgrade(desired, facts({}, { lacks: ['propose'] }))).toMatchObject({
      refusal: { reason: 'may not', what: 'propose' },
    });
  });

  it('is refused for ever where nobody, or somebody else, has the program', () => {
    expect(plan({ program: { authority: undefined, hash: oldHash } })).toMatchObject({
      refusal: { reason: 'immutable', found: oldHash },
    });
    expect(plan({ program: { authority: bob, hash: oldHash } })).toMatchObject({
      refusal: { reason: 'handed away', authority: bob, wanted: vault },
    });
    expect(plan({ program: 'there is no account at the address' })).toMatchObject({
      refusal: { reason: 'no program' },
    });
  });
});

describe('what is noted of an upgrade', () => {
  const proposed = { at: now - 90, transaction: 'tx2' };

  it('stays as it was noted first, until another proposal takes the place', () => {
    const noted = { ...record, milestones: { proposed } };
    expect(plan({ buffer, record: noted }, [proposal]).record?.milestones.proposed).toEqual(proposed);
    const other = { ...proposal, address: addressOf('proposal 2'), proposedAt: now };
    const after = plan({ buffer, record: noted }, [other]).record;
    expect(after).toMatchObject({ proposal: other.address, milestones: { proposed: { at: now } } });
    expect(after?.milestones.proposed).not.toHaveProperty('transaction');
    const { proposal: _, ...unproposed } = noted;
    expect(plan({ buffer, record: unproposed }, [other]).record?.milestones.proposed).toEqual(proposed);
  });

  it('begins anew when the build is wanted again after it was there and was replaced', () => {
    const told = [...record.told, `executed ${newHash}`];
    const milestones = { executed: { at: now - 50 }, announced: { at: now - 49 } };
    const after = plan({ buffer, record: { ...record, told, milestones } });
    expect(after).toMatchObject({ step: { kind: 'propose' }, record: { startedAt: now, told: [] } });
  });
});

describe('the words about an upgrade', () => {
  it('say for each stage when it was reached, by which transaction, and what is missing', () => {
    const milestones = { 'buffer handed over': { at: now, transaction: 'tx1' } } as const;
    const lines = upgradeLines(
      desired,
      'council',
      plan({ buffer, record: { ...record, milestones } }, [proposal]),
    );
    const at = new Date(now * 1000).toISOString();
    expect(lines).toEqual([
      `${desired.program}: upgrade to v2.0.0 (${newHash.slice(0, 16)}), ${oldHash.slice(0, 16)} before`,
      `  done  buffer written      ${at}`,
      `  done  buffer handed over  ${at}  tx1`,
      `  done  proposed            ${new Date((now - 100) * 1000).toISOString()}`,
      `  next  approved            waits for 2 of 2 approvals from any of ${ann}, ${bob}, ${cid}; then 172800 s of its delay`,
      '  later delay over',
      '  later executed',
      '  later verified',
      '  later announced',
    ]);
  });

  it('say what comes next', () => {
    expect(upgradeLines(desired, 'council', plan({ buffer })).at(-1)).toBe(
      `  now: propose the upgrade out of the buffer ${buffer.address}, since nothing is proposed yet`,
    );
    expect(upgradeLines(desired, 'key', plan({}))).toHaveLength(7);
  });

  it('say in one line how far it is', () => {
    const waiting = plan({ record }, [approved(now)]);
    if (waiting.kind !== 'wait') throw new Error('it waits');
    expect(describeUpgrade({ ...waiting, kind: 'proposed' })).toBe(
      `proposed and approved: waits for 172800 s of its delay, until ${new Date((now + 2 * day) * 1000).toISOString()}`,
    );
    const executed = { milestones: { executed: { at: now, transaction: 'tx9' } } };
    expect(describeUpgrade({ kind: 'done', record: { ...record, ...executed } })).toBe('done in tx9');
  });
});
