import { once } from 'node:events';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { CacheConfig } from '../config.ts';
import { Unhealthy, type Dependency } from './dependency.ts';

/** Redis or Valkey: signs in where a password is given, and pings. Two lines of its protocol need no client library. */
export function redis(config: CacheConfig, cacheMs: number): Dependency {
  return {
    service: 'Redis',
    cacheMs,
    look: async (signal) => {
      const to = { host: config.host, port: config.port };
      const socket = config.tls ? connectTls({ ...to, servername: config.host }) : connect(to);
      const cut = () => socket.destroy(signal.reason as Error);
      signal.addEventListener('abort', cut, { once: true });
      try {
        await once(socket, config.tls ? 'secureConnect' : 'connect', { signal });
        if (config.password !== undefined) {
          const user = config.user === undefined ? [] : [config.user];
          socket.write(command('AUTH', ...user, config.password));
          if ((await readLine(socket)) !== '+OK') throw new Unhealthy('sign-in refused');
        }
        socket.write(command('PING'));
        const reply = await readLine(socket);
        if (reply === '+PONG') return {};
        throw new Unhealthy(reply.startsWith('-NOAUTH') ? 'sign-in refused' : 'unexpected answer to PING');
      } finally {
        signal.removeEventListener('abort', cut);
        socket.destroy();
      }
    },
  };
}

function command(...words: string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;
}

async function readLine(socket: ReturnType<typeof connect>): Promise<string> {
  let received = '';
  for (;;) {
    const [part] = (await once(socket, 'data')) as [Buffer];
    received += part.toString('utf8');
    if (received.includes('\r\n')) return received.slice(0, received.indexOf('\r\n'));
  }
}
