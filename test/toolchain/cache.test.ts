import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cached } from '../../toolchain/cache.ts';
import type { Step } from '../../toolchain/steps.ts';

let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'cutover cache ö '));
});
afterEach(() => rmSync(cache, { recursive: true, force: true }));

const quiet: Step = { doing: () => undefined };

function maker(milliseconds = 50): { make: (folder: string) => Promise<string>; times: () => number } {
  let made = 0;
  return {
    times: () => made,
    make: async (folder) => {
      made++;
      writeFileSync(join(folder, 'program'), 'half');
      await sleep(milliseconds);
      writeFileSync(join(folder, 'program'), 'whole program');
      return 'built here';
    },
  };
}

describe('the cache of parts', () => {
  it('makes a part once and gives it back after', async () => {
    const { make, times } = maker();
    const first = await cached('tool-1', quiet, make, cache);
    expect(first).toEqual({ folder: join(cache, 'tool-1'), origin: 'built here' });
    expect(await cached('tool-1', quiet, make, cache)).toEqual(first);
    expect(times()).toBe(1);
  });

  it('makes it once when two want it at the same time, and tells the one that waits', async () => {
    const { make, times } = maker(1000);
    const told: string[] = [];
    const waiting: Step = { doing: (what) => told.push(what) };
    const both = await Promise.all([cached('t', waiting, make, cache), cached('t', waiting, make, cache)]);
    expect(times()).toBe(1);
    expect(both[0]).toEqual(both[1]);
    expect(told.some((what) => /^waiting for .*, which is making it$/.test(what))).toBe(true);
  });

  it('never shows a part that is not whole', async () => {
    const { make } = maker();
    const making = cached('t', quiet, make, cache);
    for (let i = 0; i < 10; i++) {
      if (existsSync(join(cache, 't'))) expect(readdirSync(join(cache, 't'))).toContain('entry.json');
      await sleep(10);
    }
    await making;
  });

  it('keeps nothing of a part that could not be made', async () => {
    await expect(cached('t', quiet, () => Promise.reject(new Error('disk full')), cache)).rejects.toThrow(
      'disk full',
    );
    expect(existsSync(join(cache, 't'))).toBe(false);
    expect(readdirSync(join(cache, '.new'))).toEqual([]);
  });

  it('clears away what one that was killed left behind', async () => {
    mkdirSync(join(cache, '.new', 't-killed'), { recursive: true });
    await cached('t', quiet, maker().make, cache);
    expect(readdirSync(join(cache, '.new'))).toEqual([]);
  });

  it('takes a part whose certificates the machine has added to', async () => {
    const make = async (folder: string): Promise<string> => {
      await maker().make(folder);
      writeFileSync(join(folder, 'cacert.pem'), 'certificates');
      return 'built here';
    };
    const { folder } = await cached('t', quiet, make, cache);
    writeFileSync(join(folder, 'cacert.pem'), 'certificates, and one of this company');
    const never = (): Promise<string> => Promise.reject(new Error('it is made again'));
    expect(await cached('t', quiet, never, cache)).toEqual({ folder, origin: 'built here' });
  });

  it('makes a part again whose file was cut short', async () => {
    const { make, times } = maker();
    await cached('t', quiet, make, cache);
    truncateSync(join(cache, 't', 'program'), 4);
    await cached('t', quiet, make, cache);
    expect(times()).toBe(2);
  });
});
