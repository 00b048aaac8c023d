import { cloudIsPlayed } from '@cutover/base/cloud-played.ts';
import { hasUnknown } from '@cutover/base/dispatch.ts';
import type { Handler } from '@cutover/base/dynamic.ts';
import { CutoverError } from '@cutover/base/errors.ts';
import { engineCancelled } from '../gates/cancel.ts';
import { databaseLabel, migrationProblems, type MigrationInputs } from '../plan/migration-inputs.ts';
import { wayOf } from '../plan/migration-task.ts';
import { problemText, stepsText } from '../plan/migration-text.ts';
import { planMigrations, type Direction } from '../plan/migration.ts';
import type { TaskRun } from '../plan/task-run.ts';
import { readMigrations } from './files.ts';
import { printer, sameInputs, stepNames, type MigrationState } from './handler.ts';
import { migrateInTask } from './in-task.ts';

type Inputs = MigrationInputs<'postgres'> & { readonly runs: TaskRun };
type State = MigrationState<'postgres'> & { readonly runs: TaskRun };
/** What is known of the time before a run. */
type Before = Pick<State, 'applied' | 'current' | 'ran'>;

/** What the output `ran` says where nothing answers in the place of the cloud. */
export const NOT_RUN = 'not run: the twin plays the cloud';

const nothingYet: Before = { applied: {}, current: 'none', ran: 'nothing' };

/**
 * Migrations of a database that only its own network reaches, as a resource: a task there runs them. What the database
 * holds is known from the last run, not looked at; a task runs whenever the program changed anything, its image too.
 */
export const taskHandler: Handler<Inputs, State> = {
  check: (_, news) =>
    Promise.resolve({ inputs: news, failures: hasUnknown(news) ? [] : migrationProblems('postgres', news) }),
  diff: (_, olds, news) => {
    const owed = olds.ran === NOT_RUN && !cloudIsPlayed();
    const changes = owed || hasUnknown(news) || !sameInputs(olds, news);
    if (changes) printer(news.directory)(willRun(news, olds));
    return Promise.resolve({ changes });
  },
  create: async (inputs) => ({
    id: `postgres:${inputs.directory}`,
    outs: await run(inputs, wayOf(inputs.migrations, {}), nothingYet),
  }),
  update: async (_, olds, news) => {
    return { outs: await run(news, wayOf(news.migrations, olds.applied), olds, olds.lastRun) };
  },
  read: (id, olds) => Promise.resolve({ id, props: olds }),
  delete: async (_, olds) => {
    const { onDelete, database, directory } = olds;
    if (onDelete === 'keep') {
      printer(directory)(`kept as it is: ${databaseLabel('postgres', database)}, at ${olds.current}`);
      return;
    }
    await run({ ...olds, target: 'none', migrations: {} }, 'down', olds);
  },
};

async function run(
  inputs: Inputs,
  direction: Direction,
  before: Before,
  last?: State['lastRun'],
): Promise<State> {
  const say = printer(inputs.directory);
  const at = new Date().toISOString();
  if (cloudIsPlayed()) {
    say(NOT_RUN);
    const lastRun = last ?? { at, steps: 'nothing to run', copy: 'not needed' };
    const { applied, current } = before;
    return { ...inputs, applied, current, lastRun, ran: NOT_RUN };
  }
  const control = { say, signal: engineCancelled };
  const done = await migrateInTask({ inputs, runs: inputs.runs, direction, before: before.ran }, control);
  const now = { at, steps: stepNames(done.ran), copy: done.copy ?? 'not tried on a copy' };
  const lastRun =
    done.ran.length > 0 ? now : (last ?? { ...now, steps: 'nothing to run', copy: 'not needed' });
  const { applied, current, task } = done;
  return { ...inputs, applied, current, lastRun, ran: `in the task ${task}` };
}

/** What a preview says. The database may say otherwise, and then the task decides. */
function willRun(news: Inputs, olds: State): string {
  const { directory, target, outOfOrder, acceptEdited } = news;
  if (cloudIsPlayed()) return NOT_RUN;
  const applied = Object.entries(olds.applied).map(([name, checksum]) => ({
    name,
    checksum: checksum.startsWith('sha256:') ? checksum : undefined,
  }));
  try {
    const files = readMigrations('postgres', directory);
    const plan = planMigrations({ files, applied, target, outOfOrder, acceptEdited });
    if (plan.kind === 'refused') {
      return `a task in its network will run, and most likely refuse:\n${plan.problems.map(problemText).join('\n')}`;
    }
    const steps = stepsText(plan.steps) || 'will look whether there is anything to run';
    return `a task in its network ${steps}`;
  } catch (error) {
    if (error instanceof CutoverError) return error.message;
    throw error;
  }
}
