-- Up Migration
-- The chain says who holds what; this is its image at a block, for lists and reports.
CREATE TABLE holdings (
  property_id uuid NOT NULL REFERENCES properties ON DELETE RESTRICT,
  investor_id uuid NOT NULL REFERENCES investors ON DELETE RESTRICT,
  shares bigint NOT NULL CHECK (shares >= 0),
  block_number bigint NOT NULL CHECK (block_number >= 0),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (property_id, investor_id)
);

CREATE INDEX holdings_by_investor ON holdings (investor_id) WHERE shares > 0;

-- Down Migration
DROP TABLE holdings;
