import { describe, expect, it } from 'vitest';
import { tellSteps, timeOf, type Ear } from '../../toolchain/steps.ts';

function listen(isTTY: boolean): { ear: Ear; text: () => string } {
  let heard = '';
  return { ear: { isTTY, columns: 60, write: (text) => (heard += text) }, text: () => heard };
}

describe('the steps of the toolchain', () => {
  it('are plain lines without a terminal: what, how far, how long', async () => {
    const { ear, text } = listen(false);
    let now = 0;
    const steps = tellSteps(2, ear, () => now);
    await steps.run('Valkey', (step) => {
      step.doing('downloading');
      now += 1_500;
      return Promise.resolve('9.1.2, Python wheel');
    });
    await expect(
      steps.run('Pulumi CLI', () => {
        now += 61_000;
        return Promise.reject(new Error('no'));
      }),
    ).rejects.toThrow('no');
    steps.close();
    expect(text()).toBe(
      [
        '  1/2   Valkey …',
        '  done  Valkey: 9.1.2, Python wheel, 1.5 s',
        '  2/2   Pulumi CLI …',
        '  FAIL  Pulumi CLI, after 1 min 1 s',
        '',
      ].join('\n'),
    );
  });

  it('keep one moving line on a terminal, no wider than it, and take it away in the end', async () => {
    const { ear, text } = listen(true);
    const steps = tellSteps(1, ear);
    await steps.run('Pulumi CLI', (step) => {
      step.doing('compiled 512 of 1649 Go packages, which is a rather long line to show');
      return Promise.resolve('3.250.0');
    });
    steps.close();
    const moving = text()
      .split('\r\x1b[2K')
      .map((part) => part.split('\n').at(-1) ?? '');
    expect(moving.every((line) => line.length < 60)).toBe(true);
    expect(text()).toContain('compiled 512 of 1649');
    expect(moving.at(-1)).toBe('');
  });

  it.each([
    [0, '0.0 s'],
    [9_940, '9.9 s'],
    [9_960, '10 s'],
    [59_600, '1 min 0 s'],
    [185_000, '3 min 5 s'],
  ])('%d ms is %s', (milliseconds, text) => {
    expect(timeOf(milliseconds)).toBe(text);
  });
});
