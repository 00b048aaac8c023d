import type { JournalKind } from '../../journal/database.ts';

/** Amounts are decimal text, times milliseconds since 1970. `tx` is one nonce's use, `attempt` a payload for it. */
const schema = `
  CREATE TABLE tx (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    content TEXT NOT NULL,
    purpose TEXT NOT NULL,
    recipient TEXT NOT NULL,
    data TEXT NOT NULL,
    data_hash TEXT NOT NULL,
    value TEXT NOT NULL,
    gas_limit TEXT NOT NULL,
    level TEXT NOT NULL,
    signer TEXT,
    cost TEXT NOT NULL,
    nonce INTEGER NOT NULL,
    from_block INTEGER NOT NULL,
    owner TEXT NOT NULL,
    created INTEGER NOT NULL,
    state TEXT NOT NULL,
    since INTEGER NOT NULL,
    settled INTEGER NOT NULL DEFAULT 0,
    yielded INTEGER NOT NULL DEFAULT 0,
    in_flight_since INTEGER,
    hash TEXT,
    block_number INTEGER,
    block_hash TEXT,
    succeeded INTEGER,
    gas_used TEXT,
    told INTEGER
  ) STRICT;
  CREATE UNIQUE INDEX one_holder ON tx (nonce)
    WHERE settled = 0 AND yielded = 0 AND state IN ('pending', 'stalled', 'orphaned');
  CREATE INDEX tx_key ON tx (key);
  CREATE TABLE attempt (
    id INTEGER PRIMARY KEY,
    tx INTEGER NOT NULL REFERENCES tx (id),
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    hash TEXT NOT NULL,
    fees TEXT NOT NULL,
    state TEXT NOT NULL,
    signed INTEGER NOT NULL,
    sent INTEGER,
    UNIQUE (hash, tx)
  ) STRICT;
  CREATE TABLE history (
    at INTEGER NOT NULL,
    tx INTEGER NOT NULL REFERENCES tx (id),
    what TEXT NOT NULL
  ) STRICT;
  CREATE TABLE chain (genesis TEXT NOT NULL) STRICT;
`;

/** A journal of an account on a chain. */
export const evmJournal: JournalKind = { applicationId: 0x43757476, schemaVersion: 1, schema }; // 'Cutv'
