-- Up Migration
CREATE TABLE markets (
  symbol text PRIMARY KEY CHECK (symbol ~ '^[A-Z0-9]+-[A-Z]+$'),
  -- The market's account on Solana, once it is initialised there.
  address text UNIQUE,
  tick_size numeric(38, 18) NOT NULL CHECK (tick_size > 0),
  lot_size numeric(38, 18) NOT NULL CHECK (lot_size > 0),
  max_leverage smallint NOT NULL CHECK (max_leverage BETWEEN 1 AND 100),
  maintenance_margin_bps integer NOT NULL CHECK (maintenance_margin_bps BETWEEN 1 AND 10000),
  status text NOT NULL DEFAULT 'paused' CHECK (status IN ('paused', 'open', 'close_only', 'closed')),
  created_at timestamptz NOT NULL DEFAULT now()
);

-- Down Migration
DROP TABLE markets;
