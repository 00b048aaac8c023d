import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '@cutover/base/project.ts';

// Which rooms of the house a room may use, beside itself. docs/architecture.md draws the same.
const mayUse: Readonly<Record<string, readonly string[]>> = {
  base: [],
  chain: ['base'],
  delivery: ['base'],
  components: ['base', 'chain', 'delivery'],
  infra: ['base', 'chain', 'delivery', 'components'],
  services: [],
  // The same migrations, run where the database is: docs/decisions.md.
  'services/migrate': ['base', 'delivery', 'services'],
  toolchain: ['base'],
  migrations: [],
  policy: ['base'],
  ops: ['base', 'chain', 'delivery', 'components', 'infra', 'policy', 'toolchain'],
};
const rooms = Object.keys(mayUse);

// A plan is pure: it may use types, other plans, and small libraries without I/O.
const pureLibraries =
  /^(ethers(\/(abi|address|crypto|hash|utils))?|zod|@noble\/curves\/ed25519\.js|node:(crypto|path|util|buffer))$/;

interface Import {
  readonly file: string;
  readonly target: string;
  readonly typeOnly: boolean;
}

const files = globSync(
  rooms.map((room) => `${room}/**/*.ts`),
  { cwd: projectRoot, exclude: (name) => /node_modules/.test(name) },
);
const imports = files.flatMap(importsOf);

function importsOf(file: string): Import[] {
  const source = readFileSync(join(projectRoot, file), 'utf8');
  const found = source.matchAll(
    /^\s*(?:import|export)\s+(type\s+)?(?:[^'"`;]*?\sfrom\s+)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm,
  );
  return [...found].map(([, type, statically, dynamically]) => ({
    file,
    target: statically ?? dynamically ?? '',
    typeOnly: type !== undefined,
  }));
}

function roomOf(file: string): string {
  return file.startsWith('services/migrate/') ? 'services/migrate' : (file.split('/')[0] ?? '');
}

/** The file of the project that an import names; undefined for a library. */
function fileOf({ file, target }: Import): string | undefined {
  if (target.startsWith('.')) return relative(projectRoot, join(projectRoot, dirname(file), target));
  const own = /^@cutover\/([a-z]+)\/(.+)$/.exec(target);
  return own === null ? undefined : `${own[1]}/${own[2]}`;
}

describe('the arrows of the house', () => {
  it('sees the imports of every room', () => {
    expect(imports.length).toBeGreaterThan(100);
    expect(imports.some(({ target }) => target.startsWith('@cutover/base/'))).toBe(true);
  });

  it.each(rooms)('%s uses only what it may use', (room) => {
    const wrong = imports.filter((each) => {
      const target = fileOf(each);
      if (roomOf(each.file) !== room || target === undefined) return false;
      const other = roomOf(target);
      return other !== room && !(mayUse[room] ?? []).includes(other);
    });
    expect(wrong).toEqual([]);
  });

  it('keeps Pulumi out of everything but resources, handlers, components, infra, the pack of policies and the protocol of the twin', () => {
    const knowsPulumi =
      /^(infra|components)\/|^(chain|delivery)\/resources\/|^base\/dynamic\.ts$|^ops\/twin\/protocol\/|^policy\/pack\.ts$/;
    const wrong = imports.filter(
      ({ file, target, typeOnly }) => target.startsWith('@pulumi/') && !typeOnly && !knowsPulumi.test(file),
    );
    expect(wrong).toEqual([]);
  });

  it('keeps plans pure', () => {
    const wrong = imports.filter((each) => {
      if (!/^(chain|delivery)\/plan\//.test(each.file) || each.typeOnly) return false;
      const target = fileOf(each);
      if (target === undefined) return !pureLibraries.test(each.target);
      return !/^(chain|delivery)\/plan\/|^base\/(errors|catalogue)/.test(target);
    });
    expect(wrong).toEqual([]);
  });
});
