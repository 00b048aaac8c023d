import * as pulumi from '@pulumi/pulumi';
import type { LocalProcess } from '@cutover/delivery/resources/local-process.ts';
import { describeProcess, onceRunning, portUse, type LocalArgs } from './process.ts';

export interface SolanaNodeArgs extends LocalArgs {
  /** @default 8899 */
  readonly port?: number;
  /** @default the port above `port`, where clients look for it */
  readonly websocketPort?: number;
  /** The key of the stack file that sets the websocket's port. @default `portKey` */
  readonly websocketPortKey?: string;
  /** `clock`: slots pass by themselves; `transaction`: each transaction is a slot. @default 'clock' */
  readonly blockProduction?: 'clock' | 'transaction';
  /** @default 400, as on the real networks */
  readonly slotMilliseconds?: number;
  /** How often accounts that changed are written to disk. kill -9 loses what is newer. @default 500 */
  readonly snapshotMilliseconds?: number;
}

/**
 * A real Solana node (surfpool) on this machine, offline. Accounts and programs are kept over restarts; slots begin
 * again, and the history of transactions goes with the process. There is no build for linux-arm64.
 *
 * @example
 * const node = new SolanaNode('solana-node', { port: 8899, portKey: 'cutover:local.ports.solana' });
 */
export class SolanaNode extends pulumi.ComponentResource {
  readonly process: LocalProcess;
  readonly url: pulumi.Output<string>;
  readonly wsUrl: pulumi.Output<string>;
  /** Changes when its accounts began again from nothing: what was deployed must be looked at again. */
  readonly generation: pulumi.Output<string>;

  constructor(name: string, args: SolanaNodeArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    super('cutover:local:SolanaNode', name, {}, opts);
    const { port = 8899, portKey } = args;
    const { websocketPort = port + 1, websocketPortKey = portKey } = args;
    const { blockProduction = 'clock', slotMilliseconds = 400, snapshotMilliseconds = 500 } = args;
    this.process = describeProcess(
      this,
      name,
      {
        ports: [portUse('rpc', port, portKey), portUse('ws', websocketPort, websocketPortKey)],
        definition: { kind: 'solana-node', blockProduction, slotMilliseconds, snapshotMilliseconds },
      },
      args,
      opts,
    );
    this.url = onceRunning(this.process, `http://127.0.0.1:${port}`);
    this.wsUrl = onceRunning(this.process, `ws://127.0.0.1:${websocketPort}`);
    this.generation = this.process.generation;
    this.registerOutputs({ url: this.url, wsUrl: this.wsUrl, generation: this.generation });
  }
}
