import * as pulumi from '@pulumi/pulumi';
import type { LocalProcess } from '@cutover/delivery/resources/local-process.ts';
import { describeProcess, onceRunning, portUse, type LocalArgs } from './process.ts';

export interface MongoServerArgs extends LocalArgs {
  /** @default 27017 */
  readonly port?: number;
}

/** Where a database is. There is no password: the server is for this machine, and listens on it only. */
export interface MongoConnection {
  readonly url: string;
  readonly database: string;
}

/**
 * A server that speaks MongoDB's protocol on this machine: a real mongod where one was set up or is installed, else
 * FerretDB over SQLite (no transactions, some index options missing). `engine` says which.
 *
 * @example
 * const server = new MongoServer('mongo', { port: 27117 });
 */
export class MongoServer extends pulumi.ComponentResource {
  readonly process: LocalProcess;
  /** `mongodb://127.0.0.1:PORT` */
  readonly url: pulumi.Output<string>;
  readonly engine: pulumi.Output<'mongod' | 'ferretdb'>;
  private readonly plainUrl: string;

  constructor(name: string, args: MongoServerArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    super('cutover:local:MongoServer', name, {}, opts);
    const { port = 27017, portKey } = args;
    this.process = describeProcess(
      this,
      name,
      { ports: [portUse('mongodb', port, portKey)], definition: { kind: 'mongo' } },
      args,
      opts,
    );
    this.plainUrl = `mongodb://127.0.0.1:${port}`;
    this.url = onceRunning(this.process, this.plainUrl);
    this.engine = this.process.engine as pulumi.Output<'mongod' | 'ferretdb'>;
    this.registerOutputs({ url: this.url, engine: this.engine });
  }

  /** How to reach one of its databases, known at preview already. */
  connection(database: string): pulumi.Output<MongoConnection> {
    return onceRunning(this.process, { url: this.plainUrl, database });
  }
}
