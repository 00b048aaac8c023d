import type { AuthorityFacts, DesiredUpgrade, ProposalFacts } from '../../plan/solana/upgrade/facts.ts';

/** An upgrade that is proposed, or made at once by a key. */
export interface UpgradeRequest {
  readonly desired: DesiredUpgrade;
  /** The buffer, under the authority already. */
  readonly buffer: string;
}

/**
 * A kind of authority, as upgrades use it. Each method does one thing, and finds that it is done when it is called again;
 * each returns the transaction's signature.
 */
export interface AuthorityPort {
  /** What a program and its buffer must have as their authority. */
  readonly address: string;
  /** What the chain says of the authority, and of all proposals to upgrade the program. SIDE EFFECTS: asks nodes. */
  observe(desired: DesiredUpgrade): Promise<AuthorityFacts>;
  /** SIDE EFFECTS: sends a transaction. */
  propose(request: UpgradeRequest): Promise<string>;
  /** One member approves. SIDE EFFECTS: sends a transaction. */
  approve(proposal: ProposalFacts, member: string): Promise<string>;
  /** One member votes to take a proposal back. SIDE EFFECTS: sends a transaction. */
  withdraw(proposal: ProposalFacts, member: string): Promise<string>;
  /** Carries a proposal out, or upgrades at once where there is none. SIDE EFFECTS: sends a transaction. */
  execute(request: UpgradeRequest, proposal: ProposalFacts | undefined): Promise<string>;
}
