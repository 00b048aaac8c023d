import { readAnchorAccount, type Reader } from './reader.ts';

/** What a member may do. */
export type SquadsPermission = 'initiate' | 'vote' | 'execute';

/** A multisig of Squads v4. */
export interface SquadsMultisig {
  readonly createKey: string;
  /** Who alone changes its members; all zeros where the members do so themselves. */
  readonly configAuthority: string;
  readonly threshold: number;
  /** Seconds between enough approvals and the execution. What is approved already follows a change of it. */
  readonly timeLock: number;
  /** The number of its last transaction; 0 where there is none. */
  readonly transactionIndex: bigint;
  /** Transactions up to this one are stale: members, threshold or time lock were changed after them. */
  readonly staleTransactionIndex: bigint;
  readonly members: readonly SquadsMember[];
}

export interface SquadsMember {
  readonly address: string;
  readonly may: readonly SquadsPermission[];
}

const permissions: readonly SquadsPermission[] = ['initiate', 'vote', 'execute'];
const statuses = ['draft', 'active', 'rejected', 'approved', 'executing', 'executed', 'cancelled'] as const;

/** The votes on a transaction. */
export interface SquadsProposal {
  readonly multisig: string;
  readonly index: bigint;
  readonly status: (typeof statuses)[number];
  /** When it came into this status, by the cluster's clock; undefined for `executing`, which lasts no time. */
  readonly since: number | undefined;
  readonly approved: readonly string[];
  readonly rejected: readonly string[];
  readonly cancelled: readonly string[];
}

/** What a multisig would do, or has done. */
export interface VaultTransaction {
  readonly multisig: string;
  readonly creator: string;
  readonly index: bigint;
  readonly vaultIndex: number;
  readonly message: VaultMessage;
}

/** Instructions that a vault signs: accounts once each, those that sign first, among them those that are written. */
export interface VaultMessage {
  readonly signers: number;
  readonly writableSigners: number;
  readonly writableOthers: number;
  readonly accounts: readonly string[];
  readonly instructions: readonly CompiledInstruction[];
  /** Accounts that come out of lookup tables. */
  readonly lookups: number;
}

/** An instruction whose program and accounts are places in the list of the message. */
export interface CompiledInstruction {
  readonly program: number;
  readonly accounts: readonly number[];
  readonly data: Uint8Array;
}

/** Reads a multisig; undefined where the bytes are none. That Squads owns the account is for the caller to see. */
export function readMultisig(data: Uint8Array): SquadsMultisig | undefined {
  return readAnchorAccount(data, 'Multisig', (reader) => {
    const createKey = reader.address();
    const configAuthority = reader.address();
    const threshold = reader.u16();
    const timeLock = reader.u32();
    const transactionIndex = reader.u64();
    const staleTransactionIndex = reader.u64();
    reader.option(() => reader.address()); // who gets the rent of closed accounts
    reader.u8(); // the bump of its address
    const members = reader.list(() => ({ address: reader.address(), may: permissionsIn(reader.u8()) }));
    const counts = { threshold, timeLock, transactionIndex, staleTransactionIndex };
    return { createKey, configAuthority, ...counts, members };
  });
}

/** Reads the votes on a transaction; undefined where the bytes are none. */
export function readSquadsProposal(data: Uint8Array): SquadsProposal | undefined {
  return readAnchorAccount(data, 'Proposal', (reader) => {
    const multisig = reader.address();
    const index = reader.u64();
    const status = statuses[reader.u8()];
    if (status === undefined) return undefined;
    const since = status === 'executing' ? undefined : reader.seconds();
    reader.u8(); // the bump of its address
    const addresses = (): readonly string[] => reader.list(() => reader.address());
    const votes = { approved: addresses(), rejected: addresses(), cancelled: addresses() };
    return { multisig, index, status, since, ...votes };
  });
}

/** Reads a transaction of a vault; undefined where the bytes are none. */
export function readVaultTransaction(data: Uint8Array): VaultTransaction | undefined {
  return readAnchorAccount(data, 'VaultTransaction', (reader) => {
    const multisig = reader.address();
    const creator = reader.address();
    const index = reader.u64();
    reader.u8(); // the bump of its address
    const vaultIndex = reader.u8();
    reader.u8(); // the bump of the vault
    reader.list(() => reader.u8()); // bumps of further signers
    return { multisig, creator, index, vaultIndex, message: readMessage(reader) };
  });
}

function readMessage(reader: Reader): VaultMessage {
  const bytes = (): readonly number[] => reader.list(() => reader.u8());
  const counts = { signers: reader.u8(), writableSigners: reader.u8(), writableOthers: reader.u8() };
  const accounts = reader.list(() => reader.address());
  const instructions = reader.list(() => ({
    program: reader.u8(),
    accounts: bytes(),
    data: Uint8Array.from(bytes()),
  }));
  const lookups = reader.list(() => [reader.address(), bytes(), bytes()]).length;
  return { ...counts, accounts, instructions, lookups };
}

function permissionsIn(mask: number): readonly SquadsPermission[] {
  return permissions.filter((_, bit) => (mask & (1 << bit)) !== 0);
}
