import { once } from 'node:events';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { RedisCheck } from '../plan/gate-check.ts';
import type { ProbeAnswer, ProbeContext } from './context.ts';

/** Signs in where a password is given and sends PING. Two lines of RESP need no client library. */
export async function pingRedis(check: RedisCheck, { secrets, signal }: ProbeContext): Promise<ProbeAnswer> {
  const to = { host: check.host, port: check.port };
  const socket = check.tls === true ? connectTls(to) : connect(to);
  const cut = () => socket.destroy(new Error('the time is up'));
  signal.addEventListener('abort', cut, { once: true });
  try {
    await once(socket, check.tls === true ? 'secureConnect' : 'connect', { signal });
    const login = check.password === undefined ? [] : [authCommand(check.user, secrets.read(check.password))];
    const commands = [...login, command('PING')];
    socket.write(commands.join(''));
    const replies = await readLines(socket, commands.length);
    const refused = replies.find((reply) => reply.startsWith('-'));
    if (refused !== undefined)
      return { answer: refused, miss: `the server answered with an error: ${refused}` };
    const last = replies.at(-1) ?? '';
    return { answer: last, miss: last === '+PONG' ? undefined : 'expected PONG' };
  } finally {
    signal.removeEventListener('abort', cut);
    socket.destroy();
  }
}

function authCommand(user: string | undefined, password: string): string {
  return user === undefined ? command('AUTH', password) : command('AUTH', user, password);
}

function command(...words: string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;
}

/** Reads the given number of one-line replies, or up to the first error. */
async function readLines(socket: AsyncIterable<unknown>, count: number): Promise<string[]> {
  let received = '';
  for await (const part of socket) {
    received += (part as Buffer).toString('utf8');
    const lines = received.split('\r\n').slice(0, -1);
    if (lines.length >= count || lines.some((line) => line.startsWith('-'))) return lines;
  }
  throw new Error('the server closed the connection before it answered');
}
