-- Up Migration
CREATE TABLE investors (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  wallet text NOT NULL UNIQUE CHECK (wallet ~ '^0x[0-9a-f]{40}$'),
  email text UNIQUE CHECK (email = lower(email)),
  country char(2) CHECK (country ~ '^[A-Z]{2}$'),
  kyc_status text NOT NULL DEFAULT 'none' CHECK (kyc_status IN ('none', 'pending', 'approved', 'rejected', 'expired')),
  kyc_decided_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  CHECK ((kyc_status IN ('approved', 'rejected', 'expired')) = (kyc_decided_at IS NOT NULL))
);

CREATE INDEX investors_waiting_for_kyc ON investors (created_at) WHERE kyc_status = 'pending';

-- Down Migration
DROP TABLE investors;
