import { CutoverError, messageOf } from '@cutover/base/errors.ts';
import { settingsOrExit } from '@cutover/service-kit/environment.ts';
import { hider } from '@cutover/service-kit/log.ts';
import type { Migrations } from '@cutover/delivery/migrations/engine.ts';
import { migrateTo, plannedMigrations } from '@cutover/delivery/migrations/front.ts';
import { planChecksum, type TaskLine } from '@cutover/delivery/plan/migration-task.ts';
import { readRequest, usage, type MigrateRequest } from './arguments.ts';
import { readMigrateConfig } from './config.ts';

const request = readRequest(process.argv.slice(2));
if ('wrong' in request) {
  process.stderr.write(`${request.wrong}\n${usage}\n`);
  process.exit(2);
}
const { values: config, secrets } = settingsOrExit('migrate', readMigrateConfig);
const hide = hider(secrets);
const stop = new AbortController();
// Asked to end: the wait for a lock ends, and nothing new begins. A run that has begun is left to its transaction.
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort());

try {
  tell({ kind: 'done', ...(await migrate(config, request)) });
} catch (error) {
  tell({ kind: 'failed', message: error instanceof CutoverError ? error.message : messageOf(error) });
  process.exitCode = error instanceof CutoverError ? error.exit : 1;
}

async function migrate(migrations: Migrations<'postgres'>, { direction, target, expect }: MigrateRequest) {
  const { directory } = migrations;
  const planned = plannedMigrations('postgres', directory, target);
  if (expect !== undefined && planChecksum(planned) !== expect) {
    const held = Object.entries(planned).map(([name, checksum]) => `  ${name} ${checksum}`);
    const list = held.join('\n') || '  none';
    throw new CutoverError('CUT-4157', { directory, target, list });
  }
  const { applied, current, ran, copy } = await migrateTo(
    { ...migrations, target },
    {
      planned,
      say: (line) => tell({ kind: 'progress', line }),
      signal: stop.signal,
      undo: direction === 'up' ? 'refuse' : 'allow',
    },
  );
  return { applied, current, ran: ran.map((step) => ({ direction: step.direction, name: step.name })), copy };
}

/** One line a message with --json, else as people read it. */
function tell(line: TaskLine): void {
  const { json } = request as MigrateRequest;
  process.stdout.write(hide(json ? JSON.stringify(line) : textOf(line)) + '\n');
}

function textOf(line: TaskLine): string {
  switch (line.kind) {
    case 'progress':
      return line.line;
    case 'failed':
      return line.message;
    case 'done':
      return `at ${line.current}${line.ran.length === 0 ? ', nothing to run' : ''}`;
  }
}
