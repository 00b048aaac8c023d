import { createServer, request, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { bringMoto } from '../../toolchain/moto.ts';
import { freePort, startProcess } from '../services/processes.ts';

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

/** Stands before moto and dies after so many changes: the last one happens, and its answer is lost. */
export interface Mortal {
  readonly url: string;
  readonly changes: () => number;
  readonly stop: () => Promise<void>;
}

/** Starts what stands before moto. */
export async function startMortal(moto: Moto, changesBeforeDeath: number): Promise<Mortal> {
  let changes = 0;
  let dead = false;
  const server: Server = createServer((asked, answer) => {
    const parts: Buffer[] = [];
    asked.on('data', (part: Buffer) => parts.push(part));
    asked.on('end', () => {
      if (dead) return void asked.socket.destroy();
      const body = Buffer.concat(parts);
      if (isChange(asked.method ?? '', String(asked.headers['x-amz-target'] ?? ''), body.toString('utf8')))
        changes++;
      const last = changes === changesBeforeDeath;
      if (last) dead = true;
      const { method, headers, url } = asked;
      const onward = request(`${moto.url}${url}`, { method, headers }, (reply) => {
        if (last) {
          reply.resume();
          return void reply.once('end', () => asked.socket.destroy());
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

function isChange(method: string, target: string, body: string): boolean {
  const deed = target.split('.').at(-1) || (/(?:^|&)Action=(\w+)/.exec(body)?.[1] ?? '');
  return deed === '' ? method === 'PUT' || method === 'DELETE' : !/^(Get|List|Describe)/.test(deed);
}

async function answers(url: string): Promise<boolean> {
  return fetch(`${url}/moto-api/data.json`).then(
    ({ ok }) => ok,
    () => false,
  );
}
