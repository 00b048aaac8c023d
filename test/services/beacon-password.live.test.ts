import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { projectRoot } from '@cutover/base/project.ts';
import { startPostgres, type TestPostgres } from './postgres.ts';
import { startProcess, until, type TestProcess } from './processes.ts';

// A real PostgreSQL whose owner's password is changed as RDS changes it, and a stand-in for Secrets Manager.
const arn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:rds!db-1a2b-3c4d';
let database: TestPostgres;
let manager: Manager;
let admin: pg.Pool;
let beacon: TestProcess | undefined;

beforeAll(async () => {
  database = await startPostgres();
  const { user, password, port } = database;
  admin = new pg.Pool({ host: '127.0.0.1', user, password, port, database: database.database });
  // Its idle connections end with the server.
  admin.on('error', () => undefined);
  await admin.query('CREATE USER owner');
});
beforeEach(async () => {
  manager = await startManager();
});
afterEach(async () => {
  await beacon?.stop('SIGKILL');
  beacon = undefined;
  await manager.stop();
});
afterAll(async () => {
  await admin.end();
  await database.remove();
});

interface Manager {
  readonly url: string;
  password: string;
  answers: boolean;
  readonly asked: () => number;
  readonly stop: () => Promise<void>;
}

async function startManager(): Promise<Manager> {
  let asked = 0;
  const server: Server = createServer((request, answer) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString('utf8')));
    request.on('end', () => {
      asked++;
      const { SecretId } = JSON.parse(body) as { SecretId: string };
      const signed = String(request.headers.authorization).includes('/eu-west-1/secretsmanager/');
      const right =
        request.headers['x-amz-target'] === 'secretsmanager.GetSecretValue' && SecretId === arn && signed;
      answer.writeHead(right && here.answers ? 200 : 500, { 'content-type': 'application/x-amz-json-1.1' });
      const SecretString = JSON.stringify({ username: 'owner', password: here.password });
      answer.end(
        JSON.stringify(
          right && here.answers ? { ARN: arn, SecretString } : { __type: 'InternalServiceError' },
        ),
      );
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const here: Manager = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ password: '', answers: true },
    asked: () => asked,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return here;
}

/** Changes the password as RDS does: first in the database, then in the secret. `between` is the moment between. */
async function rotate(to: string, between: () => Promise<void> = () => Promise.resolve()): Promise<void> {
  await admin.query(`ALTER USER owner PASSWORD '${to}'`);
  await between();
  manager.password = to;
}

/** Ends all connections of the beacon, as a failover does. */
async function cut(): Promise<void> {
  await admin.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'owner'");
}

async function start(): Promise<() => Promise<boolean>> {
  const process = startProcess(globalThis.process.execPath, [join(projectRoot, 'services/beacon/main.ts')], {
    ...{ SYSTEM: 'coinestate', PORT: '0', PROBE_CACHE_MS: '20', PROBE_TIMEOUT_MS: '5000' },
    DATABASE_URL: `postgres://owner@127.0.0.1:${database.port}/${database.database}`,
    DATABASE_PASSWORD_ARN: arn,
    AWS_ENDPOINT_URL: manager.url,
    AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI-K7MDENG-bPxRfiCYEXAMPLEKEY',
    // Another region than the secret's: its ARN says where to ask.
    AWS_REGION: 'us-east-1',
  });
  beacon = process;
  const port = await until('the beacon listens', () => /"port":(\d+)/.exec(process.output())?.[1]);
  return async () => {
    const report = (await (await fetch(`http://127.0.0.1:${port}/health`)).json()) as {
      checks: { service: string; healthy: boolean }[];
    };
    return report.checks.some(({ service, healthy }) => service === 'Database' && healthy);
  };
}

it(
  'a beacon signs in with the password of today, however often that changes',
  { timeout: 60_000 },
  async () => {
    await rotate('first-Secret-1');
    const healthy = await start();
    expect(await healthy()).toBe(true);
    expect(manager.asked()).toBe(1);

    // Whoever is signed in stays so, and nobody asks.
    await rotate('second-Secret-2');
    for (let look = 0; look < 5; look++) expect(await healthy()).toBe(true);
    expect(manager.asked()).toBe(1);

    for (let change = 3; change < 13; change++) {
      await rotate(`changed-Secret-${change}`);
      await cut();
      await until('it is signed in again', async () => ((await healthy()) ? true : undefined), 5000);
      // Once: the old password is refused, the new one asked for.
      expect(manager.asked()).toBe(change - 1);
    }
    expect(beacon?.output()).not.toMatch(/Secret-\d|wJalrXUtnFEMI/);
  },
);

it('in the moment between the database and the secret it is out, and then back by itself', async () => {
  await rotate('first-Secret-1');
  const healthy = await start();
  expect(await healthy()).toBe(true);
  await rotate('second-Secret-2', async () => {
    await cut();
    await until('it is out', async () => ((await healthy()) ? undefined : true), 5000);
  });
  await until('it is back', async () => ((await healthy()) ? true : undefined), 5000);
});

it('while Secrets Manager does not answer, the last password serves', async () => {
  await rotate('first-Secret-1');
  const healthy = await start();
  expect(await healthy()).toBe(true);
  manager.answers = false;
  await cut();
  await until('it is signed in again', async () => ((await healthy()) ? true : undefined), 5000);
  await rotate('second-Secret-2');
  await cut();
  await until('it is out', async () => ((await healthy()) ? undefined : true), 15_000);
  manager.answers = true;
  await until('it is back', async () => ((await healthy()) ? true : undefined), 15_000);
  expect(beacon?.output()).not.toMatch(/Secret-\d/);
});
