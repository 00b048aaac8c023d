import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import type { TcpCheck } from '../plan/gate-check.ts';
import type { ProbeAnswer, ProbeContext } from './context.ts';

const BANNER_LIMIT = 4096;

/** Opens the connection of a TCP check and reads the banner where one is expected. */
export async function connectTcp(check: TcpCheck, { signal }: ProbeContext): Promise<ProbeAnswer> {
  const socket = connect({ host: check.host, port: check.port, signal });
  try {
    await once(socket, 'connect', { signal });
    if (check.banner === undefined) return { answer: 'connected', miss: undefined };
    const said = await readBanner(socket, check.banner, signal);
    const good = said.includes(check.banner);
    return { answer: said, miss: good ? undefined : `expected a banner that contains "${check.banner}"` };
  } finally {
    socket.destroy();
  }
}

/** Reads until the banner is there, the server stops, or the time is up: what came by then is the answer. */
async function readBanner(socket: Socket, banner: string, signal: AbortSignal): Promise<string> {
  let said = '';
  try {
    for await (const part of socket) {
      said += (part as Buffer).toString('latin1');
      if (said.includes(banner) || said.length > BANNER_LIMIT) break;
    }
  } catch (error) {
    if (said === '' || !signal.aborted) throw error;
  }
  return said;
}
