-- Up Migration
CREATE TABLE positions (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  account_id uuid NOT NULL REFERENCES accounts ON DELETE RESTRICT,
  market text NOT NULL REFERENCES markets ON DELETE RESTRICT,
  side order_side NOT NULL,
  size numeric(38, 18) NOT NULL CHECK (size >= 0),
  entry_price numeric(38, 18) NOT NULL CHECK (entry_price > 0),
  margin numeric(38, 0) NOT NULL CHECK (margin >= 0),
  liquidation_price numeric(38, 18) CHECK (liquidation_price >= 0),
  opened_at timestamptz NOT NULL DEFAULT now(),
  closed_at timestamptz
);

CREATE UNIQUE INDEX positions_one_open ON positions (account_id, market) WHERE closed_at IS NULL;
-- The liquidation monitor looks for positions that a price has passed.
CREATE INDEX positions_by_liquidation_price ON positions (market, side, liquidation_price) WHERE closed_at IS NULL;

CREATE TABLE liquidations (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  position_id uuid NOT NULL REFERENCES positions ON DELETE RESTRICT,
  mark_price numeric(38, 18) NOT NULL CHECK (mark_price > 0),
  size numeric(38, 18) NOT NULL CHECK (size > 0),
  penalty numeric(38, 0) NOT NULL DEFAULT 0 CHECK (penalty >= 0),
  state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'executed', 'failed')),
  failure text,
  created_at timestamptz NOT NULL DEFAULT now(),
  CHECK ((state = 'failed') = (failure IS NOT NULL))
);

CREATE INDEX liquidations_by_position ON liquidations (position_id);
CREATE INDEX liquidations_failed ON liquidations (created_at) WHERE state = 'failed';

-- Down Migration
DROP TABLE liquidations;
DROP TABLE positions;
