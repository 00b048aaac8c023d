import { randomBytes } from 'node:crypto';
import { scramVerifier } from '@cutover/delivery/plan/process-scram.ts';
import { valueOf, type Session } from './session.ts';

/** The owner of an instance and the database that is made with it. */
export interface Owner {
  readonly user: string;
  /** Nothing where the password stays as it is in the data. */
  readonly password?: string;
  readonly database?: string;
}

// Roles that RDS has in each instance; rds_superuser is the most that a user can be.
const rolesOfRds = ['rds_superuser', 'rds_iam', 'rds_password', 'rds_replication'];

/**
 * Makes the owner as RDS does, again and again to the same end: he makes roles and databases and sees what goes on, and
 * is no superuser. SIDE EFFECTS: writes in the server.
 */
export async function settleOwner(session: Session, { user, password, database }: Owner): Promise<void> {
  const has = async (query: string, value: string): Promise<boolean> =>
    (await valueOf(session, query, [value])) !== undefined;
  for (const role of rolesOfRds) {
    if (!(await has('SELECT 1 FROM pg_roles WHERE rolname = $1', role))) {
      await session.query(`CREATE ROLE ${role} NOLOGIN`);
    }
  }
  await session.query('GRANT pg_monitor, pg_signal_backend, pg_checkpoint TO rds_superuser');
  const name = session.escapeIdentifier(user);
  const isThere = await has('SELECT 1 FROM pg_roles WHERE rolname = $1', user);
  await session.query(
    `${isThere ? 'ALTER' : 'CREATE'} ROLE ${name} LOGIN CREATEDB CREATEROLE NOSUPERUSER NOREPLICATION`,
  );
  await session.query(`GRANT rds_superuser TO ${name}`);
  if (password !== undefined) {
    const verifier = session.escapeLiteral(scramVerifier(password, randomBytes(16)));
    await session.query(`ALTER ROLE ${name} PASSWORD ${verifier}`);
  }
  if (database === undefined) return;
  if (!(await has('SELECT 1 FROM pg_database WHERE datname = $1', database))) {
    await session.query(`CREATE DATABASE ${session.escapeIdentifier(database)} OWNER ${name}`);
  }
}
