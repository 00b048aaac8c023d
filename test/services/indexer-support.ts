import { once } from 'node:events';
import { join } from 'node:path';
import { Interface, type InterfaceAbi } from 'ethers';
import pg from 'pg';
import WebSocket from 'ws';
import { projectRoot } from '@cutover/base/project.ts';
import { compileSource } from '@cutover/chain/evm/compile.ts';
import { migrateTo } from '@cutover/delivery/migrations/front.ts';
import type { LocalNode } from '../chain/local-node.ts';
import type { TestPostgres } from './postgres.ts';
import { startProcess, until, type TestProcess } from './processes.ts';

/** An event as both the table and the chain can be asked for it. */
export interface PlainEvent {
  readonly block: number;
  readonly hash: string;
  readonly index: number;
  readonly transaction: string;
  readonly n: string;
}

/** The contract of the tests on a node. */
export interface Emitter {
  readonly address: string;
  readonly deployedIn: number;
  readonly abi: InterfaceAbi;
  /** Sends a transaction and does not wait for it. */
  send(method: string, ...args: unknown[]): Promise<string>;
  /** All events of Numbered that the chain has now. */
  events(): Promise<PlainEvent[]>;
}

/** Compiles and deploys the contract of the tests. */
export async function deployEmitter(node: LocalNode): Promise<Emitter> {
  const artifact = await compileSource({
    source: 'test/fixtures/solidity/Emitter.sol',
    contract: 'Emitter',
    log: () => undefined,
  });
  const { provider } = node;
  const abi = artifact.abi as InterfaceAbi;
  const emitter = new Interface(abi);
  const [from] = (await provider.send('eth_accounts', [])) as string[];
  const gas = '0xe4e1c0';
  const deployment = { from, data: artifact.creationCode, gas };
  const hash = (await provider.send('eth_sendTransaction', [deployment])) as string;
  const receipt = await until('the contract is deployed', async () => {
    const found: unknown = await provider.send('eth_getTransactionReceipt', [hash]);
    return (found ?? undefined) as { contractAddress: string; blockNumber: string } | undefined;
  });
  const address = receipt.contractAddress;
  return {
    address,
    deployedIn: Number(receipt.blockNumber),
    abi,
    send: (method, ...args) => {
      const data = emitter.encodeFunctionData(method, args);
      return provider.send('eth_sendTransaction', [{ from, to: address, data, gas }]) as Promise<string>;
    },
    events: async () => {
      const logs = await provider.getLogs({ address, fromBlock: 0, topics: [topicOf(emitter, 'Numbered')] });
      return logs
        .map((log) => ({
          block: log.blockNumber,
          hash: log.blockHash,
          index: log.index,
          transaction: log.transactionHash,
          n: BigInt(log.topics[1] ?? 0).toString(),
        }))
        .sort((a, b) => a.block - b.block || a.index - b.index);
    },
  };
}

function topicOf(contract: Interface, event: string): string {
  return contract.getEvent(event)?.topicHash ?? '';
}

/** A database of its own for one test, migrated. */
export interface IndexerDatabase {
  readonly name: string;
  readonly url: string;
  readonly pool: pg.Pool;
  /** The events of the table, in the order of the chain. */
  events(): Promise<PlainEvent[]>;
  close(): Promise<void>;
}

let databases = 0;

export async function makeDatabase(server: TestPostgres, migrated = true): Promise<IndexerDatabase> {
  const name = `indexer_${(databases += 1)}`;
  const at = { host: '127.0.0.1', port: server.port, user: server.user, password: server.password };
  const admin = new pg.Client({ ...at, database: server.database });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${name}`);
  await admin.end();
  const database: IndexerDatabase = {
    name,
    url: `postgres://${server.user}@127.0.0.1:${server.port}/${name}`,
    pool: new pg.Pool({ ...at, database: name, max: 2 }),
    events: async () => {
      const { rows } = await database.pool.query<PlainEvent>(
        `SELECT block_number::int AS block, block_hash AS hash, log_index AS index, transaction_hash AS transaction,
           args->>'n' AS n FROM events WHERE event = 'Numbered' ORDER BY block_number, log_index`,
      );
      return rows;
    },
    close: () => database.pool.end(),
  };
  database.pool.on('error', () => undefined);
  if (migrated) await migrate(server, name);
  return database;
}

/** Runs the indexer's migrations as an update would. */
export async function migrate(server: TestPostgres, database: string): Promise<void> {
  const { port, user } = server;
  process.env['INDEXER_TEST_PASSWORD'] = server.password;
  const password = { kind: 'env', name: 'INDEXER_TEST_PASSWORD' } as const;
  await migrateTo(
    {
      kind: 'postgres',
      directory: 'migrations/indexer',
      database: { host: '127.0.0.1', port, user, database, password },
      scratch: { mode: 'off' },
      target: 'latest',
    },
    { say: () => undefined },
  );
}

export interface TestIndexer {
  readonly url: string;
  readonly process: TestProcess;
  get(path: string): Promise<Response>;
  health(): Promise<Health>;
  metric(name: string): Promise<number>;
}

export interface Health {
  readonly status: string;
  readonly checks: readonly { readonly service: string; readonly healthy: boolean }[];
  readonly indexer: Readonly<Record<string, unknown>> & { readonly role: string; readonly indexed?: number };
}

/** What the tests' indexers have in common; a short window, so that chains of tests leave it. */
export function environmentOf(
  server: TestPostgres,
  database: IndexerDatabase,
  nodeUrl: string,
  contracts: unknown,
): Record<string, string> {
  return {
    PORT: '0',
    EVM_RPC_URL: nodeUrl,
    EVM_CHAIN_ID: '31337',
    CONTRACTS: JSON.stringify(contracts),
    CONFIRMATIONS: '8',
    DATABASE_URL: database.url,
    DATABASE_PASSWORD: server.password,
    POLL_MIN_MS: '20',
    POLL_MAX_MS: '50',
  };
}

/** Starts an indexer and waits until it listens. */
export async function startIndexer(env: Record<string, string>): Promise<TestIndexer> {
  const indexer = startProcess(process.execPath, [join(projectRoot, 'services/indexer/main.ts')], env);
  const port = await until('the indexer listens', () => {
    if (indexer.child.exitCode !== null) throw new Error(indexer.output());
    return /"port":(\d+)/.exec(indexer.output())?.[1];
  });
  const url = `http://127.0.0.1:${port}`;
  const get = (path: string): Promise<Response> => fetch(`${url}${path}`);
  return {
    url,
    process: indexer,
    get,
    health: async () => (await (await get('/health')).json()) as Health,
    metric: async (name) => {
      const text = await (await get('/metrics')).text();
      const lines = text
        .split('\n')
        .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
      return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
    },
  };
}

/** A message of the indexer. */
export interface Message {
  readonly type: string;
  readonly sequence: number;
  readonly undoes?: number;
  readonly contract?: string;
  readonly event?: string;
  readonly blockNumber: number;
  readonly blockHash: string;
  readonly logIndex: number;
  readonly transactionHash: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly error?: string;
}

/** A subscriber that keeps what it was told, and applies it. */
export interface Subscriber {
  readonly socket: WebSocket;
  readonly messages: Message[];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  /** Changes only. */
  changes(): Message[];
  /** What is left when every undo has taken its event away. */
  events(): PlainEvent[];
}

/** Connects, and subscribes when a subscription is given. */
export async function subscribe(
  url: string,
  subscription?: Readonly<Record<string, unknown>>,
): Promise<Subscriber> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`);
  const messages: Message[] = [];
  socket.on('message', (data: Buffer) => messages.push(JSON.parse(data.toString('utf8')) as Message));
  const closed = once(socket, 'close').then(([code, reason]) => ({
    code: code as number,
    reason: String(reason),
  }));
  await once(socket, 'open');
  if (subscription !== undefined) socket.send(JSON.stringify({ subscribe: subscription }));
  const changes = (): Message[] => messages.filter(({ type }) => type === 'event' || type === 'undo');
  return { socket, messages, closed, changes, events: () => applied(changes()) };
}

/** The events that changes leave. Fails when one is undone that is not there. */
export function applied(changes: readonly Message[]): PlainEvent[] {
  const there = new Map<number, Message>();
  for (const change of changes) {
    if (change.type === 'event') there.set(change.sequence, change);
    else if (!there.delete(change.undoes ?? -1)) throw new Error(`${change.undoes} is undone, but not there`);
  }
  return [...there.values()]
    .filter(({ event }) => event === 'Numbered')
    .map((change) => ({
      block: change.blockNumber,
      hash: change.blockHash,
      index: change.logIndex,
      transaction: change.transactionHash,
      n: String(change.args['n']),
    }))
    .sort((a, b) => a.block - b.block || a.index - b.index);
}

/** Whether changes have the numbers that follow each other. */
export function areGapless(changes: readonly Message[], from: number): boolean {
  return changes.every(({ sequence }, index) => sequence === from + index + 1);
}
