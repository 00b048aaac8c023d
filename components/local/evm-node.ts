import * as pulumi from '@pulumi/pulumi';
import type { LocalProcess } from '@cutover/delivery/resources/local-process.ts';
import { describeProcess, onceRunning, portUse, type LocalArgs } from './process.ts';

export interface EvmNodeArgs extends LocalArgs {
  /** @default 8545 */
  readonly port?: number;
  /** @default 31337 */
  readonly chainId?: number;
  /** Seconds between blocks. @default none: each transaction makes a block at once */
  readonly blockTime?: number;
  /** How often a chain that changed is written to disk. kill -9 loses what is newer. @default 500 */
  readonly snapshotMilliseconds?: number;
}

/**
 * A real EVM node (anvil) on this machine. Its chain is kept over restarts. Its accounts are the ten of the public
 * test mnemonic, funded; they are worth nothing anywhere else.
 *
 * @example
 * const node = new EvmNode('evm-node', { port: 8545, portKey: 'cutover:local.ports.evm' });
 */
export class EvmNode extends pulumi.ComponentResource {
  readonly process: LocalProcess;
  readonly chainId: number;
  readonly url: pulumi.Output<string>;
  /** The same port speaks websocket. */
  readonly wsUrl: pulumi.Output<string>;
  /** Changes when the chain began again from nothing: what was on it must be looked at again. */
  readonly generation: pulumi.Output<string>;

  constructor(name: string, args: EvmNodeArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    super('cutover:local:EvmNode', name, {}, opts);
    const { port = 8545, chainId = 31337, blockTime, snapshotMilliseconds = 500, portKey } = args;
    this.process = describeProcess(
      this,
      name,
      {
        ports: [portUse('rpc', port, portKey)],
        definition: {
          kind: 'evm-node',
          chainId,
          snapshotMilliseconds,
          ...(blockTime === undefined ? {} : { blockTime }),
        },
      },
      args,
      opts,
    );
    this.chainId = chainId;
    this.url = onceRunning(this.process, `http://127.0.0.1:${port}`);
    this.wsUrl = onceRunning(this.process, `ws://127.0.0.1:${port}`);
    this.generation = this.process.generation;
    this.registerOutputs({ url: this.url, wsUrl: this.wsUrl, chainId, generation: this.generation });
  }
}
