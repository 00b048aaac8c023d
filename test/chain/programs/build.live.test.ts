import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, type TestContext } from 'vitest';
import { CutoverError } from '@cutover/base/errors.ts';
import { fromRoot } from '@cutover/base/project.ts';
import { checkElf } from '@cutover/chain/plan/solana/elf.ts';
import { buildPrograms, differing } from '../../../toolchain/sbpf/build.ts';
import { bringCompiler, compile } from '../../../toolchain/sbpf/compiler.ts';
import { linkProgram, NoProgram } from '../../../toolchain/sbpf/link.ts';
import { NoObject, readObject } from '../../../toolchain/sbpf/object.ts';
import { refusal } from '../refusal.ts';

const quiet = { doing: (): void => undefined };

/** The compiler; a machine that has none and cannot get one skips the test, and says why. */
async function compiler({ skip }: TestContext): Promise<string> {
  try {
    return await bringCompiler(quiet);
  } catch (error) {
    if (!(error instanceof CutoverError) || error.code !== 'CUT-2510') throw error;
    console.warn(error.message);
    return skip(error.message);
  }
}

describe('the built programs', () => {
  it(
    'are what their sources say, byte for byte, and so are the hashes beside them',
    { timeout: 300_000 },
    async (context) => {
      await compiler(context);
      const built = await buildPrograms(quiet);
      const names = ['timelock/timelock', 'perps/perps-1', 'perps/perps-2'];
      expect(built.map(({ path }) => path)).toEqual(names.flatMap((name) => [`${name}.so`, `${name}.v3.so`]));
      expect(await differing(built)).toEqual([]);
      for (const { path, bytes } of built) {
        const version = path.endsWith('.v3.so') ? 3 : 0;
        expect(checkElf(bytes)).toMatchObject({ kind: 'valid', version });
      }
      const [first, ...others] = built;
      expect(await differing([{ ...first!, bytes: Uint8Array.of(...first!.bytes, 0) }, ...others])).toEqual([
        first!.path,
      ]);
      expect(await differing([{ ...first!, sha256: '0'.repeat(64) }, ...others])).toEqual([first!.path]);
    },
  );
});

describe('a source', () => {
  async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
    const folder = await mkdtemp(join(tmpdir(), 'cutover-sbpf-test-'));
    try {
      await copyFile(fromRoot('chain/programs/sbpf.h'), join(folder, 'sbpf.h'));
      return await work(folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  const objectOf = async (program: string, text: string): Promise<Uint8Array> =>
    inFolder(async (folder) => {
      const [source, object] = [join(folder, 'program.c'), join(folder, 'program.o')];
      await writeFile(source, text);
      await compile(program, { source, object, defines: { ANSWER: 7 } });
      return readFile(object);
    });
  const small = '#include "sbpf.h"\nu64 entrypoint(u8 *in) { return same(in, in + 1, ANSWER); }\n';

  it('gives the same bytes in two folders, and others when it changes', async (context) => {
    const program = await compiler(context);
    const [here, there] = [await objectOf(program, small), await objectOf(program, small)];
    expect(linkProgram(readObject(here))).toEqual(linkProgram(readObject(there)));
    const other = await objectOf(program, small.replace('in + 1', 'in + 2'));
    expect(linkProgram(readObject(other))).not.toEqual(linkProgram(readObject(here)));
  });

  it('that does not compile is refused with what the compiler says', async (context) => {
    const program = await compiler(context);
    const refused = await refusal(objectOf(program, 'u64 entrypoint(void) { return 0; }\n'));
    expect(refused.code).toBe('CUT-2511');
    expect(refused.message).toContain("unknown type name 'u64'");
  });

  it('with a global that changes is refused', async (context) => {
    const object = await objectOf(
      await compiler(context),
      '#include "sbpf.h"\nu64 counted;\nu64 entrypoint(u8 *in) { return counted += in[0]; }\n',
    );
    expect(() => linkProgram(readObject(object))).toThrow(/can be written/);
  });

  it('whose object is cut short at any byte is refused with a reason, or complete', async (context) => {
    const object = await objectOf(await compiler(context), small);
    for (let length = 0; length < object.length; length++) {
      try {
        linkProgram(readObject(object.subarray(0, length)));
      } catch (error) {
        expect(
          error instanceof NoObject || error instanceof NoProgram,
          `${length} bytes: ${String(error)}`,
        ).toBe(true);
      }
    }
  });
});
