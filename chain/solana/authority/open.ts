import { CutoverError } from '@cutover/base/errors.ts';
import { checkProgramAuthority, type ProgramAuthorityRef } from '../../plan/solana/authority.ts';
import { describeSolanaNetwork } from '../../plan/solana/network.ts';
import type { DesiredUpgrade } from '../../plan/solana/upgrade/facts.ts';
import type { SolanaPool } from '../connection.ts';
import { openKeyAuthority } from './key.ts';
import type { AuthorityPort } from './port.ts';
import { openSquadsAuthority } from './squads.ts';
import { openTimelockAuthority } from './timelock.ts';

/** Opens an authority for an upgrade. SIDE EFFECTS: reads keys. */
export async function openAuthority(
  pool: SolanaPool,
  authority: ProgramAuthorityRef,
  { program }: Pick<DesiredUpgrade, 'program'>,
): Promise<AuthorityPort> {
  checkProgramAuthority(authority);
  switch (authority.kind) {
    case 'key':
      return openKeyAuthority(pool, authority);
    case 'squads':
      return openSquadsAuthority(pool, authority);
    case 'timelock':
      return openTimelockAuthority(pool, authority);
    case 'none':
      throw new CutoverError('CUT-2473', {
        program,
        network: describeSolanaNetwork(pool.network),
        reason: 'Its authority is `none` in the stack file',
        found: 'see ./cutover status',
      });
  }
}
