import type { SecretRef } from '@cutover/base/secrets.ts';
import type { Expected } from './gate-expect.ts';

/** One question that a gate asks a running thing, and the answer that lets the update go on. */
export type Check = HttpCheck | JsonRpcCheck | TcpCheck | SqlCheck | SqliteCheck | RedisCheck | MongoCheck;

interface Named {
  /** What messages call the check; `kind` and target when left out. Unique within a gate. */
  readonly name?: string;
}

/** An HTTP or HTTPS request. Redirects are not followed: a redirect is an answer like any other. */
export interface HttpCheck extends Named {
  readonly kind: 'http';
  readonly url: string;
  /** @default 'GET' */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, HeaderValue>>;
  readonly body?: string;
  readonly expect?: HttpExpectation;
}

/** A header's value; a secret one is given by reference, with the text that goes before it (`Bearer `). */
export type HeaderValue = string | { readonly secret: SecretRef; readonly prefix?: string };

/** What an HTTP answer must be. Everything that is given must hold. */
export interface HttpExpectation {
  /** @default any status from 200 to 299 */
  readonly status?: number | readonly number[];
  /** Headers by name, in any case. */
  readonly headers?: Readonly<Record<string, Expected>>;
  readonly bodyContains?: string;
  /** Values inside a JSON body by path: `dependencies.database`, `checks[0].healthy`, `["a.b"].c`. */
  readonly json?: Readonly<Record<string, Expected>>;
}

/** Calls of a JSON-RPC node, EVM or Solana. Without `method` and expectations it asks an EVM node for its chain id. */
export interface JsonRpcCheck extends Named {
  readonly kind: 'jsonRpc';
  readonly url: string;
  readonly headers?: Readonly<Record<string, HeaderValue>>;
  readonly method?: string;
  readonly params?: readonly unknown[];
  readonly expect?: JsonRpcExpectation;
}

export interface JsonRpcExpectation {
  /** The whole result of `method`, where it is a single value. */
  readonly result?: Expected;
  /** Values inside the result of `method` by path, as in an HTTP check. */
  readonly json?: Readonly<Record<string, Expected>>;
  /** Chain id of an EVM node (`eth_chainId`). */
  readonly chainId?: number;
  /** Lowest acceptable block number of an EVM node (`eth_blockNumber`). */
  readonly minBlock?: number;
}

/** A TCP connection, and what the server says first where it speaks first. */
export interface TcpCheck extends Named {
  readonly kind: 'tcp';
  readonly host: string;
  readonly port: number;
  /** Text that must be within the first bytes the server sends. */
  readonly banner?: string;
}

/** A query of PostgreSQL, in a read-only transaction that is rolled back. */
export interface SqlCheck extends Named {
  readonly kind: 'sql';
  readonly database: PostgresAddress;
  /** @default 'SELECT 1' */
  readonly query?: string;
  readonly expect?: RowExpectation;
}

/** Where a PostgreSQL database is: a whole URL kept as a secret, or its parts with the password by reference. */
export type PostgresAddress =
  | { readonly url: SecretRef }
  | {
      readonly host: string;
      readonly port: number;
      readonly database: string;
      readonly user: string;
      readonly password?: SecretRef;
    };

/** A query of an SQLite file, opened for reading only. */
export interface SqliteCheck extends Named {
  readonly kind: 'sqlite';
  /** The database file; a relative name is taken from the project's folder. */
  readonly file: string;
  /** @default 'SELECT 1' */
  readonly query?: string;
  readonly expect?: RowExpectation;
}

/** What a query's answer must be. */
export interface RowExpectation {
  /** The first column of the first row. */
  readonly value?: Expected;
  /** Lowest acceptable number of rows; 1 where `value` is given, else 0. */
  readonly minRows?: number;
}

/** PING of Redis or Valkey, after signing in where a password is given. */
export interface RedisCheck extends Named {
  readonly kind: 'redis';
  readonly host: string;
  readonly port: number;
  readonly user?: string;
  readonly password?: SecretRef;
  /** @default false */
  readonly tls?: boolean;
}

/** The `ping` command of MongoDB or a server that speaks its protocol. */
export interface MongoCheck extends Named {
  readonly kind: 'mongo';
  /** The connection string; by reference where it carries a password. */
  readonly url: string | SecretRef;
}

/** The name that messages use for a check. */
export function checkName(check: Check): string {
  return check.name ?? `${check.kind} ${checkTarget(check)}`;
}

/** What a check asks, safe to print: no credentials, no query string. */
export function checkTarget(check: Check): string {
  switch (check.kind) {
    case 'http':
      return `${check.method ?? 'GET'} ${printableUrl(check.url)}`;
    case 'jsonRpc':
      return printableUrl(check.url);
    case 'tcp':
    case 'redis':
      return `${check.host}:${check.port}`;
    case 'sql':
      return 'url' in check.database
        ? `${check.database.url.kind}:${check.database.url.name}`
        : `${check.database.host}:${check.database.port}/${check.database.database}`;
    case 'sqlite':
      return check.file;
    case 'mongo':
      return typeof check.url === 'string' ? printableUrl(check.url) : `${check.url.kind}:${check.url.name}`;
  }
}

/** A URL without what may be secret in it: user, password and query. Node providers keep API keys in the last part of the path. */
export function printableUrl(url: string): string {
  return url
    .replace(/\/\/[^/@]*@/, '//')
    .replace(/[?#].*$/, '')
    .replace(/\/[\w-]{24,}(?=\/|$)/g, '/…');
}

/** Every secret that a check refers to. */
export function secretsOf(check: Check): SecretRef[] {
  switch (check.kind) {
    case 'http':
    case 'jsonRpc':
      return Object.values(check.headers ?? {}).flatMap((value) =>
        typeof value === 'string' ? [] : [value.secret],
      );
    case 'sql':
      if ('url' in check.database) return [check.database.url];
      return check.database.password === undefined ? [] : [check.database.password];
    case 'redis':
      return check.password === undefined ? [] : [check.password];
    case 'mongo':
      return typeof check.url === 'string' ? [] : [check.url];
    case 'tcp':
    case 'sqlite':
      return [];
  }
}
