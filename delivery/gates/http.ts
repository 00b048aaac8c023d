import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Duplex } from 'node:stream';
import type { HttpCheck } from '../plan/gate-check.ts';
import { judgeHttp, type HttpAnswer } from '../plan/gate-expect.ts';
import type { ProbeAnswer, ProbeContext } from './context.ts';
import { openHeaders } from './secrets.ts';

const BODY_LIMIT = 1024 * 1024;

/** Makes the request of an HTTP check. */
export async function askHttp(check: HttpCheck, { secrets, signal }: ProbeContext): Promise<ProbeAnswer> {
  const answer = await send(check.url, {
    method: check.method ?? 'GET',
    headers: openHeaders(check.headers, secrets),
    body: check.body,
    signal,
  });
  return { answer: answerText(answer), miss: judgeHttp(check.expect ?? {}, answer) };
}

/** Status and body of an answer on one line of text. */
export function answerText(answer: HttpAnswer): string {
  return `${answer.status} ${answer.body.trimStart()}`;
}

interface Request {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly signal: AbortSignal;
}

/** Sends one request over a connection of its own: a kept one could still reach a server that takes no new ones. */
export function send(url: string, { method, headers, body, signal }: Request): Promise<HttpAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>();
  const request = (url.startsWith('https:') ? requestHttps : requestHttp)(
    url,
    {
      method,
      agent: false,
      signal,
      headers: {
        accept: '*/*',
        // Left out, a server may send what it has compressed.
        'accept-encoding': 'identity',
        'user-agent': 'cutover-gate',
        ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
        ...headers,
      },
    },
    (response) => {
      const parts: Buffer[] = [];
      let size = 0;
      const finish = () => {
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(parts).toString('utf8'),
        });
      };
      response.on('data', (part: Buffer) => {
        parts.push(part);
        size += part.length;
        if (size <= BODY_LIMIT) return;
        finish();
        response.destroy();
      });
      response.on('end', finish);
      response.on('error', reject);
    },
  );
  // Not asked for: a server that changes the protocol all the same would leave the request without an answer.
  request.on('upgrade', ({ statusCode = 101, headers }: IncomingMessage, socket: Duplex) => {
    socket.destroy();
    resolve({ status: statusCode, headers, body: '' });
  });
  request.on('error', reject);
  request.on('close', () => reject(new Error('the connection was closed without an answer')));
  request.end(body);
  return promise;
}
