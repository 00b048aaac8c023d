import { request } from 'node:http';
import { connect } from 'node:net';
import { messageOf } from '@cutover/base/errors.ts';
import type { Answer } from '../plan/process.ts';

/*
 * A question in the server's own protocol. A connection alone proves nothing: the kernel accepts it for a process that
 * is suspended. None of them logs in, so none needs a secret.
 */

/** GET; any status is an answer, 2xx says that all is well. */
export function probeHttp(port: number, path: string, timeout: number): Promise<Answer> {
  return httpExchange(port, { method: 'GET', path }, undefined, timeout).then(
    ({ status, body }) => ({
      kind: 'answers',
      well: status >= 200 && status < 300,
      detail: `HTTP ${status}${status < 300 ? '' : ` ${body.slice(0, 200)}`}`,
    }),
    silence,
  );
}

/** A JSON-RPC method without side effects, as `eth_chainId` or `getHealth`. */
export async function probeJsonRpc(port: number, method: string, timeout: number): Promise<Answer> {
  try {
    const result = await jsonRpc(port, method, [], timeout);
    return { kind: 'answers', well: true, detail: `${method} ${JSON.stringify(result)}` };
  } catch (error) {
    return error instanceof RpcRefusal
      ? { kind: 'answers', well: false, detail: error.message }
      : silence(error);
  }
}

/** The server answered a call, with an error. */
export class RpcRefusal extends Error {}

/** Calls a JSON-RPC method of a node on this machine and returns its result. */
export async function jsonRpc(
  port: number,
  method: string,
  params: readonly unknown[],
  timeout: number,
): Promise<unknown> {
  const call = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  const { body } = await httpExchange(port, { method: 'POST', path: '/' }, call, timeout);
  const answer = JSON.parse(body) as { result?: unknown; error?: { message: string; data?: unknown } };
  if (answer.error !== undefined) {
    throw new RpcRefusal(
      `${method}: ${answer.error.message} ${JSON.stringify(answer.error.data) ?? ''}`.trim(),
    );
  }
  return answer.result;
}

/**
 * PostgreSQL's startup message, up to where it asks for the password. An error says as well that it is there; that it
 * is still starting (57P03) is the one that is waited for.
 */
export function probePostgres(port: number, timeout: number): Promise<Answer> {
  return tcpExchange(port, postgresStartup(), 6, timeout).then((reply) => {
    const starting = reply.includes('C57P03');
    return { kind: 'answers', well: !starting, detail: starting ? 'is starting up' : 'takes logins' };
  }, silence);
}

function postgresStartup(): Buffer {
  const protocol = Buffer.from([0, 3, 0, 0]);
  const text = Buffer.from('user\0postgres\0database\0postgres\0\0');
  const length = Buffer.alloc(4);
  length.writeInt32BE(4 + protocol.length + text.length);
  return Buffer.concat([length, protocol, text]);
}

/** Redis's PING. `-NOAUTH` is as good an answer as `+PONG`; `-LOADING` says that it is not yet ready. */
export function probeValkey(port: number, timeout: number): Promise<Answer> {
  return tcpExchange(port, Buffer.from('PING\r\n'), 5, timeout).then((reply) => {
    const line = reply.toString('latin1').split('\r\n')[0] ?? '';
    const detail = line.startsWith('-NOAUTH') ? 'asks for a password, as it should' : line;
    return { kind: 'answers', well: /^(\+PONG|-NOAUTH)/.test(line), detail };
  }, silence);
}

/** MongoDB's hello, an OP_MSG. */
export function probeMongo(port: number, timeout: number): Promise<Answer> {
  return tcpExchange(port, mongoHello(), 16, timeout).then(
    (reply) => ({
      kind: 'answers',
      well: reply.readInt32LE(12) === opMsg,
      detail: 'speaks MongoDB',
    }),
    silence,
  );
}

const opMsg = 2013;

function mongoHello(): Buffer {
  const int32 = (value: number): Buffer => {
    const buffer = Buffer.alloc(4);
    buffer.writeInt32LE(value);
    return buffer;
  };
  const fields = Buffer.concat([
    Buffer.from('\x10hello\0'),
    int32(1),
    Buffer.from('\x02$db\0'),
    int32('admin\0'.length),
    Buffer.from('admin\0'),
    Buffer.from([0]),
  ]);
  const document = Buffer.concat([int32(fields.length + 4), fields]);
  const body = Buffer.concat([int32(0), Buffer.from([0]), document]);
  return Buffer.concat([int32(16 + body.length), int32(1), int32(0), int32(opMsg), body]);
}

function silence(error: unknown): Answer {
  return { kind: 'silent', detail: messageOf(error) };
}

function noAnswer(port: number, timeout: number): Error {
  return new Error(`it takes connections on port ${port}, but gave no answer within ${timeout / 1000} s`);
}

function refusal(port: number, error: NodeJS.ErrnoException): Error {
  return error.code === 'ECONNREFUSED'
    ? new Error(`nothing listens on port ${port}`)
    : new Error(`port ${port}: ${error.message}`);
}

function tcpExchange(port: number, question: Buffer, enough: number, timeout: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' });
    let reply = Buffer.alloc(0);
    const timer = setTimeout(() => socket.destroy(noAnswer(port, timeout)), timeout);
    socket.once('connect', () => socket.write(question));
    socket.on('data', (chunk) => {
      reply = Buffer.concat([reply, chunk]);
      if (reply.length < enough) return;
      resolve(reply);
      socket.destroy();
    });
    socket.once('end', () =>
      socket.destroy(new Error(`port ${port}: the connection was closed without an answer`)),
    );
    socket.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === undefined ? error : refusal(port, error)),
    );
    socket.once('close', () => clearTimeout(timer));
  });
}

function httpExchange(
  port: number,
  options: { readonly method: string; readonly path: string },
  body: string | undefined,
  timeout: number,
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const call = request({
      ...options,
      port,
      host: '127.0.0.1',
      // A connection of its own: one that is kept would tell of a process that is gone.
      agent: false,
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
    });
    const timer = setTimeout(() => call.destroy(noAnswer(port, timeout)), timeout);
    call.once('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () => {
        clearTimeout(timer);
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') });
      });
    });
    call.once('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      reject(error.code === undefined ? error : refusal(port, error));
    });
    call.end(body);
  });
}
