import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSecret } from '@cutover/base/secrets.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cutover secrets ü-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a secret by reference', () => {
  it('is read from a file without its line end', async () => {
    const name = join(folder, 'password');
    await writeFile(name, 'correct horse\n');
    await expect(readSecret({ kind: 'file', name })).resolves.toBe('correct horse');
  });

  it('is read from the environment', async () => {
    process.env['CUTOVER_TEST_SECRET'] = 'battery';
    await expect(readSecret({ kind: 'env', name: 'CUTOVER_TEST_SECRET' })).resolves.toBe('battery');
  });

  it('says how to give one that is missing or empty', async () => {
    const name = join(folder, 'empty');
    await writeFile(name, '\n');
    await expect(readSecret({ kind: 'file', name })).rejects.toThrow(
      /CUT-1100 .*empty[\s\S]*fix: write the secret to/,
    );
    await expect(readSecret({ kind: 'file', name: join(folder, 'none') })).rejects.toThrow(/CUT-1100/);
    await expect(readSecret({ kind: 'env', name: 'CUTOVER_NOT_SET' })).rejects.toThrow(
      /export CUTOVER_NOT_SET=/,
    );
  });
});
