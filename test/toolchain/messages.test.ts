import { globSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { catalogue } from '@cutover/base/errors.ts';
import { projectRoot } from '@cutover/base/project.ts';

const read = (path: string): string => readFileSync(join(projectRoot, path), 'utf8');

describe('the messages of the launcher', () => {
  it('say in the shell what the catalogue says', () => {
    const { what, why, remedy } = catalogue['CUT-5001'];
    for (const line of [`CUT-5001 ${what}`, `why: ${why}`, `fix: ${remedy}`]) {
      expect(read('cutover')).toContain(line);
    }
    expect(read('toolchain/bring-node.mjs').replaceAll('${pins.atLeast}', '24')).toContain(
      `CUT-5002 ${catalogue['CUT-5002'].what}`,
    );
  });

  it('name the way in for each system when there is neither a Pulumi CLI nor Go', () => {
    const { remedy } = catalogue['CUT-5010'];
    for (const way of ['brew install pulumi', 'get.pulumi.com', 'apt install golang-go', 'brew install go']) {
      expect(remedy).toContain(way);
    }
  });
});

describe('the toolchain', () => {
  const files = ['cutover', ...globSync('toolchain/**/*.{ts,mjs,go,txt,json}', { cwd: projectRoot })];

  it('names no package registry: npm, pip and Go use those that they are set up with', () => {
    const registry = /registry\.npmjs|registry\.yarnpkg|pypi\.org|pythonhosted|proxy\.golang|sum\.golang/;
    expect(files.length).toBeGreaterThan(20);
    expect(files.filter((file) => registry.test(read(file)))).toEqual([]);
  });

  it('uses Node and base alone until the packages are there', () => {
    // These use packages and run after npm has brought them.
    const late = /^toolchain\/(fetch-mongod\.ts|twin-facts\/)/;
    const early = files.filter((file) => /\.(ts|mjs)$/.test(file) && !late.test(file));
    const wrong = early.flatMap((file) =>
      [...read(file).matchAll(/(?:from|import\()\s*'([^']+)'/g)]
        .map(([, target = '']) => (target.startsWith('.') ? posix.join(dirname(file), target) : target))
        .filter((target) => !/^(node:|toolchain\/|base\/)/.test(target))
        .map((target) => `${file}: ${target}`),
    );
    expect(wrong).toEqual([]);
  });
});
