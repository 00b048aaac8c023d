import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lastUpdateLine, lastUpdateOf } from '../../ops/last-update.ts';

let state: string;
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'last-update-'));
});
afterEach(() => rmSync(state, { recursive: true, force: true }));

function write(path: string, content: string): void {
  const file = join(state, '.pulumi', path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, content);
}

function history(at: number, content: string): void {
  write(`history/cutover/dev/dev-${at}.history.json`, content);
}

const ended = (result: string): string => JSON.stringify({ kind: 'update', result, endTime: 1795268049 });

describe('the last update of a stack', () => {
  it('is not known where there was none, or where its record was cut off', async () => {
    expect(await lastUpdateOf('dev', 0, state)).toBeUndefined();
    history(1, ended('succeeded').slice(0, 20));
    expect(await lastUpdateOf('dev', 0, state)).toBeUndefined();
  });

  it('is that of the newest record', async () => {
    history(2, ended('failed'));
    history(1, ended('succeeded'));
    write('history/cutover/dev/dev-3.checkpoint.json', '{}');
    const last = await lastUpdateOf('dev', 0, state);
    expect(last).toEqual({ kind: 'stopped half-way', at: '2026-11-21T13:34:09.000Z' });
    expect(lastUpdateLine('dev', last)).toMatch(
      /stopped half-way .* is not listed\. \.\/cutover up goes on\.$/,
    );
    history(3, ended('succeeded'));
    expect(await lastUpdateOf('dev', 0, state)).toEqual({ kind: 'done' });
    expect(lastUpdateLine('dev', { kind: 'done' })).toBeUndefined();
  });

  it('was cut off where operations are under way and nobody is at work on them', async () => {
    history(1, ended('succeeded'));
    expect(await lastUpdateOf('dev', 2, state)).toEqual({ kind: 'cut off' });
    const lock = { pid: process.pid, hostname: 'here', username: 'me', timestamp: '2026-11-21T22:14:09Z' };
    write('locks/organization/cutover/dev/1.json', JSON.stringify(lock));
    expect(await lastUpdateOf('dev', 2, state)).toEqual({ kind: 'at work', pid: process.pid });
    write('locks/organization/cutover/dev/1.json', JSON.stringify({ ...lock, pid: 2 ** 22 - 3 }));
    expect(await lastUpdateOf('dev', 2, state)).toEqual({ kind: 'cut off' });
  });
});
