import { PublicKey, TransactionMessage, VersionedTransaction } from '@solana/web3.js';
import { ed25519 } from '@noble/curves/ed25519.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressBytes, bytesOfBase58 } from '@cutover/chain/plan/solana/address.ts';
import type { Instruction } from '@cutover/chain/plan/solana/instruction.ts';
import {
  setComputeUnitLimit,
  setComputeUnitPrice,
  transfer,
  write,
} from '@cutover/chain/plan/solana/loader-instructions.ts';
import { compileMessage, instructionCount, transactionSize } from '@cutover/chain/plan/solana/message.ts';
import { describeTransactionError } from '@cutover/chain/solana/transaction-errors.ts';
import { signTransaction, unsignedTransaction } from '@cutover/chain/solana/transaction.ts';
import { addressOf, asWeb3 } from '../plan/solana/kit.ts';
import { localSigner } from './kit.ts';

const blockhash = addressOf('a blockhash');
const payer = localSigner(0);

const anyInstruction: fc.Arbitrary<Instruction> = fc.record({
  program: fc.integer({ min: 0, max: 2 }).map((each) => addressOf(`program ${each}`)),
  accounts: fc.array(
    fc.record({
      address: fc.integer({ min: 0, max: 6 }).map((each) => addressOf(`account ${each}`)),
      signer: fc.boolean(),
      writable: fc.boolean(),
    }),
    { maxLength: 6 },
  ),
  data: fc.uint8Array({ maxLength: 200 }),
});

describe('a message', () => {
  it('is byte for byte that of web3.js, whatever the instructions', () => {
    fc.assert(
      fc.property(fc.array(anyInstruction, { minLength: 1, maxLength: 4 }), (instructions) => {
        const ours = compileMessage(payer.address, instructions, blockhash);
        const theirs = new TransactionMessage({
          payerKey: new PublicKey(payer.address),
          recentBlockhash: blockhash,
          instructions: instructions.map(asWeb3),
        }).compileToLegacyMessage();
        expect(Buffer.from(ours.bytes).toString('hex')).toBe(theirs.serialize().toString('hex'));
        expect(ours.signers).toEqual(
          theirs.accountKeys.slice(0, theirs.header.numRequiredSignatures).map((key) => key.toBase58()),
        );
      }),
    );
  });
});

describe('a transaction', () => {
  const other = localSigner(1);
  const instructions = [
    setComputeUnitLimit(300),
    setComputeUnitPrice(5n),
    transfer({ from: other.address, to: addressOf('somebody'), lamports: 7n }),
  ];
  const unsigned = { purpose: 'Pay', payer, signers: [other], instructions };

  it('is signed by all who have to, as everybody can check', () => {
    const { raw, signature } = signTransaction(unsigned, blockhash);
    const { signatures, message } = VersionedTransaction.deserialize(raw);
    expect(signatures).toHaveLength(2);
    const [payers, others] = signatures;
    expect(payers).toEqual(bytesOfBase58(signature, 64));
    for (const [bytes, address] of [
      [payers, payer.address],
      [others, other.address],
    ] as const) {
      expect(ed25519.verify(bytes ?? new Uint8Array(), message.serialize(), addressBytes(address))).toBe(
        true,
      );
    }
    expect(raw.length).toBe(transactionSize(compileMessage(payer.address, instructions, blockhash)));
  });

  it('tells how many instructions it has', () => {
    expect(instructionCount(signTransaction(unsigned, blockhash).raw)).toBe(3);
    expect(instructionCount(unsignedTransaction(unsigned))).toBe(3);
  });

  it('that is to be tried has no signatures and no blockhash', () => {
    const { signatures, message } = VersionedTransaction.deserialize(unsignedTransaction(unsigned));
    expect(signatures.flatMap((each) => [...each]).some((byte) => byte !== 0)).toBe(false);
    expect(message.recentBlockhash).toBe('11111111111111111111111111111111');
  });

  it('without a key that has to sign is refused by the address of that key', () => {
    expect(() => signTransaction({ ...unsigned, signers: [] }, blockhash)).toThrow(
      expect.objectContaining({
        code: 'CUT-2451',
        message: expect.stringContaining(other.address) as string,
      }),
    );
  });

  it('is refused above the size of a packet, at the byte', () => {
    const sized = (length: number): Instruction[] => [
      write({ buffer: addressOf('b'), authority: payer.address, offset: 0, bytes: new Uint8Array(length) }),
    ];
    const { raw } = signTransaction({ purpose: 'Write', payer, instructions: sized(1_012) }, blockhash);
    expect(raw.length).toBe(1_232);
    expect(() => signTransaction({ purpose: 'Write', payer, instructions: sized(1_013) }, blockhash)).toThrow(
      expect.objectContaining({ code: 'CUT-2450' }),
    );
  });
});

describe('an error of a transaction', () => {
  const instructions = [transfer({ from: payer.address, to: addressOf('x'), lamports: 1n })];

  it('names the instruction of the caller, not those of the compute budget before it', () => {
    expect(
      describeTransactionError({ InstructionError: [2, { Custom: 1 }] }, instructions, undefined, 2),
    ).toBe(
      'instruction 1 of 1 (11111111111111111111111111111111) fails with error 1: the payer has too few lamports',
    );
  });

  it('is told in the words of the program that gave it', () => {
    const words = describeTransactionError(
      { InstructionError: [0, { Custom: 6 }] },
      instructions,
      (_, code) => (code === 6 ? 'not a member' : undefined),
    );
    expect(words).toContain('fails with error 6: not a member');
  });

  it.each([
    ['InsufficientFundsForFee', 'the payer cannot pay the fee'],
    ['SomethingNew', 'SomethingNew'],
    [{ InstructionError: [0, 'IncorrectAuthority'] }, 'fails with IncorrectAuthority'],
    [{ InsufficientFundsForRent: { account_index: 1 } }, 'InsufficientFundsForRent'],
    [{ InstructionError: [9, { BorshIoError: 'x' }] }, 'unknown program'],
  ])('%j is never swallowed', (error, words) => {
    expect(describeTransactionError(error, instructions)).toContain(words);
  });
});
