import { getAddress, Interface, type LogDescription, type Result } from 'ethers';
import { compileSource } from '@cutover/chain/evm/compile.ts';
import { link, type Libraries } from '@cutover/chain/plan/link.ts';
import { startLocalNode } from '../local-node.ts';

/** A contract that a test has deployed. */
export interface Deployed {
  readonly address: string;
  readonly abi: Interface;
}

/** What a mined transaction did. */
export interface Mined {
  readonly gasUsed: bigint;
  /** What the sender paid for gas, in wei. */
  readonly fee: bigint;
  readonly timestamp: number;
  /** Events of any contract of the test, in order. */
  readonly events: readonly LogDescription[];
}

/** What may go with a call besides its arguments. */
export interface CallOptions {
  readonly value?: bigint;
  readonly gas?: bigint;
}

/** A real node of one test file, spoken to in the fewest round trips: a property test makes thousands. */
export interface Chain {
  readonly chainId: bigint;
  rpc<T>(method: string, params?: readonly unknown[]): Promise<T>;
  deploy(
    source: string,
    contract: string,
    args?: readonly unknown[],
    value?: bigint,
    libraries?: Libraries,
  ): Promise<Deployed>;
  /** The revert of a deployment, as `Name(arguments)`. */
  deployRefusal(source: string, contract: string, args: readonly unknown[]): Promise<string>;
  /** Calls without a transaction and gives what the function returns. */
  read(contract: Deployed, fn: string, ...args: readonly unknown[]): Promise<Result>;
  /** Sends a transaction and waits for it; throws when it reverts. */
  send(
    from: string,
    contract: Deployed,
    fn: string,
    args: readonly unknown[],
    options?: CallOptions,
  ): Promise<Mined>;
  /** The revert of a call that must not go through, as `Name(arguments)`; throws when it does go through. */
  refusal(
    from: string,
    contract: Deployed,
    fn: string,
    args: readonly unknown[],
    options?: CallOptions,
  ): Promise<string>;
  balance(account: string): Promise<bigint>;
  /** The time of the latest block. */
  now(): Promise<number>;
  /** Mines an empty block at this time. */
  mineAt(timestamp: number): Promise<void>;
  /** Remembers the state of the chain; the function goes back to it, as often as wanted. */
  checkpoint(): Promise<() => Promise<void>>;
  stop(): Promise<void>;
}

interface RpcReceipt {
  readonly status: string;
  readonly gasUsed: string;
  readonly effectiveGasPrice: string;
  readonly contractAddress: string | null;
  readonly blockTimestamp: string;
  readonly logs: readonly { readonly topics: string[]; readonly data: string }[];
}

interface RpcError {
  readonly message: string;
  readonly data?: string;
}

const deployGas = 8_000_000n;
const callGas = 3_000_000n;
const solidity = 'test/chain/contracts/solidity';

/** Where a contract of the tests lies. */
export const testSource = (file: 'Tokens' | 'Actors'): string => `${solidity}/${file}.sol`;

/** Starts a node. `chainId` is Hardhat's when left out. */
export async function startChain(options: { chainId?: number } = {}): Promise<Chain> {
  const node = await startLocalNode(options);
  const known = new Map<string, Interface>();
  let requests = 0;

  async function post(
    method: string,
    params: readonly unknown[],
  ): Promise<{ result?: unknown; error?: RpcError }> {
    const response = await fetch(node.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: ++requests, method, params }, (_, value: unknown) =>
        typeof value === 'bigint' ? `0x${value.toString(16)}` : value,
      ),
    });
    return (await response.json()) as { result?: unknown; error?: RpcError };
  }

  async function rpc<T>(method: string, params: readonly unknown[] = []): Promise<T> {
    const { result, error } = await post(method, params);
    if (error !== undefined) throw new Error(`${method}: ${describe(error)}`);
    return result as T;
  }

  /** Puts a revert into words: every contract of the test is asked whether it knows the error. */
  function describe(error: RpcError): string {
    const data = error.data;
    if (typeof data !== 'string' || data === '0x') return error.message;
    for (const abi of known.values()) {
      const parsed = abi.parseError(data);
      if (parsed !== null) return `${parsed.name}(${parsed.args.map(String).join(', ')})`;
    }
    return `${error.message} ${data}`;
  }

  function eventsOf(receipt: RpcReceipt): LogDescription[] {
    return receipt.logs.flatMap((log) => {
      for (const abi of known.values()) {
        const parsed = parseLog(abi, log);
        if (parsed !== undefined) return [parsed];
      }
      return [];
    });
  }

  async function creation(
    source: string,
    contract: string,
    args: readonly unknown[],
    libraries: Libraries = {},
  ): Promise<[Interface, string]> {
    const artifact = await compileSource({ source, contract, log: () => {} });
    const linked = link(artifact.creationCode, artifact.linkReferences, libraries);
    if (linked.kind === 'unlinked') throw new Error(`${contract} needs ${linked.missing.join(', ')}`);
    const abi = new Interface(artifact.abi);
    known.set(`${source}:${contract}`, abi);
    return [abi, linked.code + abi.encodeDeploy(args).slice(2)];
  }

  function request(
    from: string,
    contract: Deployed,
    fn: string,
    args: readonly unknown[],
    { value = 0n, gas = callGas }: CallOptions = {},
  ): object {
    return { from, to: contract.address, data: contract.abi.encodeFunctionData(fn, args), value, gas };
  }

  const [sender] = await rpc<string[]>('eth_accounts');

  return {
    chainId: BigInt(await rpc<string>('eth_chainId')),
    rpc,

    async deploy(source, contract, args = [], value = 0n, libraries = {}) {
      const [abi, data] = await creation(source, contract, args, libraries);
      const transaction = { from: sender, data, value, gas: deployGas };
      const receipt = await rpc<RpcReceipt>('eth_sendTransactionSync', [transaction]);
      if (receipt.status !== '0x1' || receipt.contractAddress === null)
        throw new Error(`no ${contract} was made`);
      return { address: getAddress(receipt.contractAddress), abi };
    },

    async deployRefusal(source, contract, args) {
      const [, data] = await creation(source, contract, args);
      const { error } = await post('eth_call', [{ from: sender, data, gas: deployGas }, 'latest']);
      if (error === undefined) throw new Error(`${contract} was not refused`);
      return describe(error);
    },

    async read(contract, fn, ...args) {
      const data = contract.abi.encodeFunctionData(fn, args);
      const answer = await rpc<string>('eth_call', [{ to: contract.address, data }, 'latest']);
      return contract.abi.decodeFunctionResult(fn, answer);
    },

    async send(from, contract, fn, args, options) {
      const transaction = request(from, contract, fn, args, options);
      const receipt = await rpc<RpcReceipt>('eth_sendTransactionSync', [transaction]);
      if (receipt.status !== '0x1') {
        const { error } = await post('eth_call', [transaction, 'latest']);
        throw new Error(`${fn}: ${error === undefined ? 'reverted' : describe(error)}`);
      }
      const gasUsed = BigInt(receipt.gasUsed);
      return {
        gasUsed,
        fee: gasUsed * BigInt(receipt.effectiveGasPrice),
        timestamp: Number(receipt.blockTimestamp),
        events: eventsOf(receipt),
      };
    },

    async refusal(from, contract, fn, args, options) {
      const { error } = await post('eth_call', [request(from, contract, fn, args, options), 'latest']);
      if (error === undefined) throw new Error(`${fn} was not refused`);
      return describe(error);
    },

    async balance(account) {
      return BigInt(await rpc<string>('eth_getBalance', [account, 'latest']));
    },

    async now() {
      return Number((await rpc<{ timestamp: string }>('eth_getBlockByNumber', ['latest', false])).timestamp);
    },

    async mineAt(timestamp) {
      await rpc('evm_setNextBlockTimestamp', [timestamp]);
      await rpc('evm_mine');
    },

    async checkpoint() {
      let id = await rpc<string>('evm_snapshot');
      return async () => {
        await rpc('evm_revert', [id]);
        id = await rpc<string>('evm_snapshot');
      };
    },

    stop: () => node.stop(),
  };
}

// ERC-20 and ERC-721 have a Transfer of the same name and types, of which one has more in its topics.
function parseLog(abi: Interface, log: RpcReceipt['logs'][number]): LogDescription | undefined {
  try {
    return abi.parseLog(log) ?? undefined;
  } catch {
    return undefined;
  }
}
