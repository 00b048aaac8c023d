import type { PlanProblem, Step } from './migration.ts';
import { offsetOfPosition, placeOf, printableStatement, splitStatements } from './migration-sql.ts';
import type { SqlDialect } from './migration-sql.ts';

/** What is known of a migration that failed. Safe to print: no rows, no passwords. */
export interface MigrationFailure {
  readonly name: string;
  readonly direction: 'up' | 'down';
  /** Its file, relative to the project. */
  readonly file: string;
  /** What the server or the module said. */
  readonly reason: string;
  /** What was sent when it failed. */
  readonly sent?: SentText | undefined;
  /** Anything that helps: a hint of the server, the column. */
  readonly notes?: readonly string[];
}

/** A text that was sent to the server and refused. */
export interface SentText {
  readonly text: string;
  readonly dialect: SqlDialect | 'mongo';
  /** Where in the text the server saw the error, in characters from 1. */
  readonly position?: number | undefined;
  /** How many statements of the text had been completed. */
  readonly completed?: number | undefined;
  /** The whole file and where in it the text starts, where the text came from there as it is. */
  readonly source?: { readonly content: string; readonly offset: number } | undefined;
}

/** File, statement, place and reason of a failure, a line each. */
export function failureText(failure: MigrationFailure): string {
  const statement = failure.sent === undefined ? undefined : failedStatement(failure.sent);
  const place = statement?.place;
  const lines = [
    `file: ${failure.file}${place === undefined ? '' : `:${place.line}:${place.column}`}`,
    ...(statement === undefined ? [] : [`statement: ${indented(statement.text)}`]),
    `answer: ${failure.reason}`,
    ...(failure.notes ?? []),
  ];
  return lines.map((line) => `  ${line}`).join('\n');
}

function indented(text: string): string {
  return text.split('\n').join('\n    ');
}

/** The statement of a text that failed, and its place in the file or, failing that, nothing. */
function failedStatement(sent: SentText): {
  readonly text: string;
  readonly place?: { readonly line: number; readonly column: number };
} {
  const { text, dialect, position, completed = 0, source } = sent;
  if (dialect === 'mongo') return { text: printableStatement(text) };
  const at = position === undefined ? undefined : offsetOfPosition(text, position);
  const statements = splitStatements(text, dialect);
  const found =
    at === undefined
      ? statements[completed]
      : statements.findLast(({ offset }, index) => offset <= at || index === 0);
  const statement = found ?? { text, offset: 0 };
  const place =
    source === undefined ? {} : { place: placeOf(source.content, source.offset + (at ?? statement.offset)) };
  return { text: printableStatement(statement.text), ...place };
}

/** `0002_fees, 0003_fills`; or with their direction, where some are undone. */
export function stepsText(steps: readonly Step[]): string {
  const ups = steps.filter(({ direction }) => direction === 'up');
  const downs = steps.filter(({ direction }) => direction === 'down');
  const names = (some: readonly Step[]) =>
    some.map(({ name, again }) => (again === undefined ? name : `${name} (again)`)).join(', ');
  return [
    ...(downs.length === 0 ? [] : [`will undo: ${names(downs)}`]),
    ...(ups.length === 0 ? [] : [`will run: ${names(ups)}`]),
  ].join('; ');
}

/** One line for each problem of a plan. */
export function problemText(problem: PlanProblem): string {
  switch (problem.kind) {
    case 'edited':
      return `  ${problem.name} was edited after it ran: it ran as ${problem.recorded}, the file is ${problem.found}`;
    case 'removed':
      return `  ${problem.name} has run (as ${problem.recorded ?? 'recorded without a checksum'}), and its file is gone`;
    case 'order':
      return `  ${problem.name} sorts before ${problem.applied}, which has run`;
    case 'irreversible':
      return `  ${problem.name} has no way back`;
    case 'target':
      return `  there is no single ${problem.target} among ${problem.candidates.join(', ') || 'no migrations'}`;
  }
}

/** How the list of applied migrations changed since it was last written down, in words; undefined when it did not. */
export function driftText(remembered: readonly string[], applied: readonly string[]): string | undefined {
  const gone = remembered.filter((name) => !applied.includes(name));
  const come = applied.filter((name) => !remembered.includes(name));
  const parts = [
    ...(gone.length === 0 ? [] : [`${gone.join(', ')} was undone`]),
    ...(come.length === 0 ? [] : [`${come.join(', ')} was run`]),
  ];
  return parts.length === 0 ? undefined : `${parts.join(' and ')} since the last finished update`;
}

/** `12 ms`, `3.4 s`. */
export function durationText(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
