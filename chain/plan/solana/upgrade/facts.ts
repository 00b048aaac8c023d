import type { UpgradeRecord } from './record.ts';

/** What is wanted: a program that runs a build. */
export interface DesiredUpgrade {
  readonly program: string;
  /** The build's hash, as hex: of its bytes without the zeros at their end, as `programHash` computes it. */
  readonly hash: string;
  /** SHA-256 of the build's file, as hex: of all its bytes, which a buffer has one by one. */
  readonly fileHash: string;
  /** What people call the build: v2.0.0. @default the beginning of its hash */
  readonly version?: string;
  /** The least time between enough approvals and the execution. */
  readonly delaySeconds: number;
  /** Goes on after a decision or a finding that stopped it: rejected, cancelled, changed by somebody else. @default false */
  readonly again?: boolean;
}

/** A program as the chain has it. */
export interface ProgramFacts {
  /** Undefined: nobody may ever change it again. */
  readonly authority: string | undefined;
  readonly hash: string;
}

/** Bytes on their way to a program, as the chain has them. */
export interface BufferFacts {
  readonly address: string;
  readonly authority: string | undefined;
  readonly hash: string;
  /** Of all its bytes, also zeros at their end. */
  readonly fileHash: string;
}

/** Votes for or against a proposal. */
export interface Votes {
  readonly given: readonly string[];
  readonly needed: number;
  /** Who may still vote. */
  readonly open: readonly string[];
}

export type ProposalStatus = 'gathering' | 'approved' | 'rejected' | 'cancelled' | 'executed' | 'expired';

/** A proposal to upgrade the program, whoever made it. Times are seconds of the cluster's clock. */
export interface ProposalFacts {
  readonly address: string;
  readonly creator: string;
  /** The hash that it promises; undefined where it was made without one. */
  readonly promised: string | undefined;
  readonly buffer: string;
  /** The buffer as it is now; undefined when there is none. */
  readonly bufferNow: BufferFacts | undefined;
  /** Whether it does nothing but this upgrade. */
  readonly pure: boolean;
  readonly status: ProposalStatus;
  /** Members, threshold or delay changed after it was made. */
  readonly stale: boolean;
  /** Whether enough votes, now or later, could still have it executed. */
  readonly executable: boolean;
  readonly proposedAt: number | undefined;
  readonly approvedAt: number | undefined;
  readonly executedAt: number | undefined;
  readonly approvals: Votes;
  /** Votes to take it back: against it while it gathers approvals, to cancel it afterwards. */
  readonly withdrawals: Votes;
}

/** Members who decide together, and a delay behind what they decide. */
export interface CouncilFacts {
  readonly kind: 'council';
  /** The address that must be the program's and the buffer's authority. */
  readonly address: string;
  readonly delaySeconds: number;
  /** Whose key proposes and executes in this run. */
  readonly proposer: string;
  /** What the proposer may not do, of what is needed. */
  readonly lacks: readonly ('propose' | 'execute')[];
  /** Who may. */
  readonly holders: Readonly<Record<'propose' | 'execute', readonly string[]>>;
  /** Members whose keys this run may use to vote. */
  readonly keys: readonly string[];
  /** Approvers of the stack file that have no vote: no members, or members that may not vote. */
  readonly voteless: readonly string[];
  /** Oldest first. */
  readonly proposals: readonly ProposalFacts[];
}

/** Who may upgrade the program, as the chain says it now. */
export type AuthorityFacts = { readonly kind: 'key'; readonly address: string } | CouncilFacts;

/** Whose keys a run has. */
export interface KeysAtHand {
  readonly proposer: string;
  readonly approvers: readonly string[];
}

/** All that the next step of an upgrade depends on. */
export interface UpgradeFacts {
  /** The cluster's clock, in seconds. The clock of this machine counts for nothing. */
  readonly now: number;
  /** A text says what is there in place of a program that can be upgraded. */
  readonly program: ProgramFacts | string;
  readonly authority: AuthorityFacts;
  /** The buffer that was begun for this build; undefined when there is none. */
  readonly buffer: BufferFacts | undefined;
  /** What was noted of this program's last upgrade; undefined where nobody knows. */
  readonly record: UpgradeRecord | undefined;
}
