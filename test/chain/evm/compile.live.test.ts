import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromRoot } from '@cutover/base/project.ts';
import { compileSource, type CompileArgs } from '@cutover/chain/evm/compile.ts';
import type { Artifact } from '@cutover/chain/plan/artifact.ts';
import { logbook } from '../kit.ts';
import { refusal } from '../refusal.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cutover compile é '));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Compiles with a cache of this test's own. */
function compiled(args: Pick<CompileArgs, 'source' | 'contract' | 'log'>): Promise<Artifact> {
  return compileSource({ log: logbook().log, ...args, cacheFolder: join(folder, 'cache') });
}

const header = '// SPDX-License-Identifier: MIT\npragma solidity ^0.8.24;\n';

async function source(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, header + text);
  return path;
}

describe('compiling', () => {
  it('gives code, interface and names of immutables, with imports from beside and from packages', async () => {
    await source('Base.sol', 'abstract contract Base { uint256 internal immutable total = 7; }');
    const path = await source(
      'Main.sol',
      'import {Base} from "./Base.sol";\nimport {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";\n' +
        'contract Main is Base, Ownable { constructor(address o) Ownable(o) {} function t() external view returns (uint256) { return total; } }',
    );
    const artifact = await compiled({ source: path, contract: 'Main' });
    expect(Object.values(artifact.immutableNames)).toEqual(['total']);
    expect(artifact.abi.some(({ name }) => name === 'owner')).toBe(true);
    const stored = JSON.parse(await readFile(fromRoot(artifact.compilerInput?.path ?? ''), 'utf8')) as {
      input: { sources: Record<string, unknown> };
    };
    expect(Object.keys(stored.input.sources)).toContain('@openzeppelin/contracts/access/Ownable.sol');
  });

  it('is done once for the same sources, and again when one that is imported changes', async () => {
    const path = await source('Cached.sol', 'import "./Other.sol";\ncontract Cached is Other {}');
    const compile = async (): Promise<{ lines: string[]; code: string }> => {
      const { lines, log } = logbook();
      const { creationCode } = await compiled({ source: path, contract: 'Cached', log });
      return { lines, code: creationCode };
    };
    await source('Other.sol', 'contract Other { uint256 public x = 1; }');
    const first = await compile();
    expect(first.lines).toEqual([expect.stringContaining('compiled')]);
    const warm = await compile();
    expect(warm).toMatchObject({ lines: [], code: first.code });

    await source('Other.sol', 'contract Other { uint256 public x = 2; }');
    const changed = await compile();
    expect(changed.lines).toHaveLength(1);
    expect(changed.code).not.toBe(first.code);

    await source('Other.sol', 'contract Other { uint256 public x = 1; }');
    expect(await compile()).toMatchObject({ lines: [], code: first.code });
  });

  it('gives the same code when only a comment changes', async () => {
    const compile = async (comment: string): Promise<string> => {
      const path = await source('Comment.sol', `// ${comment}\ncontract Comment { uint256 public x = 1; }`);
      return (await compiled({ source: path, contract: 'Comment' })).creationCode;
    };
    expect(await compile('one')).toBe(await compile('two'));
  });

  it('happens again when the cache is damaged', async () => {
    const path = await source('Damaged.sol', 'contract Damaged { uint256 public x = 1; }');
    const compile = (log: (line: string) => void): Promise<Artifact> =>
      compiled({ source: path, contract: 'Damaged', log });
    const whole = await compile(logbook().log);
    const input = fromRoot(whole.compilerInput?.path ?? '');
    const file = input.replace('.input.json', '.json');
    const content = await readFile(file, 'utf8');
    const again = async (): Promise<void> => {
      const { lines, log } = logbook();
      expect(await compile(log)).toEqual(whole);
      expect(lines).toHaveLength(1);
    };
    for (const damage of ['', content.slice(0, 300), 'null', '{}', '[]', content.replace('"0x60', '"0x61')]) {
      await writeFile(file, damage);
      await again();
    }
    await writeFile(input, (await readFile(input, 'utf8')).slice(0, 300));
    await again();
    await rm(input);
    await again();
    expect((await readdir(join(file, '..'))).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('runs once for two who ask at the same time', async () => {
    const path = await source('Twice.sol', 'contract Twice { uint256 public x = 1; }');
    const { lines, log } = logbook();
    const ask = (): Promise<unknown> => compiled({ source: path, contract: 'Twice', log });
    const [a, b] = await Promise.all([ask(), ask()]);
    expect(a).toBe(b);
    expect(lines).toHaveLength(1);
  });

  it('tells warnings once', async () => {
    const path = await source('Warning.sol', 'contract Warning { function f() public { uint256 unused; } }');
    const { lines, log } = logbook();
    for (let run = 0; run < 2; run++) await compiled({ source: path, contract: 'Warning', log });
    expect(lines.filter((line) => line.includes('warning: Unused local variable'))).toEqual([
      expect.stringMatching(/Warning\.sol:3:\d+: warning: Unused local variable/),
    ]);
  });

  it('says where sources are wrong, line and column counted in letters', async () => {
    const path = await source('Wrong.sol', 'contract Wrong { /* é€ */ uint256 x = "a"; bool y = 1; }');
    const error = await refusal(compiled({ source: path, contract: 'Wrong' }));
    expect(error.code).toBe('CUT-2001');
    expect(error.message).toContain('2 error(s)');
    expect(error.message).toContain('Wrong.sol:3:39: TypeError: Type literal_string "a"');
  });

  it('says which import is missing', async () => {
    const path = await source('Import.sol', 'import "@nowhere/Nothing.sol";\ncontract Import {}');
    const error = await refusal(compiled({ source: path, contract: 'Import' }));
    expect(error.message).toContain('Import.sol:3:1: ParserError: Source "@nowhere/Nothing.sol" not found');
  });

  it('says which contracts there are when the one that was named is not', async () => {
    const path = await source('Two.sol', 'contract A {}\ncontract B {}');
    expect((await refusal(compiled({ source: path, contract: 'C' }))).message).toContain('A, B');
  });

  it('refuses what cannot be deployed', async () => {
    const path = await source(
      'Abstract.sol',
      'abstract contract Abstract { function f() external virtual; }',
    );
    expect((await refusal(compiled({ source: path, contract: 'Abstract' }))).code).toBe('CUT-2013');
  });

  it('refuses a file that is not there', async () => {
    const error = await refusal(compiled({ source: 'chain/contracts/Nope.sol', contract: 'Nope' }));
    expect(error.code).toBe('CUT-2000');
    expect(error.message).toContain(fromRoot('chain/contracts/Nope.sol'));
  });
});
