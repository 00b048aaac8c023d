import type { Client } from 'pg';
import { messageOf } from '@cutover/base/errors.ts';
import { toRoot } from '@cutover/base/project.ts';
import type { MigrationFailure } from '../../plan/migration-text.ts';
import type { Step } from '../../plan/migration.ts';
import type { RunOutcome } from '../engine.ts';
import { readSql } from '../files.ts';
import { readLedger, type LedgerTables } from './ledger.ts';
import type { LoadedMigrations } from './modules.ts';
import { NotOnCopy, type Progress, type RunPlace } from './recording.ts';

/** The run that failed, as far as telling about it needs to know. */
export interface FailedRun {
  readonly client: Client;
  readonly tables: LedgerTables;
  readonly migrations: LoadedMigrations;
  readonly steps: readonly Step[];
  readonly on: RunPlace;
}

interface ServerError {
  readonly code?: string;
  readonly position?: string;
  readonly hint?: string;
  readonly constraint?: string;
  readonly table?: string;
  readonly column?: string;
}

/** Where a run failed and what the server said. */
export function describeFailure(run: FailedRun, { step, sent }: Progress, error: unknown): MigrationFailure {
  const name = step?.name ?? run.steps[0]?.name ?? '';
  const { file } = run.migrations.get(name);
  const path = step?.direction === 'down' ? (file.paths[1] ?? file.paths[0]) : file.paths[0];
  const { position, hint, constraint, table, column } = error as ServerError;
  // `detail` is left out: it quotes rows.
  const about = Object.entries({ constraint, table, column }).filter(([, value]) => value !== undefined);
  return {
    name,
    direction: step?.direction ?? 'up',
    file: toRoot(path),
    reason: withoutValues(error, sent?.text ?? ''),
    sent:
      sent === undefined || error instanceof NotOnCopy
        ? undefined
        : {
            ...sent,
            dialect: 'postgres',
            position: position === undefined ? undefined : Number(position),
            source: sourceOf(path, sent.text),
          },
    notes: [
      ...about.map(([kind, value]) => `${kind}: ${value}`),
      ...(hint === undefined ? [] : [`hint: ${hint}`]),
    ],
  };
}

/** Errors of data (class 22) quote the value that they are about, which may be a row's. */
function withoutValues(error: unknown, sent: string): string {
  const message = messageOf(error);
  if (!(error as ServerError).code?.startsWith('22')) return message;
  return message.replace(/"(.*)"/s, (all, value: string) => (sent.includes(value) ? all : '"…"'));
}

function sourceOf(path: string, text: string): { content: string; offset: number } | undefined {
  if (!path.endsWith('.sql')) return undefined;
  const content = readSql(path);
  // node-pg-migrate adds a semicolon where a file does not end with one.
  const offset = [text, text.replace(/;$/, '')]
    .map((each) => content.indexOf(each))
    .find((found) => found >= 0);
  return offset === undefined ? undefined : { content, offset };
}

/** What is left of a run that failed, after its transaction was rolled back. */
export async function whatStands(
  { client, tables, steps, on }: FailedRun,
  { broken, step, inTransaction }: Progress,
  error: unknown,
  reachable: boolean,
  committing: boolean,
): Promise<Pick<Extract<RunOutcome, { kind: 'failed' }>, 'stands' | 'fix'>> {
  if (on !== 'database') return { stands: 'nothing', fix: knownFix(error) };
  if (!reachable && (committing || broken)) {
    return {
      stands: {
        what: '  The connection was lost, so it is not known what of the run stands.',
        why: 'The server ended the connection or could not be reached any more.',
        fix: 'Run the same command again when the server is back: it reads from the database what has run and continues there.',
      },
    };
  }
  if (!broken) return { stands: 'nothing', fix: knownFix(error) };
  const applied = new Set((await readLedger(client, tables)).map(({ name }) => name));
  const done = steps.filter(({ name, direction }) => applied.has(name) === (direction === 'up'));
  const invalid = await invalidIndexes(client);
  const half = step !== undefined && !inTransaction && !done.includes(step);
  const failed = step === undefined || done.includes(step) ? [] : [step.name];
  return {
    stands: {
      what: [
        `  stands: ${done.map(({ name, direction }) => `${name} (${direction})`).join(', ') || 'no other migration'}`,
        ...failed.map((name) => `  ${half ? 'not recorded, and may be half-done' : 'rolled back'}: ${name}`),
        ...invalid.map(
          (name) =>
            `  left by it: the index ${name}, which is not valid; DROP INDEX ${name}; before the next run`,
        ),
      ].join('\n'),
      why: `A migration of this run asked to run outside of a transaction (noTransaction), or ended it (COMMIT), so what came before was committed and what it did itself is not rolled back.`,
      fix: half
        ? `${knownFix(error)}Undo by hand what ${step.name} did, or write it so that it can run again over it; then run the same command again.`
        : `${knownFix(error)}Mend the migration and run the same command again: it goes on from there.`,
    },
  };
}

async function invalidIndexes(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    'SELECT indexrelid::regclass::text AS name FROM pg_index WHERE NOT indisvalid ORDER BY 1',
  );
  return rows.map(({ name }) => name);
}

// What the server's codes ask for.
const fixes: Readonly<Record<string, string>> = {
  '25001':
    'This statement cannot run in a transaction: write it as a .js or .ts migration of its own that calls pgm.noTransaction(). ',
  '55P03': 'Others held the table for too long; lock.tableSeconds is how long it is waited for. ',
  '55P04':
    'A new value of an enum can be used only when it is committed: set `target` to the migration that adds it, run, and set it back; or let that one call pgm.noTransaction(). ',
};

function knownFix(error: unknown): string {
  if (error instanceof NotOnCopy) return "Let it run without a copy: scratch.mode 'off'. ";
  return fixes[(error as ServerError).code ?? ''] ?? '';
}
