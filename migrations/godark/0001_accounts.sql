-- Up Migration
CREATE TABLE accounts (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  -- Base58 of a Solana public key.
  wallet text NOT NULL UNIQUE CHECK (wallet ~ '^[1-9A-HJ-NP-Za-km-z]{32,44}$'),
  email text UNIQUE CHECK (email = lower(email)),
  password_hash text,
  -- Phases of the beta; NULL once the limits are lifted.
  beta_phase smallint CHECK (beta_phase BETWEEN 1 AND 3),
  status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended', 'closed')),
  created_at timestamptz NOT NULL DEFAULT now()
);

-- Money is in the smallest unit of USDT (6 decimals), so that nothing is ever rounded.
CREATE TABLE balances (
  account_id uuid PRIMARY KEY REFERENCES accounts ON DELETE RESTRICT,
  available numeric(38, 0) NOT NULL DEFAULT 0 CHECK (available >= 0),
  reserved numeric(38, 0) NOT NULL DEFAULT 0 CHECK (reserved >= 0),
  updated_at timestamptz NOT NULL DEFAULT now()
);

-- Down Migration
DROP TABLE balances;
DROP TABLE accounts;
