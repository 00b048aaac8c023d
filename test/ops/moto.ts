import { createServer, request, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { freePort } from '@cutover/base/free-port.ts';
import { bringMoto } from '../../toolchain/moto.ts';
import { startProcess } from '../services/processes.ts';

/** moto, as an API of AWS that holds account 123456789012 and lets everybody in. */
export interface Moto {
  readonly url: string;
  /** Empties the account. */
  readonly reset: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Starts moto on a free port. */
export async function startMoto(): Promise<Moto> {
  const program = await bringMoto({ doing: () => undefined });
  const url = `http://127.0.0.1:${await freePort()}`;
  const moto = startProcess(program, ['-H', '127.0.0.1', '-p', new URL(url).port]);
  for (let attempt = 0; !(await answers(url)); attempt++) {
    if (attempt === 300) throw new Error(`moto does not answer: ${moto.output()}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    url,
    reset: async () => void (await fetch(`${url}/moto-api/reset`, { method: 'POST' })),
    stop: async () => void (await moto.stop('SIGKILL')),
  };
}

/** What the SDK and the Pulumi CLI read, so that they ask the one at `url` and nobody else. */
export function awsEnvironment(url: string): Readonly<Record<string, string>> {
  return {
    AWS_ENDPOINT_URL: url,
    AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI-K7MDENG-bPxRfiCYEXAMPLEKEY',
    AWS_REGION: 'us-east-1',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}

/** Stands before moto, and may end who asks. */
export interface Gate {
  readonly url: string;
  /** Everything that was asked for and changes something, in order: `CreateKey`, `PUT /bucket?policy`. */
  readonly changes: () => readonly string[];
  readonly stop: () => Promise<void>;
}

/**
 * Ends who asks for a change: before it happens, or when it has happened and nobody was told.
 * `end` is called once the moment is there.
 */
export type Death = { readonly when: 'before' | 'after'; readonly end: () => void };

/** Starts what stands before moto; `deathOf` is asked at each change, with its number from 1. */
export async function startGate(
  moto: Moto,
  deathOf: (change: number) => Death | undefined = () => undefined,
): Promise<Gate> {
  const changes: string[] = [];
  const server: Server = createServer((asked, answer) => {
    const parts: Buffer[] = [];
    asked.on('data', (part: Buffer) => parts.push(part));
    asked.on('end', () => {
      const body = Buffer.concat(parts);
      const { method = '', headers, url = '' } = asked;
      const change = changeIn(method, url, String(headers['x-amz-target'] ?? ''), body.toString('utf8'));
      if (change !== undefined) changes.push(change);
      const death = change === undefined ? undefined : deathOf(changes.length);
      const die = (): void => {
        death?.end();
        asked.socket.destroy();
      };
      if (death?.when === 'before') return die();
      const onward = request(`${moto.url}${url}`, { method, headers }, (reply) => {
        if (death !== undefined) {
          reply.resume();
          return void reply.once('end', die);
        }
        answer.writeHead(reply.statusCode ?? 500, reply.headers);
        reply.pipe(answer);
      });
      onward.on('error', () => asked.socket.destroy());
      onward.end(body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    changes: () => changes,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** What a request changes, in the words of the API; undefined where it only looks, or has something encrypted. */
function changeIn(method: string, url: string, target: string, body: string): string | undefined {
  const deed = target.split('.').at(-1) || (/(?:^|&)Action=(\w+)/.exec(body)?.[1] ?? '');
  if (deed === '') return method === 'PUT' || method === 'DELETE' ? `${method} ${url}` : undefined;
  return /^(Get|List|Describe|Encrypt|Decrypt|GenerateDataKey)/.test(deed) ? undefined : deed;
}

async function answers(url: string): Promise<boolean> {
  return fetch(`${url}/moto-api/data.json`).then(
    ({ ok }) => ok,
    () => false,
  );
}
