import type pg from 'pg';

/** One change of what is known: an event, or the undoing of one. Each has the next number; there are no holes. */
export interface ChangeMessage {
  readonly sequence: number;
  readonly contract: string;
  readonly event: string;
  /** The message as it goes to subscribers, the same bytes to each. */
  readonly bytes: Buffer;
}

/** Which changes are wanted; what is left out means all. */
export interface ChangeFilter {
  readonly contracts?: readonly string[] | undefined;
  readonly events?: readonly string[] | undefined;
}

/** Reads changes of one chain in their order. */
export interface Changes {
  /** The number of the last change, and the block that is read; zero before the first. */
  latest(): Promise<{ readonly sequence: number; readonly block: number | undefined }>;
  /** Changes after one and up to another, at most `limit`: fewer mean that there are no more up to there. */
  page(after: number, upTo: number, limit: number, filter?: ChangeFilter): Promise<readonly ChangeMessage[]>;
}

/** Where the writer tells of new changes. */
export function channelOf(chainId: number): string {
  return `cutover_indexer_${chainId}`;
}

/** Whether a change is wanted. */
export function isWanted({ contracts, events }: ChangeFilter, change: ChangeMessage): boolean {
  return (contracts?.includes(change.contract) ?? true) && (events?.includes(change.event) ?? true);
}

interface Row {
  readonly sequence: string;
  readonly undoes: string | null;
  readonly block_number: string;
  readonly log_index: number;
  readonly block_hash: string;
  readonly transaction_hash: string;
  readonly contract: string;
  readonly address: string;
  readonly event: string;
  readonly args: string;
}

const COLUMNS =
  'block_number, log_index, block_hash, transaction_hash, contract, address, event, args::text AS args';

// An event that was undone since keeps its place in the order, so that who follows along sees both.
const PAGE = `
  WITH wanted AS (
    (SELECT sequence, NULL::bigint AS undoes, ${COLUMNS} FROM events
      WHERE chain_id = $1 AND sequence > $2 AND sequence <= $3 AND WANTED ORDER BY sequence LIMIT $4)
    UNION ALL
    (SELECT sequence, event_sequence AS undoes, ${COLUMNS} FROM undone_events
      WHERE chain_id = $1 AND sequence > $2 AND sequence <= $3 AND WANTED ORDER BY sequence LIMIT $4)
    UNION ALL
    (SELECT event_sequence AS sequence, NULL::bigint AS undoes, ${COLUMNS} FROM undone_events
      WHERE chain_id = $1 AND event_sequence > $2 AND event_sequence <= $3 AND WANTED
      ORDER BY event_sequence LIMIT $4)
  )
  SELECT * FROM wanted ORDER BY sequence LIMIT $4`.replaceAll(
  'WANTED',
  '($5::text[] IS NULL OR contract = ANY ($5)) AND ($6::text[] IS NULL OR event = ANY ($6))',
);

/** Reads through a pool; one connection for each page. */
export function changesOf(pool: pg.Pool, chainId: number): Changes {
  return {
    latest: async () => {
      const { rows } = await pool.query<{ sequence: string | null; block: string | null }>(
        `SELECT (SELECT last_sequence FROM followed_chains WHERE chain_id = $1) AS sequence,
           (SELECT max(number) FROM blocks WHERE chain_id = $1) AS block`,
        [chainId],
      );
      const block = rows[0]?.block;
      return {
        sequence: Number(rows[0]?.sequence ?? 0),
        block: block === null || block === undefined ? undefined : Number(block),
      };
    },
    page: async (after, upTo, limit, { contracts, events } = {}) => {
      const values = [chainId, after, upTo, limit, contracts ?? null, events ?? null];
      const { rows } = await pool.query<Row>({ name: 'page', text: PAGE, values });
      return rows.map(messageOf);
    },
  };
}

function messageOf(row: Row): ChangeMessage {
  const sequence = Number(row.sequence);
  const head =
    row.undoes === null
      ? { type: 'event', sequence }
      : { type: 'undo', sequence, undoes: Number(row.undoes) };
  const body = {
    ...head,
    contract: row.contract,
    event: row.event,
    address: row.address,
    blockNumber: Number(row.block_number),
    blockHash: row.block_hash,
    transactionHash: row.transaction_hash,
    logIndex: row.log_index,
  };
  // The arguments are JSON already.
  const text = `${JSON.stringify(body).slice(0, -1)},"args":${row.args}}`;
  return { sequence, contract: row.contract, event: row.event, bytes: Buffer.from(text) };
}
