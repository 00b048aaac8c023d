import { z } from 'zod';
import { about, whole } from './fields.ts';

// Below 1024 a port needs root.
const port = (usual: number, of: string) => whole(1024, 65_535, `Port of ${of}.`, usual).default(usual);

const portsSchema = z.strictObject({
  evm: port(8545, 'the EVM node'),
  solana: port(8899, "the Solana node's RPC"),
  solanaWebsocket: port(8900, "the Solana node's websocket"),
  postgres: port(15_432, 'PostgreSQL'),
  mongo: port(27_117, 'the MongoDB-protocol server'),
  valkey: port(16_379, 'Valkey'),
  gemforce: port(1337, "Gemforce's Parse Server"),
  gemforceIndexer: port(3400, "Gemforce's indexer"),
  metaAggregator: port(3000, "Meta Aggregator's page and API"),
  godark: port(3100, "GoDark's API"),
  sop138: port(3200, "138's service"),
  coinestate: port(3300, "CoinEstate's page and API"),
});

/** What runs on this machine, on dev only. */
export const localSchema = about(
  z.strictObject({
    portOffset: whole(
      0,
      60_000,
      'Added to every port below, so that two clones run side by side by changing this one number.',
      100,
    ).default(0),
    ports: about(portsSchema, 'Ports on the loopback address, before portOffset is added.').prefault({}),
  }),
  'Ports on this machine, on dev only.',
);

/** The ports that are really used: portOffset is added already. */
export type LocalPorts = Readonly<z.output<typeof portsSchema>>;
