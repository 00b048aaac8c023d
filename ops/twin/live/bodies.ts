import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { inTransaction } from '@cutover/base/transaction.ts';
import type { Identity } from '@cutover/delivery/processes/process-table.ts';
import type { Values } from '../kind.ts';
import type { Address, BodyOf, BodyRecord, BodyState, Standing } from './body.ts';
import type { WantedBody } from './plan.ts';

/** A body with what the ground keeps of it. */
export interface KeptBody extends BodyRecord {
  readonly createdMs: number;
  /** What it is to be made from; nothing where it is to go. */
  readonly wanted: string;
  /** The call of the cloud after which it was tried last, and the newest call that asked for it. */
  readonly triedAfter: number;
  readonly askedAfter: number;
}

/** How far a body is after a call. `none`: there is to be none, and there is none. */
export type Progress =
  { readonly kind: 'none' | 'pending' | 'ready' } | { readonly kind: 'failed'; readonly why: string };

/** The table of bodies beside a cloud. Several processes may have it open at once. */
export interface Bodies {
  list(): readonly KeptBody[];
  find(of: BodyOf): KeptBody | undefined;
  /** The ground that works on them: it may have ended since. */
  ground(): Identity | undefined;
  /** How long a body of a type may take; undefined where things of the type have none. */
  secondsOf(type: string): number | undefined;
  /** How a body is as of a call of the cloud. */
  progress(of: BodyOf, call: number): Progress;
  /** Has a body that failed before a call tried again. */
  ask(of: BodyOf, call: number): void;
  /** Who the ground is, and which types have bodies. */
  begin(ground: Identity, kinds: readonly { readonly type: string; readonly seconds: number }[]): void;
  /** Writes down a look at the cloud as it was after a call. */
  look(call: number, changes: Look): void;
  /** Writes down what became of a body. */
  put(of: BodyOf, how: Became): void;
  drop(of: BodyOf): void;
  /** Another number after each change by another process. */
  version(): number;
  close(): void;
}

/** What a look at the cloud has found. */
export interface Look {
  readonly brought: readonly WantedBody[];
  /** Those about which nothing is done now, with what they are to be in the end. */
  readonly kept: readonly (BodyOf & { readonly wanted: string })[];
  readonly removed: readonly BodyOf[];
}

/** What became of a body; what it consists of where that is known. */
export interface Became {
  readonly state: BodyState;
  readonly why?: string;
  readonly digest: string;
  readonly standing?: Standing;
}

/** The part of a twin's folder that belongs to real things. */
export function liveFolder(folder: string): string {
  return join(folder, 'live');
}

// Written by this version of Cutover alone: it lives as long as one rehearsal.
const schema = `
  CREATE TABLE IF NOT EXISTS ground (pid INTEGER NOT NULL, started TEXT NOT NULL, looked INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS kinds (type TEXT PRIMARY KEY, seconds REAL NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS bodies (
    type TEXT NOT NULL,
    id TEXT NOT NULL,
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    created INTEGER NOT NULL,
    state TEXT NOT NULL,
    why TEXT,
    wanted TEXT NOT NULL,
    digest TEXT NOT NULL,
    tried INTEGER NOT NULL,
    asked INTEGER NOT NULL,
    processes TEXT NOT NULL,
    addresses TEXT NOT NULL,
    notes TEXT NOT NULL,
    PRIMARY KEY (type, id, account, region)
  ) STRICT;
`;

/** Opens the bodies of a twin's folder, and makes the table where there is none. SIDE EFFECTS: reads and writes a file. */
export function openBodies(folder: string): Bodies {
  const path = join(liveFolder(folder), 'bodies.sqlite');
  mkdirSync(liveFolder(folder), { recursive: true, mode: 0o700 });
  if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600));
  const database = new DatabaseSync(path, { timeout: 30_000 });
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; ${schema}`);
  const ask = prepare(database);
  const keyOf = ({ type, id, account, region }: BodyOf): [string, string, string, string] => [
    type,
    id,
    account,
    region,
  ];
  const bodies: Bodies = {
    list: () => ask.list.all().map(toBody),
    find: (of) => {
      const row = ask.find.get(...keyOf(of));
      return row === undefined ? undefined : toBody(row);
    },
    ground: () => ask.ground.get() as unknown as Identity | undefined,
    secondsOf: (type) => ask.seconds.get(type)?.['seconds'] as number | undefined,
    progress: (of, call) => {
      // The look first: what it has found is written down with it.
      const looked = Number(ask.ground.get()?.['looked'] ?? -1);
      return looked < call ? { kind: 'pending' } : progressOf(bodies.find(of));
    },
    ask: (of, call) => void ask.ask.run(call, ...keyOf(of)),
    begin: ({ pid, started }, kinds) =>
      inTransaction(database, () => {
        database.exec('DELETE FROM ground; DELETE FROM kinds');
        // Nothing has been looked at yet.
        ask.begin.run(pid, started, -1);
        for (const { type, seconds } of kinds) ask.addKind.run(type, seconds);
      }),
    look: (call, { brought, kept, removed }) =>
      inTransaction(database, () => {
        for (const of of brought) ask.bring.run(...keyOf(of), of.createdMs, of.digest, call);
        for (const of of kept) ask.keep.run(of.wanted, ...keyOf(of));
        for (const of of removed) ask.going.run(call, ...keyOf(of));
        ask.looked.run(call);
      }),
    put: (of, { state, why, digest, standing }) =>
      inTransaction(database, () => {
        ask.put.run(state, why ?? null, digest, ...keyOf(of));
        if (standing === undefined) return;
        const { processes, addresses, notes } = standing;
        const texts = [processes, addresses, notes].map((each) => JSON.stringify(each));
        ask.stands.run(...(texts as [string, string, string]), ...keyOf(of));
      }),
    drop: (of) => void ask.drop.run(...keyOf(of)),
    version: () => Number(Object.values(ask.version.get() ?? {})[0]),
    close: () => database.close(),
  };
  return bodies;
}

/** All addresses behind bodies that stand. */
export function addressesOf(bodies: readonly BodyRecord[]): readonly Address[] {
  return bodies.flatMap(({ addresses }) => addresses);
}

function progressOf(body: KeptBody | undefined): Progress {
  if (body === undefined) return { kind: 'none' };
  const { state, why = 'no reason was given', wanted, digest, askedAfter, triedAfter } = body;
  if (state === 'starting' || wanted !== digest) return { kind: 'pending' };
  if (state === 'ready') return { kind: 'ready' };
  return askedAfter > triedAfter ? { kind: 'pending' } : { kind: 'failed', why };
}

function prepare(database: DatabaseSync) {
  const one = 'type = ? AND id = ? AND account = ? AND region = ?';
  return {
    list: database.prepare('SELECT * FROM bodies ORDER BY rowid'),
    find: database.prepare(`SELECT * FROM bodies WHERE ${one}`),
    ground: database.prepare('SELECT * FROM ground'),
    seconds: database.prepare('SELECT seconds FROM kinds WHERE type = ?'),
    begin: database.prepare('INSERT INTO ground VALUES (?, ?, ?)'),
    addKind: database.prepare('INSERT INTO kinds VALUES (?, ?)'),
    looked: database.prepare('UPDATE ground SET looked = ?'),
    ask: database.prepare(`UPDATE bodies SET asked = max(asked, ?) WHERE ${one}`),
    bring: database.prepare(
      `INSERT INTO bodies VALUES (?, ?, ?, ?, ?, 'starting', NULL, ?, '', ?, 0, '[]', '[]', '{}')
        ON CONFLICT DO UPDATE SET state = 'starting', why = NULL, wanted = excluded.wanted, tried = excluded.tried`,
    ),
    keep: database.prepare(`UPDATE bodies SET wanted = ? WHERE ${one}`),
    going: database.prepare(
      `UPDATE bodies SET state = 'starting', why = NULL, wanted = '', tried = ? WHERE ${one}`,
    ),
    put: database.prepare(`UPDATE bodies SET state = ?, why = ?, digest = ? WHERE ${one}`),
    stands: database.prepare(`UPDATE bodies SET processes = ?, addresses = ?, notes = ? WHERE ${one}`),
    drop: database.prepare(`DELETE FROM bodies WHERE ${one}`),
    version: database.prepare('PRAGMA data_version'),
  } as const;
}

function toBody(row: unknown): KeptBody {
  const each = row as {
    readonly type: string;
    readonly id: string;
    readonly account: string;
    readonly region: string;
    readonly created: number;
    readonly state: BodyState;
    readonly why: string | null;
    readonly wanted: string;
    readonly digest: string;
    readonly tried: number;
    readonly asked: number;
    readonly processes: string;
    readonly addresses: string;
    readonly notes: string;
  };
  const { type, id, account, region, state, why, wanted, digest } = each;
  return {
    ...{ type, id, account, region, state, wanted, digest, createdMs: each.created },
    ...(why !== null && { why }),
    ...{ triedAfter: each.tried, askedAfter: each.asked },
    processes: JSON.parse(each.processes) as Identity[],
    addresses: JSON.parse(each.addresses) as Address[],
    notes: JSON.parse(each.notes) as Values,
  };
}
