// Builds the programs of chain/programs from their sources: node toolchain/sbpf/build.ts. With --check it writes
// nothing and fails where a built program is not what its source says.
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { CutoverError, messageOf } from '../../base/errors.ts';
import { fromRoot } from '../../base/project.ts';
import { tellSteps, type Step } from '../steps.ts';
import { bringCompiler, compile } from './compiler.ts';
import { definesOf } from './defines.ts';
import { linkProgram, NoProgram, type SbpfVersion } from './link.ts';
import { NoObject, readObject } from './object.ts';

const folder = fromRoot('chain/programs');

/** A program that is built here, for both versions of sBPF. Paths count from chain/programs. */
interface Recipe {
  /** Where it is written: `.so` for version 0 and `.v3.so` for version 3 are put behind it. */
  readonly program: string;
  readonly source: string;
  /** The file that names its instructions and errors. */
  readonly interface: string;
  readonly defines?: Readonly<Record<string, number>>;
}

/** A program as its source says. */
export interface BuiltProgram {
  /** Path below chain/programs. */
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly sha256: string;
}

/** Builds all programs. SIDE EFFECTS: brings the compiler when it is not there, and works in a folder of its own. */
export async function buildPrograms(step: Step): Promise<readonly BuiltProgram[]> {
  const compiler = await bringCompiler(step);
  const recipes = JSON.parse(await readFile(join(folder, 'programs.json'), 'utf8')) as readonly Recipe[];
  const workshop = await mkdtemp(join(tmpdir(), 'cutover-programs-'));
  try {
    const built: BuiltProgram[] = [];
    for (const recipe of recipes) {
      step.doing(recipe.program);
      built.push(...(await build(recipe, compiler, workshop)));
    }
    return built;
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
}

/** The programs whose file, or the hash beside it, is not what their source says. */
export async function differing(built: readonly BuiltProgram[]): Promise<readonly string[]> {
  const differ: string[] = [];
  for (const { path, bytes, sha256 } of built) {
    const there = await readFile(join(folder, path)).catch(() => undefined);
    const note = await readFile(join(folder, `${path}.sha256`), 'utf8').catch(() => '');
    if (there?.equals(bytes) !== true || note !== noteOf(path, sha256)) differ.push(path);
  }
  return differ;
}

async function build(recipe: Recipe, compiler: string, workshop: string): Promise<readonly BuiltProgram[]> {
  const object = join(workshop, `${basename(recipe.program)}.o`);
  const description: unknown = JSON.parse(await readFile(join(folder, recipe.interface), 'utf8'));
  const source = join(folder, recipe.source);
  await compile(compiler, { source, object, defines: { ...definesOf(description), ...recipe.defines } });
  const bytes = await readFile(object);
  return [
    asBuilt(`${recipe.program}.so`, link(recipe.source, bytes, 0)),
    asBuilt(`${recipe.program}.v3.so`, link(recipe.source, bytes, 3)),
  ];
}

function asBuilt(path: string, bytes: Uint8Array): BuiltProgram {
  return { path, bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
}

function link(source: string, object: Uint8Array, version: SbpfVersion): Uint8Array {
  try {
    return linkProgram(readObject(object), version);
  } catch (error) {
    if (!(error instanceof NoProgram || error instanceof NoObject)) throw error;
    const remedy =
      error instanceof NoProgram ? error.remedy : 'See that the compiler is the one that is pinned.';
    throw new CutoverError('CUT-2512', { source, why: error.message, remedy }, { cause: error });
  }
}

// As sha256sum writes and checks it.
function noteOf(path: string, sha256: string): string {
  return `${sha256}  ${basename(path)}\n`;
}

async function main(check: boolean): Promise<void> {
  const steps = tellSteps(1, process.stderr);
  try {
    await steps.run('programs', async (step) => {
      const built = await buildPrograms(step);
      if (check) {
        const differ = await differing(built);
        if (differ.length > 0) throw new CutoverError('CUT-2513', { list: differ.join(', ') });
        return `${built.length} are what their sources say`;
      }
      for (const { path, bytes, sha256 } of built) {
        await writeFile(join(folder, path), bytes);
        await writeFile(join(folder, `${path}.sha256`), noteOf(path, sha256));
      }
      return built.map(({ path, bytes }) => `${path} ${bytes.length} bytes`).join(', ');
    });
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exitCode = error instanceof CutoverError ? error.exit : 1;
  } finally {
    steps.close();
  }
}

if (import.meta.main) await main(process.argv.includes('--check'));
