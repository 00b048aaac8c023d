import { connect, type Socket } from 'node:net';
import { createServer, type Server } from 'node:tls';
import type { Authority } from '../body.ts';

/** Something that ends TLS before a server that cannot. It lives in the ground's process. */
export interface TlsFront {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Takes TLS on a port and passes what is inside on to another: this build of Valkey has no TLS of its own.
 * SIDE EFFECTS: listens on the loopback interface.
 */
export async function startTlsFront(
  authority: Authority,
  hosts: readonly string[],
  port: number,
  inner: number,
): Promise<TlsFront> {
  const { certificate, key } = await authority.issue(hosts);
  const open = new Set<Socket>();
  const server: Server = createServer({ cert: certificate, key, minVersion: 'TLSv1.2' }, (client) => {
    const behind = connect({ port: inner, host: '127.0.0.1' });
    for (const [one, other] of [
      [client, behind],
      [behind, client],
    ] as const) {
      open.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}
