import type { FeeLevel, Fees } from '../../plan/fees.ts';
import type { SignerRef } from '../../plan/signer.ts';
import type { Held } from '../../plan/transaction/admit.ts';
import type { Standing } from '../../plan/transaction/state.ts';
import type { Company } from './journal.ts';
import type { Row } from './statements.ts';

/** One use of a nonce: what is wanted, and how it stands. Its data, which may be large, is read where it is used. */
export interface JournalTransaction extends Standing {
  readonly id: number;
  /** Names the need, so that the next run finds it: `deploy:0x…`. */
  readonly key: string;
  /** Hash of recipient, data and value. */
  readonly content: string;
  readonly purpose: string;
  readonly to: string;
  readonly value: bigint;
  readonly gasLimit: bigint;
  readonly level: FeeLevel;
  /** Who signs, by name; undefined where the account came from elsewhere. Never a key. */
  readonly signer: SignerRef | undefined;
  /** The most that it can cost, in wei. */
  readonly cost: bigint;
  readonly nonce: number;
  /** The head of the chain when it was admitted. */
  readonly fromBlock: number;
  /** The process that is responsible for it. */
  readonly owner: string;
  readonly createdMs: number;
  /** When it came into its state. */
  readonly sinceMs: number;
  readonly yielded: boolean;
  /** When a node took its latest attempt; undefined before that. */
  readonly inFlightSinceMs: number | undefined;
  readonly told: boolean;
  readonly attempts: readonly Attempt[];
}

/** A signed payload, without its text. All of a transaction's have its nonce, so the chain takes one of them at most. */
export interface Attempt {
  readonly id: number;
  /** `bump`: the same at a higher price. `cancel`: only uses the nonce up. */
  readonly kind: 'first' | 'bump' | 'cancel';
  readonly hash: string;
  readonly fees: Fees;
  /** `signed`: may have been sent, a crash came between. `refused`: every node refused it, so none has it. */
  readonly state: 'signed' | 'sent' | 'refused';
  readonly signedMs: number;
  readonly sentMs: number | undefined;
}

/** A moment of a transaction's life. */
export interface HistoryEntry {
  readonly atMs: number;
  readonly what: string;
}

export function transactionOf(row: Row, attempts: readonly Attempt[]): JournalTransaction {
  const hash = row['hash'] as string | null;
  return {
    id: row['id'] as number,
    key: row['key'] as string,
    content: row['content'] as string,
    purpose: row['purpose'] as string,
    to: row['recipient'] as string,
    value: BigInt(row['value'] as string),
    gasLimit: BigInt(row['gas_limit'] as string),
    level: row['level'] as FeeLevel,
    signer: row['signer'] === null ? undefined : (JSON.parse(row['signer'] as string) as SignerRef),
    cost: BigInt(row['cost'] as string),
    nonce: row['nonce'] as number,
    fromBlock: row['from_block'] as number,
    owner: row['owner'] as string,
    createdMs: row['created'] as number,
    state: row['state'] as Standing['state'],
    sinceMs: row['since'] as number,
    settled: row['settled'] === 1,
    yielded: row['yielded'] === 1,
    inFlightSinceMs: (row['in_flight_since'] as number | null) ?? undefined,
    told: row['told'] !== null,
    inclusion:
      hash === null
        ? undefined
        : {
            hash,
            blockNumber: row['block_number'] as number,
            blockHash: row['block_hash'] as string,
            succeeded: row['succeeded'] === 1,
            gasUsed: BigInt(row['gas_used'] as string),
          },
    attempts,
  };
}

/** A row as the decision about a new transaction sees it. */
export function heldOf(row: Row, known: Company): Held {
  const owner = row['owner'] as string;
  return {
    id: row['id'] as number,
    key: row['key'] as string,
    content: row['content'] as string,
    nonce: row['nonce'] as number,
    state: row['state'] as Standing['state'],
    settled: row['settled'] === 1,
    signed: row['signed'] === 1,
    owner: owner === known.me ? 'us' : known.lives(owner) ? 'alive' : 'dead',
    missing: known.missing.has(row['id'] as number),
    yielded: row['yielded'] === 1,
    mined: row['hash'] !== null,
    told: row['told'] !== null,
    cost: BigInt(row['cost'] as string),
    createdMs: row['created'] as number,
  };
}

export function attemptOf(row: Row): Attempt {
  return {
    id: row['id'] as number,
    kind: row['kind'] as Attempt['kind'],
    hash: row['hash'] as string,
    fees: feesOf(row['fees'] as string),
    state: row['state'] as Attempt['state'],
    signedMs: row['signed'] as number,
    sentMs: (row['sent'] as number | null) ?? undefined,
  };
}

export function feesText(fees: Fees): string {
  return JSON.stringify(fees, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
}

function feesOf(text: string): Fees {
  const { type, ...amounts } = JSON.parse(text) as { type: 0 | 2 } & Record<string, string>;
  const wei = (name: string): bigint => BigInt(amounts[name] ?? 0);
  if (type === 0) return { type, gasPrice: wei('gasPrice') };
  return { type, maxFeePerGas: wei('maxFeePerGas'), maxPriorityFeePerGas: wei('maxPriorityFeePerGas') };
}
