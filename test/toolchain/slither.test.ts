import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bringSlither } from '../../toolchain/slither.ts';

const quiet = { doing: (): void => undefined };
const path = process.env['PATH'];
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cutover-slither-test-'));
  process.env['PATH'] = folder;
});
afterEach(async () => {
  process.env['PATH'] = path;
  await rm(folder, { recursive: true, force: true });
});

/** A python3 that answers to --version, and to all else as told. */
async function fakePython(version: string, otherwise: string): Promise<void> {
  const program = join(folder, 'python3');
  await writeFile(
    program,
    `#!/bin/sh\n[ "$1" = --version ] && echo "Python ${version}" && exit 0\n${otherwise}\n`,
  );
  await chmod(program, 0o755);
}

describe('Slither is missed, and said why,', () => {
  const noPython = { state: 'missing', why: 'there is no python3 of version 3.10 or newer on PATH' };

  it('without Python', async () => {
    expect(await bringSlither(quiet)).toEqual(noPython);
  });

  it('with a Python that is too old', async () => {
    await fakePython('3.9.18', 'exit 0');
    expect(await bringSlither(quiet)).toEqual(noPython);
  });

  it('where pip gets nothing', async () => {
    await fakePython('3.12.1', 'echo "No module named pip" >&2; exit 1');
    expect(await bringSlither(quiet)).toEqual({
      state: 'missing',
      why: 'pip could not install it: No module named pip',
    });
  });

  it('where it does not run', async () => {
    await fakePython('3.12.2', 'case "$2" in pip) exit 0;; *) echo "bad ELF" >&2; exit 1;; esac');
    process.env['PATH'] = `${folder}:/usr/bin:/bin`;
    expect(await bringSlither(quiet)).toEqual({ state: 'missing', why: 'it does not run here: bad ELF' });
  });
});
