import { once } from '@cutover/base/once.ts';
import { EvmNode } from '../components/local/evm-node.ts';
import { MongoServer } from '../components/local/mongo-server.ts';
import { PostgresServer } from '../components/local/postgres-server.ts';
import { SolanaNode } from '../components/local/solana-node.ts';
import { ValkeyServer } from '../components/local/valkey-server.ts';
import type { CutoverConfig } from './config.ts';

/** What systems share on this machine. A part is started when the first system asks for it, and only then. */
export interface Foundations {
  readonly ports: NonNullable<CutoverConfig['local']>['ports'];
  readonly evm: () => EvmNode;
  readonly solana: () => SolanaNode;
  readonly postgres: () => PostgresServer;
  readonly mongo: () => MongoServer;
  readonly valkey: () => ValkeyServer;
}

/** The local parts of a dev stack. Others have none: there, systems describe what stands without them. */
export function localFoundations(config: CutoverConfig): Foundations | undefined {
  if (config.local === undefined) return undefined;
  const { ports } = config.local;
  const { gemforce, godark, coinestate } = config.systems;
  const key = (name: keyof typeof ports): string => `cutover:local.ports.${name} (or portOffset)`;
  return {
    ports,
    evm: once(() => new EvmNode('evm-node', { port: ports.evm, chainId: 31337, portKey: key('evm') })),
    solana: once(
      () =>
        new SolanaNode('solana-node', {
          port: ports.solana,
          websocketPort: ports.solanaWebsocket,
          portKey: key('solana'),
          websocketPortKey: key('solanaWebsocket'),
        }),
    ),
    postgres: once(
      () =>
        new PostgresServer('postgres', {
          port: ports.postgres,
          portKey: key('postgres'),
          // Each system owns its database and may make a copy of it, on which migrations are tried.
          databases: [
            ...(gemforce.enabled ? ['gemforce_indexer'] : []),
            ...(godark.enabled ? ['godark'] : []),
            ...(coinestate.enabled ? ['coinestate'] : []),
          ].map((name) => ({ name, mayCreateDatabases: true })),
        }),
    ),
    mongo: once(() => new MongoServer('mongo', { port: ports.mongo, portKey: key('mongo') })),
    valkey: once(() => new ValkeyServer('valkey', { port: ports.valkey, portKey: key('valkey') })),
  };
}
