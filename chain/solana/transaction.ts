import { CutoverError } from '@cutover/base/errors.ts';
import { base58 } from '../plan/solana/address.ts';
import type { Instruction } from '../plan/solana/instruction.ts';
import {
  compileMessage,
  largestTransaction,
  signedTransaction,
  transactionSize,
} from '../plan/solana/message.ts';
import type { SolanaSigner } from './keypairs.ts';

/** 32 zeros. A node that tries a transaction puts a fresh one in its place. */
const noBlockhash = base58(new Uint8Array(32));

/** A transaction that is ready to be sent. */
export interface SignedTransaction {
  readonly raw: Uint8Array;
  /** In base58: the payer's signature names the transaction. */
  readonly signature: string;
}

/** Instructions that one transaction carries. */
export interface Unsigned {
  /** For people. */
  readonly purpose: string;
  readonly payer: SolanaSigner;
  /** Who signs beside the payer. */
  readonly signers?: readonly SolanaSigner[] | undefined;
  readonly instructions: readonly Instruction[];
}

/** Signs instructions with a blockhash. */
export function signTransaction(unsigned: Unsigned, blockhash: string): SignedTransaction {
  const { payer, signers = [], purpose, instructions } = unsigned;
  const message = compileMessage(payer.address, instructions, blockhash);
  const size = transactionSize(message);
  if (size > largestTransaction)
    throw new CutoverError('CUT-2450', { purpose, size, most: largestTransaction });
  const keys = new Map([payer, ...signers].map((signer) => [signer.address, signer]));
  const signatures = message.signers.map((address) => {
    const signer = keys.get(address);
    if (signer === undefined) throw new CutoverError('CUT-2451', { purpose, address });
    return signer.sign(message.bytes);
  });
  return {
    raw: signedTransaction(message, signatures),
    signature: base58(signatures[0] ?? new Uint8Array()),
  };
}

/** The same without signatures, to be tried out. */
export function unsignedTransaction({ payer, instructions }: Unsigned): Uint8Array {
  const message = compileMessage(payer.address, instructions, noBlockhash);
  return signedTransaction(
    message,
    message.signers.map(() => new Uint8Array(64)),
  );
}
