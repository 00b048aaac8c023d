import { hashMessage } from 'ethers/hash';
import { concat, getBytes, toBeHex, zeroPadValue } from 'ethers/utils';
import { sameAddress } from './authority.ts';
import { lowS, signerOf, splitSignature } from './ecdsa.ts';

/** A signature that somebody handed in. */
export interface GivenSignature {
  readonly signature: string;
  /** Where it was found, for messages. */
  readonly from: string;
}

/** The approval of one owner in the 65 bytes that a Safe takes. */
export interface Approval {
  readonly owner: string;
  readonly data: string;
  /** How the owner approved. */
  readonly how: 'signature' | 'signed message' | 'on chain';
}

/** What was made of the signatures that were handed in. */
export interface Approvals {
  /** One for each owner that approved, by address: the order in which a Safe wants them. */
  readonly approvals: readonly Approval[];
  /** What does not count, one sentence each. */
  readonly ignored: readonly string[];
}

/**
 * Sorts out who of the owners has approved a hash. Signatures that are no owner's, damaged or given twice do not count.
 * `approvedOnChain` are owners who called approveHash.
 */
export function checkApprovals(
  hash: string,
  owners: readonly string[],
  given: readonly GivenSignature[],
  approvedOnChain: readonly string[],
): Approvals {
  const approvals = new Map<string, Approval>();
  const ignored: string[] = [];
  for (const { signature, from } of given) {
    const read = readApproval(hash, owners, signature);
    if (typeof read === 'string') ignored.push(`${from}: ${read}`);
    else if (approvals.has(read.owner)) ignored.push(`${from}: ${read.owner} has approved already`);
    else approvals.set(read.owner, read);
  }
  for (const owner of owners) {
    const approved = approvedOnChain.some((each) => sameAddress(each, owner));
    if (approved && !approvals.has(owner)) approvals.set(owner, approvedHash(owner));
  }
  return { approvals: [...approvals.values()].sort(byOwner), ignored };
}

/** As many approvals as the Safe asks for, packed as it takes them. */
export function packApprovals(approvals: readonly Approval[], threshold: number): string {
  return concat(
    approvals
      .toSorted(byOwner)
      .slice(0, threshold)
      .map(({ data }) => data),
  );
}

/** The approval in a signature, or in words why there is none. */
function readApproval(hash: string, owners: readonly string[], signature: string): Approval | string {
  const parts = splitSignature(signature);
  if (parts === undefined) return 'it is no signature of 65 bytes';
  const { r, s, v } = parts;
  if (v === 0) return 'signatures of contracts (v = 0) are not supported; such an owner calls approveHash';
  if (v === 1)
    return 'it says that the owner approved on the chain, which the chain is asked for, not a file';
  // Wallets differ: signed as typed data, or as a message (eth_sign), with or without the 4 that a Safe adds to v then.
  const message = hashMessage(getBytes(hash));
  const low = { r, s: toBeHex(lowS(BigInt(s)), 32) };
  const readings = ([27, 28] as const).flatMap((each) => [
    { v: each, how: 'signature' as const, signer: signerOf(hash, { ...low, v: each }) },
    { v: each + 4, how: 'signed message' as const, signer: signerOf(message, { ...low, v: each }) },
  ]);
  const own = readings.find(({ signer }) => signer !== undefined && owners.includes(signer));
  if (own?.signer !== undefined) {
    return { owner: own.signer, data: concat([low.r, low.s, toBeHex(own.v, 1)]), how: own.how };
  }
  const stranger = readings.find((reading) => reading.v === v)?.signer;
  return stranger === undefined
    ? 'it is damaged'
    : `${stranger} is no owner of the Safe, or something else was signed`;
}

function approvedHash(owner: string): Approval {
  return { owner, data: concat([zeroPadValue(owner, 32), toBeHex(0, 32), '0x01']), how: 'on chain' };
}

function byOwner(a: Approval, b: Approval): number {
  return a.owner.toLowerCase() < b.owner.toLowerCase() ? -1 : 1;
}
