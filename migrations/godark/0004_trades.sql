-- Up Migration
CREATE TABLE trades (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  market text NOT NULL REFERENCES markets ON DELETE RESTRICT,
  maker_order_id uuid NOT NULL REFERENCES orders ON DELETE RESTRICT,
  taker_order_id uuid NOT NULL REFERENCES orders ON DELETE RESTRICT,
  price numeric(38, 18) NOT NULL CHECK (price > 0),
  size numeric(38, 18) NOT NULL CHECK (size > 0),
  matched_at timestamptz NOT NULL DEFAULT now(),
  CHECK (maker_order_id <> taker_order_id)
);

CREATE INDEX trades_by_market ON trades (market, matched_at DESC);
CREATE INDEX trades_by_maker_order ON trades (maker_order_id);
CREATE INDEX trades_by_taker_order ON trades (taker_order_id);

-- Down Migration
DROP TABLE trades;
