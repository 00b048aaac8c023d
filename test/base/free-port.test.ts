import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { freePort, isFreePort } from '@cutover/base/free-port.ts';

describe('a free port', () => {
  it('is given once, and is none that the system hands out by itself', async () => {
    const ports = await Promise.all(Array.from({ length: 100 }, () => freePort()));
    expect(new Set(ports).size).toBe(100);
    expect(Math.max(...ports)).toBeLessThan(32_768);
  });

  it('is not one that somebody listens on', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect(await isFreePort(port)).toBe(false);
    server.close();
    await once(server, 'close');
    expect(await isFreePort(port)).toBe(true);
  });
});
