import { createServer } from 'node:net';

// Below the ports that Linux (32768 up) and macOS (49152 up) hand out by themselves: one of those may be taken by any
// connection of anybody between the moment it is found free and the moment it is listened on.
const lowest = 20_000;
const highest = 32_000;
const given = new Set<number>();

/** A port of the loopback interface that nobody listens on; the same process is given each one once. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 1000; attempt++) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest));
    if (given.has(port) || !(await isFreePort(port))) continue;
    given.add(port);
    return port;
  }
  throw new Error(
    `No port between ${lowest} and ${highest} is free: something on this machine listens on all of them.`,
  );
}

/** Whether one can listen on a port of the loopback interface. */
export function isFreePort(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
