import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Values } from '../../../../ops/twin/kind.ts';
import { elasticacheBodies } from '../../../../ops/twin/live/elasticache/replication-group.ts';
import { groundOn, liveCloud, place, until, type LiveCloud } from './ground-help.ts';

const type = 'aws:elasticache/replicationGroup:ReplicationGroup';
const of = (id: string) => ({ ...place, type, id });

let live: LiveCloud;
let ground: Awaited<ReturnType<typeof groundOn>>;

beforeAll(async () => {
  live = liveCloud();
  ground = await groundOn(live, elasticacheBodies);
});

afterAll(async () => {
  for (const { id } of live.bodies.list()) await live.take(of(id));
  await ground.stop();
  await live.end();
});

function cache(id: string, inputs: Values = {}, clustered = false) {
  const host = `master.${id}.abc.use1.cache.amazonaws.com`;
  return {
    ...{ type, id },
    inputs: { replicationGroupId: id, engine: 'valkey', engineVersion: '8.0', ...inputs },
    outputs: {
      ...(clustered
        ? { configurationEndpointAddress: `clustercfg.${id}.cache`, primaryEndpointAddress: '' }
        : { primaryEndpointAddress: host, readerEndpointAddress: `replica.${id}.cache` }),
      ...{ port: 6379, engine: 'valkey', clusterEnabled: clustered, transitEncryptionEnabled: false },
    },
  };
}

/** What a cache answers to commands, by the name that the cloud gives, the end of each answer being a line. */
async function say(id: string, commands: readonly string[], tls = false): Promise<string> {
  const address = live.bodies.find(of(id))?.addresses[0];
  const port = address?.localPort ?? 0;
  const ca = await readFile(ground.ground.authority.file, 'utf8');
  return new Promise((resolve, reject) => {
    const socket: Socket = tls
      ? connectTls({ port, host: '127.0.0.1', ca, servername: address?.host ?? '' })
      : connect({ port, host: '127.0.0.1' });
    let heard = '';
    socket.once('error', reject);
    socket.on('data', (chunk) => {
      heard += chunk.toString();
    });
    socket.once('close', () => resolve(heard));
    socket.write(`${[...commands, 'QUIT'].join('\r\n')}\r\n`);
  });
}

describe('a cache of ElastiCache', () => {
  it('is a Valkey behind all of its endpoints', async () => {
    expect(await live.put(cache('plain'))).toEqual({ kind: 'well' });
    expect(live.bodies.find(of('plain'))?.addresses).toHaveLength(2);
    expect(await say('plain', ['SET a 1', 'GET a'])).toBe('+OK\r\n$1\r\n1\r\n+OK\r\n');
  });

  it('takes TLS for its name, and a token, where they are asked for', async () => {
    const secure = { transitEncryptionEnabled: true, authToken: 'a-token-of-sixteen' };
    expect(await live.put(cache('secure', secure))).toEqual({ kind: 'well' });
    expect(await say('secure', ['GET a'], true)).toMatch(/^-NOAUTH/);
    expect(await say('secure', ['AUTH a-token-of-sixteen', 'SET a 1'], true)).toBe('+OK\r\n+OK\r\n+OK\r\n');
    expect(await say('secure', ['AUTH wrong'], true)).toMatch(/^-WRONGPASS/);
    const plain = await say('secure', ['PING']).catch(() => '');
    expect(plain).not.toContain('PONG');
    expect(JSON.stringify(live.bodies.list())).not.toContain('a-token-of-sixteen');
  });

  it('takes another token and keeps what it holds', async () => {
    const secure = { transitEncryptionEnabled: true, authToken: 'another-token-of-more' };
    expect(await live.put(cache('secure', secure))).toEqual({ kind: 'well' });
    expect(await say('secure', ['AUTH another-token-of-more', 'GET a'], true)).toBe(
      '+OK\r\n$1\r\n1\r\n+OK\r\n',
    );
  });

  it('lets in the users of its group, each to what he may do', async () => {
    const users = [
      {
        userId: 'reader',
        userName: 'reader',
        accessString: 'on ~app:* +get',
        passwords: ['reader-password-1'],
      },
      { userId: 'nobody', userName: 'default', accessString: 'off -@all', noPasswordRequired: true },
    ];
    for (const inputs of users) {
      await live.put({
        type: 'aws:elasticache/user:User',
        id: inputs.userId,
        inputs: { engine: 'valkey', ...inputs },
      });
    }
    const group = { engine: 'valkey', userGroupId: 'app', userIds: ['reader', 'nobody'] };
    await live.put({ type: 'aws:elasticache/userGroup:UserGroup', id: 'app', inputs: group });
    const guarded = { transitEncryptionEnabled: true, userGroupIds: ['app'] };
    expect(await live.put(cache('guarded', guarded))).toEqual({ kind: 'well' });
    const heard = await say(
      'guarded',
      ['AUTH reader reader-password-1', 'GET app:a', 'GET b', 'SET app:a 1'],
      true,
    );
    expect(heard).toMatch(/^\+OK\r\n\$-1\r\n-NOPERM .*\r\n-NOPERM .*\r\n/);
    expect(await say('guarded', ['PING'], true)).toMatch(/^-NOAUTH/);
  });

  it('is a cluster of one node that has all slots where it is made of shards', async () => {
    const shards = { numNodeGroups: 2, automaticFailoverEnabled: true };
    expect(await live.put(cache('shards', shards, true))).toEqual({ kind: 'well' });
    const heard = await until(
      () => say('shards', ['CLUSTER INFO', 'SET a 1', 'CLUSTER SLOTS']),
      (text) => text.includes('cluster_state:ok'),
    );
    const port = live.bodies.find(of('shards'))?.addresses[0]?.localPort;
    expect(heard).toContain('cluster_slots_assigned:16384');
    expect(heard).toContain(`127.0.0.1\r\n:${port}\r\n`);
  });

  it('is there again when its server is killed, and taken over by the next ground', async () => {
    const pid = live.bodies.find(of('secure'))?.processes[0]?.pid ?? 0;
    process.kill(pid, 'SIGKILL');
    const isBack = (body: ReturnType<typeof live.bodies.find>): boolean =>
      body?.state === 'ready' && body.processes[0]?.pid !== pid;
    const back = await until(() => live.bodies.find(of('secure')), isBack);
    expect(isBack(back)).toBe(true);
    await ground.stop();
    ground = await groundOn(live, elasticacheBodies);
    await until(
      () => live.bodies.progress(of('secure'), live.cloud.lastCall()).kind,
      (kind) => kind === 'ready',
    );
    expect(live.bodies.find(of('secure'))?.processes).toEqual(back?.processes);
    expect(await say('secure', ['AUTH another-token-of-more', 'PING'], true)).toContain('+PONG');
  });
});
