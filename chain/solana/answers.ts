import { CutoverError } from '@cutover/base/errors.ts';
import { viewOf } from '../plan/solana/instruction.ts';

/** An account as the cluster keeps it; `data` may be the part that was asked for. */
export interface SolanaAccount {
  readonly lamports: bigint;
  readonly owner: string;
  readonly executable: boolean;
  /** How many bytes it has, also where only some were asked for. */
  readonly space: number;
  readonly data: Uint8Array;
}

/** What a cluster knows of a transaction. */
export interface SignatureStatus {
  readonly slot: number;
  readonly commitment: 'processed' | 'confirmed' | 'finalized';
  /** What went wrong; undefined where it did what it should. */
  readonly error: TransactionError | undefined;
}

/** What went wrong in a transaction, as nodes put it. */
export type TransactionError = string | Readonly<Record<string, unknown>>;

/** A transaction that was tried out. */
export interface Simulation {
  readonly error: TransactionError | undefined;
  readonly logs: readonly string[];
  readonly unitsConsumed: number;
}

/** The cluster's own clock. */
export interface ClusterClock {
  readonly slot: number;
  readonly epoch: number;
  /** Seconds since 1970, as the cluster has voted for. */
  readonly unixTimestamp: number;
}

/** Bytes in an account that getProgramAccounts looks for. */
export interface AccountFilter {
  readonly offset: number;
  /** In base58. */
  readonly bytes: string;
}

type Fields = Readonly<Record<string, unknown>>;

const clockSize = 40;

/** Reads an answer; what a node says in another shape than it should becomes an error that names the method. */
export function reading<T>(method: string, value: unknown, read: (value: unknown) => T): T {
  try {
    return read(value);
  } catch (cause) {
    if (!(cause instanceof NotUnderstood)) throw cause;
    throw new CutoverError('CUT-2443', { method, problem: cause.message });
  }
}

class NotUnderstood extends Error {}

/** The value behind the slot that it was read at. */
export function valueIn(answer: unknown): unknown {
  return fields(answer)['value'];
}

/** The slot that an answer was read at; undefined where it does not say. */
export function slotIn(answer: unknown): number | undefined {
  const { context } = fields(answer);
  const slot = context === undefined ? undefined : fields(context)['slot'];
  return slot === undefined ? undefined : whole(slot);
}

/** An account; undefined where there is none. */
export function accountOf(value: unknown): SolanaAccount | undefined {
  if (value === null) return undefined;
  const { lamports, owner, executable, space, data } = fields(value);
  const bytes = bytesOf(data);
  return {
    lamports: lamportsOf(lamports),
    owner: text(owner),
    executable: executable === true,
    space: typeof space === 'number' ? space : bytes.length,
    data: bytes,
  };
}

/** What the account of the clock says. */
export function clockOf(account: SolanaAccount | undefined): ClusterClock {
  if (account === undefined || account.data.length < clockSize) {
    throw new NotUnderstood(`the clock has ${account?.data.length ?? 0} bytes instead of ${clockSize}`);
  }
  const view = viewOf(account.data);
  return {
    slot: Number(view.getBigUint64(0, true)),
    epoch: Number(view.getBigUint64(16, true)),
    unixTimestamp: Number(view.getBigInt64(32, true)),
  };
}

/** A number of lamports. JSON numbers are exact up to nine million SOL, more than any account of a deployer holds. */
export function lamportsOf(value: unknown): bigint {
  return BigInt(whole(value));
}

/** A number without a fraction, 0 or above. */
export function whole(value: unknown): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) {
    throw new NotUnderstood(`${shown(value)} is no whole number`);
  }
  return value;
}

export function text(value: unknown): string {
  if (typeof value !== 'string') throw new NotUnderstood(`${shown(value)} is no text`);
  return value;
}

export function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new NotUnderstood(`${shown(value)} is no list`);
  return value;
}

export function fields(value: unknown): Fields {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw new NotUnderstood(`${shown(value)} is no object`);
  }
  return value as Fields;
}

export function statusOf(value: unknown): SignatureStatus | undefined {
  if (value === null) return undefined;
  const { slot, confirmationStatus, confirmations, err } = fields(value);
  // Without the word, nobody counts confirmations any more once it is final.
  const known = confirmationStatus ?? (confirmations === null ? 'finalized' : undefined);
  const commitment = known === 'finalized' || known === 'confirmed' ? known : 'processed';
  return { slot: whole(slot), commitment, error: errorOf(err) };
}

export function simulationOf(value: unknown): Simulation {
  const { err, logs, unitsConsumed } = fields(value);
  return {
    error: errorOf(err),
    logs: Array.isArray(logs) ? logs.map(text) : [],
    unitsConsumed: typeof unitsConsumed === 'number' ? unitsConsumed : 0,
  };
}

function errorOf(value: unknown): TransactionError | undefined {
  if (value === null || value === undefined) return undefined;
  return typeof value === 'string' ? value : fields(value);
}

/** Data in base64, as [text, 'base64']. */
function bytesOf(value: unknown): Uint8Array {
  const [encoded, encoding] = list(value);
  if (encoding !== 'base64') throw new NotUnderstood(`its data is not in base64 but in ${shown(encoding)}`);
  return Buffer.from(text(encoded), 'base64');
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 80);
}
