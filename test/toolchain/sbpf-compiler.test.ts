import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { bringCompiler } from '../../toolchain/sbpf/compiler.ts';
import { refusal } from '../chain/refusal.ts';

const quiet = { doing: (): void => undefined };
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cutover-sbpf-test-'));
  vi.stubEnv('PATH', folder);
  vi.stubEnv('XDG_CACHE_HOME', join(folder, 'cache'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

describe('the compiler is missed, and said why,', () => {
  it('without Python', async () => {
    const refused = await refusal(bringCompiler(quiet));
    expect(refused.code).toBe('CUT-2510');
    expect(refused.message).toContain('there is no python3 on PATH');
  });

  it('where pip gets nothing', async () => {
    const program = join(folder, 'python3');
    await writeFile(program, '#!/bin/sh\necho "No matching distribution" >&2\nexit 1\n');
    await chmod(program, 0o755);
    expect((await refusal(bringCompiler(quiet))).message).toContain(
      'pip could not download it: No matching distribution',
    );
  });

  it('where the wheel holds no program', async () => {
    const program = join(folder, 'python3');
    await writeFile(program, '#!/bin/sh\nexit 0\n');
    await chmod(program, 0o755);
    expect((await refusal(bringCompiler(quiet))).message).toContain('the wheel holds no program');
  });
});
