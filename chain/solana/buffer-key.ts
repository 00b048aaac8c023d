import { createHash } from 'node:crypto';
import { addressBytes } from '../plan/solana/address.ts';
import { keypairOfSeed } from '../plan/solana/signer.ts';
import { signerOfKeypair, type SolanaSigner } from './keypairs.ts';

/** How many places there are for one build of one program. One is enough unless somebody else has it. */
export const bufferTurns = 4;

/**
 * The key of the buffer in which a writer gathers a build. It follows from the writer's own key: Ed25519 signs the same
 * text always the same. So it is there before the first transaction and lies in no file, and a run on any machine that
 * has the writer's key finds the buffer that an earlier one has paid for. It is needed to create the account, and never
 * again.
 */
export function bufferKey(writer: SolanaSigner, program: string, hash: string, turn: number): SolanaSigner {
  const text = new TextEncoder().encode(`Cutover buffer ${turn} of ${program} for ${hash}`);
  addressBytes(program, 'the program of a buffer');
  const seed = createHash('sha256').update(writer.sign(text)).digest();
  return signerOfKeypair(keypairOfSeed(seed));
}
