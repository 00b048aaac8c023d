import { appendFileSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { CutoverError } from '@cutover/base/errors.ts';
import { runtimeFolder } from '@cutover/base/project.ts';
import { readOperations, recorded, refuseUnwritableLog } from '../../ops/operations-log.ts';
import { refusal } from '../chain/refusal.ts';

const stack = `test-operations-${process.pid}`;
const file = join(runtimeFolder, stack, 'operations.jsonl');
afterEach(() => rmSync(join(runtimeFolder, stack), { recursive: true, force: true }));

const operation = { command: 'pause', system: 'gemforce', reason: 'why', from: 'running', to: 'paused' };

it('writes down who did what, when, why and how it ended', async () => {
  const before = Date.now();
  expect(await recorded(stack, operation, () => Promise.resolve({ exit: 0, transaction: '0x01' }))).toBe(0);
  const [line] = await readOperations(stack);
  expect(line).toMatchObject({ ...operation, exit: 0, transaction: '0x01' });
  expect(line?.by).not.toBe('');
  expect(Date.parse(line?.at ?? '')).toBeGreaterThanOrEqual(before);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

it('keeps what turned out to be otherwise', async () => {
  await recorded(stack, operation, () => Promise.resolve({ exit: 0, from: 'paused' }));
  expect((await readOperations(stack))[0]?.from).toBe('paused');
});

it('writes down what was refused, with its exit code, and what broke', async () => {
  const refused = new CutoverError('CUT-5102', { stack });
  expect(await refusal(recorded(stack, operation, () => Promise.reject(refused)))).toBe(refused);
  await expect(recorded(stack, operation, () => Promise.reject(new Error('broken')))).rejects.toThrow();
  expect((await readOperations(stack)).map(({ exit }) => exit)).toEqual([3, 1]);
});

it('appends, and passes over a line that a crash has torn', async () => {
  await recorded(stack, operation, () => Promise.resolve({ exit: 0 }));
  appendFileSync(file, '{"at":"2026\n');
  await recorded(stack, operation, () => Promise.resolve({ exit: 1 }));
  expect((await readOperations(stack)).map(({ exit }) => exit)).toEqual([0, 1]);
  expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(4);
});

it('knows of nothing where nothing was done', async () => {
  expect(await readOperations(stack)).toEqual([]);
});

describe('a log that cannot be written', () => {
  it('does not make look failed what was done, and hides no error of it', async () => {
    mkdirSync(file, { recursive: true });
    const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    try {
      expect(await recorded(stack, operation, () => Promise.resolve({ exit: 0 }))).toBe(0);
      expect(write.mock.calls.join('')).toMatch(/^Not written down in .*operations\.jsonl \(EISDIR.*"pause"/);
      const broken = recorded(stack, operation, () => Promise.reject(new Error('broken')));
      await expect(broken).rejects.toThrow('broken');
    } finally {
      write.mockRestore();
    }
  });

  it('is found before anything is done, where what is done must be in it', async () => {
    mkdirSync(file, { recursive: true });
    expect(await refusal(refuseUnwritableLog(stack))).toMatchObject({ code: 'CUT-5117', exit: 3 });
    rmSync(file, { recursive: true });
    await refuseUnwritableLog(stack);
    expect(readFileSync(file, 'utf8')).toBe('');
  });
});
