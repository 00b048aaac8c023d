-- Up Migration
CREATE TABLE properties (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name text NOT NULL,
  country char(2) NOT NULL CHECK (country ~ '^[A-Z]{2}$'),
  -- The contract of its shares, once it is deployed.
  chain_id bigint CHECK (chain_id > 0),
  contract text CHECK (contract ~ '^0x[0-9a-f]{40}$'),
  shares bigint NOT NULL CHECK (shares > 0),
  share_price_cents bigint NOT NULL CHECK (share_price_cents > 0),
  status text NOT NULL DEFAULT 'draft' CHECK (status IN ('draft', 'offered', 'sold_out', 'withdrawn')),
  metadata_uri text,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (chain_id, contract),
  CHECK ((chain_id IS NULL) = (contract IS NULL)),
  CHECK (status IN ('draft', 'withdrawn') OR contract IS NOT NULL)
);

-- Down Migration
DROP TABLE properties;
