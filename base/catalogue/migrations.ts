import type { CatalogueEntry } from '../errors.ts';

/** CUT-4100 to 4199: database migrations. */
export const migrationErrors = {
  // 4100 to 4109: what was given.
  'CUT-4100': {
    what: 'The migrations of {name} are described wrongly:\n{list}',
    remedy: 'Correct the lines above; nothing was changed.',
    exit: 2,
  },
  'CUT-4101': {
    what: 'The migrations folder {directory} cannot be read.',
    why: '{reason}',
    remedy: 'Correct `directory`: a folder relative to the project.',
    exit: 2,
  },
  'CUT-4102': {
    what: 'The migrations in {directory} are not in order:\n{list}',
    remedy: 'Correct the files above; nothing was changed.',
    exit: 2,
  },
  'CUT-4103': {
    what: 'There is no single migration {target} in {directory}.',
    why: '{candidates}',
    remedy: "Give `target` as 'latest', 'none', or the name of one migration.",
    exit: 2,
  },
  // 4110 to 4119: refused before anything.
  'CUT-4110': {
    what: 'The history of {database} is not that of {directory}; nothing was changed.\n{list}',
    why: 'What has run on a database cannot be changed afterwards: another one would get something else.',
    remedy:
      'Put the files back as they were and write a new migration for what is new. Where an edit changes nothing that ' +
      'the migration does, accept it: acceptEdited: { name: its new checksum }.',
    exit: 3,
  },
  'CUT-4111': {
    what: 'A new migration sorts before one that has run on {database}; nothing was changed.\n{list}',
    why: 'It was written for a database in another state than this one is in.',
    remedy: "Rename it so that it comes last; or, where the order does not matter, set outOfOrder: 'allow'.",
    exit: 3,
  },
  'CUT-4112': {
    what: '{database} cannot go back to {target}; nothing was changed.\n{list}',
    why: 'A migration without a way back would have to be undone.',
    remedy: 'Restore a backup, or write a migration that goes forward to where you want to be.',
    exit: 3,
  },
  'CUT-4113': {
    what: 'The migrations in {directory} are not those that were planned; nothing was changed.\n{list}',
    why: 'The files changed between the plan and now.',
    remedy: 'Run the command again, and look at its preview.',
    exit: 3,
  },
  'CUT-4114': {
    what: 'A migration for {database} would end the transaction that protects it; nothing was changed.\n{list}',
    why: 'All migrations of a run share one transaction, so that a failure leaves the database as it was.',
    remedy: 'Take these statements out of the file; the transaction is made for you.',
    exit: 3,
  },
  'CUT-4115': {
    what: 'A migration for {database} is written for psql; nothing was changed.\n{list}',
    why: 'Commands with a backslash, and the rows that follow COPY … FROM stdin, are read by psql and not by the server.',
    remedy: 'Take the commands out, and write the rows as INSERT (pg_dump --inserts writes them so).',
    exit: 3,
  },
  // 4120 to 4129: a migration failed.
  'CUT-4120': {
    what: '{name} ({direction}) failed on a copy of {database}. The database itself was not touched.\n{where}',
    why: 'Tried on: {copy}.',
    remedy: '{fix}Mend the migration and run the same command again.',
  },
  'CUT-4121': {
    what: '{name} runs, but cannot be undone and run again: {direction} failed on a copy of {database}. The database itself was not touched.\n{where}',
    why: 'Tried on: {copy}. A release could not be rolled back past it.',
    remedy:
      "Mend its way back; or say that there is none (no `-- Down Migration`, `down = false`); or set scratch.rehearse: 'there'.",
    exit: 3,
  },
  'CUT-4122': {
    what: '{name} ({direction}) failed on {database}, which is as it was before: all of this run was rolled back.\n{where}',
    remedy: '{fix}Mend the migration and run the same command again.',
  },
  'CUT-4123': {
    what: '{name} ({direction}) failed on {database}.\n{where}\n{stands}',
    why: '{reason}',
    remedy: '{fix}',
  },
  'CUT-4124': {
    what: '{name} in {directory} cannot be loaded; nothing was changed.\n  {reason}',
    remedy: 'Mend the file and run the same command again.',
  },
  // 4130 to 4139: the database and its lock.
  'CUT-4130': {
    what: '{database} cannot be reached.',
    why: '{reason}',
    remedy:
      'See that the server runs and that the database, the user and the password are right; then run the same command again.',
  },
  'CUT-4131': {
    what: 'The migration lock of {database} could not be taken. It is held by {holder}.',
    why: 'Waited {seconds} s for it.',
    remedy:
      'Wait until that has ended and run the same command again. lock.waitSeconds is how long it is waited for.',
    exit: 3,
  },
  'CUT-4132': {
    what: 'The migration lock of {database} was taken by another meanwhile: {holder}. Stopped before {name}.',
    why: 'This process gave no sign of life for too long, so the other took it for dead.',
    remedy:
      'Wait until the other has ended and run the same command again; it continues from where this one stopped.',
    exit: 3,
  },
  'CUT-4133': {
    what: 'The migration of {database} was stopped before it began.',
    why: 'The update was cancelled. The database was not touched.',
    remedy: 'Run the same command again.',
  },
  'CUT-4134': {
    what: '{database} answered with an error: {reason}',
    why: 'It came from the work around the migrations, not from one of them.',
    remedy:
      'See that the user may read and write the tables of the migrations; then run the same command again. CUTOVER_DEBUG=1 shows where it came from.',
  },
  'CUT-4135': {
    what: '{database} is damaged: {problem}. It was not touched.',
    why: 'A migration would write on into a file that SQLite itself finds broken, and hide where the damage began.',
    remedy:
      'Put back a backup, or take out what can be read (sqlite3 FILE .recover) into a new file; then run the same command again.',
    exit: 3,
  },
  // 4140 to 4149: the copy.
  'CUT-4140': {
    what: 'No copy of {database} could be made to try the migrations on; nothing was changed.\n{list}',
    why: 'Migrations are tried on a copy before they run on the database itself.',
    remedy: '{fix}',
    exit: 3,
  },
  'CUT-4141': {
    what: 'The database {scratch} may not be used as a copy: {reason}. Nothing was changed.',
    why: 'Everything in it would be deleted.',
    remedy: 'Give an empty database of its own as scratch.database.',
    exit: 3,
  },
  // 4150 to 4159: migrations that run as a task in the database's network.
  'CUT-4150': {
    what: 'The migrations in {directory} failed in their task {task}, with exit code {exitCode}. The end of its log:\n{log}',
    remedy:
      '{fix}What the log names is to be mended; build the image anew where it holds the migrations, then run the same command again.',
  },
  'CUT-4151': {
    what: 'The task {task} for the migrations in {directory} did not run; the database was not touched.',
    why: '{reason}',
    remedy: '{fix} Then run the same command again.',
  },
  'CUT-4152': {
    what: 'The task {task} for the migrations in {directory} did not start within {seconds} s: it is {status}. {stopped}',
    why: 'Its machine, its image or its secrets were waited for.',
    remedy:
      'See in the console of ECS what it waits for; its image and its secrets must be there, and its subnets must reach them. Then run the same command again.',
  },
  'CUT-4153': {
    what: 'The task {task} for the migrations in {directory} still runs after {minutes} min.',
    why: 'It is left alone: stopped in the middle, PostgreSQL would undo all of its work.',
    remedy: 'Run the same command again: it finds the task and waits on.',
  },
  'CUT-4154': {
    what: 'ECS in {region} was asked to {action} and did not: {message}',
    why: 'The migrations in {directory} run as a task of the cluster {cluster}.',
    remedy: '{fix} Then run the same command again; it finds what has begun.',
  },
  'CUT-4155': {
    what: 'The update was cancelled while the task {task} ran the migrations in {directory}.',
    why: 'The task goes on without being watched.',
    remedy: 'Run the same command again: it finds the task, or how it ended.',
  },
  'CUT-4156': {
    what: 'What the task of the migrations in {directory} must be told has {size} characters; ECS takes {most}.',
    why: 'Options travel with the task; `acceptEdited` is what grows.',
    remedy: 'Take out of `acceptEdited` what every database has taken over already.',
    exit: 2,
  },
  'CUT-4157': {
    what: 'The image holds other migrations in {directory} than were planned; nothing was changed. It holds, up to {target}:\n{list}',
    why: 'An image that was built from another commit would bring the database somewhere else than the preview said.',
    remedy:
      'Build and push the image from the commit that is deployed, and name its digest in the stack file.',
    exit: 3,
  },
  'CUT-4158': {
    what: 'Going up to {target} would undo {names} on {database}; nothing was changed.',
    why: 'They have run on the database and are beyond the target, which the plan did not know.',
    remedy:
      'To undo them, run the same with `down`; from the program, set `target` to the last of them for one update, and then to what it shall be.',
    exit: 3,
  },
} as const satisfies Record<`CUT-${number}`, CatalogueEntry>;
