-- Up Migration
CREATE TYPE order_side AS ENUM ('buy', 'sell');
CREATE TYPE order_status AS ENUM ('open', 'partly_filled', 'filled', 'cancelled', 'rejected');

CREATE TABLE orders (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  account_id uuid NOT NULL REFERENCES accounts ON DELETE RESTRICT,
  market text NOT NULL REFERENCES markets ON DELETE RESTRICT,
  -- Given by the client: sending an order twice places it once.
  client_id text NOT NULL,
  side order_side NOT NULL,
  price numeric(38, 18) CHECK (price > 0),
  size numeric(38, 18) NOT NULL CHECK (size > 0),
  filled numeric(38, 18) NOT NULL DEFAULT 0 CHECK (filled >= 0 AND filled <= size),
  leverage smallint NOT NULL DEFAULT 1 CHECK (leverage BETWEEN 1 AND 100),
  status order_status NOT NULL DEFAULT 'open',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (account_id, client_id)
);

CREATE INDEX orders_open_by_market ON orders (market, side, price, created_at)
  WHERE status IN ('open', 'partly_filled');
CREATE INDEX orders_by_account ON orders (account_id, created_at DESC);

CREATE FUNCTION touch_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.updated_at := now();
  RETURN NEW;
END;
$$;

CREATE TRIGGER orders_touch BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch_updated_at();

-- Down Migration
DROP TABLE orders;
DROP FUNCTION touch_updated_at();
DROP TYPE order_status;
DROP TYPE order_side;
