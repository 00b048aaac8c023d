-- Up Migration
-- A fill takes all or a part of an order, by another order, or by a venue outside (0x, Uniswap).
CREATE TABLE fills (
  id INTEGER PRIMARY KEY,
  order_id TEXT NOT NULL REFERENCES orders (id) ON DELETE RESTRICT,
  counter_order_id TEXT REFERENCES orders (id) ON DELETE RESTRICT,
  venue TEXT NOT NULL CHECK (venue IN ('book', '0x', 'uniswap')),
  sell_amount TEXT NOT NULL CHECK (length(sell_amount) BETWEEN 1 AND 78 AND sell_amount NOT GLOB '*[^0-9]*'),
  buy_amount TEXT NOT NULL CHECK (length(buy_amount) BETWEEN 1 AND 78 AND buy_amount NOT GLOB '*[^0-9]*'),
  matched_at INTEGER NOT NULL DEFAULT (unixepoch()),
  CHECK ((venue = 'book') = (counter_order_id IS NOT NULL)),
  CHECK (counter_order_id IS NULL OR counter_order_id <> order_id)
) STRICT;

CREATE INDEX fills_by_order ON fills (order_id);
CREATE INDEX fills_by_counter_order ON fills (counter_order_id) WHERE counter_order_id IS NOT NULL;

CREATE TRIGGER orders_touched_by_fill AFTER INSERT ON fills
BEGIN
  UPDATE orders SET updated_at = unixepoch() WHERE id IN (NEW.order_id, NEW.counter_order_id);
END;

-- Down Migration
DROP TRIGGER orders_touched_by_fill;
DROP TABLE fills;
