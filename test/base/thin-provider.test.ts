import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { dispatch, hasUnknown, UNKNOWN } from '@cutover/base/dispatch.ts';
import { projectRoot } from '@cutover/base/project.ts';

// In a process of its own, as the engine's program is: the test runner rewrites imports.
const program = `
  import * as pulumi from '@pulumi/pulumi';
  import { thinProvider } from '@cutover/base/dynamic.ts';
  const provider = thinProvider('@cutover/delivery/migrations/a-name-that-is-rather-long.ts');
  const { text } = await pulumi.runtime.serializeFunction(() => provider, { isFactoryFunction: true });
  console.log(text);
`;

describe('a thin provider', () => {
  it('takes less than 2 kB in the state of each resource, with a long module name', () => {
    const text = execFileSync(process.execPath, ['--input-type=module', '-e', program], {
      cwd: projectRoot,
      encoding: 'utf8',
    });
    expect(text).toContain('@cutover/base/dispatch.ts');
    expect(text.length).toBeLessThan(2000);
  });
});

describe('unknown values', () => {
  it('are found at any depth', () => {
    expect(hasUnknown({ a: [{ b: UNKNOWN }] })).toBe(true);
    expect(hasUnknown({ a: [{ b: null }], c: 'known' })).toBe(false);
  });

  it('do not hide a module that is missing', async () => {
    await expect(dispatch('@cutover/delivery/no-such.ts', ['create', {}])).rejects.toThrow(/no-such/);
  });
});
