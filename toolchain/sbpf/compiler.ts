import { chmod, copyFile, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CutoverError } from '../../base/errors.ts';
import { cached } from '../cache.ts';
import { keyOf } from '../keys.ts';
import { downloadWheels } from '../pip.ts';
import { platform } from '../platform.ts';
import { run } from '../run.ts';
import { findOnPath } from '../search-path.ts';
import type { Step } from '../steps.ts';

const requirements = 'toolchain/sbpf-requirements.txt';

/**
 * Brings clang with its BPF back end from PyPI, once for all clones. Only who builds programs needs it. SIDE EFFECTS:
 * writes the cache.
 */
export async function bringCompiler(step: Step): Promise<string> {
  const key = keyOf([platform], [requirements]);
  const entry = await cached(`sbpf-compiler-${platform}-${key}`, step, (folder) => make(folder, step));
  return join(entry.folder, 'zig');
}

/**
 * Compiles a C source for the BPF machine. The same source gives the same bytes on every machine: there are no paths in
 * the object, and no headers of the machine are read. SIDE EFFECTS: writes the object.
 */
export async function compile(compiler: string, args: CompileArgs): Promise<void> {
  const { source, object, defines } = args;
  const done = await run(
    compiler,
    [
      'clang',
      // Version 3 of the back end has 32-bit arithmetic that clears the upper half; Solana's machine extends its sign.
      ...['--target=bpfel', '-mcpu=v2', '-std=c11', '-O2'],
      ...['-ffreestanding', '-fno-builtin', '-nostdinc', '-fno-ident', '-fno-stack-protector'],
      // A frame has 4 KiB there, eight times what the kernel's BPF gives.
      ...['-mllvm', '-bpf-stack-size=4096'],
      ...['-Wall', '-Wextra', '-Werror'],
      ...Object.entries(defines).map(([name, value]) => `-D${name}=${value}`),
      ...['-c', source, '-o', object],
    ],
    { milliseconds: 120_000 },
  );
  if (done.status !== 0) throw new CutoverError('CUT-2511', { source, said: done.said });
}

export interface CompileArgs {
  readonly source: string;
  readonly object: string;
  readonly defines: Readonly<Record<string, number>>;
}

async function make(folder: string, step: Step): Promise<string> {
  const python = findOnPath('python3')[0];
  if (python === undefined) throw new CutoverError('CUT-2510', { why: 'there is no python3 on PATH.' });
  const room = join(folder, 'wheel');
  await mkdir(room);
  step.doing('downloading the compiler, 80 MB');
  const got = await downloadWheels(python, requirements, room);
  if (got.status !== 0) throw new CutoverError('CUT-2510', { why: `pip could not download it: ${got.said}` });
  const wheel = (await readdir(room)).find((name) => name.endsWith('.whl'));
  step.doing('unpacking the compiler');
  const unpacked = await run(python, ['-m', 'zipfile', '-e', join(room, wheel ?? ''), room]);
  const program = join(folder, 'zig');
  // The program alone is enough: its libraries serve targets that have any.
  await copyFile(join(room, 'ziglang', 'zig'), program).catch(() => {
    throw new CutoverError('CUT-2510', { why: `the wheel holds no program. ${unpacked.said}` });
  });
  await chmod(program, 0o755);
  await rm(room, { recursive: true });
  const asked = await run(program, ['clang', '--version']);
  if (asked.status !== 0) throw new CutoverError('CUT-2510', { why: `it does not run here: ${asked.said}` });
  return 'ziglang, from PyPI';
}
