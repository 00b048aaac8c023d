import type { DatabaseSync } from 'node:sqlite';
import { inTransaction } from '@cutover/base/transaction.ts';
import { cloudFile, openCloudFile, type CloudSettings } from './cloud-file.ts';
import type { WideView } from './judge.ts';
import type { Place, Thing, Values } from './kind.ts';

/** A thing with what the twin remembers of it. */
export interface KeptThing extends Thing {
  readonly urn: string;
  /** Paths of arguments and outputs that are secret. */
  readonly secrets: readonly string[];
}

/**
 * How a call ended. `refused` and `failed`: nothing has happened. `unwell`: it has happened, then waiting for it failed.
 * `lost`: it has happened, and nobody was told. `died`: the plugin ended in the middle of it.
 */
export type Outcome = 'done' | 'refused' | 'failed' | 'unwell' | 'lost' | 'throttled' | 'died';

/** One call of the API. It holds no arguments, so no secrets. */
export interface LedgerEntry extends Place {
  readonly operation: string;
  readonly type: string;
  readonly id: string;
  readonly urn: string;
  readonly outcome: Outcome;
  readonly code?: string;
  readonly message?: string;
}

/** A call as the ledger keeps it. */
export interface LedgerRow extends LedgerEntry {
  readonly seq: number;
  readonly at: number;
  readonly pid: number;
}

/** The twin's cloud: what there is, what was done, what is to fail. */
export interface Cloud {
  readonly settings: CloudSettings;
  /** What services see. Things of `exceptUrn` are left out: those that are about to be replaced. */
  view(exceptUrn?: string): WideView;
  /** Does work that no other process can come between. What it throws undoes it. */
  atomically<T>(work: () => T): T;
  put(thing: KeptThing): void;
  /** Takes a thing away. What it was is kept without its secrets, see `CloudView.deleted`. */
  take(thing: KeptThing): void;
  find(type: string, id: string, place: Place): KeptThing | undefined;
  /** The thing that a resource of the program made; the newest, where it is being replaced. */
  ofResource(type: string, urn: string): KeptThing | undefined;
  things(): readonly KeptThing[];
  record(entry: LedgerEntry): void;
  ledger(): readonly LedgerRow[];
  /** The number of the newest call. */
  lastCall(): number;
  /** How many calls of an operation there were for a resource since faults were set. */
  calls(operation: string, urn: string): number;
  faults(): readonly string[];
  setFaults(rules: readonly string[]): void;
  close(): void;
}

/** Opens the cloud of a scratch folder. SIDE EFFECTS: reads and writes its file. */
export function openCloud(folder: string): Cloud {
  const database = openCloudFile(cloudFile(folder));
  const ask = prepare(database);
  const settings = ask.settings.get() as {
    account: string;
    seed: string;
    time_scale: number;
    live: number;
  };
  const list = (rows: readonly unknown[], exceptUrn?: string): readonly KeptThing[] =>
    rows.map(toThing).filter(({ urn }) => urn !== exceptUrn);
  const cloud: Cloud = {
    settings: {
      account: settings.account,
      seed: settings.seed,
      timeScale: settings.time_scale,
      live: settings.live === 1,
    },
    view: (exceptUrn) => ({
      now: Date.now(),
      get: (type, id, { account, region }) => list(ask.get.all(type, id, account, region), exceptUrn)[0],
      byArn: (arn) => list(ask.byArn.all(arn), exceptUrn)[0],
      all: (type, { account, region }) =>
        list(
          region === undefined ? ask.ofAccount.all(type, account) : ask.ofRegion.all(type, account, region),
          exceptUrn,
        ),
      everywhere: (type) => list(ask.ofType.all(type), exceptUrn),
      deleted: (type, { account, region }) => ask.deleted.all(type, account, region).map(toDeleted),
    }),
    atomically: (work) => inTransaction(database, work),
    put: ({ type, id, account, region, urn, inputs, outputs, secrets, createdMs, readyMs }) => {
      const arn = outputs['arn'];
      ask.put.run(
        ...[type, id, account, region, urn, typeof arn === 'string' ? arn : null],
        ...[JSON.stringify(inputs), JSON.stringify(outputs), JSON.stringify(secrets), createdMs, readyMs],
      );
    },
    take: ({ type, id, account, region, inputs, outputs, secrets, createdMs }) => {
      ask.take.run(type, id, account, region);
      ask.keep.run(
        ...[type, id, account, region, JSON.stringify(without(inputs, secrets))],
        ...[JSON.stringify(without(outputs, secrets)), createdMs, Date.now()],
      );
    },
    find: (type, id, { account, region }) => list(ask.get.all(type, id, account, region))[0],
    ofResource: (type, urn) => list(ask.ofUrn.all(type, urn))[0],
    things: () => list(ask.things.all()),
    record: ({ operation, type, id, urn, account, region, outcome, code, message }) => {
      ask.record.run(
        ...[Date.now(), process.pid, operation, type, id, urn, account, region, outcome],
        ...[code ?? null, message ?? null],
      );
    },
    ledger: () => ask.ledger.all().map(toRow),
    lastCall: () => Number(ask.lastCall.get()?.['seq'] ?? 0),
    calls: (operation, urn) => Number(ask.calls.get(urn, operation)?.['count'] ?? 0),
    faults: () => ask.faults.all().map(({ rule }) => String(rule)),
    setFaults: (rules) =>
      cloud.atomically(() => {
        ask.clearFaults.run();
        for (const rule of rules) ask.addFault.run(rule);
      }),
    close: () => database.close(),
  };
  return cloud;
}

const newestFirst = 'ORDER BY created DESC, rowid DESC';
const oldestFirst = 'ORDER BY created, rowid';

function prepare(database: DatabaseSync) {
  const things = (where: string): ReturnType<DatabaseSync['prepare']> =>
    database.prepare(`SELECT * FROM things ${where}`);
  return {
    settings: database.prepare('SELECT * FROM settings'),
    get: things('WHERE type = ? AND id = ? AND account = ? AND region = ?'),
    byArn: things('WHERE arn = ?'),
    ofType: things(`WHERE type = ? ${oldestFirst}`),
    ofAccount: things(`WHERE type = ? AND account = ? ${oldestFirst}`),
    ofRegion: things(`WHERE type = ? AND account = ? AND region = ? ${oldestFirst}`),
    ofUrn: things(`WHERE type = ? AND urn = ? ${newestFirst}`),
    things: things(oldestFirst),
    put: database.prepare('INSERT OR REPLACE INTO things VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)'),
    take: database.prepare('DELETE FROM things WHERE type = ? AND id = ? AND account = ? AND region = ?'),
    keep: database.prepare('INSERT INTO deleted VALUES (?, ?, ?, ?, ?, ?, ?, ?)'),
    deleted: database.prepare(
      'SELECT * FROM deleted WHERE type = ? AND account = ? AND region = ? ORDER BY rowid',
    ),
    record: database.prepare(
      `INSERT INTO ledger (at, pid, operation, type, id, urn, account, region, outcome, code, message)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    ledger: database.prepare('SELECT * FROM ledger ORDER BY seq'),
    lastCall: database.prepare('SELECT max(seq) AS seq FROM ledger'),
    // What was throttled is a part of a call.
    calls: database.prepare(
      `SELECT count(*) AS count FROM ledger WHERE urn = ? AND operation = ? AND outcome <> 'throttled'
        AND seq > (SELECT coalesce(max(since), 0) FROM faults)`,
    ),
    faults: database.prepare('SELECT rule FROM faults ORDER BY id'),
    clearFaults: database.prepare('DELETE FROM faults'),
    addFault: database.prepare(
      'INSERT INTO faults (rule, since) VALUES (?, (SELECT coalesce(max(seq), 0) FROM ledger))',
    ),
  } as const;
}

interface ThingRow {
  readonly type: string;
  readonly id: string;
  readonly account: string;
  readonly region: string;
  readonly urn: string;
  readonly inputs: string;
  readonly outputs: string;
  readonly secrets: string;
  readonly created: number;
  readonly ready: number;
}

function toThing(row: unknown): KeptThing {
  const { type, id, account, region, urn, inputs, outputs, secrets, created, ready } = row as ThingRow;
  return {
    ...{ type, id, account, region, urn, createdMs: created, readyMs: ready },
    inputs: JSON.parse(inputs) as Values,
    outputs: JSON.parse(outputs) as Values,
    secrets: JSON.parse(secrets) as string[],
  };
}

function toDeleted(row: unknown): Thing & { readonly deletedMs: number } {
  const { type, id, account, region, inputs, outputs, created, at } = row as Omit<ThingRow, 'ready'> & {
    readonly at: number;
  };
  return {
    ...{ type, id, account, region, createdMs: created, readyMs: created, deletedMs: at },
    inputs: JSON.parse(inputs) as Values,
    outputs: JSON.parse(outputs) as Values,
  };
}

/** Values without those that hold something secret. */
function without(values: Values, secrets: readonly string[]): Values {
  const hidden = new Set(secrets.map((path) => path.split(/[.[]/)[0]));
  return Object.fromEntries(Object.entries(values).filter(([name]) => !hidden.has(name)));
}

function toRow(row: unknown): LedgerRow {
  const { code, message, ...rest } = row as Omit<LedgerRow, 'code' | 'message'> & {
    readonly code: string | null;
    readonly message: string | null;
  };
  return { ...rest, ...(code !== null && { code }), ...(message !== null && { message }) };
}
