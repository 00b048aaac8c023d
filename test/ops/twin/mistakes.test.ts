import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectRoot } from '@cutover/base/project.ts';
import { loadPart } from '../../../ops/twin/providers.ts';
import { chapters } from './mistakes/all.ts';
import { buildBase } from './mistakes/base.ts';
import { makeMistake, makeRight, prepare } from './mistakes/meet.ts';
import { mistakesPage } from './mistakes/page.ts';
import { makeWorlds, type Worlds } from './mistakes/world.ts';

const mistakes = chapters.flatMap(({ mistakes }) => mistakes);
let worlds: Worlds;
beforeAll(async () => {
  worlds = await makeWorlds(await loadPart('aws'), buildBase);
});
afterAll(() => worlds.close());

describe.each(chapters)('$service', ({ mistakes }) => {
  it.each(mistakes)('refuses: $what', async (mistake) => {
    const world = worlds.copy();
    await prepare(world, mistake);
    const there = world.cloud.things();
    const calls = world.cloud.ledger().length;
    expect(await makeMistake(world, mistake)).toEqual({ at: mistake.at, said: mistake.says });
    expect(world.cloud.things()).toEqual(there);
    expect(world.cloud.ledger().slice(calls)).toEqual(
      mistake.at === 'preview' ? [] : [expect.objectContaining({ outcome: 'refused' })],
    );
  });

  it.each(mistakes)('takes the same without the mistake: $what', async (mistake) => {
    const world = worlds.copy();
    await prepare(world, mistake);
    const before = world.cloud.things().length;
    expect(await makeRight(world, mistake)).toBeUndefined();
    const made = world.cloud.things().length - before;
    if (mistake.doing === 'create') expect(made).toBe(1);
    else expect(made).toBeLessThan(0);
  });
});

describe('the table of mistakes', () => {
  it('has at least 40, each once, each with the words of its source', () => {
    expect(mistakes.length).toBeGreaterThanOrEqual(40);
    const titles = chapters.flatMap(({ service, mistakes }) =>
      mistakes.map(({ what }) => `${service} ${what}`),
    );
    expect(new Set(titles).size).toBe(titles.length);
    for (const { source, quote } of mistakes) {
      expect(source).toMatch(/^https:\/\/\S+$/);
      expect(quote.length).toBeGreaterThan(15);
    }
  });

  it('is the one in docs; run with -u to bring that up to date', async () => {
    const file = join(projectRoot, 'docs', 'twin-mistakes.md');
    await expect(await mistakesPage(file, chapters, worlds.copy())).toMatchFileSnapshot(file);
  });
});
