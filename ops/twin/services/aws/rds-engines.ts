/** What RDS offers of an engine, as far as the twin plays it. */
export interface Engine {
  readonly name: 'postgres' | 'mysql' | 'mariadb';
  readonly license: string;
  readonly port: number;
  readonly maxUsername: number;
  readonly maxPassword: number;
  /** Names that the first user must not have. */
  readonly reserved: readonly string[];
  readonly logs: readonly string[];
  /** Version families, and what instances of today run when no version is given. */
  readonly majors: readonly string[];
  readonly usual: string;
  /** How many parts of the version make the family: `16` of `16.4`, `8.0` of `8.0.39`. */
  readonly familyParts: 1 | 2;
}

// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html (names, passwords),
// https://docs.aws.amazon.com/AmazonRDS/latest/PostgreSQLReleaseNotes/postgresql-versions.html (versions)
const engines: readonly Engine[] = [
  {
    name: 'postgres',
    license: 'postgresql-license',
    port: 5432,
    maxUsername: 63,
    maxPassword: 128,
    reserved: [
      'admin',
      'all',
      'default',
      'group',
      'public',
      'rds_superuser',
      'rdsadmin',
      'rdsrepladmin',
      'user',
    ],
    logs: ['iam-db-auth-error', 'postgresql', 'upgrade'],
    majors: ['11', '12', '13', '14', '15', '16', '17', '18'],
    usual: '17.4',
    familyParts: 1,
  },
  {
    name: 'mysql',
    license: 'general-public-license',
    port: 3306,
    maxUsername: 32,
    maxPassword: 41,
    reserved: ['mysql.infoschema', 'mysql.session', 'mysql.sys', 'rdsadmin'],
    logs: ['audit', 'error', 'general', 'iam-db-auth-error', 'slowquery'],
    majors: ['5.7', '8.0', '8.4'],
    usual: '8.0.40',
    familyParts: 2,
  },
  {
    name: 'mariadb',
    license: 'general-public-license',
    port: 3306,
    maxUsername: 16,
    maxPassword: 41,
    reserved: ['rdsadmin'],
    logs: ['audit', 'error', 'general', 'iam-db-auth-error', 'slowquery'],
    majors: ['10.5', '10.6', '10.11', '11.4', '11.8'],
    usual: '10.11.9',
    familyParts: 2,
  },
];

/** An engine by its name; undefined for those that the twin does not play, Aurora and the licensed ones among them. */
export function engineOf(name: string): Engine | undefined {
  return engines.find((engine) => engine.name === name);
}

/** The family of a version's parameter groups: `postgres16`. */
export function familyOf(engine: Engine, version: string): string {
  return `${engine.name}${version.split('.').slice(0, engine.familyParts).join('.')}`;
}

/** All families of all engines. */
export const families: readonly string[] = engines.flatMap((engine) =>
  engine.majors.map((major) => `${engine.name}${major}`),
);

/** Whether RDS has a version: its family must be one that is offered, the rest numbers. */
export function hasVersion(engine: Engine, version: string): boolean {
  return (
    /^\d+(\.\d+){0,2}(-R\d+|-rds\.\d+)?$/.test(version) &&
    engine.majors.includes(version.split('.').slice(0, engine.familyParts).join('.'))
  );
}

/** Negative, 0 or positive as the first version is older, the same or newer. */
export function compareVersions(one: string, other: string): number {
  const [a, b] = [one, other].map((each) => each.split(/[.-]/).map((part) => Number(part) || 0));
  for (let index = 0; index < 3; index++) {
    const difference = (a?.[index] ?? 0) - (b?.[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

// Classes of a generation that PostgreSQL 13 and MySQL 8 no longer run on.
const retired = /^db\.(t1|t2|m1|m2|m3|m4|r3|r4|x1)\./;

/** Whether an instance class runs an engine's version of today. */
export function runsOn(engine: Engine, version: string, instanceClass: string): boolean {
  if (!/^db\.[a-z][a-z0-9-]*\.(micro|small|medium|large|\d*xlarge)(\.[a-z0-9.]+)?$/.test(instanceClass))
    return false;
  return !(
    retired.test(instanceClass) &&
    (engine.name !== 'postgres' || Number(version.split('.')[0]) >= 13)
  );
}

/** Parameters of PostgreSQL that only a restart changes: the common ones. */
export const staticParameters: ReadonlySet<string> = new Set([
  'autovacuum_max_workers',
  'huge_pages',
  'max_connections',
  'max_locks_per_transaction',
  'max_prepared_transactions',
  'max_replication_slots',
  'max_wal_senders',
  'max_worker_processes',
  'pg_stat_statements.max',
  'rds.logical_replication',
  'shared_buffers',
  'shared_preload_libraries',
  'track_activity_query_size',
  'track_commit_timestamp',
  'wal_buffers',
]);
