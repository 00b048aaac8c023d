-- Up Migration
-- The order book. Token amounts are uint256: decimal text, because an integer of SQLite ends at 64 bits.
CREATE TABLE orders (
  id TEXT PRIMARY KEY,
  chain_id INTEGER NOT NULL CHECK (chain_id > 0),
  maker TEXT NOT NULL CHECK (length(maker) = 42 AND maker GLOB '0x*' AND maker = lower(maker)),
  sell_token TEXT NOT NULL CHECK (length(sell_token) = 42 AND sell_token = lower(sell_token)),
  buy_token TEXT NOT NULL CHECK (length(buy_token) = 42 AND buy_token = lower(buy_token)),
  sell_amount TEXT NOT NULL CHECK (length(sell_amount) BETWEEN 1 AND 78 AND sell_amount NOT GLOB '*[^0-9]*'),
  buy_amount TEXT NOT NULL CHECK (length(buy_amount) BETWEEN 1 AND 78 AND buy_amount NOT GLOB '*[^0-9]*'),
  nonce INTEGER NOT NULL CHECK (nonce >= 0),
  -- EIP-712 signature of the maker.
  signature TEXT NOT NULL CHECK (signature GLOB '0x*'),
  status TEXT NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'filled', 'cancelled', 'expired')),
  expires_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL DEFAULT (unixepoch()),
  updated_at INTEGER NOT NULL DEFAULT (unixepoch()),
  CHECK (sell_token <> buy_token),
  UNIQUE (chain_id, maker, nonce)
) STRICT;

-- The matcher walks open orders of a pair, oldest first.
CREATE INDEX orders_open_by_pair ON orders (chain_id, sell_token, buy_token, created_at) WHERE status = 'open';
CREATE INDEX orders_by_maker ON orders (maker, created_at);
CREATE INDEX orders_to_expire ON orders (expires_at) WHERE status = 'open';

-- Down Migration
DROP TABLE orders;
