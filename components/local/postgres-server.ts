import * as pulumi from '@pulumi/pulumi';
import { CutoverError } from '@cutover/base/errors.ts';
import type { SecretFile } from '@cutover/delivery/plan/process-definition.ts';
import type { LocalProcess } from '@cutover/delivery/resources/local-process.ts';
import { describeProcess, localSecret, onceRunning, portUse, type LocalArgs } from './process.ts';

/** A database that a server is to have. */
export interface DatabaseArgs {
  /** Lower-case letters, digits and underscores. */
  readonly name: string;
  /** The role that owns it. Databases of one user share its password. @default the database's name */
  readonly user?: string;
  /** Whether the role may make further databases, as a scratch copy for migrations needs. @default false */
  readonly mayCreateDatabases?: boolean;
}

export interface PostgresServerArgs extends LocalArgs {
  /** @default 5432 */
  readonly port?: number;
  /** Made when they are missing; never dropped. @default none */
  readonly databases?: readonly (string | DatabaseArgs)[];
}

/** Where a database is and who may use it; the password stays in its file. */
export interface PostgresConnection {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: SecretFile;
}

/**
 * A real PostgreSQL server on this machine, with scram passwords, each database with a role of its own.
 *
 * @example
 * const server = new PostgresServer('postgres', { port: 15432, databases: ['meta_aggregator'] });
 * new PostgresMigrations('orders', { database: server.connection('meta_aggregator') });
 */
export class PostgresServer extends pulumi.ComponentResource {
  readonly process: LocalProcess;
  readonly port: number;
  private readonly connections: ReadonlyMap<string, PostgresConnection>;

  constructor(name: string, args: PostgresServerArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    super('cutover:local:PostgresServer', name, {}, opts);
    const { port = 5432, portKey } = args;
    const databases = (args.databases ?? []).map((each) => {
      const { name: database, user = database, ...rights } = typeof each === 'string' ? { name: each } : each;
      return { ...rights, name: database, user, password: localSecret(`${name}-${user}`) };
    });
    this.process = describeProcess(
      this,
      name,
      {
        ports: [portUse('sql', port, portKey)],
        definition: { kind: 'postgres', password: localSecret(name), databases },
      },
      args,
      opts,
    );
    this.port = port;
    this.connections = new Map(
      databases.map(({ name: database, user, password }) => [
        database,
        { host: '127.0.0.1', port, database, user, password },
      ]),
    );
    this.registerOutputs({ port, databases: databases.map((each) => each.name) });
  }

  /** How to reach one of its databases, known at preview already. */
  connection(database: string): pulumi.Output<PostgresConnection> {
    return onceRunning(this.process, this.find(database));
  }

  /** The same as a URL, without the password. */
  url(database: string): pulumi.Output<string> {
    const { host, port, user } = this.find(database);
    return onceRunning(this.process, `postgres://${user}@${host}:${port}/${database}`);
  }

  /** The file that holds the password of a database's role. */
  passwordFile(database: string): SecretFile {
    return this.find(database).password;
  }

  private find(database: string): PostgresConnection {
    const found = this.connections.get(database);
    if (found !== undefined) return found;
    const known = [...this.connections.keys()].join(', ') || 'none';
    throw new CutoverError('CUT-4312', { database, known });
  }
}
