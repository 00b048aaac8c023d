/** Major versions of PostgreSQL that are set up here. */
export type PostgresVersion = '15' | '16' | '17' | '18';

/** One parameter, in the words of RDS. */
export interface PostgresParameter {
  readonly name: string;
  readonly value: string;
  readonly applyMethod: 'immediate' | 'pending-reboot';
}

/** The parameters of a major version: TLS and strong passwords only, and a log that tells what an operator asks. */
export function postgresParameters(version: PostgresVersion): PostgresParameter[] {
  return Object.entries({
    'rds.force_ssl': '1',
    ssl_min_protocol_version: 'TLSv1.2',
    'rds.accepted_password_auth_method': 'scram',
    password_encryption: 'scram-sha-256',
    shared_preload_libraries: 'pg_stat_statements',
    // Since 18 it names the stages of a connection: https://www.postgresql.org/docs/18/runtime-config-logging.html
    log_connections: version === '18' ? 'all' : '1',
    log_disconnections: '1',
    log_lock_waits: '1',
    log_statement: 'ddl',
    log_min_duration_statement: '1000',
    // What holds locks and does nothing ends after a minute.
    idle_in_transaction_session_timeout: '60000',
  }).map(([name, value]) => ({
    name,
    value,
    applyMethod: fromTheStart.has(name) ? 'pending-reboot' : 'immediate',
  }));
}

// Static parameters: RDS refuses to change them at once.
const fromTheStart: ReadonlySet<string> = new Set(['shared_preload_libraries']);
