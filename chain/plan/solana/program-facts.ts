import type { Missing } from '../authority/progress.ts';
import type { LoaderAccount } from './loader-accounts.ts';
import type { Rent } from './rent.ts';

/** Whose authority a program is to be under. */
export type ProgramHolder =
  /** A key: it upgrades at once. */
  | { readonly kind: 'key'; readonly address: string }
  /** The vault of a multisig or time lock. `terms` say who must approve and how long it then waits. */
  | { readonly kind: 'council'; readonly address: string; readonly terms: string }
  /** Nobody: the program can never be changed again. */
  | { readonly kind: 'none' };

/** A program as it is wanted, and the accounts that bring it about. */
export interface ProgramWish {
  readonly title: string;
  /** The program's id. */
  readonly program: string;
  readonly bytes: Uint8Array;
  /** Bytes to make room for when it is deployed. @default as many as it has */
  readonly room?: number | undefined;
  readonly holder: ProgramHolder;
  /** The key that writes buffers, deploys, and has the authority until it is handed over. */
  readonly writer: string;
  readonly payer: string;
  /** Where its bytes are gathered; the key of this address is kept until they are used. */
  readonly buffer: string;
  /** Syscalls that the cluster has beside the known ones. @default none */
  readonly syscalls?: readonly string[] | undefined;
}

/** An account as the chain has it. */
export interface ObservedAccount {
  readonly content: LoaderAccount;
  readonly lamports: bigint;
}

/** Where a proposal to upgrade to exactly this build stands. */
export type ObservedProposal =
  { readonly kind: 'waiting'; readonly missing: readonly Missing[] } | { readonly kind: 'ready' };

/** What the chain says. An account that is undefined is not there. */
export interface ObservedProgram {
  readonly account: ObservedAccount | undefined;
  readonly programData: ObservedAccount | undefined;
  /** The buffer of the wish. */
  readonly buffer: ObservedAccount | undefined;
  /** The proposal with that buffer, where the holder is a council. */
  readonly proposal?: ObservedProposal | undefined;
  /** What the payer has. */
  readonly balance: bigint;
  readonly slot: bigint;
  /** What the cluster itself says of rent. */
  readonly rent: Rent;
  /** The price of a compute unit that transactions are sent with. */
  readonly microLamports: bigint;
  /** Versions of sBPF that the cluster takes. @default those of the public clusters */
  readonly versions?: readonly number[] | undefined;
}
