import { randomBytes } from 'node:crypto';
import type { Client } from 'pg';
import { CutoverError, messageOf } from '@cutover/base/errors.ts';
import { databaseLabel, type MigrationOptions, type PostgresDatabase } from '../../plan/migration-inputs.ts';
import {
  copyWays,
  scratchName,
  scratchPrefix,
  type ClosedWay,
  type CopyFacts,
  type CopyWay,
} from '../../plan/migration-scratch.ts';
import type { Copy } from '../engine.ts';
import type { LoadedFile } from '../files.ts';
import { connect, disconnect, quoted } from './connect.ts';
import { dumpAndRestore, findDumpTools, type DumpTools } from './dump.ts';
import { claimGiven, emptyGiven } from './given.ts';
import type { LedgerTables } from './ledger.ts';
import type { LoadedMigrations } from './modules.ts';
import { replay } from './replay.ts';
import { runSteps } from './run.ts';

/** What is needed to copy a database. */
export interface CopyRequest {
  /** Connected to the database itself, and holding its lock. */
  readonly client: Client;
  readonly database: PostgresDatabase;
  readonly tables: LedgerTables;
  readonly files: readonly LoadedFile[];
  readonly migrations: LoadedMigrations;
  readonly settings: Required<MigrationOptions>;
  readonly say: (line: string) => void;
}

/** The database that a copy is made in: one of its own, or one that was given. */
interface Place {
  readonly database: PostgresDatabase;
  readonly given: boolean;
}

/**
 * Makes a copy to try migrations on, in the best way that is open: as a template; by pg_dump; or by running the
 * migrations that have run on an empty database and copying rows. SIDE EFFECTS: creates a database, deletes old copies.
 */
export async function copyDatabase(request: CopyRequest): Promise<Copy> {
  const { client, database, settings } = request;
  await dropLeftovers(request);
  const facts = await readFacts(client, settings);
  const failed: ClosedWay[] = [];
  if (copyWays(facts).open.includes('template')) {
    const copy = await tryWay('template', request, failed);
    if (copy !== undefined) return copy;
  }
  // Looked for only now: to ask all that are installed for their version takes longer than a template.
  const tools = await findDumpTools();
  const ways = copyWays({ ...facts, dumpMajor: tools?.major });
  const closed = [...ways.closed];
  for (const way of ways.open.filter((each) => each !== 'template')) {
    const better = closed.filter((each) => order.indexOf(each.way) < order.indexOf(way));
    const copy = await tryWay(way, request, failed, better, tools);
    if (copy !== undefined) return copy;
  }
  throw noWay(database, [...closed, ...failed], facts);
}

/** Makes a copy in one way; undefined, and the reason added to `failed`, when that does not work out. */
async function tryWay(
  way: CopyWay,
  request: CopyRequest,
  failed: ClosedWay[],
  better: readonly ClosedWay[] = [],
  tools?: DumpTools,
): Promise<Copy | undefined> {
  const place = placeFor(request);
  try {
    await openPlace(place, request, way);
    const lacks = await make(way, place, request, tools);
    const why = [...better, ...failed].map((each) => `no ${each.way}: ${each.why}`);
    const connection = await connect(place.database, 'work');
    return {
      how: [`a copy (${words[way]}${lacks})`, ...why].join('; '),
      run: (steps) => runSteps({ ...request, client: connection, steps, on: 'copy', tableSeconds: 60 }),
      drop: async () => {
        await disconnect(connection);
        await drop(place, request);
      },
    };
  } catch (error) {
    // A given database that may not be used is not touched either.
    if (error instanceof CutoverError && error.code === 'CUT-4141') throw error;
    await drop(place, request).catch(ignore);
    failed.push({ way, why: messageOf(error) });
    return undefined;
  }
}

const order: readonly CopyWay[] = ['template', 'dump', 'replay'];
const words: Record<CopyWay, string> = {
  template: 'complete, made by the server from the database as template',
  dump: 'complete, by pg_dump and pg_restore',
  replay: 'the migrations run anew, then rows copied',
};

function noWay(database: PostgresDatabase, closed: readonly ClosedWay[], facts: CopyFacts): CutoverError {
  const { user } = database;
  const mayNot = !facts.mayCreate && facts.settings.database === undefined;
  return new CutoverError('CUT-4140', {
    database: databaseLabel('postgres', database),
    list: mayNot
      ? `  the role ${user} may not create databases`
      : closed.map(({ way, why }) => `  ${way}: ${why}`).join('\n'),
    fix: mayNot
      ? `Let it: ALTER ROLE ${quoted(user)} CREATEDB. Or give it an empty database of its own as scratch.database. Or go without a copy: scratch.mode 'off'.`
      : `Remove what stands in the way; or go without a copy: scratch.mode 'off'.`,
  });
}

async function readFacts(client: Client, settings: Required<MigrationOptions>): Promise<CopyFacts> {
  const { rows } = await client.query<{
    may_create: boolean;
    owns: boolean;
    others: number;
    bytes: string;
    major: number;
  }>(`
    SELECT (SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user) AS may_create,
      pg_has_role(d.datdba, 'USAGE') AS owns,
      (SELECT count(*)::int FROM pg_stat_activity a
        WHERE a.datid = d.oid AND a.pid <> pg_backend_pid() AND a.backend_type = 'client backend') AS others,
      pg_database_size(d.oid) AS bytes,
      current_setting('server_version_num')::int / 10000 AS major
    FROM pg_database d WHERE d.datname = current_database()`);
  const facts = rows[0];
  return {
    mayCreate: facts?.may_create === true,
    owns: facts?.owns === true,
    others: facts?.others ?? 0,
    bytes: Number(facts?.bytes ?? 0),
    serverMajor: facts?.major ?? 0,
    dumpMajor: undefined,
    settings: settings.scratch,
  };
}

function placeFor({ database, settings }: CopyRequest): Place {
  const { database: given } = settings.scratch;
  const name = given ?? scratchName(database.database, randomBytes(4).toString('hex'));
  return { database: { ...database, database: name }, given: given !== undefined };
}

async function openPlace(place: Place, { client, database }: CopyRequest, way: CopyWay): Promise<void> {
  if (place.given) return claimGiven(place.database, database.database);
  const template = way === 'template' ? quoted(database.database) : `template0 ${await localeOf(client)}`;
  await client.query(`CREATE DATABASE ${quoted(place.database.database)} TEMPLATE ${template}`);
}

/** Encoding and order of texts as the database has them: unique indexes and checks depend on them. */
async function localeOf(client: Client): Promise<string> {
  const { rows } = await client.query<{ clause: string }>(`
    SELECT format('ENCODING %L LC_COLLATE %L LC_CTYPE %L', pg_encoding_to_char(encoding), datcollate, datctype)
      AS clause FROM pg_database WHERE datname = current_database()`);
  return rows[0]?.clause ?? '';
}

/** Fills an empty place; what the copy lacks, in words to add. */
async function make(
  way: CopyWay,
  place: Place,
  request: CopyRequest,
  tools: DumpTools | undefined,
): Promise<string> {
  switch (way) {
    case 'template':
      return '';
    case 'dump':
      if (tools !== undefined) await dumpAndRestore(tools, request.database, place.database);
      return '';
    case 'replay':
      return replay(place.database, request);
  }
}

async function drop({ database, given }: Place, { client }: CopyRequest): Promise<void> {
  if (given) await emptyGiven(database);
  else await dropDatabase(client, database.database);
}

/** Copies of runs that were killed. Nobody else can be using them: this run holds the lock of their database. */
async function dropLeftovers({ client, database, say, settings }: CopyRequest): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT datname AS name FROM pg_database
     WHERE starts_with(datname, $1) AND pg_has_role(datdba, 'USAGE')`,
    [scratchPrefix(database.database)],
  );
  for (const { name } of rows.filter((row) => row.name !== settings.scratch.database)) {
    say(`deleting ${name}, a copy that an earlier run left`);
    await dropDatabase(client, name);
  }
}

/** FORCE ends sessions that are left on it: those of a run that was killed a moment ago. */
async function dropDatabase(client: Client, name: string): Promise<void> {
  await client.query(`DROP DATABASE IF EXISTS ${quoted(name)} WITH (FORCE)`);
}

function ignore(): void {
  // Nothing to do.
}
