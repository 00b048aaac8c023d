import { CutoverError } from '@cutover/base/errors.ts';
import { once } from '@cutover/base/once.ts';
import { connectionsOf } from '../rpc/connections.ts';
import { questionOf, type RpcCounts } from '../rpc/exchange.ts';
import { createPool, NoEndpoint, type Pool } from '../rpc/pool.ts';
import { sysvars } from '../plan/solana/address.ts';
import { describeSolanaNetwork, type SolanaNetworkRef } from '../plan/solana/network.ts';
import {
  accountOf,
  clockOf,
  fields,
  lamportsOf,
  list,
  reading,
  slotIn,
  simulationOf,
  statusOf,
  text,
  valueIn,
  whole,
  type AccountFilter,
  type ClusterClock,
  type SignatureStatus,
  type Simulation,
  type SolanaAccount,
} from './answers.ts';
import { broadcastTo, type Broadcast } from './broadcast.ts';
import { clusterOf } from './health.ts';
import { notOlder, type Horizon } from './newest.ts';

/** A part of an account's data. */
export interface Slice {
  readonly offset: number;
  readonly length: number;
}

export interface Blockhash {
  readonly blockhash: string;
  /** A transaction with it lands up to this height of the chain, or never. */
  readonly lastValidBlockHeight: number;
}

export interface FoundAccount extends SolanaAccount {
  readonly address: string;
}

/**
 * A cluster that answers, on the first of its endpoints that does. Questions of the same turn of the event loop travel
 * in one request. What is read is as the network's commitment says, `confirmed` where it says nothing.
 */
export interface SolanaPool {
  readonly network: SolanaNetworkRef;
  getAccount(address: string, options?: { readonly slice?: Slice }): Promise<SolanaAccount | undefined>;
  /** All of them as they were at one moment, one request for each hundred. */
  getAccounts(
    addresses: readonly string[],
    options?: { readonly slice?: Slice },
  ): Promise<readonly (SolanaAccount | undefined)[]>;
  getProgramAccounts(
    program: string,
    filters: readonly AccountFilter[],
    options?: { readonly slice?: Slice },
  ): Promise<readonly FoundAccount[]>;
  getBalance(address: string): Promise<bigint>;
  getMinimumBalanceForRentExemption(space: number): Promise<bigint>;
  getGenesisHash(): Promise<string>;
  getLatestBlockhash(): Promise<Blockhash>;
  isBlockhashValid(blockhash: string): Promise<boolean>;
  getBlockHeight(): Promise<number>;
  getSlot(): Promise<number>;
  getClock(): Promise<ClusterClock>;
  /** What was paid lately for a compute unit by transactions that write these accounts, in millionths of a lamport. */
  recentPriorityFees(addresses: readonly string[]): Promise<readonly number[]>;
  /** Tries a transaction that need not be signed, with a fresh blockhash in place of its own. */
  simulate(raw: Uint8Array): Promise<Simulation>;
  getSignatureStatuses(signatures: readonly string[]): Promise<readonly (SignatureStatus | undefined)[]>;
  /** What a transaction wrote into its log; undefined where the node does not keep it. */
  getLogs(signature: string): Promise<readonly string[] | undefined>;
  /**
   * Hands a signed transaction to an endpoint, or to all that are well. That it was taken does not say that it lands.
   * SIDE EFFECTS: sends a transaction.
   */
  send(raw: Uint8Array, to?: 'one' | 'all'): Promise<Broadcast>;
  /** How often this process has asked the cluster so far. */
  counts(): Promise<Readonly<RpcCounts>>;
}

const pools = new Map<string, Pool>();
const perRequest = 100;

/**
 * Opens a cluster. Nothing is asked before a method is called; then every endpoint's genesis hash first, and one that is
 * another chain is never used. Pools of the same endpoints share what is known of their health. SIDE EFFECTS: asks nodes.
 */
export function openSolana(
  network: SolanaNetworkRef,
  options: { readonly timeoutMs?: number; readonly tell?: (line: string) => void } = {},
): SolanaPool {
  const timeoutMs = options.timeoutMs ?? 20_000;
  const tell = options.tell ?? console.warn;
  const commitment = network.commitment ?? 'confirmed';
  const opened = once(() => poolOf(network, tell));
  const guarded = async <T>(work: (pool: Pool) => Promise<T>): Promise<T> => {
    try {
      return await work(await opened());
    } catch (error) {
      throw error instanceof NoEndpoint ? refusalOf(network, error) : error;
    }
  };

  const ask = async <T>(
    method: string,
    params: readonly unknown[],
    read: (value: unknown) => T,
  ): Promise<T> => {
    const question = questionOf(method, params);
    const { answer, endpoint } = await guarded((pool) => pool.ask(question, timeoutMs));
    if (answer.kind === 'value') return reading(method, answer.value, read);
    throw new CutoverError('CUT-2442', { endpoint, method, message: answer.message });
  };
  /** Asks what nodes tell as of a slot, and takes nothing older than what was told before. */
  const look = <T>(
    method: string,
    params: readonly unknown[],
    read: (value: unknown) => T,
    horizon: Horizon = commitment,
  ): Promise<T> =>
    notOlder(network, horizon, () =>
      ask(method, params, (answer) => ({ slot: slotIn(answer), value: read(valueIn(answer)) })),
    );
  const encoded = (slice: Slice | undefined): object => ({
    ...{ commitment, encoding: 'base64' },
    ...(slice === undefined ? {} : { dataSlice: slice }),
  });
  return {
    network,
    getAccount: (address, { slice } = {}) => look('getAccountInfo', [address, encoded(slice)], accountOf),
    getAccounts: async (addresses, { slice } = {}) => {
      const parts = hundreds(addresses).map((part) =>
        look('getMultipleAccounts', [part, encoded(slice)], (value) => list(value).map(accountOf)),
      );
      return (await Promise.all(parts)).flat();
    },
    getProgramAccounts: (program, filters, { slice } = {}) =>
      look(
        'getProgramAccounts',
        [program, { ...encoded(slice), withContext: true, filters: filters.map((memcmp) => ({ memcmp })) }],
        (value) =>
          list(value).flatMap((each) => {
            const { pubkey, account } = fields(each);
            const found = accountOf(account);
            return found === undefined ? [] : [{ address: text(pubkey), ...found }];
          }),
      ),
    getBalance: (address) => look('getBalance', [address, { commitment }], lamportsOf),
    getMinimumBalanceForRentExemption: (space) =>
      ask('getMinimumBalanceForRentExemption', [space, { commitment }], lamportsOf),
    getGenesisHash: () => ask('getGenesisHash', [], text),
    getLatestBlockhash: () =>
      ask('getLatestBlockhash', [{ commitment }], (answer) => {
        const { blockhash, lastValidBlockHeight } = fields(valueIn(answer));
        return { blockhash: text(blockhash), lastValidBlockHeight: whole(lastValidBlockHeight) };
      }),
    isBlockhashValid: (blockhash) =>
      ask('isBlockhashValid', [blockhash, { commitment }], (answer) => valueIn(answer) === true),
    getBlockHeight: () => ask('getBlockHeight', [{ commitment }], whole),
    getSlot: () => ask('getSlot', [{ commitment }], whole),
    getClock: () =>
      look('getAccountInfo', [sysvars.clock, encoded(undefined)], (value) => clockOf(accountOf(value))),
    recentPriorityFees: (addresses) =>
      ask('getRecentPrioritizationFees', [addresses.slice(0, 128)], (answer) =>
        list(answer).map((each) => whole(fields(each)['prioritizationFee'])),
      ),
    simulate: (raw) => {
      const how = { commitment, encoding: 'base64', sigVerify: false, replaceRecentBlockhash: true };
      return ask('simulateTransaction', [base64(raw), how], (answer) => simulationOf(valueIn(answer)));
    },
    getSignatureStatuses: async (signatures) => {
      const parts = hundreds(signatures).map((part) =>
        look(
          'getSignatureStatuses',
          [part, { searchTransactionHistory: true }],
          (value) => list(value).map(statusOf),
          'processed',
        ),
      );
      return (await Promise.all(parts)).flat();
    },
    getLogs: (signature) => {
      const how = { commitment, encoding: 'base64', maxSupportedTransactionVersion: 0 };
      return ask('getTransaction', [signature, how], (answer) => {
        if (answer === null) return undefined;
        const { logMessages } = fields(fields(answer)['meta']);
        return Array.isArray(logMessages) ? logMessages.map(text) : undefined;
      });
    },
    send: (raw, to = 'one') => guarded((pool) => broadcastTo(pool, base64(raw), to, timeoutMs)),
    counts: async () => ({ ...(await opened()).counts }),
  };
}

/** One pool for each set of endpoints. */
async function poolOf(network: SolanaNetworkRef, tell: (line: string) => void): Promise<Pool> {
  const connections = await connectionsOf(network.endpoints, describeSolanaNetwork(network), tell);
  const key = JSON.stringify([network.cluster, network.genesisHash, connections]);
  const pool = pools.get(key) ?? createPool(clusterOf(network), connections, tell);
  pools.set(key, pool);
  return pool;
}

function refusalOf(network: SolanaNetworkRef, { lines, otherChain }: NoEndpoint): CutoverError {
  const described = describeSolanaNetwork(network);
  if (otherChain !== undefined) {
    const { endpoint, reason } = otherChain;
    return new CutoverError('CUT-2441', { endpoint, network: described, reason });
  }
  return new CutoverError('CUT-2440', {
    network: described,
    list: lines.length === 0 ? '  - none is configured' : lines.map((line) => `  - ${line}`).join('\n'),
  });
}

function hundreds<T>(items: readonly T[]): readonly (readonly T[])[] {
  const count = Math.ceil(items.length / perRequest);
  return Array.from({ length: count }, (_, at) => items.slice(at * perRequest, (at + 1) * perRequest));
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
