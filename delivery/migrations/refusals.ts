import { CutoverError } from '@cutover/base/errors.ts';
import { databaseLabel } from '../plan/migration-inputs.ts';
import { failureText, problemText } from '../plan/migration-text.ts';
import { filesUpTo, type PlanProblem, type Step } from '../plan/migration.ts';
import type { Copy, Migrations, RunOutcome } from './engine.ts';
import { checksumsOf, type LoadedFile } from './files.ts';

/** The error of a plan that is refused: the first kind of problem speaks, with all of its kind. */
export function refusal(migrations: Migrations, problems: readonly PlanProblem[]): CutoverError {
  const { directory, target = 'latest' } = migrations;
  const list = problems.map(problemText).join('\n');
  const details = { database: labelOf(migrations), directory, target, list };
  const kinds = new Set(problems.map(({ kind }) => kind));
  if (kinds.has('target')) return unknownTarget(directory, target, problems);
  if (kinds.has('edited') || kinds.has('removed')) return new CutoverError('CUT-4110', details);
  if (kinds.has('irreversible')) return new CutoverError('CUT-4112', details);
  return new CutoverError('CUT-4111', details);
}

/** The error of a target that is not there, with what is. */
export function unknownTarget(
  directory: string,
  target: string,
  problems: readonly PlanProblem[],
): CutoverError {
  const names = problems.flatMap((problem) => (problem.kind === 'target' ? problem.candidates : []));
  const shown = names.length > 12 ? [...names.slice(0, 6), '…', ...names.slice(-6)] : names;
  const candidates = names.length === 0 ? 'The folder has no migrations.' : `There are: ${shown.join(', ')}.`;
  return new CutoverError('CUT-4103', { target, directory, candidates });
}

/** Refuses files that are not those that were planned. */
export function refuseUnplanned(
  { directory, target = 'latest' }: Migrations,
  files: readonly LoadedFile[],
  planned: Readonly<Record<string, string>> | undefined,
): void {
  if (planned === undefined) return;
  const wanted = filesUpTo(files, target);
  const found = checksumsOf(wanted.kind === 'known' ? wanted.files : files);
  const list = [...new Set([...Object.keys(planned), ...Object.keys(found)])]
    .filter((name) => planned[name] !== found[name])
    .map(
      (name) =>
        `  ${name} was planned as ${planned[name] ?? 'not there'}, and is ${found[name] ?? 'not there'}`,
    );
  if (list.length > 0) throw new CutoverError('CUT-4113', { directory, list: list.join('\n') });
}

/** Refuses to undo what has no way back. */
export function refuseOneWay(
  migrations: Migrations,
  steps: readonly Step[],
  oneWay: readonly string[],
): void {
  const downs = steps.filter(({ direction }) => direction === 'down').map(({ name }) => name);
  const names = downs.filter((name) => oneWay.includes(name));
  if (names.length === 0) return;
  throw refusal(
    migrations,
    names.map((name) => ({ kind: 'irreversible', name })),
  );
}

/** Refuses to undo anything: for who asked to go up. */
export function refuseUndo(migrations: Migrations, steps: readonly Step[]): void {
  const names = steps.filter(({ direction }) => direction === 'down').map(({ name }) => name);
  if (names.length === 0) return;
  const { target = 'latest' } = migrations;
  throw new CutoverError('CUT-4158', { database: labelOf(migrations), target, names: names.join(', ') });
}

/** Refuses a migration that failed on the copy. */
export function refuseOnCopy(
  migrations: Migrations,
  copy: Copy,
  result: RunOutcome,
  code: 'CUT-4120' | 'CUT-4121',
  steps: readonly Step[],
): void {
  if (result.kind === 'done') return;
  const { failure, fix = '' } = result;
  const again = steps.find(({ name, again: begun }) => name === failure.name && begun !== undefined);
  throw new CutoverError(code, {
    name: failure.name,
    direction: failure.direction,
    database: labelOf(migrations),
    copy: copy.how,
    where: failureText(failure),
    fix: again === undefined ? fix : `${fix}${halfDoneAdvice(again)}`,
  });
}

function halfDoneAdvice({ name, again }: Step): string {
  return again === 'up'
    ? `An earlier run of ${name} ended half-way and left some of its work. To undo that, set \`target\` to the migration before it: its down is run. `
    : `An earlier undoing of ${name} ended half-way. `;
}

/** The error of a migration that failed on the database itself. */
export function refuseFailed(migrations: Migrations, result: RunOutcome): void {
  if (result.kind === 'done') return;
  const { failure, stands, fix = '' } = result;
  const { name, direction } = failure;
  const details = { name, direction, database: labelOf(migrations), where: failureText(failure) };
  if (stands === 'nothing') throw new CutoverError('CUT-4122', { ...details, fix });
  throw new CutoverError('CUT-4123', {
    ...details,
    stands: stands.what,
    reason: stands.why,
    fix: stands.fix,
  });
}

/** The database in words. */
export function labelOf({ kind, database }: Migrations): string {
  return databaseLabel(kind, database);
}
