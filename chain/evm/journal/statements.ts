import type { DatabaseSync, StatementSync } from 'node:sqlite';

export type Row = Record<string, unknown>;

const isLive = `settled = 0 AND state IN ('pending', 'stalled', 'orphaned')`;
const unfetched = `told IS NULL AND hash IS NOT NULL`;
const all = `id, key, content, purpose, recipient, value, gas_limit, level, signer, cost, nonce, from_block, owner,
  created, state, since, settled, yielded, in_flight_since, hash, block_number, block_hash, succeeded, gas_used, told`;
const attempt = 'id, kind, hash, fees, state, signed, sent';

/** Everything that a journal asks its database; data and payloads only where they are used. */
export function prepareStatements(database: DatabaseSync) {
  const prepare = (sql: string): StatementSync => database.prepare(sql);
  return {
    genesis: prepare('SELECT genesis FROM chain'),
    forgetGenesis: prepare('DELETE FROM chain'),
    setGenesis: prepare('INSERT INTO chain (genesis) VALUES (?)'),
    live: prepare(`SELECT ${all} FROM tx WHERE ${isLive} ORDER BY nonce`),
    owners: prepare(`SELECT DISTINCT owner FROM tx WHERE told IS NULL OR (${isLive})`),
    unsettled: prepare(`SELECT ${all} FROM tx WHERE settled = 0 AND hash IS NOT NULL ORDER BY nonce`),
    all: prepare(`SELECT ${all} FROM tx ORDER BY id`),
    get: prepare(`SELECT ${all} FROM tx WHERE id = ?`),
    byHash: prepare(`SELECT ${all} FROM tx WHERE id = (SELECT max(tx) FROM attempt WHERE hash = ?)`),
    attempts: prepare(`SELECT ${attempt} FROM attempt WHERE tx = ? ORDER BY id`),
    countBetween: prepare(
      `SELECT count(DISTINCT nonce) AS count FROM tx WHERE nonce >= ? AND nonce < ? AND ((${isLive}) OR hash IS NOT NULL)`,
    ),
    data: prepare('SELECT data FROM tx WHERE id = ?'),
    payload: prepare('SELECT payload FROM attempt WHERE hash = ? LIMIT 1'),
    history: prepare('SELECT at, what FROM history WHERE tx = ? ORDER BY rowid'),
    witness: prepare(
      `SELECT ${all} FROM tx WHERE hash IS NOT NULL AND settled = 1 AND state <> 'orphaned'
        ORDER BY nonce DESC LIMIT 1`,
    ),
    // What is live, what may be the same, and the highest nonce that was mined.
    held: prepare(
      `SELECT id, key, content, nonce, state, settled, yielded, owner, cost, created, told, hash,
          EXISTS (SELECT 1 FROM attempt WHERE tx = tx.id AND attempt.state <> 'refused') AS signed
        FROM tx
        WHERE (${isLive}) OR (key = ? AND ${unfetched}) OR (content = ? AND ${unfetched})
          OR id = (SELECT id FROM tx WHERE hash IS NOT NULL ORDER BY nonce DESC LIMIT 1)`,
    ),
    insert: prepare(
      `INSERT INTO tx (key, content, purpose, recipient, data, data_hash, value, gas_limit, level, signer, cost, nonce,
          from_block, owner, created, since, state)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'pending')`,
    ),
    stand: prepare(
      `UPDATE tx SET state = ?, since = ?, settled = ?, hash = ?, block_number = ?, block_hash = ?, succeeded = ?,
        gas_used = ? WHERE id = ?`,
    ),
    yield: prepare('UPDATE tx SET yielded = 1 WHERE id = ?'),
    cost: prepare('UPDATE tx SET cost = ? WHERE id = ?'),
    claim: prepare('UPDATE tx SET owner = ? WHERE id = ?'),
    tell: prepare('UPDATE tx SET told = ? WHERE id = ? AND told IS NULL'),
    inFlight: prepare('UPDATE tx SET in_flight_since = ? WHERE id = ?'),
    attempt: prepare(
      `INSERT INTO attempt (tx, kind, payload, hash, fees, state, signed) VALUES (?, ?, ?, ?, ?, 'signed', ?)`,
    ),
    sent: prepare(`UPDATE attempt SET state = 'sent', sent = coalesce(sent, ?) WHERE tx = ? AND hash = ?`),
    refused: prepare(`UPDATE attempt SET state = 'refused' WHERE tx = ? AND hash = ? AND state = 'signed'`),
    remark: prepare('INSERT INTO history (at, tx, what) VALUES (?, ?, ?)'),
  } as const;
}
