import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { fromRoot, runtimeFolder } from '@cutover/base/project.ts';
import { readSecret } from '@cutover/base/secrets.ts';
import type { PostgresDatabase } from '../../plan/migration-inputs.ts';
import { temporaryFolder } from '../temporary.ts';

/** pg_dump and pg_restore of one version. */
export interface DumpTools {
  readonly folder: string;
  readonly major: number;
}

/** The newest pair of pg_dump and pg_restore on PATH or where systems put them. SIDE EFFECTS: starts both for their version. */
export async function findDumpTools(): Promise<DumpTools | undefined> {
  const debian = await readdir('/usr/lib/postgresql').catch(() => []);
  const brew = ['/opt/homebrew', '/usr/local'].map((root) => join(root, 'opt'));
  const folders = [
    ...(process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== ''),
    ...debian.map((version) => `/usr/lib/postgresql/${version}/bin`),
    ...brew.map((root) => join(root, 'libpq', 'bin')),
  ];
  const found = await Promise.all([...new Set(folders)].map(pairIn));
  return found
    .filter((tools) => tools !== undefined)
    .toSorted((left, right) => right.major - left.major)
    .at(0);
}

async function pairIn(folder: string): Promise<DumpTools | undefined> {
  const versions = await Promise.all(['pg_dump', 'pg_restore'].map((name) => majorOf(join(folder, name))));
  const [dump, restore] = versions;
  return dump !== undefined && dump === restore ? { folder, major: dump } : undefined;
}

async function majorOf(tool: string): Promise<number | undefined> {
  const { stdout } = await promisify(execFile)(tool, ['--version'], { timeout: 5000 }).catch(() => ({
    stdout: '',
  }));
  const major = /\(PostgreSQL\) (\d+)/.exec(stdout)?.[1];
  return major === undefined ? undefined : Number(major);
}

/** Streams a dump of one database into another. The password goes by a file that only this user may read. */
export async function dumpAndRestore(
  { folder }: DumpTools,
  from: PostgresDatabase,
  to: PostgresDatabase,
): Promise<void> {
  const secrets = await temporaryFolder(runtimeFolder, 'pgpass');
  try {
    const env = await environment(from, secrets);
    const dump = spawn(
      join(folder, 'pg_dump'),
      ['--format=custom', '--compress=0', ...unwanted, ...address(from)],
      {
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    const restore = spawn(
      join(folder, 'pg_restore'),
      ['--exit-on-error', '--no-comments', ...unwanted, ...address(to)],
      { env, stdio: ['pipe', 'ignore', 'pipe'] },
    );
    const ends = [ended(dump, 'pg_dump'), ended(restore, 'pg_restore')];
    // When one of them dies, the pipe breaks; what it said before is the reason that counts.
    const piped = pipeline(dump.stdout, restore.stdin);
    const results = await Promise.allSettled([...ends, piped]);
    const failure = results.find((result) => result.status === 'rejected');
    if (failure !== undefined) throw failure.reason;
  } finally {
    await rm(secrets, { recursive: true, force: true });
  }
}

// Owners and rights need roles that may be missing; subscriptions would reach out to other servers.
const unwanted = [
  '--no-owner',
  '--no-privileges',
  '--no-publications',
  '--no-subscriptions',
  '--no-password',
];

function address({ host, port, user, database }: PostgresDatabase): string[] {
  return ['--host', host, '--port', String(port), '--username', user, '--dbname', database];
}

async function environment(
  { tls = 'off', password }: PostgresDatabase,
  folder: string,
): Promise<NodeJS.ProcessEnv> {
  const env: NodeJS.ProcessEnv = { PATH: process.env['PATH'], LC_ALL: 'C', PGCONNECT_TIMEOUT: '15' };
  if (tls === 'off') env['PGSSLMODE'] = 'disable';
  else {
    env['PGSSLMODE'] = 'verify-full';
    env['PGSSLROOTCERT'] = tls === 'verify' ? 'system' : fromRoot(tls.ca);
  }
  if (password === undefined) return env;
  const file = join(folder, 'pass');
  const escaped = (await readSecret(password)).replaceAll(/[\\:]/g, '\\$&');
  await writeFile(file, `*:*:*:*:${escaped}\n`, { mode: 0o600 });
  return { ...env, PGPASSFILE: file };
}

async function ended(child: ReturnType<typeof spawn>, name: string): Promise<void> {
  let said = '';
  child.stderr?.on('data', (part: Buffer) => (said = (said + part.toString('utf8')).slice(-2000)));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(said.trim().split('\n').at(0) ?? `${name} ended with ${code}`);
}
