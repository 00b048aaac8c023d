import { CutoverError } from '@cutover/base/errors.ts';
import type { MigrationInputs } from '../plan/migration-inputs.ts';
import { migrationOrder, readTaskLine, type TaskResult } from '../plan/migration-task.ts';
import type { Direction } from '../plan/migration.ts';
import { MOST_OVERRIDES, idOf, overridesOf, taskMark, type TaskRun } from '../plan/task-run.ts';
import { runTask, type TaskPatience } from '../tasks/run.ts';

/** What is known when migrations are run by a task. */
export interface TaskMigration {
  readonly inputs: MigrationInputs<'postgres'>;
  readonly runs: TaskRun;
  readonly direction: Direction;
  /** What ran them before: the same order after another run is another order. */
  readonly before: string;
}

/** How it is watched. */
export interface TaskMigrationControl {
  readonly say: (line: string) => void;
  readonly signal?: AbortSignal;
  readonly patience?: Partial<TaskPatience>;
}

/**
 * Migrates a database that only its own network reaches: a task there does it, with the same code, and is waited for.
 * SIDE EFFECTS: runs a task; finds one that an interrupted run left.
 */
export async function migrateInTask(
  { inputs, runs, direction, before }: TaskMigration,
  control: TaskMigrationControl,
): Promise<TaskResult & { readonly task: string }> {
  const { directory, target, migrations } = inputs;
  const order = migrationOrder(inputs, direction);
  const mark = taskMark([directory, inputs.database, runs.taskDefinition, order, before]);
  const size = JSON.stringify(overridesOf(runs, { ...order, mark })).length;
  if (size > MOST_OVERRIDES) throw new CutoverError('CUT-4156', { directory, size, most: MOST_OVERRIDES });

  let result: TaskResult | undefined;
  const task = await runTask(
    runs,
    { ...order, mark },
    {
      ...control,
      directory,
      read: (text) => {
        const line = readTaskLine(text);
        switch (line.kind) {
          case 'progress':
            return { text: line.line };
          case 'failed':
            return { text: line.message, last: true };
          case 'done':
            result = line;
            return { last: true };
        }
      },
    },
  );
  // Its exit code says that the database is where it was planned to be, also where its log cannot be read.
  const planned: TaskResult = {
    applied: migrations,
    current: target === 'latest' ? (Object.keys(migrations).at(-1) ?? 'none') : target,
    ran: [],
  };
  return { ...(result ?? planned), task: idOf(task.arn) };
}
