import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { startLocalNode, type LocalNode } from '../chain/local-node.ts';
import {
  deployEmitter,
  environmentOf,
  makeDatabase,
  startIndexer,
  type Emitter,
  type IndexerDatabase,
  type TestIndexer,
} from './indexer-support.ts';
import { startPostgres, type TestPostgres } from './postgres.ts';
import { until } from './processes.ts';

/** A chain with a contract, a database, and the indexers of one test. */
export interface World {
  readonly postgres: TestPostgres;
  readonly node: LocalNode;
  readonly emitter: Emitter;
  readonly database: IndexerDatabase;
  /** The list of contracts, with the one that there is. */
  contracts(): Readonly<Record<string, unknown>>[];
  /** Starts an indexer. */
  start(env?: Readonly<Record<string, string>>): Promise<TestIndexer>;
  /** Waits until the table holds what the chain holds, and that is something. */
  untilTableIsChain(): Promise<void>;
  /** Ends what runs before anything else is. */
  onEnd(end: () => Promise<unknown>): void;
}

/** Makes a world for each test that asks for one. One PostgreSQL serves the file. */
export function worlds(): (options?: { chainId?: number; migrated?: boolean }) => Promise<World> {
  let postgres: TestPostgres;
  const ends: (() => Promise<unknown>)[] = [];
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });
  afterAll(() => postgres.remove());

  return async ({ chainId = 31337, migrated = true } = {}) => {
    const node = await startLocalNode({ chainId });
    ends.push(() => node.stop());
    const emitter = await deployEmitter(node);
    const database = await makeDatabase(postgres, migrated);
    ends.push(() => database.close());
    const contracts = () => [
      { name: 'Emitter', address: emitter.address, fromBlock: emitter.deployedIn, abi: emitter.abi },
    ];
    return {
      ...{ postgres, node, emitter, database, contracts },
      start: async (env = {}) => {
        const usual = environmentOf(postgres, database, node.url, contracts());
        const indexer = await startIndexer({ ...usual, EVM_CHAIN_ID: String(chainId), ...env });
        ends.push(() => indexer.process.stop('SIGKILL'));
        return indexer;
      },
      untilTableIsChain: async () => {
        await until('the table is as the chain', async () => {
          const [table, chain] = [await database.events(), await emitter.events()];
          expect(table).toEqual(chain);
          return chain.length > 0 ? true : undefined;
        });
      },
      onEnd: (end) => void ends.push(end),
    };
  };
}
