import { setTimeout as sleep } from 'node:timers/promises';
import { loaders } from '@cutover/chain/plan/solana/address.ts';
import { chunkSize, chunksOf } from '@cutover/chain/plan/solana/chunks.ts';
import { withComputeBudget } from '@cutover/chain/plan/solana/fees.ts';
import type { Instruction } from '@cutover/chain/plan/solana/instruction.ts';
import { programAccountSize } from '@cutover/chain/plan/solana/loader-accounts.ts';
import {
  createAccount,
  deployWithMaxDataLen,
  initializeBuffer,
  write,
} from '@cutover/chain/plan/solana/loader-instructions.ts';
import { besideWrites } from '@cutover/chain/plan/solana/program-steps.ts';
import { bufferSize } from '@cutover/chain/plan/solana/room.ts';
import type { SolanaPool } from '@cutover/chain/solana/connection.ts';
import type { SolanaSigner } from '@cutover/chain/solana/keypairs.ts';
import type { ProgramOrder } from '@cutover/chain/solana/observe-program.ts';
import { signTransaction } from '@cutover/chain/solana/transaction.ts';

/** A loader as one writes it first: a transaction, its confirmation, the next one. It keeps nothing and resumes nothing. */
export async function loadSequentially(
  pool: SolanaPool,
  order: ProgramOrder,
  buffer: SolanaSigner,
): Promise<number> {
  const { payer, writer, program, programKey, bytes } = order;
  let sends = 0;
  const send = async (
    instructions: readonly Instruction[],
    signers: readonly SolanaSigner[],
  ): Promise<void> => {
    const { blockhash } = await pool.getLatestBlockhash();
    const signed = { purpose: 'bench', payer, signers, instructions: withComputeBudget(instructions, 0n) };
    const { raw, signature } = signTransaction(signed, blockhash);
    sends++;
    await pool.send(raw);
    for (;;) {
      const [status] = await pool.getSignatureStatuses([signature]);
      if (status?.error !== undefined) throw new Error(JSON.stringify(status.error));
      if (status !== undefined) return;
      await sleep(20);
    }
  };
  const owner = loaders.upgradeable;
  const space = bufferSize(bytes.length);
  const rent = (size: number): Promise<bigint> => pool.getMinimumBalanceForRentExemption(size);
  const parties = { payer: payer.address, buffer: buffer.address, authority: writer.address };
  await send(
    [
      createAccount({
        payer: payer.address,
        account: buffer.address,
        lamports: await rent(space),
        space,
        owner,
      }),
      initializeBuffer(parties),
    ],
    [buffer],
  );
  const size = chunkSize(parties, besideWrites({ buffer: buffer.address, writer: writer.address }));
  for (const chunk of chunksOf(bytes, size)) await send([write({ ...parties, ...chunk })], [writer]);
  const account = { payer: payer.address, account: program, owner, space: programAccountSize };
  await send(
    [
      createAccount({ ...account, lamports: await rent(programAccountSize) }),
      deployWithMaxDataLen({ ...parties, program, maxDataLength: bytes.length }),
    ],
    [writer, ...(programKey === undefined ? [] : [programKey])],
  );
  return sends;
}
