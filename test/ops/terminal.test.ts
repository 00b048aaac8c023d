import { describe, expect, it } from 'vitest';
import { duration, table } from '../../ops/terminal.ts';
import { exitFor } from '../../ops/exit-code.ts';

describe('lengths of time', () => {
  it.each([
    [0, '0.0 s'],
    [420, '0.4 s'],
    [9_949, '9.9 s'],
    [9_960, '10 s'],
    [61_000, '1 min 1 s'],
    [3_600_000, '1 h 0 min'],
    [180_000_000, '2 d 2 h'],
  ])('%d ms is %s', (milliseconds, text) => {
    expect(duration(milliseconds)).toBe(text);
  });
});

describe('a table', () => {
  it('aligns its columns and ends no line in blanks', () => {
    expect(
      table([
        ['A', 'BB'],
        ['long', 'b'],
        ['x', ''],
      ]),
    ).toEqual(['A     BB', 'long  b', 'x']);
  });
});

describe('the exit code of a command that ran the engine', () => {
  const run = { outcome: 'failed', changed: 0, milliseconds: 1, codes: [] as string[] } as const;
  it('is 0 when done, 1 when failed', () => {
    expect(exitFor({ ...run, outcome: 'done' })).toBe(0);
    expect(exitFor(run)).toBe(1);
    expect(exitFor({ ...run, outcome: 'interrupted' })).toBe(1);
  });
  it('is 3 when only guards refused, 1 when something else failed beside', () => {
    expect(exitFor({ ...run, codes: ['CUT-5102'] })).toBe(3);
    expect(exitFor({ ...run, codes: ['CUT-5102', 'CUT-5101'] })).toBe(1);
    expect(exitFor({ ...run, codes: ['CUT-9999'] })).toBe(1);
  });
});
