import type pg from 'pg';
import { filterOf, readContracts } from '../../services/indexer/contracts.ts';
import { eventsOf, type IndexedEvent } from '../../services/indexer/decode.ts';
import { openNode } from '../../services/indexer/node.ts';
import { grown, rangeSize } from '../../services/indexer/range.ts';
import { startLocalNode } from '../chain/local-node.ts';
import { deployEmitter, environmentOf, makeDatabase, startIndexer } from '../services/indexer-support.ts';
import { startPostgres } from '../services/postgres.ts';
import { until } from '../services/processes.ts';
import { compared, figureTable, inTurn, median } from './figures.ts';

// `node test/bench/indexer.ts`: how fast the indexer reads a backlog, beside a floor in the same minutes: the same
// ranges asked for with bare eth_getLogs, and the same rows, decoded before, written with one statement.
// CUTOVER_BENCH_RUNS sets how often (5), CUTOVER_BENCH_EVENTS how many events (20000).
const runs = Number(process.env['CUTOVER_BENCH_RUNS'] ?? 5);
const count = Number(process.env['CUTOVER_BENCH_EVENTS'] ?? 20_000);
const EVENTS_A_BLOCK = 10;

const [postgres, node] = await Promise.all([startPostgres(), startLocalNode({ flags: ['--order', 'fifo'] })]);
try {
  const emitter = await deployEmitter(node);
  for (let n = 0; n < count; n += EVENTS_A_BLOCK) await emitter.send('emitNumbered', n, EVENTS_A_BLOCK);
  await node.provider.send('anvil_mine', ['0x8']);
  const last = Number(await node.provider.send('eth_blockNumber', []));
  const entry = {
    name: 'Emitter',
    address: emitter.address,
    fromBlock: emitter.deployedIn,
    abi: emitter.abi,
  };
  const contracts = readContracts(JSON.stringify([entry]), () => undefined, console.error);
  const byAddress = new Map(contracts.map((contract) => [contract.address, contract]));
  const address = { url: node.url, timeoutMs: 60_000, maxResponseBytes: 1e9, onCall: () => undefined };
  const asked = openNode({ ...address, signal: new AbortController().signal });
  const all = await asked.logsBetween(emitter.deployedIn, last, filterOf(contracts));
  const rows = eventsOf(all.logs, byAddress);

  /** From the first question for logs to the last row, by the database's clock and the log's, on one machine. */
  const ours = async (): Promise<number> => {
    const database = await makeDatabase(postgres);
    const indexer = await startIndexer(environmentOf(postgres, database, node.url, [entry]));
    try {
      await until(
        'all events',
        async () => {
          const { rows: found } = await database.pool.query<{ last_sequence: string }>(
            'SELECT last_sequence FROM followed_chains',
          );
          return Number(found[0]?.last_sequence) === rows.length ? true : undefined;
        },
        120_000,
      );
      const { rows: found } = await database.pool.query<{ at: Date }>(
        'SELECT updated_at AS at FROM followed_chains',
      );
      const begun = /"time":"([^"]+)"[^\n]*"follows the chain"/.exec(indexer.process.output())?.[1];
      return ((found[0]?.at.getTime() ?? 0) - Date.parse(begun ?? '')) / 1000;
    } finally {
      await indexer.process.stop('SIGTERM');
      await database.close();
    }
  };

  const floor = async (): Promise<number> => {
    const database = await makeDatabase(postgres);
    const client = await database.pool.connect();
    await client.query(`INSERT INTO followed_chains (chain_id, genesis_hash) VALUES (31337, '0x')`);
    const startedAt = performance.now();
    let size = rangeSize(10_000);
    for (let from = emitter.deployedIn; from <= last;) {
      const to = Math.min(last, from + size.size - 1);
      const logs = await bareLogs(from, to, filterOf(contracts));
      size = grown(size, logs.length);
      from = to + 1;
    }
    await insertAll(client, rows);
    const seconds = (performance.now() - startedAt) / 1000;
    client.release();
    await database.close();
    return seconds;
  };

  const times = await inTurn(runs, ours, floor);
  const rate = (seconds: readonly number[]): string =>
    `${Math.round(rows.length / median(seconds))} events/s`;
  process.stdout.write(
    `\n${figureTable([
      compared(
        `indexer, ${rows.length} events in ${last} blocks`,
        'eth_getLogs and one INSERT',
        times,
        '<= 3',
      ),
      { what: 'the same as a rate', ours: rate(times.ours), beside: rate(times.beside), ratio: '', aim: '' },
    ])}\n`,
  );
} finally {
  await Promise.all([node.stop(), postgres.remove()]);
}

async function bareLogs(from: number, to: number, filter: object): Promise<unknown[]> {
  const hex = (number: number): string => `0x${number.toString(16)}`;
  const params = [{ fromBlock: hex(from), toBlock: hex(to), ...filter }];
  const response = await fetch(node.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_getLogs', params }),
  });
  return ((await response.json()) as { result: unknown[] }).result;
}

async function insertAll(client: pg.PoolClient, events: readonly IndexedEvent[]): Promise<void> {
  await client.query(
    `INSERT INTO events (chain_id, sequence, block_number, log_index, block_hash, transaction_hash, contract, address,
       event, args)
     SELECT 31337, position, block_number, log_index, block_hash, transaction_hash, contract, address, event, args::jsonb
     FROM unnest($1::bigint[], $2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
       WITH ORDINALITY AS new (block_number, log_index, block_hash, transaction_hash, contract, address, event, args,
         position)`,
    [
      events.map((event) => event.blockNumber),
      events.map((event) => event.logIndex),
      events.map((event) => event.blockHash),
      events.map((event) => event.transactionHash),
      events.map((event) => event.contract),
      events.map((event) => event.address),
      events.map((event) => event.event),
      events.map((event) => event.args),
    ],
  );
}
