import type { ProgramAuthorityRef, SquadsAuthority, TimelockProgramAuthority } from './authority.ts';
import type { LoaderAccount } from './loader-accounts.ts';
import { programHash } from './program-hash.ts';
import { vaultAddress } from './squads/addresses.ts';
import { timelockVault } from './timelock/addresses.ts';

/** A program as a look at the cluster found it. Plain JSON: it is kept in the state. */
export interface SeenProgram {
  /** Hash of what it runs. */
  readonly runs: string;
  /** Who has the authority; absent: nobody, for ever. */
  readonly heldBy?: string;
  /** When it was last deployed, upgraded or extended. */
  readonly slot: number;
  /** How many bytes it has room for. */
  readonly space: number;
}

/** The program out of its two accounts; undefined where there is none, or it was closed. */
export function seenProgram(
  account: LoaderAccount | undefined,
  programData: LoaderAccount | undefined,
): SeenProgram | undefined {
  if (account?.kind !== 'program' || programData?.kind !== 'programData') return undefined;
  const { bytes, authority, slot } = programData;
  return {
    runs: programHash(bytes),
    ...(authority === undefined ? {} : { heldBy: authority }),
    slot: Number(slot),
    space: bytes.length,
  };
}

/** How a program was left, and what may have become of it since without being drift. */
export interface LeftProgram extends SeenProgram {
  /** The build that is wanted: where a council has the program, it brings it about in its own time. */
  readonly hash: string;
  readonly authority: ProgramAuthorityRef;
  readonly handOver?: 'later';
}

/** What is otherwise than a program was left, one sentence each. */
export function programDrift(left: LeftProgram, seen: SeenProgram): readonly string[] {
  const { runs, heldBy, slot, space } = seen;
  const { authority } = left;
  const isWanted = isCouncil(authority) && heldBy === vaultOf(authority);
  const isMeant = heldBy === left.heldBy || left.handOver === 'later' || isWanted;
  return [
    ...(runs === left.runs || runs === left.hash
      ? []
      : [`it runs ${runs} since slot ${slot}; it was left with ${left.runs}`]),
    ...(isMeant
      ? []
      : [`its authority is ${heldBy ?? 'nobody, for ever'}; it was left with ${left.heldBy ?? 'nobody'}`]),
    ...(space >= left.space ? [] : [`it has room for ${space} bytes; it had room for ${left.space}`]),
  ];
}

/** The account that a multisig or time lock has authorities with. */
export function vaultOf(council: SquadsAuthority | TimelockProgramAuthority): string {
  return council.kind === 'squads'
    ? vaultAddress(council.multisig, council.vaultIndex)
    : timelockVault(council.program, council.account);
}

function isCouncil(authority: ProgramAuthorityRef): authority is SquadsAuthority | TimelockProgramAuthority {
  return authority.kind === 'squads' || authority.kind === 'timelock';
}
