-- Up Migration
-- Trades are settled on Solana in batches, by the relayer.
CREATE TABLE settlements (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'submitted', 'confirmed', 'failed')),
  -- Kept before the batch is sent: after a crash the relayer asks the chain for it instead of sending again.
  signature text UNIQUE,
  slot bigint CHECK (slot >= 0),
  attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  failure text,
  created_at timestamptz NOT NULL DEFAULT now(),
  confirmed_at timestamptz,
  CHECK ((state = 'confirmed') = (confirmed_at IS NOT NULL))
);

CREATE TABLE settlement_trades (
  settlement_id uuid NOT NULL REFERENCES settlements ON DELETE RESTRICT,
  trade_id bigint NOT NULL UNIQUE REFERENCES trades ON DELETE RESTRICT,
  PRIMARY KEY (settlement_id, trade_id)
);

-- The alert on failed settlements counts the last five minutes.
CREATE INDEX settlements_failed ON settlements (created_at) WHERE state = 'failed';
CREATE INDEX settlements_unfinished ON settlements (created_at) WHERE state IN ('pending', 'submitted');

-- Down Migration
DROP TABLE settlement_trades;
DROP TABLE settlements;
