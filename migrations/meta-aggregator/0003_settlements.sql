-- Up Migration
-- What became of a fill in the escrow contract: one settlement each, from the deposit to its release or refund.
CREATE TABLE settlements (
  id INTEGER PRIMARY KEY,
  fill_id INTEGER NOT NULL UNIQUE REFERENCES fills (id) ON DELETE RESTRICT,
  escrow TEXT NOT NULL CHECK (length(escrow) = 42 AND escrow = lower(escrow)),
  escrow_nonce INTEGER NOT NULL CHECK (escrow_nonce >= 0),
  state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'deposited', 'released', 'refunded', 'failed')),
  transaction_hash TEXT UNIQUE CHECK (transaction_hash IS NULL OR length(transaction_hash) = 66),
  block_number INTEGER CHECK (block_number >= 0),
  failure TEXT,
  created_at INTEGER NOT NULL DEFAULT (unixepoch()),
  settled_at INTEGER,
  CHECK ((state IN ('released', 'refunded')) = (settled_at IS NOT NULL)),
  CHECK ((state = 'failed') = (failure IS NOT NULL)),
  UNIQUE (escrow, escrow_nonce)
) STRICT;

CREATE INDEX settlements_unfinished ON settlements (state, created_at) WHERE state IN ('pending', 'deposited');

-- Down Migration
DROP TABLE settlements;
