import * as pulumi from '@pulumi/pulumi';
import type { SecretFile } from '@cutover/delivery/plan/process-definition.ts';
import type { LocalProcess } from '@cutover/delivery/resources/local-process.ts';
import { describeProcess, localSecret, onceRunning, portUse, type LocalArgs } from './process.ts';

export interface ValkeyServerArgs extends LocalArgs {
  /** @default 6379 */
  readonly port?: number;
}

/** Where the server is; the password stays in its file. */
export interface ValkeyConnection {
  readonly host: string;
  readonly port: number;
  readonly password: SecretFile;
}

/**
 * Valkey (or a Redis that is installed) on this machine, with a password, every change written to disk.
 *
 * @example
 * const cache = new ValkeyServer('valkey', { port: 16379 });
 */
export class ValkeyServer extends pulumi.ComponentResource {
  readonly process: LocalProcess;
  /** `redis://127.0.0.1:PORT`, without the password. */
  readonly url: pulumi.Output<string>;
  readonly connection: pulumi.Output<ValkeyConnection>;
  readonly passwordFile: SecretFile;

  constructor(name: string, args: ValkeyServerArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    super('cutover:local:ValkeyServer', name, {}, opts);
    const { port = 6379, portKey } = args;
    this.passwordFile = localSecret(name);
    this.process = describeProcess(
      this,
      name,
      {
        ports: [portUse('redis', port, portKey)],
        definition: { kind: 'valkey', password: this.passwordFile },
      },
      args,
      opts,
    );
    this.url = onceRunning(this.process, `redis://127.0.0.1:${port}`);
    this.connection = onceRunning(this.process, { host: '127.0.0.1', port, password: this.passwordFile });
    this.registerOutputs({ url: this.url });
  }
}
