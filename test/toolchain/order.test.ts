import { describe, expect, it } from 'vitest';
import { inOrder } from '../../toolchain/order.ts';

describe('work in order', () => {
  it('runs side by side what does not wait, and each name once after those before it', async () => {
    const said: string[] = [];
    const after = { packages: [], pulumi: [], mongo: ['packages'], anvil: ['packages'] } as const;
    const results = await inOrder(
      ['mongo', 'anvil', 'packages', 'pulumi'],
      (name) => after[name],
      async (name, before: readonly string[]) => {
        said.push(`${name} begins after ${before.join()}`);
        await Promise.resolve();
        said.push(`${name} ends`);
        return name;
      },
    );
    expect(results).toEqual(['mongo', 'anvil', 'packages', 'pulumi']);
    expect(said.slice(0, 2)).toEqual(['pulumi begins after ', 'packages begins after '].toSorted());
    expect(said.indexOf('mongo begins after packages')).toBeGreaterThan(said.indexOf('packages ends'));
    expect(said).toHaveLength(8);
  });

  it('takes what is not in the list as done', async () => {
    const results = await inOrder(
      ['mongo'] as ('mongo' | 'packages')[],
      () => ['packages'],
      (name, before: readonly string[]) => Promise.resolve(`${name}:${before.length}`),
    );
    expect(results).toEqual(['mongo:0']);
  });
});
