import { sameAddress } from './authority.ts';
import type { Approval } from './safe-signatures.ts';

/** What became of a Safe transaction; `unknown` where no endpoint would look it up. */
export type Execution =
  | { readonly kind: 'none' | 'unknown' }
  | {
      readonly kind: 'success' | 'failure';
      readonly transactionHash: string;
      readonly blockNumber: number;
    };

/** A Safe transaction that was proposed for the action, as the chain and the approvals stand now. */
export interface ProposalFacts {
  readonly nonce: number;
  readonly approvals: readonly Approval[];
  readonly execution: Execution;
  /** Whether the last thing that was told about the action is that this proposal waits. */
  readonly awaited: boolean;
}

/** All that the next step of a Safe depends on. */
export interface SafeFacts {
  readonly owners: readonly string[];
  readonly threshold: number;
  readonly nonce: number;
  readonly proposal: ProposalFacts | undefined;
  /** Nonces that other open proposals have; undefined where somebody who would know was not reached. */
  readonly queue: readonly number[] | undefined;
  /** Addresses whose keys this run may use. */
  readonly keys: readonly string[];
  /** Whether what the action should bring about holds; undefined when the caller cannot say. */
  readonly satisfied: boolean | undefined;
  /** Whether what failed or was without effect is to be proposed again. */
  readonly again: boolean;
}

/** What is done next about an action that a Safe is to carry out. */
export type SafeStep =
  | { readonly kind: 'propose'; readonly nonce: number; readonly because: string }
  /** Owners whose keys are at hand approve. */
  | { readonly kind: 'sign'; readonly owners: readonly string[] }
  | { readonly kind: 'gather'; readonly missing: number; readonly who: readonly string[] }
  | { readonly kind: 'queue'; readonly before: number }
  | { readonly kind: 'execute' }
  | { readonly kind: 'done'; readonly transactionHash: string; readonly blockNumber: number }
  | { readonly kind: 'executed elsewhere'; readonly reason: string }
  | {
      readonly kind: 'refuse';
      readonly reason: 'failed' | 'without effect';
      readonly transactionHash: string;
      readonly blockNumber: number;
    }
  | { readonly kind: 'refuse'; readonly reason: 'cannot tell' };

/** Decides what is done next. */
export function planSafe(facts: SafeFacts): SafeStep {
  const { proposal, satisfied } = facts;
  if (proposal === undefined) {
    return satisfied === true ? alreadySo : propose(facts, 'nothing is proposed yet');
  }
  const { execution } = proposal;
  switch (execution.kind) {
    case 'success':
      return afterSuccess(facts, proposal, execution);
    case 'failure':
      if (satisfied === true) return alreadySo;
      return facts.again
        ? propose(facts, `it failed in ${execution.transactionHash}`)
        : { ...execution, kind: 'refuse', reason: 'failed' };
    case 'none':
    case 'unknown':
      if (satisfied === true) return alreadySo;
      return proposal.nonce < facts.nonce
        ? afterNonceWasUsed(facts, proposal, execution.kind)
        : whileOpen(facts, proposal);
  }
}

const alreadySo = {
  kind: 'executed elsewhere',
  reason: 'what it should bring about holds already',
} as const satisfies SafeStep;

function afterSuccess(
  facts: SafeFacts,
  { awaited }: ProposalFacts,
  { transactionHash, blockNumber }: { readonly transactionHash: string; readonly blockNumber: number },
): SafeStep {
  if (facts.satisfied !== false) return { kind: 'done', transactionHash, blockNumber };
  // It was wanted once before, and somebody has since undone it: that is a new change. But a proposal that was waited
  // for and did nothing would do nothing again.
  return awaited && !facts.again
    ? { kind: 'refuse', reason: 'without effect', transactionHash, blockNumber }
    : propose(facts, `what ${transactionHash} did was undone since`);
}

function afterNonceWasUsed(
  facts: SafeFacts,
  { nonce }: ProposalFacts,
  execution: 'none' | 'unknown',
): SafeStep {
  if (execution === 'unknown' && facts.satisfied === undefined && !facts.again) {
    return { kind: 'refuse', reason: 'cannot tell' };
  }
  return propose(facts, `another transaction of the Safe took nonce ${nonce}`);
}

function whileOpen(facts: SafeFacts, { nonce, approvals }: ProposalFacts): SafeStep {
  const before = Array.from({ length: Math.min(nonce - facts.nonce, 1000) }, (_, i) => facts.nonce + i);
  const gap = before.find((each) => facts.queue?.includes(each) === false);
  if (gap !== undefined) {
    return propose(facts, `nonce ${nonce} can never come: nobody proposes a transaction with nonce ${gap}`);
  }
  const approved = (owner: string): boolean => approvals.some((each) => sameAddress(each.owner, owner));
  const missing = Math.max(0, facts.threshold - approvals.length);
  if (missing > 0) {
    const open = facts.owners.filter((owner) => !approved(owner));
    const ours = open.filter((owner) => facts.keys.some((key) => sameAddress(key, owner)));
    return ours.length > 0
      ? { kind: 'sign', owners: ours.slice(0, missing) }
      : { kind: 'gather', missing, who: open };
  }
  return before.length > 0 ? { kind: 'queue', before: before.length } : { kind: 'execute' };
}

/** The first place in the Safe's queue that nobody else has. */
function propose(facts: SafeFacts, because: string): SafeStep {
  let nonce = facts.nonce;
  while (facts.queue?.includes(nonce) === true) nonce++;
  return { kind: 'propose', nonce, because };
}
