import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { projectRoot } from '@cutover/base/project.ts';
import { setStackValue, withValue } from '../../ops/stack-edit.ts';
import { pauseKeys } from '../../infra/pauses.ts';
import { releaseKeys } from '../../infra/releases.ts';
import { refusal } from '../chain/refusal.ts';
import { configOf, stacks } from '../infra/config-kit.ts';

const textOf = (stack: string): string => readFileSync(join(projectRoot, `Pulumi.${stack}.yaml`), 'utf8');
const edit = (text: string, path: readonly string[], value: string | boolean): string =>
  withValue('Pulumi.dev.yaml', text, path, value);

describe('one value of a stack file', () => {
  it('is replaced, and comments, layout and line ends stay as they were', () => {
    const text =
      'config:\r\n  cutover:a:   # why\r\n    b:\r\n    - 1\r\n    c: { d: false,  e: "v1" } # here\r\n';
    expect(edit(text, ['a', 'c', 'd'], true)).toBe(text.replace('d: false', 'd: true'));
    expect(edit(text, ['a', 'c', 'e'], 'v2')).toBe(text.replace('"v1"', 'v2'));
  });

  it('is found in a block whose name has no prefix, which the engine takes as well', () => {
    expect(edit('config:\n  a: { b: v1 }\n', ['a', 'b'], 'v2')).toBe('config:\n  a: { b: v2 }\n');
  });

  it.each([
    ['is not there', 'config:\n  cutover:a: { c: 1 }\n'],
    ['is a block', 'config:\n  cutover:a: { b: { c: 1 } }\n'],
    ['is an alias', 'config:\n  cutover:a: { x: &x true, b: *x }\n'],
    ['has nothing above it', 'config: {}\n'],
    ['is in an empty file', ''],
  ])('is refused where it %s, with the key', (_, text) => {
    expect(() => edit(text, ['a', 'b'], true)).toThrow(/CUT-5111 Pulumi\.dev\.yaml .* cutover:a\.b\./);
  });

  it.each(stacks)(
    'that a command sets is in the file of %s, and nothing else of the file changes',
    (stack) => {
      const config = configOf(stack);
      const keys = [...Object.values(pauseKeys(config)), ...Object.values(releaseKeys(config))];
      expect(keys).toHaveLength(5);
      const values = fc.array(fc.tuple(fc.constantFrom(...keys), fc.boolean()), { maxLength: 8 });
      fc.assert(
        fc.property(values, (edits) => {
          const original = textOf(stack);
          const wanted = new Map<string, unknown>();
          let text = original;
          for (const [key, yes] of edits) {
            const value = 'paused' in key ? yes : yes ? 'v1' : 'v2';
            text = edit(text, key.path, value);
            wanted.set(key.path.join('.'), value);
          }
          const changed = text.split('\n').filter((line, index) => line !== original.split('\n')[index]);
          expect(changed.length).toBeLessThanOrEqual(wanted.size);
          const { config: blocks } = parse(text) as { config: Record<string, unknown> };
          for (const [path, value] of wanted) {
            const found = `cutover:${path}`
              .split('.')
              .reduce<unknown>((at, step) => (at as Record<string, unknown>)[step], blocks);
            expect([path, found]).toEqual([path, value]);
          }
        }),
        { numRuns: 10 },
      );
    },
  );
});

describe('a stack file on disk', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cutover-stack-edit-'));
    writeFileSync(join(folder, 'Pulumi.dev.yaml'), textOf('dev'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const file = (): string => join(folder, 'Pulumi.dev.yaml');
  const marketplace = ['systems', 'gemforce', 'diamond', 'marketplace'];

  it('is written with the new value', async () => {
    await setStackValue('dev', marketplace, 'v2', folder);
    expect(readFileSync(file(), 'utf8')).toBe(textOf('dev').replace('marketplace: v1', 'marketplace: v2'));
  });

  it('is not touched when it says so already', async () => {
    const before = statSync(file(), { bigint: true }).mtimeNs;
    await setStackValue('dev', marketplace, 'v1', folder);
    expect(statSync(file(), { bigint: true }).mtimeNs).toBe(before);
  });

  it('stays as it was when the new value is wrong, which is told as for any mistake', async () => {
    const error = await refusal(setStackValue('dev', marketplace, 'v3', folder));
    expect([error.code, error.exit]).toEqual(['CUT-1000', 2]);
    expect(error.message).toContain('cutover:systems.gemforce.diamond.marketplace');
    expect(readFileSync(file(), 'utf8')).toBe(textOf('dev'));
  });
});
