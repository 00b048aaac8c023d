import { isAbsolute, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { duration } from '../terminal.ts';

/** One part of a test run and how it ended. */
export interface Part {
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
  /** What failed and why, a line or a few each. */
  readonly failures: readonly string[];
  readonly milliseconds: number;
}

/** What is used of the report that vitest writes as JSON. */
export interface VitestReport {
  readonly numPassedTests?: number;
  readonly numFailedTests?: number;
  readonly testResults?: readonly {
    readonly name: string;
    readonly status: string;
    readonly message?: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      readonly failureMessages?: readonly string[] | null;
    }[];
  }[];
}

/** Counts a level of tests by its report. A run that died before it reported is one failure. */
export function countTests(
  report: VitestReport,
  { status, root }: { readonly status: number; readonly root: string },
): Pick<Part, 'passed' | 'failed' | 'failures'> {
  const failures = (report.testResults ?? []).flatMap((file) => {
    const path = isAbsolute(file.name) ? relative(root, file.name) : file.name;
    const failed = file.assertionResults.filter((test) => test.status === 'failed');
    if (failed.length > 0)
      return failed.map((test) => failure(`${path}: ${test.fullName}`, test.failureMessages?.[0]));
    // Its tests passed or did not run, and it failed: it was not loaded, or something around the tests broke.
    return file.status === 'failed' ? [failure(path, file.message)] : [];
  });
  const { numPassedTests: passed = 0, numFailedTests = 0 } = report;
  // A file that cannot be loaded fails the run without a failed test.
  const failed = Math.max(numFailedTests, failures.length, status === 0 ? 0 : 1);
  const unnamed = failed > failures.length ? ['the run itself failed: what it printed above says why'] : [];
  return { passed, failed, failures: [...failures, ...unnamed] };
}

function failure(what: string, message = ''): string {
  const first = stripVTControlCharacters(message)
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(0, 2);
  return [what, ...first.map((line) => `  ${line.slice(0, 200)}`)].join('\n');
}

/** The last lines of a run: each part, its count and its time, then what failed, so that the end of a log is enough. */
export function testLines(parts: readonly Part[], milliseconds: number): readonly string[] {
  const counts = parts.map(
    (part) =>
      `${part.name.padEnd(8)} ${String(part.passed).padStart(5)} passed ${String(part.failed).padStart(3)} failed  ${duration(part.milliseconds)}`,
  );
  const sum = (of: 'passed' | 'failed'): number => parts.reduce((total, part) => total + part[of], 0);
  const failures = parts.flatMap((part) => part.failures.map((each) => `${part.name}: ${each}`));
  const shown = failures.slice(0, 20).flatMap((each) => each.split('\n').map((line) => `  ${line}`));
  return [
    ...counts,
    `all in ${duration(milliseconds)}`,
    ...(failures.length === 0 ? [] : ['', 'Failed:', ...shown]),
    ...(failures.length > 20 ? [`  and ${failures.length - 20} more`] : []),
    ...(failures.length === 0 ? [] : ['']),
    `${sum('passed')} passed, ${sum('failed')} failed`,
  ];
}
