import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from 'pg';
import { writeFileAtomic } from '@cutover/base/atomic-file.ts';
import { liveFolder } from '../bodies.ts';
import { administrator } from './settings.ts';

/** One session with a server, as RDS itself. */
export type Session = Client;

/** The password of RDS itself: one for all databases of a rehearsal, so that copies need no other. */
export async function administratorPassword(folder: string): Promise<string> {
  const file = join(liveFolder(folder), 'rds-administrator');
  const known = await readFile(file, 'utf8').catch(() => undefined);
  if (known !== undefined) return known;
  await writeFileAtomic(file, randomBytes(24).toString('base64url'), 0o600);
  // Another body may have been first.
  return readFile(file, 'utf8');
}

/** Works in a session with the server on a port. SIDE EFFECTS: those of `work`. */
export async function inSession<T>(
  folder: string,
  port: number,
  work: (session: Session) => Promise<T>,
  database = 'postgres',
): Promise<T> {
  // Loaded when it is needed: the first look at a cloud without databases does without it.
  const { default: pg } = await import('pg');
  const session = new pg.Client({
    ...{ host: '127.0.0.1', port, user: administrator, database },
    password: await administratorPassword(folder),
    connectionTimeoutMillis: 10_000,
    application_name: 'rds',
    // Verifiers of passwords are for no log.
    options: '-c log_statement=none -c log_min_duration_statement=-1',
  });
  // A server that is killed meanwhile is told of by the query that fails.
  session.on('error', () => undefined);
  await session.connect();
  try {
    return await work(session);
  } finally {
    await session.end().catch(() => undefined);
  }
}

/** The only value of the only row of an answer. */
export async function valueOf(session: Session, query: string, values: unknown[] = []): Promise<unknown> {
  const { rows } = await session.query<unknown[]>({ text: query, values, rowMode: 'array' });
  return rows[0]?.[0];
}
