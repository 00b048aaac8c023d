import { execFile } from 'node:child_process';
import { readFile, readdir, readlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { processCommand } from '@cutover/base/process-identity.ts';
import { parseListeners, parseLsof, userName, type PortHolder } from '../plan/process-port.ts';

/** Why a port of the loopback cannot be listened on; undefined when it can. SIDE EFFECTS: binds it for a moment. */
export function portTrouble(port: number): Promise<'taken' | 'not allowed' | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code === 'EACCES' ? 'not allowed' : 'taken'),
    );
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

/**
 * Who listens on a port, as far as the system tells this user. It needs no tool on PATH: /proc on Linux, and the
 * system's own lsof on macOS.
 */
export async function portHolder(port: number): Promise<PortHolder | undefined> {
  if (process.platform !== 'linux') return parseLsof(await lsof(port));
  const tables = await Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map((path) => readFile(path, 'utf8').catch(() => '')),
  );
  const listeners = tables.flatMap(parseListeners).filter((each) => each.port === port);
  const listener = listeners[0];
  if (listener === undefined) return undefined;
  const passwd = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const user = userName(passwd, listener.uid);
  const pid = await ownerOf(listeners.map(({ inode }) => `socket:[${inode}]`));
  if (pid === undefined) return { user };
  const command = await processCommand(pid);
  return { pid, user, ...(command === undefined ? {} : { command }) };
}

async function ownerOf(sockets: readonly string[]): Promise<number | undefined> {
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry));
  const owners = await Promise.all(
    pids.map(async (pid) => {
      const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
      for (const descriptor of descriptors) {
        const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '');
        if (sockets.includes(target)) return Number(pid);
      }
      return undefined;
    }),
  );
  return owners.find((pid) => pid !== undefined);
}

function lsof(port: number): Promise<string> {
  return new Promise((resolve) => {
    const args = ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-FpcL'];
    execFile('/usr/sbin/lsof', args, (_, stdout) => resolve(stdout));
  });
}
