import type { KeyProgramAuthority } from '../../plan/solana/authority.ts';
import { upgrade } from '../../plan/solana/loader-instructions.ts';
import type { SolanaPool } from '../connection.ts';
import { openSolanaSigner } from '../keypairs.ts';
import { sendTransaction } from '../send.ts';
import { afterSlot } from '../slots.ts';
import { lastChange, readProgramAndBuffer } from './accounts.ts';
import type { AuthorityPort } from './port.ts';

/** A key: it upgrades at once. SIDE EFFECTS: reads the key. */
export async function openKeyAuthority(
  pool: SolanaPool,
  authority: KeyProgramAuthority,
): Promise<AuthorityPort> {
  const signer = await openSolanaSigner(authority.signer, pool.network);
  const { address } = signer;
  return {
    address,
    observe: () => Promise.resolve({ kind: 'key', address }),
    execute: async ({ desired, buffer }) => {
      const { program, hash } = desired;
      // Room may have been made for the build a moment ago, and the loader changes a program once in a slot.
      await afterSlot(pool, await lastChange(pool, program));
      return sendTransaction(pool, {
        purpose: `upgrade ${program}`,
        key: `upgrade:${program}:${hash}:${buffer}`,
        payer: signer,
        instructions: [upgrade({ program, buffer, spill: address, authority: address })],
        effect: async () => {
          const { program: now } = await readProgramAndBuffer(pool, program, undefined);
          return typeof now === 'object' && now.hash === hash;
        },
      });
    },
    propose: unneeded,
    approve: unneeded,
    withdraw: unneeded,
  };
}

function unneeded(): Promise<never> {
  throw new TypeError('a key needs no proposal, and none was to be planned');
}
