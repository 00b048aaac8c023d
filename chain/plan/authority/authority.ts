import { getAddress } from 'ethers/address';
import type { SecretRef } from '@cutover/base/secrets.ts';
import { CutoverError } from '@cutover/base/errors.ts';
import type { SignerRef } from '../signer.ts';

/** An account with a key: what it may do happens at once. */
export interface KeyAuthority {
  readonly kind: 'key';
  readonly signer: SignerRef;
}

/** A Safe: its owners approve, anybody may then execute. */
export interface SafeAuthority {
  readonly kind: 'safe';
  readonly address: string;
  /** Pays for the execution; it need not be an owner. */
  readonly gas: SignerRef;
  /** Owners whose keys this run may use. @default none: all approvals come from outside */
  readonly signers?: readonly SignerRef[];
  /** The stack's folder, relative to the project: what waits is kept in `proposals` there. @default `.cutover` */
  readonly folder?: string;
  /** Where approvals are put and looked for, relative to the project. @default `approvals` in that folder */
  readonly approvals?: string;
  /** A Safe transaction service to propose to and to collect approvals from. @default none */
  readonly service?: string;
  /** Where the service's API key is kept. @default none is sent */
  readonly serviceKey?: SecretRef;
}

/** A TimelockController of OpenZeppelin: what its proposer schedules may be executed after a delay. */
export interface TimelockAuthority {
  readonly kind: 'timelock';
  readonly address: string;
  readonly proposer: KeyAuthority | SafeAuthority;
  /** Executes what is ready; needs the executor role unless that is open to everybody. */
  readonly executor: SignerRef;
  /** The least delay that is accepted. @default what the contract demands */
  readonly delaySeconds?: number;
  /** The id of an operation that must be done before. @default none */
  readonly predecessor?: string;
}

/** Who may change a contract, and how. */
export type AuthorityRef = KeyAuthority | SafeAuthority | TimelockAuthority;

/** The authority in words; safe to print. */
export function describeAuthority(authority: AuthorityRef): string {
  switch (authority.kind) {
    case 'key':
      return 'the key of a signer';
    case 'safe':
      return `the Safe ${authority.address}`;
    case 'timelock':
      return `the time lock ${authority.address}, proposed by ${describeAuthority(authority.proposer)}`;
  }
}

/** Whose account sends the transaction that makes the change. */
export function payerOf(authority: AuthorityRef): SignerRef {
  switch (authority.kind) {
    case 'key':
      return authority.signer;
    case 'safe':
      return authority.gas;
    case 'timelock':
      return authority.executor;
  }
}

/** Refuses an authority that is described wrongly, with all that is wrong. */
export function checkAuthority(authority: AuthorityRef): void {
  const problems = problemsOf(authority, '');
  if (problems.length === 0) return;
  throw new CutoverError('CUT-2250', { list: problems.map((problem) => `  - ${problem}`).join('\n') });
}

function problemsOf(authority: AuthorityRef, at: string): string[] {
  switch (authority.kind) {
    case 'key':
      return [];
    case 'safe':
      return [
        ...addressProblems(authority.address, `${at}address`),
        ...(authority.service === undefined || isWeb(authority.service)
          ? []
          : [`${at}service is ${authority.service}; it must be an https:// or http:// URL without a query`]),
      ];
    case 'timelock': {
      const { address, proposer, delaySeconds, predecessor } = authority;
      return [
        ...addressProblems(address, `${at}address`),
        ...problemsOf(proposer, `${at}proposer.`),
        ...(delaySeconds === undefined || (Number.isSafeInteger(delaySeconds) && delaySeconds >= 0)
          ? []
          : [`${at}delaySeconds is ${delaySeconds}; it must be a whole number of seconds, 0 or more`]),
        ...(predecessor === undefined || isHash(predecessor)
          ? []
          : [`${at}predecessor is ${predecessor}; it must be the id of an operation, 32 bytes as hex`]),
      ];
    }
  }
}

/** The address with checksum; undefined when it is none. */
export function addressOf(text: string): string | undefined {
  try {
    return /^0x[0-9a-fA-F]{40}$/.test(text) ? getAddress(text) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether two texts name the same address. */
export function sameAddress(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** Whether a text is 32 bytes as hex: a hash, a role or the id of an operation. */
export function isHash(text: string): boolean {
  return /^0x[0-9a-fA-F]{64}$/.test(text);
}

function addressProblems(text: string, at: string): string[] {
  if (addressOf(text) !== undefined) return [];
  return [`${at} is ${text}; it must be an address, 20 bytes as hex with a checksum that fits`];
}

function isWeb(text: string): boolean {
  return /^https?:\/\//.test(text) && URL.canParse(text) && new URL(text).search === '';
}
