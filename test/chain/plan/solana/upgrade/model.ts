import { expect } from 'vitest';
import type {
  BufferFacts,
  DesiredUpgrade,
  ProposalFacts,
  UpgradeFacts,
} from '@cutover/chain/plan/solana/upgrade/facts.ts';
import { planUpgrade, type UpgradePlan } from '@cutover/chain/plan/solana/upgrade/plan.ts';
import { reached, type UpgradeRecord } from '@cutover/chain/plan/solana/upgrade/record.ts';
import type { UpgradeStep } from '@cutover/chain/plan/solana/upgrade/next.ts';
import { addressOf } from '../kit.ts';
import { ann, bob, cid, vault } from './kit.ts';

interface Proposal {
  readonly index: number;
  readonly creator: string;
  readonly promised: string;
  readonly buffer: string;
  readonly proposedAt: number;
  status: 'gathering' | 'approved' | 'rejected' | 'cancelled' | 'executed';
  approvedAt: number | undefined;
  executedAt: number | undefined;
  approvals: Set<string>;
  against: Set<string>;
}

/** A cluster with one program under a council of three, two of whom decide, and what others do to it. */
export class Model {
  now = 1_000_000;
  delay: number;
  hash = hashOf(0);
  authority: string | undefined = vault;
  readonly buffers = new Map<string, { hash: string; authority: string }>();
  readonly proposals: Proposal[] = [];
  staleUpTo = -1;
  record: UpgradeRecord | undefined;
  readonly told: string[] = [];
  desired: DesiredUpgrade;
  /** What we did against the rules: it should stay empty. */
  readonly wrongs: string[] = [];

  constructor(delay: number, required: number) {
    this.delay = delay;
    const hash = hashOf(1);
    this.desired = { program: addressOf('program'), hash, fileHash: hash, delaySeconds: required };
  }

  /** One call of the update: steps until it rests. */
  run(keys: readonly string[], crashAfter = Infinity): UpgradePlan {
    for (let taken = 0; taken < 30; taken++) {
      const plan = planUpgrade(this.desired, this.facts(keys));
      this.record = plan.record;
      if (plan.kind !== 'step') return plan;
      const record = this.take(plan.step, plan.record, keys);
      // A crash between what a step does and the note of it.
      if (taken === crashAfter) return plan;
      this.record = record;
    }
    throw new Error('a run did not come to rest within 30 steps');
  }

  want(build: number): void {
    const hash = hashOf(build);
    this.desired = { ...this.desired, hash, fileHash: hash };
  }

  again(again: boolean): void {
    this.desired = { ...this.desired, again };
  }

  vote(at: number, member: string, side: 'for' | 'against'): void {
    const proposal = this.proposals[at];
    if (proposal === undefined) return;
    const isStale = proposal.index <= this.staleUpTo;
    if (proposal.status === 'gathering' && !isStale) {
      (side === 'for' ? proposal.approvals : proposal.against).add(member);
      (side === 'for' ? proposal.against : proposal.approvals).delete(member);
      if (proposal.approvals.size >= 2) {
        Object.assign(proposal, { status: 'approved', approvedAt: this.now, against: new Set() });
      } else if (proposal.against.size >= 2) proposal.status = 'rejected';
    } else if (proposal.status === 'approved' && side === 'against') {
      proposal.against.add(member);
      if (proposal.against.size >= 2) proposal.status = 'cancelled';
    }
  }

  /** What the chain lets anybody execute: stale ones that are approved too, as Squads does. */
  execute(at: number): boolean {
    const proposal = this.proposals[at];
    const buffer = this.buffers.get(proposal?.buffer ?? '');
    if (proposal === undefined || proposal.status !== 'approved' || buffer?.authority !== vault) return false;
    if (this.now < (proposal.approvedAt ?? Infinity) + this.delay || this.authority !== vault) return false;
    this.hash = buffer.hash;
    this.buffers.delete(proposal.buffer);
    Object.assign(proposal, { status: 'executed', executedAt: this.now });
    return true;
  }

  tamper(at: number, build: number): void {
    const buffer = this.buffers.get(this.proposals[at]?.buffer ?? '');
    if (buffer !== undefined) buffer.hash = hashOf(build);
  }

  proposeByOthers(build: number): void {
    const buffer = addressOf(`theirs ${this.proposals.length}`);
    this.buffers.set(buffer, { hash: hashOf(build), authority: vault });
    this.proposals.push(this.made(bob, hashOf(build), buffer));
  }

  facts(keys: readonly string[]): UpgradeFacts {
    const buffer = this.record?.hash === this.desired.hash ? this.record.buffer : undefined;
    return {
      now: this.now,
      program: { authority: this.authority, hash: this.hash },
      authority: {
        kind: 'council',
        address: vault,
        delaySeconds: this.delay,
        proposer: ann,
        lacks: [],
        holders: { propose: [ann], execute: [ann] },
        keys,
        voteless: [],
        proposals: this.proposals.map((each) => this.factsOf(each)),
      },
      buffer: this.bufferAt(buffer ?? ''),
      record: this.record,
    };
  }

  private take(step: UpgradeStep, record: UpgradeRecord, keys: readonly string[]): UpgradeRecord {
    switch (step.kind) {
      case 'prepare buffer': {
        const turns = [0, 1, 2, 3].map((turn) => addressOf(`ours ${this.desired.hash} ${turn}`));
        const free = (each: string): boolean =>
          (this.buffers.get(each)?.hash ?? this.desired.hash) === this.desired.hash;
        const buffer = turns.find(free) ?? addressOf(`ours ${this.now}`);
        this.buffers.set(buffer, { hash: this.desired.hash, authority: vault });
        return { ...record, buffer };
      }
      case 'propose': {
        const rivals = this.proposals.filter(
          (each) =>
            each.creator === ann &&
            each.promised !== this.desired.hash &&
            this.factsOf(each).executable &&
            this.buffers.has(each.buffer),
        );
        if (rivals.length > 0) this.wrongs.push('it proposed beside an older one of its own');
        this.proposals.push(this.made(ann, this.desired.hash, step.buffer));
        return record;
      }
      case 'approve':
      case 'withdraw':
        for (const member of step.by) {
          if (member !== ann && !keys.includes(member))
            this.wrongs.push('it voted with a key that it has not');
          if (step.kind === 'approve' && this.bufferAt(step.proposal.buffer)?.hash !== this.desired.hash) {
            this.wrongs.push('it approved a buffer with another hash');
          }
          const at = this.proposals.findIndex((each) => addressAt(each.index) === step.proposal.address);
          this.vote(at, member, step.kind === 'approve' ? 'for' : 'against');
        }
        return record;
      case 'execute': {
        const proposal = this.proposals.find((each) => addressAt(each.index) === step.proposal?.address);
        if (proposal === undefined) throw new Error('it executes what is not there');
        const readyAt = (proposal.approvedAt ?? Infinity) + Math.max(this.delay, this.desired.delaySeconds);
        if (this.now < readyAt) this.wrongs.push('it executed early');
        if (this.bufferAt(proposal.buffer)?.hash !== this.desired.hash)
          this.wrongs.push('it executed other code');
        if (proposal.index <= this.staleUpTo) this.wrongs.push('it executed what is stale');
        expect(this.execute(this.proposals.indexOf(proposal))).toBe(true);
        return reached(record, 'executed', { at: this.now, transaction: 'ours' });
      }
      case 'announce': {
        const { key } = step.announcement;
        if (key.startsWith('executed') && this.hash !== this.desired.hash)
          this.wrongs.push('it told what is not so');
        this.told.push(key);
        return { ...record, told: [...record.told, key] };
      }
    }
  }

  private factsOf(proposal: Proposal): ProposalFacts {
    const { index, status, approvals, against } = proposal;
    const stale = index <= this.staleUpTo;
    const members = [ann, bob, cid];
    const open = status === 'gathering' && !stale;
    const others = (given: ReadonlySet<string>): readonly string[] =>
      members.filter((each) => !given.has(each));
    return {
      address: addressAt(index),
      creator: proposal.creator,
      promised: proposal.promised,
      buffer: proposal.buffer,
      bufferNow: this.bufferAt(proposal.buffer),
      pure: true,
      status,
      stale,
      executable: open || status === 'approved',
      proposedAt: proposal.proposedAt,
      approvedAt: proposal.approvedAt,
      executedAt: proposal.executedAt,
      approvals: { given: [...approvals], needed: 2, open: open ? others(approvals) : [] },
      withdrawals: {
        given: [...against],
        needed: 2,
        open: open || status === 'approved' ? others(against) : [],
      },
    };
  }

  private bufferAt(address: string): BufferFacts | undefined {
    const buffer = this.buffers.get(address);
    return buffer === undefined ? undefined : { address, fileHash: buffer.hash, ...buffer };
  }

  private made(creator: string, promised: string, buffer: string): Proposal {
    return {
      ...{ index: this.proposals.length, creator, promised, buffer, proposedAt: this.now },
      ...{ status: 'gathering', approvedAt: undefined, executedAt: undefined },
      ...{ approvals: new Set(), against: new Set() },
    };
  }
}

/** A build's hash. */
export function hashOf(build: number): string {
  return String(build).repeat(64);
}

function addressAt(index: number): string {
  return addressOf(`proposal ${index}`);
}
