import { createHash } from 'node:crypto';

/** How a migration is tried on a copy of the database before it runs on the database itself. */
export interface ScratchSettings {
  /** 'copy': tried on a copy first. 'off': not tried; every run says so. @default 'copy' */
  readonly mode?: 'copy' | 'off';
  /** 'there': forward only. 'there-and-back': also undone and run again, where it has a way back. @default 'there-and-back' */
  readonly rehearse?: 'there' | 'there-and-back';
  /** An empty database that may be used as the copy, for a role that may not create one. Not for SQLite. @default none */
  readonly database?: string;
  /** Above this size a PostgreSQL copy is made of the schema and some rows instead of everything. @default 2048 */
  readonly fullCopyMegabytes?: number;
  /** Rows of a table, or documents of a collection, that such a copy takes at most. @default 20000 */
  readonly rowCap?: number;
}

export const scratchDefaults = {
  mode: 'copy',
  rehearse: 'there-and-back',
  fullCopyMegabytes: 2048,
  rowCap: 20_000,
} as const satisfies ScratchSettings;

const PREFIX = 'cutover_scratch';

/** What all copies of one database start with, so that those of a crashed run are found. */
export function scratchPrefix(database: string): string {
  return `${PREFIX}_${createHash('sha256').update(database).digest('hex').slice(0, 12)}_`;
}

/** The name of a new copy. */
export function scratchName(database: string, token: string): string {
  return `${scratchPrefix(database)}${token}`;
}

/** The ways to copy a PostgreSQL database, the best first. */
export type CopyWay = 'template' | 'dump' | 'replay';

/** What decides which ways are open. */
export interface CopyFacts {
  /** Whether the role may create databases. */
  readonly mayCreate: boolean;
  /** Whether the role owns the database, or has the rights of its owner. */
  readonly owns: boolean;
  /** Sessions of others on the database. */
  readonly others: number;
  readonly bytes: number;
  readonly serverMajor: number;
  /** The version of pg_dump and pg_restore that were found. */
  readonly dumpMajor: number | undefined;
  readonly settings: ScratchSettings;
}

/** A way that is not open, and why. */
export interface ClosedWay {
  readonly way: CopyWay;
  readonly why: string;
}

/** Which ways are open, in the order in which they are tried, and why the others are not. */
export function copyWays(facts: CopyFacts): {
  readonly open: readonly CopyWay[];
  readonly closed: readonly ClosedWay[];
} {
  const given = facts.settings.database;
  if (!facts.mayCreate && given === undefined) return { open: [], closed: [] };
  const limit = facts.settings.fullCopyMegabytes ?? scratchDefaults.fullCopyMegabytes;
  const megabytes = Math.ceil(facts.bytes / 2 ** 20);
  const tooBig =
    megabytes > limit ? `it has ${megabytes} MB, a full copy is made up to ${limit} MB` : undefined;
  const reasons: Record<CopyWay, string | undefined> = {
    template:
      tooBig ??
      (given !== undefined ? `the copy has to be made in ${given}` : undefined) ??
      (!facts.owns ? 'the role does not own the database' : undefined) ??
      (facts.others > 0 ? `${facts.others} other session(s) use the database` : undefined),
    dump: tooBig ?? dumpProblem(facts),
    replay: undefined,
  };
  const ways = Object.keys(reasons) as CopyWay[];
  return {
    open: ways.filter((way) => reasons[way] === undefined),
    closed: ways.flatMap((way) => (reasons[way] === undefined ? [] : [{ way, why: reasons[way] }])),
  };
}

function dumpProblem({ dumpMajor, serverMajor }: CopyFacts): string | undefined {
  if (dumpMajor === undefined) return 'pg_dump and pg_restore were not found';
  if (dumpMajor < serverMajor) return `pg_dump ${dumpMajor} is older than the server (${serverMajor})`;
  return undefined;
}

/** A table of PostgreSQL as far as copying its rows needs to know it. */
export interface TableShape {
  /** Schema and name, quoted. */
  readonly name: string;
  /** Columns that can be written, quoted; generated ones are left out. */
  readonly columns: readonly string[];
}

/** What is copied from one database into another that should have the same tables, and what cannot be. */
export function rowsToCopy(
  source: readonly TableShape[],
  copy: readonly TableShape[],
): { readonly tables: readonly TableShape[]; readonly missing: readonly string[] } {
  const there = new Map(copy.map((table) => [table.name, new Set(table.columns)]));
  return {
    tables: source.flatMap(({ name, columns }) => {
      const known = there.get(name);
      return known === undefined ? [] : [{ name, columns: columns.filter((column) => known.has(column)) }];
    }),
    missing: source.filter(({ name }) => !there.has(name)).map(({ name }) => name),
  };
}
