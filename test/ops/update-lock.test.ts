import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { processStartTime } from '@cutover/base/process-identity.ts';
import { runtimeFolder } from '@cutover/base/project.ts';
import { withUpdateLock } from '../../ops/update-lock.ts';

const stack = `lock-test-${process.pid}`;
const folder = join(runtimeFolder, stack);
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function leave(content: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'update.lock'), content);
}

describe('the lock of a stack', () => {
  it('lets one command work at a time and tells the other who works', async () => {
    await withUpdateLock(stack, './cutover up', async () => {
      const second = withUpdateLock(stack, './cutover down', () => Promise.resolve('worked'));
      await expect(second).rejects.toThrow(
        new RegExp(`CUT-5102 .*${stack}.*\\./cutover up \\(pid ${process.pid}, since \\d{4}-`),
      );
    });
    expect(readdirSync(folder)).toEqual([]);
    await expect(withUpdateLock(stack, './cutover down', () => Promise.resolve('worked'))).resolves.toBe(
      'worked',
    );
  });

  it('is given back when the work fails', async () => {
    await expect(withUpdateLock(stack, 'x', () => Promise.reject(new Error('broken')))).rejects.toThrow(
      'broken',
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each([
    [
      'a holder that is dead',
      JSON.stringify({ pid: 2 ** 22 + 1, started: 'x', command: 'up', since: 'then' }),
    ],
    [
      'a pid that is used again',
      JSON.stringify({ pid: process.pid, started: 'before', command: 'up', since: 'then' }),
    ],
    ['a write that was cut off', '{"pid":'],
  ])('does not count %s', async (_, content) => {
    leave(content);
    await expect(withUpdateLock(stack, './cutover up', () => Promise.resolve('worked'))).resolves.toBe(
      'worked',
    );
  });

  it('names processes by pid and start time', async () => {
    expect(await processStartTime(process.pid)).toBe(await processStartTime(process.pid));
    expect(await processStartTime(2 ** 22 + 1)).toBeUndefined();
  });
});
