import { loaders, programDataAddress } from './address.ts';
import type { Chunk } from './chunks.ts';
import { feeOfInstructions, withComputeBudget } from './fees.ts';
import type { Instruction } from './instruction.ts';
import { programAccountSize } from './loader-accounts.ts';
import {
  close,
  createAccount,
  deployWithMaxDataLen,
  extendProgram,
  initializeBuffer,
  setAuthority,
  setAuthorityChecked,
  upgrade,
  write,
} from './loader-instructions.ts';
import type { ProgramWish } from './program-facts.ts';
import { bufferSize } from './room.ts';

/** What a step moves between its payer and the accounts that it makes or closes, fees aside. In lamports. */
export interface StepMoney {
  readonly paid: bigint;
  readonly back: bigint;
}

/** One thing to do on the way to a program. */
export type ProgramStep = StepMoney &
  (
    | { readonly kind: 'close buffer' }
    | { readonly kind: 'create buffer' }
    /** One transaction a chunk; in any order. */
    | { readonly kind: 'write'; readonly chunks: readonly Chunk[] }
    | { readonly kind: 'hand over buffer'; readonly to: string }
    | { readonly kind: 'extend'; readonly bytes: number }
    /** The loader changes a program once in a slot: until the cluster's clock is past its last change. */
    | { readonly kind: 'wait for a slot' }
    /** `creates`: the program's own account is not there yet and comes with it; its `rent` is among what is paid. */
    | { readonly kind: 'deploy'; readonly room: number; readonly creates: boolean; readonly rent: bigint }
    | { readonly kind: 'upgrade'; readonly authority: string }
    /** `to` undefined: for ever to nobody. `signed`: the new one signs too, so that a wrong address cannot take it. */
    | {
        readonly kind: 'hand over program';
        readonly authority: string;
        readonly to: string | undefined;
        readonly signed: boolean;
      }
    /** What a council does: its own plan has the transactions. */
    | { readonly kind: 'propose' | 'execute' }
  );

/** The parties of a wish that transactions name. */
export type ProgramParties = Pick<ProgramWish, 'program' | 'writer' | 'payer' | 'buffer' | 'bytes'>;

/**
 * The instructions of a step, one list a transaction, without those of the compute budget. Empty where the step sends
 * nothing itself.
 */
export function transactionsOf(
  step: ProgramStep,
  { program, writer, payer, buffer, bytes }: ProgramParties,
): readonly (readonly Instruction[])[] {
  switch (step.kind) {
    case 'close buffer':
      return [[close({ account: buffer, recipient: payer, authority: writer })]];
    case 'create buffer': {
      const space = bufferSize(bytes.length);
      const created = { payer, account: buffer, lamports: step.paid, space, owner: loaders.upgradeable };
      return [[createAccount(created), initializeBuffer({ buffer, authority: writer })]];
    }
    case 'write':
      return step.chunks.map((chunk) => [write({ buffer, authority: writer, ...chunk })]);
    case 'hand over buffer':
      return [[setAuthority({ account: buffer, authority: writer, newAuthority: step.to })]];
    case 'extend':
      return [[extendProgram({ program, payer, additionalBytes: step.bytes })]];
    case 'deploy': {
      const created = {
        payer,
        account: program,
        lamports: step.rent,
        space: programAccountSize,
        owner: loaders.upgradeable,
      };
      const deploy = { payer, program, buffer, authority: writer, maxDataLength: step.room };
      return [[...(step.creates ? [createAccount(created)] : []), deployWithMaxDataLen(deploy)]];
    }
    case 'upgrade':
      return [[upgrade({ program, buffer, spill: payer, authority: step.authority })]];
    case 'hand over program': {
      const { authority, to } = step;
      const account = programDataAddress(program);
      return to !== undefined && step.signed
        ? [[setAuthorityChecked({ account, authority, newAuthority: to })]]
        : [[setAuthority({ account, authority, newAuthority: to })]];
    }
    case 'wait for a slot':
    case 'propose':
    case 'execute':
      return [];
  }
}

/** What the transactions of a step cost beside what they move. Those of a council are not counted. */
export function feesOfStep(step: ProgramStep, parties: ProgramParties, microLamports: bigint): bigint {
  // A program has a thousand chunks, and each costs the same: one is counted.
  const counted = step.kind === 'write' ? { ...step, chunks: step.chunks.slice(0, 1) } : step;
  const times = step.kind === 'write' ? BigInt(step.chunks.length) : 1n;
  return transactionsOf(counted, parties).reduce(
    (sum, instructions) => sum + times * feeOfInstructions(parties.payer, instructions, microLamports),
    0n,
  );
}

/**
 * What stands before each write, with a price even where none is paid: so the pieces of a program are the same in every
 * run, whatever the market asks.
 */
export function besideWrites(parties: Pick<ProgramParties, 'buffer' | 'writer'>): readonly Instruction[] {
  const { buffer, writer: authority } = parties;
  const empty = write({ buffer, authority, offset: 0, bytes: new Uint8Array() });
  return withComputeBudget([empty], 1n).slice(0, -1);
}
