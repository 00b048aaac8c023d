import { isSafeTransaction, safeTransactionHash, type SafeTransaction } from './safe-transaction.ts';
import { addressOf, isHash } from './authority.ts';
import type { Approval } from './safe-signatures.ts';

/** A Safe transaction that waits for its owners, as it is kept on disk for `./cutover approve`. */
export interface Proposal {
  readonly safe: string;
  readonly chainId: number;
  /** Hash of the first block where chains share an id, as local ones do; else empty. */
  readonly genesis: string;
  /** For people: the name of the network in the stack file. */
  readonly network: string;
  readonly safeTxHash: string;
  readonly transaction: SafeTransaction;
  /** What the change is called: the action's key. A newer proposal of the same key takes the place of this one. */
  readonly key: string;
  readonly purpose: string;
  /** Signatures of the functions that it calls, to read its data with. */
  readonly functions: readonly string[];
  /** What it does, in words. For readers of the file: approvers are shown what the transaction itself says. */
  readonly words: readonly string[];
  /** The folder that approvals are put into, relative to the project. */
  readonly approvals: string;
  /** The chain's block when it was proposed: it cannot have been executed before. */
  readonly block: number;
  readonly proposedAt: string;
  /** How it stood when it was last looked at. */
  readonly owners: readonly string[];
  readonly threshold: number;
  readonly signed: readonly Pick<Approval, 'owner' | 'how'>[];
  readonly waitsFor: readonly string[];
  /** Why nobody should sign it any more; absent while it is wanted. */
  readonly withdrawn?: string;
}

export type ReadProposal =
  | { readonly kind: 'proposal'; readonly proposal: Proposal }
  | { readonly kind: 'wrong'; readonly problem: string };

/**
 * Takes a proposal out of the text of its file. What its owners sign is the hash, so a file whose hash is not the one
 * of its own transaction is refused: somebody changed what it says, or what it asks to sign.
 */
export function readProposal(text: string, fileName: string): ReadProposal {
  const wrong = (problem: string): ReadProposal => ({ kind: 'wrong', problem });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return wrong('it is no JSON; it may have been cut short');
  }
  if (!hasShape(value)) return wrong('it has not the fields of a proposal');
  const actual = safeTransactionHash(value.safe, value.chainId, value.transaction);
  if (actual !== value.safeTxHash.toLowerCase()) {
    return wrong(`its transaction has the hash ${actual}, but it asks to sign ${value.safeTxHash}`);
  }
  if (fileName !== `${actual}.json`)
    return wrong(`it holds the transaction ${actual}, not the one of its name`);
  return { kind: 'proposal', proposal: value };
}

function hasShape(value: unknown): value is Proposal {
  if (typeof value !== 'object' || value === null) return false;
  const each = value as Readonly<Record<string, unknown>>;
  const isText = (name: string): boolean => typeof each[name] === 'string';
  const areTexts = (name: string): boolean =>
    Array.isArray(each[name]) && each[name].every((item) => typeof item === 'string');
  return (
    ['safe', 'genesis', 'network', 'safeTxHash', 'key', 'purpose', 'approvals', 'proposedAt'].every(isText) &&
    ['functions', 'words', 'owners', 'waitsFor'].every(areTexts) &&
    ['chainId', 'block', 'threshold'].every((name) => Number.isSafeInteger(each[name])) &&
    Array.isArray(each['signed']) &&
    addressOf(String(each['safe'])) !== undefined &&
    isHash(String(each['safeTxHash'])) &&
    isSafeTransaction(each['transaction']) &&
    (each['withdrawn'] === undefined || isText('withdrawn'))
  );
}

/** What changed among the owners since a proposal was last looked at, one sentence each. */
export function ownerChanges(
  before: { readonly owners: readonly string[]; readonly threshold: number },
  now: { readonly owners: readonly string[]; readonly threshold: number },
): readonly string[] {
  return [
    ...before.owners
      .filter((each) => !now.owners.includes(each))
      .map((each) => `${each} is no owner any more`),
    ...now.owners.filter((each) => !before.owners.includes(each)).map((each) => `${each} is an owner now`),
    ...(before.threshold === now.threshold
      ? []
      : [`it takes ${now.threshold} approvals now, not ${before.threshold}`]),
  ];
}
