import type pg from 'pg';
import type { BlockRef } from './blocks.ts';
import type { WatchedContract } from './contracts.ts';
import { connected, disconnected, type DatabaseOptions } from './database.ts';
import type { IndexedEvent } from './decode.ts';
import { channelOf } from './changes.ts';

/** What is known of a chain, as the database has it. */
export interface ChainState {
  /** Undefined before the first start. */
  readonly genesisHash: string | undefined;
  readonly epoch: number;
  readonly sequence: number;
  readonly window: readonly BlockRef[];
  /** Contracts whose past is still being read, and from which block on. */
  readonly pasts: readonly { readonly name: string; readonly nextBlock: number }[];
}

/** One step of following, written in one transaction. */
export interface Change {
  /** Everything above this block is undone first. */
  readonly undoAbove?: number;
  /** The new blocks, and what is known from then on: older ones are forgotten. */
  readonly blocks: readonly BlockRef[];
  readonly forgetBelow: number;
  readonly events: readonly IndexedEvent[];
  /** How far the past of a contract is read; undefined once it is as far as the chain. */
  readonly past?: { readonly name: string; readonly nextBlock: number | undefined };
  /** The chain began anew. */
  readonly genesisHash?: string;
}

/** What a change came to. */
export interface Written {
  readonly sequence: number;
  readonly undone: number;
}

/** The one who may write the events of a chain: whoever holds its lock. */
export interface Writer {
  /** Takes the lock; false while another has it. */
  tryLock(): Promise<boolean>;
  load(): Promise<ChainState>;
  /** Begins a chain, and settles which contracts have a past to read. */
  begin(genesisHash: string, contracts: readonly WatchedContract[]): Promise<void>;
  write(change: Change): Promise<Written>;
  /** The highest block with an event from `above` (not included) to `atMost`. */
  highestEventBlock(above: number, atMost: number): Promise<{ number: number; hash: string } | undefined>;
  /** Which events of a range are there already, as `block:logIndex`. */
  present(from: number, to: number): Promise<ReadonlySet<string>>;
  /** Ends the connection and with it the lock. */
  close(): Promise<void>;
}

/** Connects. All writing goes through the connection that holds the lock: when it breaks, both end together. */
export async function openWriter(options: DatabaseOptions, chainId: number): Promise<Writer> {
  const client = await connected(options, 'indexer writer');
  return {
    tryLock: async () => {
      const sql = 'SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS mine';
      const { rows } = await client.query<{ mine: boolean }>(sql, [`cutover indexer ${chainId}`]);
      return rows[0]?.mine === true;
    },
    load: () => load(client, chainId),
    begin: (genesisHash, contracts) =>
      inTransaction(client, () => begin(client, chainId, genesisHash, contracts)),
    write: (change) => inTransaction(client, () => write(client, chainId, change)),
    highestEventBlock: async (above, atMost) => {
      const { rows } = await client.query<{ block_number: string; block_hash: string }>(
        `SELECT block_number, block_hash FROM events
         WHERE chain_id = $1 AND block_number > $2 AND block_number <= $3 ORDER BY block_number DESC LIMIT 1`,
        [chainId, above, atMost],
      );
      return rows[0] && { number: Number(rows[0].block_number), hash: rows[0].block_hash };
    },
    present: async (from, to) => {
      const { rows } = await client.query<{ key: string }>(
        `SELECT block_number || ':' || log_index AS key FROM events
         WHERE chain_id = $1 AND block_number BETWEEN $2 AND $3`,
        [chainId, from, to],
      );
      return new Set(rows.map(({ key }) => key));
    },
    close: () => disconnected(client),
  };
}

async function inTransaction<T>(client: pg.Client, work: () => Promise<T>): Promise<T> {
  await client.query('BEGIN');
  try {
    const result = await work();
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

async function load(client: pg.Client, chainId: number): Promise<ChainState> {
  const chain = await client.query<{ genesis_hash: string; epoch: number; last_sequence: string }>(
    'SELECT genesis_hash, epoch, last_sequence FROM followed_chains WHERE chain_id = $1',
    [chainId],
  );
  const blocks = await client.query<{ number: string; hash: string; parent_hash: string; seconds: string }>(
    `SELECT number, hash, parent_hash, extract(epoch FROM mined_at)::bigint AS seconds
     FROM blocks WHERE chain_id = $1 ORDER BY number`,
    [chainId],
  );
  const pasts = await client.query<{ name: string; next_block: string }>(
    `SELECT name, next_block FROM followed_contracts
     WHERE chain_id = $1 AND next_block IS NOT NULL ORDER BY next_block, name`,
    [chainId],
  );
  return {
    genesisHash: chain.rows[0]?.genesis_hash,
    epoch: chain.rows[0]?.epoch ?? 1,
    sequence: Number(chain.rows[0]?.last_sequence ?? 0),
    window: blocks.rows.map((row) => ({
      number: Number(row.number),
      hash: row.hash,
      parentHash: row.parent_hash,
      timestamp: Number(row.seconds),
    })),
    pasts: pasts.rows.map((row) => ({ name: row.name, nextBlock: Number(row.next_block) })),
  };
}

/** A contract that is new, or of which other things are read than before, has a past as far as the chain is read. */
async function begin(
  client: pg.Client,
  chainId: number,
  genesisHash: string,
  contracts: readonly WatchedContract[],
): Promise<void> {
  await client.query(
    'INSERT INTO followed_chains (chain_id, genesis_hash) VALUES ($1, $2) ON CONFLICT DO NOTHING',
    [chainId, genesisHash],
  );
  await client.query('DELETE FROM followed_contracts WHERE chain_id = $1 AND name <> ALL ($2)', [
    chainId,
    contracts.map(({ name }) => name),
  ]);
  for (const { name, fingerprint, fromBlock } of contracts) {
    await client.query(
      `INSERT INTO followed_contracts (chain_id, name, fingerprint, next_block)
       VALUES ($1, $2, $3, (SELECT $4::bigint FROM blocks WHERE chain_id = $1 HAVING max(number) >= $4::bigint))
       ON CONFLICT (chain_id, name) DO UPDATE SET fingerprint = $3, next_block = excluded.next_block
       WHERE followed_contracts.fingerprint <> $3`,
      [chainId, name, fingerprint, fromBlock],
    );
  }
}

async function write(client: pg.Client, chainId: number, change: Change): Promise<Written> {
  const locked = await client.query<{ last_sequence: string }>(
    'SELECT last_sequence FROM followed_chains WHERE chain_id = $1 FOR UPDATE',
    [chainId],
  );
  const before = Number(locked.rows[0]?.last_sequence);
  const undone = change.undoAbove === undefined ? 0 : await undo(client, chainId, change.undoAbove, before);
  await insertBlocks(client, chainId, change);
  await insertEvents(client, chainId, change.events, before + undone);
  if (change.past !== undefined) {
    await client.query('UPDATE followed_contracts SET next_block = $3 WHERE chain_id = $1 AND name = $2', [
      chainId,
      change.past.name,
      change.past.nextBlock ?? null,
    ]);
  }
  const sequence = before + undone + change.events.length;
  await client.query(
    `UPDATE followed_chains SET last_sequence = $2, updated_at = now(), genesis_hash = coalesce($3, genesis_hash),
       epoch = epoch + CASE WHEN $3::text IS NULL THEN 0 ELSE 1 END WHERE chain_id = $1`,
    [chainId, sequence, change.genesisHash ?? null],
  );
  if (sequence > before)
    await client.query('SELECT pg_notify($1, $2)', [channelOf(chainId), String(sequence)]);
  return { sequence, undone };
}

/** Moves the events above a block to the undone ones; the last comes first, as who takes steps back does. */
async function undo(client: pg.Client, chainId: number, above: number, sequence: number): Promise<number> {
  const columns = 'block_number, log_index, block_hash, transaction_hash, contract, address, event, args';
  const { rowCount } = await client.query(
    `WITH gone AS (DELETE FROM events WHERE chain_id = $1 AND block_number > $2 RETURNING *)
     INSERT INTO undone_events (chain_id, sequence, event_sequence, ${columns})
     SELECT $1, $3::bigint + row_number() OVER (ORDER BY sequence DESC), sequence, ${columns} FROM gone`,
    [chainId, above, sequence],
  );
  await client.query('DELETE FROM blocks WHERE chain_id = $1 AND number > $2', [chainId, above]);
  await client.query(
    'UPDATE followed_contracts SET next_block = $2::bigint + 1 WHERE chain_id = $1 AND next_block > $2',
    [chainId, above],
  );
  return rowCount ?? 0;
}

async function insertBlocks(client: pg.Client, chainId: number, change: Change): Promise<void> {
  const blocks = change.blocks.filter(({ number }) => number >= change.forgetBelow);
  if (blocks.length > 0) {
    await client.query(
      `INSERT INTO blocks (chain_id, number, hash, parent_hash, mined_at)
       SELECT $1, number, hash, parent, to_timestamp(seconds)
       FROM unnest($2::bigint[], $3::text[], $4::text[], $5::bigint[]) AS new (number, hash, parent, seconds)`,
      [
        chainId,
        blocks.map(({ number }) => number),
        blocks.map(({ hash }) => hash),
        blocks.map(({ parentHash }) => parentHash),
        blocks.map(({ timestamp }) => timestamp),
      ],
    );
  }
  await client.query('DELETE FROM blocks WHERE chain_id = $1 AND number < $2', [chainId, change.forgetBelow]);
}

async function insertEvents(
  client: pg.Client,
  chainId: number,
  events: readonly IndexedEvent[],
  sequence: number,
): Promise<void> {
  if (events.length === 0) return;
  await client.query(
    `INSERT INTO events (chain_id, sequence, block_number, log_index, block_hash, transaction_hash, contract, address,
       event, args)
     SELECT $1, $2::bigint + position, block_number, log_index, block_hash, transaction_hash, contract, address, event,
       args::jsonb
     FROM unnest($3::bigint[], $4::int[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[])
       WITH ORDINALITY AS new (block_number, log_index, block_hash, transaction_hash, contract, address, event, args,
         position)`,
    [
      chainId,
      sequence,
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
