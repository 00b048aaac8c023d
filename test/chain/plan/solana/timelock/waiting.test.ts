import { describe, expect, it } from 'vitest';
import type { ProposedAction, TimelockProposal } from '@cutover/chain/plan/solana/timelock/accounts.ts';
import { proposalAddress, timelockVault } from '@cutover/chain/plan/solana/timelock/addresses.ts';
import { waitingForMembers } from '@cutover/chain/plan/solana/timelock/waiting.ts';
import type { BufferFacts } from '@cutover/chain/plan/solana/upgrade/facts.ts';
import { addressOf } from '../kit.ts';

const [program, account] = [addressOf('time lock program'), addressOf('time lock')];
const members = ['ann', 'bob', 'cid'].map(addressOf);
const fileHash = 'ab'.repeat(32);
const action: ProposedAction = {
  ...{ kind: 'upgrade', program: addressOf('perps'), buffer: addressOf('buffer'), spill: members[0] ?? '' },
  hash: Buffer.from(fileHash, 'hex'),
};
const buffer: BufferFacts = {
  ...{ address: action.buffer, authority: timelockVault(program, account), hash: 'trimmed', fileHash },
};
const wanted = [{ title: 'perps', program: action.program, fileHash, version: 'v2' }];

function proposal(more: Partial<TimelockProposal> = {}): TimelockProposal {
  return {
    ...{ timelock: account, index: 3n, state: 'open', proposer: members[0] ?? '', proposedAt: 1_000 },
    ...{ approvals: 0b010, cancellations: 0, action, ...more },
  };
}

function waiting(
  proposals: readonly TimelockProposal[],
  buffers: readonly BufferFacts[] = [buffer],
): ReturnType<typeof waitingForMembers> {
  const rules = { members, threshold: 2, delaySeconds: 60, graceSeconds: 60 };
  const timelock = { rules, createKey: addressOf('create key'), proposals: 9n, firstValid: 2n };
  const reading = { program, address: account, timelock, proposals, now: 2_000 };
  return waitingForMembers(reading, new Map(buffers.map((each) => [each.address, each])), wanted);
}

describe('what waits for members of a time lock', () => {
  it('is what is open, with who has approved and who may', () => {
    expect(waiting([proposal()])).toEqual([
      {
        proposal: proposalAddress(program, account, 3n),
        ...{ index: 3n, proposer: members[0], proposedAt: 1_000, changed: undefined, threshold: 2 },
        ...{ approved: [members[1]], waitsFor: [members[0], members[2]] },
        does: [
          `upgrade perps (${action.program}) to v2 with the hash ${fileHash}`,
          `out of the buffer ${action.buffer}, whose lamports go to ${members[0]}`,
        ],
      },
    ]);
  });

  it.each([
    ['approved', { state: 'approved', approvedAt: 1_990 }],
    ['executed', { state: 'executed', endedAt: 1_990 }],
    ['cancelled', { state: 'cancelled', endedAt: 1_990 }],
    ['stale', { index: 1n }],
  ] as const)('is nothing that is %s', (_, more) => {
    expect(waiting([proposal(more)])).toEqual([]);
  });

  it.each([
    ['gone', [], 'it is gone'],
    ['changed', [{ ...buffer, fileHash: 'cd'.repeat(32) }], `its hash is ${'cd'.repeat(32)}`],
    ['of somebody else', [{ ...buffer, authority: members[2] }], `its authority is ${members[2]}`],
  ] as const)('is warned of where its buffer is %s', (_, buffers, found) => {
    const [first] = waiting([proposal()], buffers);
    expect(first?.changed).toEqual({ buffer: action.buffer, found, wanted: fileHash });
    expect(first?.does.at(-1)).toBe(`WARNING: the buffer is not what was proposed: ${found}`);
  });

  it('is warned of where the stack wants another build, and named by its address where it wants none', () => {
    const hash = Buffer.from('ef'.repeat(32), 'hex');
    const other = { ...buffer, fileHash: 'ef'.repeat(32) };
    const [first] = waiting([proposal({ action: { ...action, hash } })], [other]);
    expect(first?.does).toContain('WARNING: this stack does not want that build');
    const foreign = { ...action, program: addressOf('another program') };
    const [second] = waiting([proposal({ action: foreign })]);
    expect(second?.does[0]).toBe(`upgrade ${foreign.program} to a build with the hash ${fileHash}`);
  });

  it('tells what is handed over and which rules are wanted', () => {
    const authority = addressOf('next');
    const [handOver] = waiting([
      proposal({ action: { kind: 'handOver', account: buffer.address, authority } }),
    ]);
    expect(handOver?.does).toEqual([`hand the authority over ${buffer.address} to ${authority}`]);
    const rules = { members: members.slice(1), threshold: 1, delaySeconds: 5, graceSeconds: 7 };
    const [changeRules] = waiting([proposal({ action: { kind: 'changeRules', rules } })]);
    expect(changeRules?.does).toEqual([
      `change the rules: 1 of ${members[1]}, ${members[2]}`,
      'a delay of 5 s, then 7 s to execute in; all earlier proposals become stale',
    ]);
  });
});
