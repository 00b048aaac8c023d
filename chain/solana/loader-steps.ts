import { programDataAddress } from '../plan/solana/address.ts';
import { programDataHeader, readLoaderAccount, type LoaderAccount } from '../plan/solana/loader-accounts.ts';
import { transactionsOf, type ProgramStep } from '../plan/solana/program-steps.ts';
import { programDataSize } from '../plan/solana/room.ts';
import type { UploadProgress } from '../plan/solana/upload.ts';
import type { SolanaPool } from './connection.ts';
import type { SolanaJournal } from './journal/journal.ts';
import type { SolanaSigner } from './keypairs.ts';
import type { Observation, ProgramOrder } from './observe-program.ts';
import { sendTransaction } from './send.ts';
import { afterSlot } from './slots.ts';
import { uploadChunks } from './upload.ts';

export interface StepContext extends Observation {
  readonly pool: SolanaPool;
  readonly journal: SolanaJournal;
  readonly order: ProgramOrder;
  readonly onProgress?: ((progress: UploadProgress) => void) | undefined;
  readonly standstillMs?: number | undefined;
}

/** What a step has done. */
export interface StepDone {
  readonly kind: ProgramStep['kind'];
  /** Of its transaction, where it has one of its own. */
  readonly signature?: string;
  /** How many chunks were written, and how many transactions that took. */
  readonly chunks?: number;
  readonly sends?: number;
}

/** Carries out one step of a program's plan. SIDE EFFECTS: writes the journal, sends transactions. */
export async function carryOut(context: StepContext, step: ProgramStep): Promise<StepDone> {
  const { pool, journal, order, wish } = context;
  const { kind } = step;
  switch (step.kind) {
    case 'write': {
      const { writer, payer } = order;
      const { chunks, sends } = await uploadChunks(pool, journal, {
        ...{ payer, writer, buffer: wish.buffer, chunks: step.chunks },
        purpose: `${order.title}: write its ${wish.bytes.length} bytes`,
        microLamports: context.observed.microLamports,
        ...{ onProgress: context.onProgress, standstillMs: context.standstillMs },
      });
      return { kind, chunks, sends };
    }
    case 'wait for a slot':
      await afterSlot(pool, await lastChange(pool, wish.program));
      return { kind };
    case 'propose':
    case 'execute':
      // A council's own plan has its transactions: chain/solana/authority.
      return { kind };
    case 'close buffer':
    case 'create buffer':
    case 'hand over buffer':
    case 'extend':
    case 'deploy':
    case 'upgrade':
    case 'hand over program':
      return { kind, signature: await sendStep(context, step) };
  }
}

async function sendStep(context: StepContext, step: ProgramStep): Promise<string> {
  const { pool, order, wish } = context;
  const [instructions = []] = transactionsOf(step, wish);
  return sendTransaction(pool, {
    purpose: `${order.title}: ${step.kind}`,
    key: `${step.kind}:${wish.program}:${wish.buffer}`,
    payer: order.payer,
    signers: signersOf(context, step),
    instructions,
    effect: () => isDone(context, step),
  });
}

/** All keys that there are: those that a step does not need do not sign. */
function signersOf({ order, buffer }: StepContext, step: ProgramStep): readonly SolanaSigner[] {
  const { writer, programKey, holderKey } = order;
  const keys = [writer, programKey, holderKey].filter((key) => key !== undefined);
  return step.kind === 'create buffer' ? [...keys, buffer] : keys;
}

/** Whether a step shows on the chain. */
async function isDone({ pool, wish, observed }: StepContext, step: ProgramStep): Promise<boolean> {
  const { program, writer } = wish;
  const content = async (address: string): Promise<LoaderAccount | undefined> => {
    const account = await pool.getAccount(address, { slice: { offset: 0, length: programDataHeader } });
    return account === undefined ? undefined : readLoaderAccount(account.owner, account.data);
  };
  switch (step.kind) {
    case 'close buffer':
    case 'upgrade':
      // An upgrade uses its buffer up.
      return (await content(wish.buffer)) === undefined;
    case 'create buffer': {
      const found = await content(wish.buffer);
      return found?.kind === 'buffer' && found.authority === writer;
    }
    case 'hand over buffer': {
      const found = await content(wish.buffer);
      return found?.kind === 'buffer' && found.authority === step.to;
    }
    case 'deploy':
      return (await content(program))?.kind === 'program';
    case 'extend': {
      const code = observed.programData?.content;
      const room = code?.kind === 'programData' ? code.bytes.length : 0;
      const found = await pool.getAccount(programDataAddress(program), { slice: { offset: 0, length: 0 } });
      return (found?.space ?? 0) >= programDataSize(room + step.bytes);
    }
    case 'hand over program': {
      const found = await content(programDataAddress(program));
      return found?.kind === 'programData' && found.authority === step.to;
    }
    case 'write':
    case 'wait for a slot':
    case 'propose':
    case 'execute':
      return true;
  }
}

/** The slot in which a program was changed last. */
async function lastChange(pool: SolanaPool, program: string): Promise<bigint> {
  const address = programDataAddress(program);
  const account = await pool.getAccount(address, { slice: { offset: 0, length: programDataHeader } });
  const content = account === undefined ? undefined : readLoaderAccount(account.owner, account.data);
  return content?.kind === 'programData' ? content.slot : 0n;
}
