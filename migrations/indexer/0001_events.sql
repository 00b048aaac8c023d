-- Up Migration
CREATE TABLE followed_chains (
  chain_id bigint PRIMARY KEY,
  genesis_hash text NOT NULL,
  -- Counts how often the chain began anew under the same id. Only local chains do.
  epoch integer NOT NULL DEFAULT 1,
  -- Every change (an event, or the undoing of one) has the next number; there are no holes.
  last_sequence bigint NOT NULL DEFAULT 0,
  updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE followed_contracts (
  chain_id bigint NOT NULL REFERENCES followed_chains,
  name text NOT NULL,
  -- What is read of it: address, first block, events. Another one means reading again from the first block.
  fingerprint text NOT NULL,
  -- Where reading of its past goes on; NULL once it is as far as the chain.
  next_block bigint,
  PRIMARY KEY (chain_id, name)
);

-- The newest blocks only: the last final one and those that may still be undone.
CREATE TABLE blocks (
  chain_id bigint NOT NULL REFERENCES followed_chains,
  number bigint NOT NULL,
  hash text NOT NULL,
  parent_hash text NOT NULL,
  mined_at timestamptz NOT NULL,
  PRIMARY KEY (chain_id, number)
);

CREATE TABLE events (
  chain_id bigint NOT NULL REFERENCES followed_chains,
  block_number bigint NOT NULL,
  log_index integer NOT NULL,
  block_hash text NOT NULL,
  transaction_hash text NOT NULL,
  contract text NOT NULL,
  address text NOT NULL,
  event text NOT NULL,
  -- Numbers as text: they may have 256 bits.
  args jsonb NOT NULL,
  sequence bigint NOT NULL,
  PRIMARY KEY (chain_id, block_number, log_index)
);
CREATE UNIQUE INDEX events_sequence ON events (chain_id, sequence);

-- Events of blocks that the chain dropped, so that a subscriber who was away learns of it.
CREATE TABLE undone_events (
  chain_id bigint NOT NULL REFERENCES followed_chains,
  -- The number of the undoing; `event_sequence` is the number that the event had.
  sequence bigint NOT NULL,
  event_sequence bigint NOT NULL,
  block_number bigint NOT NULL,
  log_index integer NOT NULL,
  block_hash text NOT NULL,
  transaction_hash text NOT NULL,
  contract text NOT NULL,
  address text NOT NULL,
  event text NOT NULL,
  args jsonb NOT NULL,
  PRIMARY KEY (chain_id, sequence)
);
CREATE UNIQUE INDEX undone_events_event_sequence ON undone_events (chain_id, event_sequence);

-- Down Migration
DROP TABLE undone_events;
DROP TABLE events;
DROP TABLE blocks;
DROP TABLE followed_contracts;
DROP TABLE followed_chains;
