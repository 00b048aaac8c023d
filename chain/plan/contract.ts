import type { CodeComparison } from './code.ts';

/** What an address holds, as the chain says. */
export interface ObservedContract {
  /** The code of the latest block, held against the artefact. */
  readonly code: CodeComparison;
  /** Whether our state knows the contract as deployed. */
  readonly recorded: boolean;
}

/** What is to be done about a contract. */
export type ContractPlan =
  /** Nothing is there: deploy. `gone` says that it once was: the chain lost its state, or was reorganised. */
  | { readonly kind: 'deploy'; readonly reason: 'new' | 'gone' }
  /** It is there as it should be, and we know it. */
  | { readonly kind: 'nothing' }
  /** It is there as it should be, but the state does not know: our own earlier work, or somebody's same deployment. */
  | { readonly kind: 'adopt' }
  /** Something else is there. Code cannot be overwritten. */
  | { readonly kind: 'refuse'; readonly difference: string };

export function planContract({ code, recorded }: ObservedContract): ContractPlan {
  switch (code.verdict) {
    case 'none':
      return { kind: 'deploy', reason: recorded ? 'gone' : 'new' };
    case 'changed':
      return { kind: 'refuse', difference: code.difference };
    case 'same':
    case 'same but for metadata':
      // CREATE2 binds the address to the whole creation code, metadata included: what differs there came with the
      // artefact and is nothing that a deployment could change.
      return recorded ? { kind: 'nothing' } : { kind: 'adopt' };
  }
}

/** A quick look at an address: the hash of the code there, none, or no node that answers. */
export type Look =
  | { readonly kind: 'code'; readonly hash: string }
  | { readonly kind: 'none' }
  | { readonly kind: 'unreachable' };

/** What `diff` compares: what was deployed, what is wanted, and what the chain says right now. */
export interface ContractChange {
  readonly old: Place & { readonly codeHash: string };
  readonly wanted: Place;
  /** Undefined where nobody looked: when another contract is wanted, what is at the old address decides nothing. */
  readonly onChain: Look | undefined;
  /** Whether inputs differ that are kept without touching the chain: endpoints, signer, what is expected. */
  readonly otherInputsDiffer: boolean;
  /** What the last look found wrong. */
  readonly knownDrift: readonly string[];
}

export type ContractDiff =
  | { readonly kind: 'same' }
  | { readonly kind: 'update'; readonly drift: 'gone' | 'changed' | 'known' | undefined }
  /** The code, its arguments, the salt or the chain are others, so the address is another. */
  | { readonly kind: 'replace' };

/** Where a contract is: with CREATE2 that says which contract it is. */
export interface Place {
  readonly address: string;
  readonly chainId: number;
}

export function isAnother(old: Place, wanted: Place): boolean {
  return old.chainId !== wanted.chainId || old.address !== wanted.address;
}

export function planDiff(change: ContractChange): ContractDiff {
  const { old, wanted, onChain } = change;
  if (isAnother(old, wanted)) return { kind: 'replace' };
  if (onChain?.kind === 'none') return { kind: 'update', drift: 'gone' };
  if (onChain?.kind === 'code' && onChain.hash !== old.codeHash) return { kind: 'update', drift: 'changed' };
  if (change.knownDrift.length > 0) return { kind: 'update', drift: 'known' };
  return change.otherInputsDiffer ? { kind: 'update', drift: undefined } : { kind: 'same' };
}
