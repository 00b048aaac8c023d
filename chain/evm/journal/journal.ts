import type { DatabaseSync } from 'node:sqlite';
import { keccak256 } from 'ethers/crypto';
import { concat, toBeHex } from 'ethers/utils';
import { atomically, guarded, openDatabase } from '../../journal/database.ts';
import { highestPrice, type FeeLevel } from '../../plan/fees.ts';
import type { SignerRef } from '../../plan/signer.ts';
import {
  admit,
  earlierOf,
  type AccountFacts,
  type Admission,
  type Terms,
} from '../../plan/transaction/admit.ts';
import type { Witness } from '../../plan/transaction/recognise.ts';
import { advance, isLive, type Observation } from '../../plan/transaction/state.ts';
import { checkpoint } from './checkpoint.ts';
import {
  attemptOf,
  feesText,
  heldOf,
  transactionOf,
  type Attempt,
  type HistoryEntry,
  type JournalTransaction,
} from './records.ts';
import { evmJournal } from './schema.ts';
import { prepareStatements, type Row } from './statements.ts';

/** What is to be sent: all that the journal keeps of it but its nonce and fees. */
export interface Intent {
  /** Undefined where its author gave none. */
  readonly key: string | undefined;
  readonly purpose: string;
  readonly to: string;
  readonly data: string;
  readonly value: bigint;
  readonly gasLimit: bigint;
  readonly level: FeeLevel;
  readonly signer: SignerRef | undefined;
  /** The most that it can cost, in wei. */
  readonly cost: bigint;
}

/** Who is who among those that write this journal, and what the node was asked. */
export interface Company {
  /** This process. */
  readonly me: string;
  /** Whether the process of that mark still runs. */
  readonly lives: (owner: string) => boolean;
  /** Ids of transactions that the node was asked for and has never heard of. */
  readonly missing: ReadonlySet<number>;
}

/** What is known beside the journal when a wish is decided. */
export interface Circumstances extends Company {
  readonly facts: AccountFacts;
  readonly terms: Omit<Terms, 'nowMs'>;
  readonly headNumber: number;
}

export type NewAttempt = Pick<Attempt, 'kind' | 'hash' | 'fees'> & { readonly payload: string };

/** The transactions of one account on one chain. Everything is on disk when a call returns. */
export interface Journal {
  readonly path: string;
  /** The genesis block of the chain that it is about. */
  genesis(): string;
  /** Everything that may still get into a block. */
  live(): readonly JournalTransaction[];
  /** The processes that are responsible for what is live. */
  owners(): readonly string[];
  /** In a block, but not yet as deep as the network wants. */
  unsettled(): readonly JournalTransaction[];
  all(): readonly JournalTransaction[];
  get(id: number): JournalTransaction;
  /** By the hash of any of its attempts. */
  find(hash: string): JournalTransaction | undefined;
  /** How many nonces from one up to another are used by what is here. */
  countBetween(from: number, to: number): number;
  dataOf(id: number): string;
  payloadOf(hash: string): string;
  history(id: number): readonly HistoryEntry[];
  /** The highest nonce that was seen in a block for good. */
  witness(): Witness | undefined;
  /** What is held of a wish already; undefined when it is new. */
  earlier(wish: Pick<Intent, 'key' | 'to' | 'data' | 'value'>, company: Company): Admission | undefined;
  /** Decides about a wish, and holds the nonce that it is given. */
  admit(intent: Intent, circumstances: Circumstances): { readonly admission: Admission; readonly id: number };
  /** Keeps a signed payload, before it is sent. False when somebody else signed another one in the meantime. */
  record(id: number, attempt: NewAttempt, attemptsBefore: number): boolean;
  /** A node has taken an attempt. */
  handedOver(id: number, hash: string): void;
  /** Every node refused an attempt. */
  refused(id: number, hash: string): void;
  observe(id: number, seen: Observation, note?: string): void;
  /** Makes a process responsible. */
  claim(id: number, owner: string): void;
  /** The outcome was handed to who wanted it. */
  tell(ids: readonly number[]): void;
  /** Another chain is there now: nothing that was written holds any more. */
  restart(genesis: string): void;
  close(): void;
}

/** Opens a journal, and makes it where there is none. SIDE EFFECTS: writes files. */
export function openJournal(path: string, genesis: string): Journal {
  const journal = journalOn(openDatabase(path, evmJournal), path);
  if (journal.genesis() === '') journal.restart(genesis);
  checkpoint('opened');
  return journal;
}

/** Hash of all that a transaction does: where it goes, what it says, what it brings. */
export function contentHash({ to, data, value }: Pick<Intent, 'to' | 'data' | 'value'>): string {
  return keccak256(concat([to, toBeHex(value, 32), data]));
}

function journalOn(database: DatabaseSync, path: string): Journal {
  const statements = guarded(path, () => prepareStatements(database));
  const read = <T>(work: () => T): T => guarded(path, work);
  const write = <T>(work: () => T): T => atomically(database, path, work);
  const withAttempts = (row: Row): JournalTransaction =>
    transactionOf(row, statements.attempts.all(row['id'] as number).map(attemptOf));
  const get = (id: number): JournalTransaction => withAttempts(statements.get.get(id) ?? {});
  const remark = (id: number, what: string): void => void statements.remark.run(Date.now(), id, what);

  const observe = (id: number, seen: Observation, note?: string): void => {
    const before = get(id);
    const after = advance(before, seen);
    const { state, settled, inclusion } = after;
    const moved = state !== before.state;
    if (!moved && settled === before.settled && inclusion?.blockHash === before.inclusion?.blockHash) return;
    statements.stand.run(
      ...[state, moved ? Date.now() : before.sinceMs, Number(settled)],
      ...[inclusion?.hash ?? null, inclusion?.blockNumber ?? null, inclusion?.blockHash ?? null],
      inclusion === undefined ? null : Number(inclusion.succeeded),
      inclusion === undefined ? null : String(inclusion.gasUsed),
      id,
    );
    const what = settled && !moved ? 'settled' : state;
    remark(id, note === undefined ? what : `${what}: ${note}`);
  };

  const insert = (
    intent: Intent,
    content: string,
    nonce: number,
    { headNumber, me }: Circumstances,
  ): number => {
    const { key, purpose, to, data, value, gasLimit, level, signer, cost } = intent;
    const at = Date.now();
    const { lastInsertRowid } = statements.insert.run(
      ...[key ?? `content:${content}`, content, purpose, to, data, keccak256(data)],
      ...[String(value), String(gasLimit), level, signer === undefined ? null : JSON.stringify(signer)],
      ...[String(cost), nonce, headNumber, me, at, at],
    );
    remark(Number(lastInsertRowid), `admitted with nonce ${nonce}`);
    return Number(lastInsertRowid);
  };

  return {
    path,
    genesis: () => read(() => (statements.genesis.get()?.['genesis'] as string | undefined) ?? ''),
    live: () => read(() => statements.live.all().map(withAttempts)),
    owners: () => read(() => statements.owners.all().map((row) => row['owner'] as string)),
    unsettled: () => read(() => statements.unsettled.all().map(withAttempts)),
    all: () => read(() => statements.all.all().map(withAttempts)),
    get: (id) => read(() => get(id)),
    find: (hash) =>
      read(() => {
        const row = statements.byHash.get(hash);
        return row === undefined ? undefined : withAttempts(row);
      }),
    countBetween: (from, to) => read(() => statements.countBetween.get(from, to)?.['count'] as number),
    dataOf: (id) => read(() => statements.data.get(id)?.['data'] as string),
    payloadOf: (hash) => read(() => statements.payload.get(hash)?.['payload'] as string),
    history: (id) =>
      read(() =>
        statements.history.all(id).map((row) => ({ atMs: row['at'] as number, what: row['what'] as string })),
      ),
    witness: () =>
      read(() => {
        const { nonce, inclusion } = statements.witness.all().map((row) => transactionOf(row, []))[0] ?? {};
        return nonce === undefined || inclusion === undefined ? undefined : { nonce, ...inclusion };
      }),

    earlier: (wish, company) =>
      read(() => {
        const content = contentHash(wish);
        const held = statements.held.all(wish.key ?? '', content).map((row) => heldOf(row, company));
        return earlierOf({ key: wish.key, content }, held, Date.now());
      }),
    admit: (intent, circumstances) => {
      const content = contentHash(intent);
      const { facts, terms } = circumstances;
      const result = write(() => {
        const held = statements.held.all(intent.key ?? '', content).map((row) => heldOf(row, circumstances));
        const wish = { key: intent.key, content, cost: intent.cost };
        const admission = admit(wish, held, facts, { ...terms, nowMs: Date.now() });
        if (admission.kind === 'join') return { admission, id: admission.id };
        if (admission.kind !== 'send') return { admission, id: 0 };
        for (const other of admission.instead) {
          if (other.signed) statements.yield.run(other.id);
          else observe(other.id, { kind: 'nonce-taken' }, 'never signed, and nobody wants it any more');
        }
        return { admission, id: insert(intent, content, admission.nonce, circumstances) };
      });
      if (result.admission.kind === 'send') checkpoint('admitted');
      return result;
    },
    record: (id, { kind, payload, hash, fees }, attemptsBefore) => {
      checkpoint('signed');
      const recorded = write(() => {
        const before = get(id);
        if (before.attempts.length !== attemptsBefore || !isLive(before)) return false;
        statements.attempt.run(id, kind, payload, hash, feesText(fees), Date.now());
        statements.cost.run(String(before.gasLimit * highestPrice(fees) + before.value), id);
        remark(id, `${kind === 'first' ? 'signed' : kind} ${hash}`);
        return true;
      });
      checkpoint('recorded');
      return recorded;
    },
    handedOver: (id, hash) => {
      checkpoint('answered');
      write(() => {
        statements.sent.run(Date.now(), id, hash);
        statements.inFlight.run(Date.now(), id);
        observe(id, { kind: 'handed-over' });
        remark(id, `handed over ${hash}`);
      });
      checkpoint('handed-over');
    },
    refused: (id, hash) => write(() => void statements.refused.run(id, hash)),
    observe: (id, seen, note) => {
      if (seen.kind === 'mined') checkpoint('seen-mined');
      write(() => observe(id, seen, note));
      if (seen.kind === 'mined') checkpoint('mined');
      if (seen.kind === 'deep') checkpoint('settled');
    },
    claim: (id, owner) => write(() => void statements.claim.run(owner, id)),
    tell: (ids) => {
      write(() => ids.forEach((id) => statements.tell.run(Date.now(), id)));
      checkpoint('told');
    },
    restart: (genesis) =>
      write(() => {
        for (const { id } of statements.all.all().map((row) => transactionOf(row, []))) {
          observe(id, { kind: 'restarted' }, 'the chain was started anew');
        }
        statements.forgetGenesis.run();
        statements.setGenesis.run(genesis);
      }),
    close: () => database.close(),
  };
}
