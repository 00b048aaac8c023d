import * as pulumi from '@pulumi/pulumi';
import type { SecretFile } from '@cutover/delivery/plan/process-definition.ts';
import type { LocalProcess } from '@cutover/delivery/resources/local-process.ts';
import { describeProcess, onceRunning, portUse, type LocalArgs } from './process.ts';

export interface NodeServiceArgs extends LocalArgs {
  /** The script, relative to the project's folder; TypeScript runs as it is. */
  readonly script: string;
  /** Given to it as PORT. */
  readonly port: number;
  /** @default none */
  readonly args?: readonly string[];
  /** Its environment; nothing secret. PORT, HOST and DATA_FOLDER are set already. @default none */
  readonly environment?: Readonly<Record<string, pulumi.Input<string>>>;
  /** Variables that name a file with a secret, as in `{ DATABASE_PASSWORD_FILE: server.passwordFile('orders') }`. @default none */
  readonly secretFiles?: Readonly<Record<string, SecretFile>>;
  /** Answered once it is up. @default '/health' */
  readonly healthPath?: string;
  /** Folders and files that it is made of: a change of their content restarts it. @default the folder of `script` */
  readonly sources?: readonly string[];
}

/**
 * A Node process of our own on this machine. A change of its code or of its environment restarts it. It runs when it
 * answers; whether it is well is for a gate to say.
 *
 * @example
 * const api = new NodeService('meta-aggregator-api', {
 *   script: 'services/beacon/main.ts',
 *   port: 3000,
 *   environment: { DATABASE_URL: server.url('meta_aggregator') },
 *   secretFiles: { DATABASE_PASSWORD_FILE: server.passwordFile('meta_aggregator') },
 * });
 */
export class NodeService extends pulumi.ComponentResource {
  readonly process: LocalProcess;
  readonly url: pulumi.Output<string>;
  readonly healthUrl: pulumi.Output<string>;
  /** Another value means that it was restarted: a trigger for its gate. */
  readonly startedAt: pulumi.Output<string>;
  /** Its log, relative to the project's folder. */
  readonly log: string;
  /** What it may write, relative to the project's folder; it has it as DATA_FOLDER. */
  readonly dataFolder: string;

  constructor(name: string, args: NodeServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    super('cutover:local:NodeService', name, {}, opts);
    const { script, port, portKey, healthPath = '/health' } = args;
    this.process = describeProcess(
      this,
      name,
      {
        ports: [portUse('http', port, portKey)],
        definition: {
          kind: 'node-service',
          script,
          args: args.args ?? [],
          environment: args.environment ?? {},
          secretFiles: args.secretFiles ?? {},
          healthPath,
          sources: args.sources ?? [script.slice(0, Math.max(script.lastIndexOf('/'), 0)) || script],
        },
      },
      args,
      opts,
    );
    this.url = onceRunning(this.process, `http://127.0.0.1:${port}`);
    this.healthUrl = onceRunning(this.process, `http://127.0.0.1:${port}${healthPath}`);
    this.startedAt = this.process.startedAt;
    const folder = `.cutover/${pulumi.getStack()}/processes/${name}`;
    this.log = `${folder}/log`;
    this.dataFolder = `${folder}/data`;
    this.registerOutputs({ url: this.url, healthUrl: this.healthUrl, log: this.log });
  }
}
