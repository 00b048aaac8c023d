import { createHash } from 'node:crypto';
import { PublicKey, TransactionInstruction } from '@solana/web3.js';
import { base58 } from '@cutover/chain/plan/solana/address.ts';
import type { Instruction } from '@cutover/chain/plan/solana/instruction.ts';

/** An address for tests: the same for the same name. */
export function addressOf(name: string): string {
  return base58(createHash('sha256').update(name).digest());
}

/** An instruction as web3.js has it. */
export function asWeb3({ program, accounts, data }: Instruction): TransactionInstruction {
  return new TransactionInstruction({
    programId: new PublicKey(program),
    keys: accounts.map(({ address, signer, writable }) => ({
      pubkey: new PublicKey(address),
      isSigner: signer,
      isWritable: writable,
    })),
    data: Buffer.from(data),
  });
}

/** An instruction of web3.js as ours. */
export function fromWeb3({ programId, keys, data }: TransactionInstruction): Instruction {
  return {
    program: programId.toBase58(),
    accounts: keys.map(({ pubkey, isSigner, isWritable }) => ({
      address: pubkey.toBase58(),
      signer: isSigner,
      writable: isWritable,
    })),
    data: new Uint8Array(data),
  };
}
