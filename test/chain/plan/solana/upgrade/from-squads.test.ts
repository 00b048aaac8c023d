import { describe, expect, it } from 'vitest';
import type { SquadsMultisig, SquadsProposal } from '@cutover/chain/plan/solana/squads/accounts.ts';
import { proposalAddress, vaultAddress } from '@cutover/chain/plan/solana/squads/addresses.ts';
import { upgradeMessage } from '@cutover/chain/plan/solana/squads/upgrade-message.ts';
import type { AuthorityFacts, ProposalFacts } from '@cutover/chain/plan/solana/upgrade/facts.ts';
import { councilOfSquads } from '@cutover/chain/plan/solana/upgrade/from-squads.ts';
import { addressOf } from '../kit.ts';
import { ann, bob, buffer, cid, desired, newHash, now } from './kit.ts';

const address = addressOf('multisig');
const vault = vaultAddress(address, 1);
const multisig: SquadsMultisig = {
  createKey: addressOf('create key'),
  configAuthority: addressOf('nobody'),
  threshold: 2,
  timeLock: 172_800,
  transactionIndex: 8n,
  staleTransactionIndex: 3n,
  members: [
    { address: ann, may: ['initiate', 'vote'] },
    { address: bob, may: ['vote', 'execute'] },
    { address: cid, may: ['vote'] },
  ],
};

function read(more: Partial<SquadsProposal> = {}, program = desired.program, vaultIndex = 1): AuthorityFacts {
  const index = more.index ?? 7n;
  const proposal: SquadsProposal = {
    ...{ multisig: address, index, status: 'active', since: now },
    ...{ approved: [], rejected: [], cancelled: [], ...more },
  };
  const message = upgradeMessage(vault, { program, buffer: buffer.address, spill: ann, hash: newHash });
  const transaction = { multisig: address, creator: ann, index, vaultIndex, message };
  const reading = { address, multisig, vaultIndex: 1, entries: [{ transaction, proposal }] };
  const keys = { proposer: ann, approvers: [bob, addressOf('stranger')] };
  return councilOfSquads(reading, desired.program, new Map([[buffer.address, buffer]]), keys);
}

function only(facts: AuthorityFacts): ProposalFacts {
  if (facts.kind !== 'council' || facts.proposals[0] === undefined) throw new Error('there is a proposal');
  return facts.proposals[0];
}

describe('a multisig of Squads as upgrades see it', () => {
  it('acts as its vault, and says who may what', () => {
    expect(read()).toMatchObject({
      ...{ address: vault, delaySeconds: 172_800, lacks: ['execute'], keys: [bob] },
      voteless: [addressOf('stranger')],
      holders: { propose: [ann], execute: [bob] },
    });
  });

  it('has the proposals of this program only', () => {
    expect(read({}, addressOf('another program'))).toMatchObject({ proposals: [] });
  });

  it('counts approvals and votes against while it gathers them', () => {
    expect(only(read({ approved: [ann], rejected: [cid] }))).toMatchObject({
      ...{ address: proposalAddress(address, 7n), status: 'gathering', promised: newHash, pure: true },
      ...{ bufferNow: buffer, executable: true, stale: false, proposedAt: now, approvedAt: undefined },
      approvals: { given: [ann], needed: 2, open: [bob, cid] },
      withdrawals: { given: [cid], needed: 2, open: [ann, bob] },
    });
  });

  it('counts votes to cancel once it is approved, of those who are members still', () => {
    expect(
      only(read({ status: 'approved', approved: [ann, bob], cancelled: [cid, addressOf('gone')] })),
    ).toMatchObject({
      ...{ status: 'approved', approvedAt: now, executable: true },
      approvals: { open: [] },
      withdrawals: { given: [cid], needed: 2, open: [ann, bob] },
    });
  });

  it('is stale after a change of members: nobody can vote, but what was approved can still be executed', () => {
    const stale = only(read({ index: 3n }));
    expect(stale).toMatchObject({
      stale: true,
      executable: false,
      approvals: { open: [] },
      withdrawals: { open: [] },
    });
    expect(only(read({ index: 3n, status: 'approved' }))).toMatchObject({
      ...{ stale: true, executable: true, withdrawals: { open: [ann, bob, cid] } },
    });
  });

  it('is over when it was rejected, cancelled or executed', () => {
    for (const status of ['rejected', 'cancelled', 'executed'] as const) {
      expect(only(read({ status }))).toMatchObject({ status, executable: false });
    }
    expect(only(read({ status: 'executed' })).executedAt).toBe(now);
    expect(only(read({ status: 'executing', since: undefined })).status).toBe('executed');
    expect(only(read({ status: 'draft' }))).toMatchObject({
      status: 'gathering',
      executable: true,
      approvals: { open: [] },
    });
  });

  it('does not take a transaction of another vault for its own', () => {
    expect(only(read({}, desired.program, 0)).pure).toBe(false);
  });
});
