import { readFile, readdir } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '@cutover/base/errors.ts';
import { projectRoot } from '@cutover/base/project.ts';
import { liveFolder } from '../twin/live/bodies.ts';
import type { Address } from '../twin/live/body.ts';

/** What is real in a rehearsal with `--live`, and what is not, for people. */
export const liveLines: readonly string[] = [
  'databases of RDS: PostgreSQL on this machine, TLS forced as their parameters say',
  'caches of ElastiCache: Valkey on this machine',
  "services and tasks of ECS: processes of this project's services, with their environment, secrets and health checks",
  'security groups and routes: what they forbid fails, between tasks, databases, caches and load balancers',
  'load balancers: proxies with certificates of this rehearsal; names: a server for DNS; both on the loopback interface',
  'the parameter store, Secrets Manager, S3, logs and tasks answer behind the AWS SDK',
  'not real: the rest of the network, roles, alarms, autoscaling, web ACLs, images as such',
];

/** The environment in which names of the cloud lead to what stands behind them. */
export function liveEnvironment(folder: string): Readonly<Record<string, string>> {
  const preload = join(projectRoot, 'ops', 'twin', 'live', 'vpc.mjs');
  return {
    CUTOVER_TWIN_LIVE: '1',
    CUTOVER_ADDRESSES: addressesFile(folder),
    NODE_OPTIONS: `--import=${pathToFileURL(preload).href}`,
    NODE_EXTRA_CA_CERTS: authorityFile(folder),
  };
}

/** What a request was answered with, and how a person sends it. */
export interface Asked {
  /** The command line. */
  readonly curl: string;
  readonly status: number;
  readonly body: string;
}

/** Asks a host of the cloud by its name, as a newcomer would; who answers must prove by its certificate that it is that host. */
export async function askHost(folder: string, host: string, path: string): Promise<Asked> {
  const addresses = JSON.parse(await readFile(addressesFile(folder), 'utf8')) as readonly Address[];
  const port = addresses.find((each) => each.host === host && each.port === 443)?.localPort;
  const curl = `curl --cacert ${authorityFile(folder)} --connect-to ${host}:443:127.0.0.1:${port ?? '?'} https://${host}${path}`;
  if (port === undefined) return { curl, status: 0, body: `${host} leads nowhere` };
  const ca = await readFile(authorityFile(folder));
  return new Promise((resolve) => {
    const asking = request(
      {
        ...{ host: '127.0.0.1', port, path, servername: host, ca, agent: false },
        headers: { host },
        signal: AbortSignal.timeout(10_000),
      },
      (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (part: string) => (body += part));
        response.once('error', (error) => resolve({ curl, status: 0, body: messageOf(error) }));
        response.once('end', () => resolve({ curl, status: response.statusCode ?? 0, body: body.trim() }));
      },
    );
    asking.once('error', (error) => resolve({ curl, status: 0, body: messageOf(error) }));
    asking.end();
  });
}

/** What is wrong with the answer of the API's report on its database; nothing where it shows the rows of all migrations. Pure. */
export function answerProblems({ status, body }: Asked, migrations: readonly string[]): readonly string[] {
  if (status !== 200) return [`the API answered ${status === 0 ? body : `${status}: ${body.slice(0, 300)}`}`];
  const rows = rowsIn(body);
  const missing = migrations.filter((name) => !rows.includes(name));
  return missing.map((name) => `the database has no row of the migration ${name}`);
}

function rowsIn(body: string): readonly string[] {
  try {
    const { migrations = [] } = JSON.parse(body) as { migrations?: readonly { readonly name: string }[] };
    return migrations.map(({ name }) => name);
  } catch {
    return [];
  }
}

/** The migrations of a folder of the project, as the database remembers them. */
export async function migrationsOf(directory: string): Promise<readonly string[]> {
  const names = await readdir(join(projectRoot, directory));
  return names.filter((name) => name.endsWith('.sql')).map((name) => name.replace(/\.sql$/, ''));
}

/** Requests that were sent one after the other, and those that were not answered well. */
export interface Traffic {
  readonly sent: number;
  readonly lost: readonly string[];
}

/** Sends requests until it is told to end: what a release loses is seen. SIDE EFFECTS: sends requests. */
export function keepAsking(folder: string, host: string, path: string): () => Promise<Traffic> {
  const lost: string[] = [];
  let [sent, ends] = [0, false];
  const asker = async (): Promise<void> => {
    while (!ends) {
      const { status, body } = await askHost(folder, host, path).catch((error: unknown) => ({
        status: 0,
        body: messageOf(error),
      }));
      sent++;
      if (status !== 200) lost.push(`${status} ${body.slice(0, 100)}`);
      await sleep(20);
    }
  };
  const asking = Promise.all([asker(), asker()]);
  return async () => {
    ends = true;
    await asking;
    return { sent, lost };
  };
}

function addressesFile(folder: string): string {
  return join(liveFolder(folder), 'addresses.json');
}

function authorityFile(folder: string): string {
  return join(liveFolder(folder), 'ca', 'ca.pem');
}
