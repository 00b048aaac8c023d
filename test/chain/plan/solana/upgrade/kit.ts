import type {
  BufferFacts,
  CouncilFacts,
  DesiredUpgrade,
  ProposalFacts,
  UpgradeFacts,
} from '@cutover/chain/plan/solana/upgrade/facts.ts';
import { addressOf } from '../kit.ts';

export const [ann, bob, cid] = [addressOf('ann'), addressOf('bob'), addressOf('cid')];
export const vault = addressOf('vault');
export const [oldHash, newHash, otherHash] = ['0'.repeat(64), '1'.repeat(64), '2'.repeat(64)];
export const day = 86_400;
export const now = 1_800_000_000;

export const desired: DesiredUpgrade = {
  program: addressOf('program'),
  hash: newHash,
  fileHash: 'f'.repeat(64),
  version: 'v2.0.0',
  delaySeconds: 2 * day,
};

/** A buffer that holds the build, in the hands of the vault. */
export const buffer: BufferFacts = {
  address: addressOf('buffer'),
  authority: vault,
  hash: newHash,
  fileHash: desired.fileHash,
};

/** A proposal for the build that nobody has voted on. */
export const proposal: ProposalFacts = {
  address: addressOf('proposal 1'),
  creator: ann,
  promised: newHash,
  buffer: buffer.address,
  bufferNow: buffer,
  pure: true,
  status: 'gathering',
  stale: false,
  executable: true,
  proposedAt: now - 100,
  approvedAt: undefined,
  executedAt: undefined,
  approvals: { given: [], needed: 2, open: [ann, bob, cid] },
  withdrawals: { given: [], needed: 2, open: [ann, bob, cid] },
};

/** The same once it is approved. */
export function approved(since: number, more: Partial<ProposalFacts> = {}): ProposalFacts {
  const approvals = { given: [ann, bob], needed: 2, open: [] };
  return { ...proposal, status: 'approved', approvedAt: since, approvals, ...more };
}

export const council: CouncilFacts = {
  kind: 'council',
  address: vault,
  delaySeconds: 2 * day,
  proposer: ann,
  lacks: [],
  holders: { propose: [ann, bob], execute: [ann, cid] },
  keys: [],
  voteless: [],
  proposals: [],
};

/** What there is when nothing has begun, and what differs from it. */
export function facts(more: Partial<UpgradeFacts> = {}, members: Partial<CouncilFacts> = {}): UpgradeFacts {
  return {
    now,
    program: { authority: vault, hash: oldHash },
    authority: { ...council, ...members },
    buffer: undefined,
    record: undefined,
    ...more,
  };
}
