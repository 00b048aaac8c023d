import { CutoverError } from '@cutover/base/errors.ts';
import { isAddress } from './address.ts';
import type { SolanaSignerRef } from './signer.ts';

/** An account with a key: what it may do happens at once. */
export interface KeyProgramAuthority {
  readonly kind: 'key';
  readonly signer: SolanaSignerRef;
}

interface Council {
  /** Proposes, pays, and executes what is ready; a member. */
  readonly proposer: SolanaSignerRef;
  /** Members whose keys this run may use to approve. @default none: all approvals come from outside */
  readonly approvers?: readonly SolanaSignerRef[];
  /** The least time between enough approvals and the execution. A shorter one on the chain is refused. */
  readonly delaySeconds: number;
}

/** A multisig of Squads v4: its members approve, its own time lock delays. */
export interface SquadsAuthority extends Council {
  readonly kind: 'squads';
  /** The multisig's account; not its vault. */
  readonly multisig: string;
  /** Which of its vaults is the authority of programs. @default 0 */
  readonly vaultIndex?: number;
}

/** The project's own time lock program (docs/programs.md). */
export interface TimelockProgramAuthority extends Council {
  readonly kind: 'timelock';
  /** Where the time lock program is deployed. */
  readonly program: string;
  /** The account that has its members, threshold and delay. */
  readonly account: string;
}

/** Who may upgrade a program, and how. `none`: nobody ever again. */
export type ProgramAuthorityRef =
  KeyProgramAuthority | SquadsAuthority | TimelockProgramAuthority | { readonly kind: 'none' };

/** The authority in words; safe to print. */
export function describeProgramAuthority(authority: ProgramAuthorityRef): string {
  switch (authority.kind) {
    case 'key':
      return 'the key of a signer';
    case 'squads':
      return `vault ${authority.vaultIndex ?? 0} of the Squads multisig ${authority.multisig}`;
    case 'timelock':
      return `the time lock ${authority.account}`;
    case 'none':
      return 'nobody: the program is immutable';
  }
}

/** How long an upgrade must wait after enough have approved it. */
export function requiredDelay(authority: ProgramAuthorityRef): number {
  return 'delaySeconds' in authority ? authority.delaySeconds : 0;
}

/** All signers that an authority names. */
export function signersOfProgramAuthority(authority: ProgramAuthorityRef): readonly SolanaSignerRef[] {
  switch (authority.kind) {
    case 'key':
      return [authority.signer];
    case 'squads':
    case 'timelock':
      return [authority.proposer, ...(authority.approvers ?? [])];
    case 'none':
      return [];
  }
}

/** Refuses an authority that is described wrongly, with all that is wrong. */
export function checkProgramAuthority(authority: ProgramAuthorityRef): void {
  const problems = problemsOf(authority);
  if (problems.length === 0) return;
  throw new CutoverError('CUT-2470', { list: problems.map((problem) => `  - ${problem}`).join('\n') });
}

function problemsOf(authority: ProgramAuthorityRef): string[] {
  switch (authority.kind) {
    case 'key':
    case 'none':
      return [];
    case 'squads': {
      const { multisig, vaultIndex = 0, delaySeconds } = authority;
      return [
        ...addressProblems(multisig, 'multisig'),
        ...(Number.isInteger(vaultIndex) && vaultIndex >= 0 && vaultIndex <= 255
          ? []
          : [`vaultIndex is ${vaultIndex}; it must be a whole number from 0 to 255`]),
        ...delayProblems(delaySeconds),
      ];
    }
    case 'timelock':
      return [
        ...addressProblems(authority.program, 'program'),
        ...addressProblems(authority.account, 'account'),
        ...delayProblems(authority.delaySeconds),
      ];
  }
}

function addressProblems(text: string, at: string): string[] {
  return isAddress(text) ? [] : [`${at} is ${text}; it must be an address, 32 bytes in base58`];
}

function delayProblems(delaySeconds: number): string[] {
  return Number.isSafeInteger(delaySeconds) && delaySeconds >= 0
    ? []
    : [`delaySeconds is ${delaySeconds}; it must be a whole number of seconds, 0 or more`];
}
