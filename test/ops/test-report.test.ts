import { describe, expect, it } from 'vitest';
import { countTests, testLines, type Part } from '../../ops/test-run/report.ts';

const file = (
  name: string,
  status: string,
  tests: readonly (readonly [string, string, string?])[],
  message = '',
) => ({
  name,
  status,
  message,
  assertionResults: tests.map(([fullName, ended, failed]) => ({
    fullName,
    status: ended,
    failureMessages: failed === undefined ? [] : [failed],
  })),
});
const at = { status: 1, root: '/project' };
const part = (over: Partial<Part>): Part => ({
  name: 'unit',
  passed: 3,
  failed: 0,
  failures: [],
  milliseconds: 2000,
  ...over,
});

describe('the count of a level', () => {
  it('is what the report says where all is well', () => {
    const report = { numPassedTests: 2, numFailedTests: 0, testResults: [file('/project/a', 'passed', [])] };
    expect(countTests(report, { ...at, status: 0 })).toEqual({ passed: 2, failed: 0, failures: [] });
  });

  it('names what failed with the first lines of why, without colours', () => {
    const why = '\u001b[31mAssertionError\u001b[39m: expected 1 to be 2\n\n    at x.ts:3:4\n    at y.ts';
    const tests = [
      ['is one', 'failed', why],
      ['is two', 'passed'],
    ] as const;
    const report = {
      numPassedTests: 1,
      numFailedTests: 1,
      testResults: [file('/project/test/a.test.ts', 'failed', tests)],
    };
    expect(countTests(report, at)).toEqual({
      passed: 1,
      failed: 1,
      failures: ['test/a.test.ts: is one\n  AssertionError: expected 1 to be 2\n      at x.ts:3:4'],
    });
  });

  it('has a file that could not be loaded as a failure of its own', () => {
    const report = {
      numPassedTests: 1,
      numFailedTests: 0,
      testResults: [file('/project/test/a.test.ts', 'failed', [['is one', 'passed']], 'Error: no such file')],
    };
    expect(countTests(report, at)).toEqual({
      passed: 1,
      failed: 1,
      failures: ['test/a.test.ts\n  Error: no such file'],
    });
  });

  it.each([[{}], [{ numPassedTests: 5, numFailedTests: 0, testResults: [] }]])(
    'is one failure where the run itself failed: %j',
    (report) => {
      const { failed, failures } = countTests(report, at);
      expect(failed).toBe(1);
      expect(failures).toEqual([expect.stringContaining('the run itself failed')]);
    },
  );
});

describe('the end of a run', () => {
  it('is a line a part, the time and the sum', () => {
    expect(testLines([part({}), part({ name: 'chain', passed: 1 })], 4000)).toEqual([
      'unit         3 passed   0 failed  2.0 s',
      'chain        1 passed   0 failed  2.0 s',
      'all in 4.0 s',
      '4 passed, 0 failed',
    ]);
  });

  it('lists what failed, twenty at most, and ends with the sum', () => {
    const failures = Array.from({ length: 22 }, (_, index) => `a.test.ts: number ${index}\n  why`);
    const lines = testLines([part({ failed: 22, failures })], 4000);
    expect(lines).toContain('Failed:');
    expect(lines).toContain('  unit: a.test.ts: number 0');
    expect(lines).toContain('  and 2 more');
    expect(lines).not.toContain('  unit: a.test.ts: number 20');
    expect(lines.at(-1)).toBe('3 passed, 22 failed');
  });
});
