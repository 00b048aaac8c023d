import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { dispatch, hasUnknown, UNKNOWN } from '@cutover/base/dispatch.ts';
import { providerText } from '@cutover/base/dynamic.ts';

describe('a thin provider', () => {
  const module = '@cutover/delivery/gates/handler.ts';
  const text = providerText(module);

  it('takes little in the state of each resource, and no code', () => {
    expect(text.length).toBeLessThan(400);
    expect(text).toContain(module);
  });

  it("is what Pulumi's provider process can evaluate and call", async () => {
    const require = createRequire(import.meta.url);
    const evaluate = require('require-from-string') as (text: string) => {
      handler(): Record<string, (...args: unknown[]) => Promise<unknown>>;
    };
    const provider = evaluate(text).handler();
    expect(Object.keys(provider)).toEqual(['check', 'diff', 'create', 'read', 'update', 'delete']);
    // A gate without checks is refused by its handler, which is thus the one that was called.
    await expect(provider['check']?.({}, { checks: [] })).resolves.toMatchObject({
      failures: expect.any(Array) as unknown,
    });
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
