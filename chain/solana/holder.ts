import { CutoverError } from '@cutover/base/errors.ts';
import {
  describeProgramAuthority,
  requiredDelay,
  type ProgramAuthorityRef,
} from '../plan/solana/authority.ts';
import { describeSolanaNetwork, type SolanaNetworkRef } from '../plan/solana/network.ts';
import type { ProgramHolder } from '../plan/solana/program-facts.ts';
import { vaultOf } from '../plan/solana/program-seen.ts';
import type { DesiredUpgrade } from '../plan/solana/upgrade/facts.ts';
import { openAuthority } from './authority/open.ts';
import type { SolanaPool } from './connection.ts';
import { openSolanaSigner, type SolanaSigner } from './keypairs.ts';

/** Whose a program is to be, and the key that takes it over where it is one. */
export interface Holder {
  readonly holder: ProgramHolder;
  readonly key?: SolanaSigner;
}

/** Finds the address of an authority. SIDE EFFECTS: reads its key, where it is one. */
export async function holderOf(
  authority: ProgramAuthorityRef,
  network: Pick<SolanaNetworkRef, 'name' | 'cluster'>,
): Promise<Holder> {
  const terms = `${describeProgramAuthority(authority)} decides, and ${requiredDelay(authority)} s pass before it is executed`;
  switch (authority.kind) {
    case 'key': {
      const key = await openSolanaSigner(authority.signer, network);
      return { holder: { kind: 'key', address: key.address }, key };
    }
    case 'squads':
    case 'timelock':
      return { holder: { kind: 'council', address: vaultOf(authority), terms } };
    case 'none':
      return { holder: { kind: 'none' } };
  }
}

/**
 * Refuses to hand a program to a multisig or time lock that is not there, whose vault is another, that delays less than
 * it must, or of which the proposer is no member: nobody could take the program back. SIDE EFFECTS: asks nodes, reads keys.
 */
export async function requireFit(
  pool: SolanaPool,
  authority: ProgramAuthorityRef,
  holder: ProgramHolder,
  desired: Pick<DesiredUpgrade, 'program'> & { readonly title: string },
): Promise<void> {
  if (holder.kind !== 'council') return;
  const delaySeconds = requiredDelay(authority);
  const hash = '0'.repeat(64);
  const port = await openAuthority(pool, authority, desired);
  const facts = await port.observe({ program: desired.program, hash, fileHash: hash, delaySeconds });
  if (facts.kind !== 'council') throw new TypeError('a council was opened as a key');
  const problems = [
    ...(facts.address === holder.address ? [] : [`its vault is ${facts.address}, not ${holder.address}`]),
    ...(facts.delaySeconds >= delaySeconds
      ? []
      : [`it delays an upgrade by ${facts.delaySeconds} s; ${delaySeconds} s are required`]),
    ...facts.lacks.map(
      (what) =>
        `${facts.proposer}, who is to ${what}, may not; those who may: ${facts.holders[what].join(', ')}`,
    ),
  ];
  if (problems.length === 0) return;
  throw new CutoverError('CUT-2542', {
    title: desired.title,
    wanted: describeProgramAuthority(authority),
    network: describeSolanaNetwork(pool.network),
    list: problems.map((problem) => `  - ${problem}`).join('\n'),
  });
}
