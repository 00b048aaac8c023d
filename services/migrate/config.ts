import { accessSync, constants } from 'node:fs';
import { fromRoot } from '@cutover/base/project.ts';
import type { SecretRef } from '@cutover/base/secrets.ts';
import type { SettingsReader } from '@cutover/service-kit/environment.ts';
import type { Migrations } from '@cutover/delivery/migrations/engine.ts';
import type { PostgresDatabase } from '@cutover/delivery/plan/migration-inputs.ts';
import { OPTIONS_VARIABLE, type TaskOptions } from '@cutover/delivery/plan/migration-task.ts';

/** Reads where the migrations and the database are. docs/migrations.md lists the variables. */
export function readMigrateConfig(from: SettingsReader): Migrations<'postgres'> {
  const directory = from.text('MIGRATIONS');
  const { schema, table, ...options } = readOptions(from);
  const database = readDatabase(from);
  return {
    kind: 'postgres',
    directory,
    ...options,
    database: {
      ...database,
      ...(schema === undefined ? {} : { schema }),
      ...(table === undefined ? {} : { table }),
    },
  };
}

function readDatabase(from: SettingsReader): PostgresDatabase {
  const text = from.text('DATABASE_URL');
  const password = passwordFrom(from);
  const nowhere = { host: '', port: 0, database: '', user: '' };
  if (text === '') return nowhere;
  if (!/^postgres(ql)?:\/\/[^/]+@[^/]+\/[^/]+$/.test(text.replace(/\?.*$/s, '')) || !URL.canParse(text)) {
    from.refuse('DATABASE_URL is not postgres://user@host:port/name');
    return nowhere;
  }
  const url = new URL(text);
  if (url.password !== '') {
    from.refuse('DATABASE_URL carries a password; give DATABASE_PASSWORD or DATABASE_PASSWORD_FILE');
  }
  const tls = tlsOf(url, from);
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? 5432 : Number(url.port),
    database: decodeURIComponent(url.pathname.slice(1)),
    user: decodeURIComponent(url.username),
    ...(password === undefined ? {} : { password }),
    ...(tls === undefined ? {} : { tls }),
  };
}

/** The words of PostgreSQL's own library. What encrypts without looking whom it talks to is not offered. */
function tlsOf(url: URL, from: SettingsReader): PostgresDatabase['tls'] {
  const mode = url.searchParams.get('sslmode') ?? 'disable';
  const ca = url.searchParams.get('sslrootcert');
  if (mode === 'verify-full' && ca !== null) {
    if (!isReadable(ca)) from.refuse(`DATABASE_URL has sslrootcert=${ca}, which cannot be read`);
    return { ca };
  }
  if (mode === 'verify-full') return 'verify';
  if (mode !== 'disable') from.refuse(`DATABASE_URL has sslmode=${mode}; write disable or verify-full`);
  else if (ca !== null) from.refuse('DATABASE_URL has sslrootcert without sslmode=verify-full');
  return undefined;
}

function isReadable(file: string): boolean {
  try {
    accessSync(fromRoot(file), constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

/** Read for the log to hide, and passed on by its name: who connects reads it again. */
function passwordFrom(from: SettingsReader): SecretRef | undefined {
  if (from.secret('DATABASE_PASSWORD') === undefined) return undefined;
  const file = from.optional('DATABASE_PASSWORD_FILE');
  return file === undefined ? { kind: 'env', name: 'DATABASE_PASSWORD' } : { kind: 'file', name: file };
}

function readOptions(from: SettingsReader): Partial<TaskOptions> {
  const text = from.optional(OPTIONS_VARIABLE);
  if (text === undefined) return {};
  try {
    return JSON.parse(text) as Partial<TaskOptions>;
  } catch {
    from.refuse(`${OPTIONS_VARIABLE} is no JSON`);
    return {};
  }
}
