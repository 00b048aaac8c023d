import { ZeroAddress } from 'ethers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { outcome } from './access-matrix.ts';
import type { Deployed } from './chain-kit.ts';
import {
  adding,
  face,
  heard,
  openStage,
  rawCall,
  removing,
  replacing,
  selectorOf,
  selectorsOf,
  told,
  type Stage,
} from './diamond-kit.ts';

const stage: Stage = await openStage();
const { chain, who, base } = stage;
const [one, two] = stage.echoes as [Deployed, Deployed];
const [a, b] = ['0x0000aaaa', '0x0000bbbb'] as const;
const diamond = await stage.newDiamond({
  facets: [base.cut, base.loupe, base.ownership, base.roles, base.pause],
});
const pause = face(diamond, base.pause);
const cutter = face(diamond, base.cut);
let rewind: () => Promise<void>;

beforeAll(async () => {
  await cut([adding(one, [a, b])]);
  rewind = await chain.checkpoint();
});
beforeEach(() => rewind());
afterAll(() => chain.stop());

const cut = (entries: readonly object[]) =>
  chain.send(who.admin, cutter, 'diamondCut', [entries, ZeroAddress, '0x']);
const act = (fn: string, args: readonly unknown[] = []) => chain.send(who.admin, pause, fn, args);
const refused = (fn: string, args: readonly unknown[] = []) => chain.refusal(who.admin, pause, fn, args);
const paused = async (): Promise<unknown> => (await chain.read(pause, 'paused'))[0];
const stopped = (selector: string): string => `FunctionPaused(${selector})`;

describe('a pause', () => {
  it('is told, and told once', async () => {
    expect(await refused('unpause')).toBe('ExpectedPause()');
    expect(told(await act('pause'))).toEqual([`Paused(${who.admin})`]);
    expect(await paused()).toBe(true);
    expect(await refused('pause')).toBe(stopped(selectorOf(base.pause, 'pause')));
    expect(told(await act('unpause'))).toEqual([`Unpaused(${who.admin})`]);
    expect(await paused()).toBe(false);
    expect(heard(await rawCall(chain, diamond.address, a)).number).toBe(1n);
  });

  it('stops all functions but those that it is looked at, mended and ended with', async () => {
    const works = new Set([
      ...[base.cut, base.loupe, base.ownership, base.roles].flatMap((facet) => selectorsOf(facet)),
      ...['unpause', 'paused', 'setWorksWhilePaused', 'worksWhilePaused'].map((fn) =>
        selectorOf(base.pause, fn),
      ),
    ]);
    await act('pause');
    const all = [...Object.values(base).flatMap((facet: Deployed) => selectorsOf(facet)), a, b];
    expect(all.length).toBeGreaterThan(works.size);
    for (const selector of all) {
      const answer = await rawCall(chain, diamond.address, selector, { from: who.admin });
      expect(answer === stopped(selector), selector).toBe(!works.has(selector));
    }
  });

  it('lets the owner cut the fault out before it ends', async () => {
    await act('pause');
    await cut([replacing(two, [a]), removing([b])]);
    expect(await rawCall(chain, diamond.address, a)).toBe(stopped(a));
    await act('unpause');
    expect(heard(await rawCall(chain, diamond.address, a)).number).toBe(2n);
    expect(await rawCall(chain, diamond.address, b)).toBe(`FunctionNotFound(${b})`);
  });

  it('lets ownership and roles move', async () => {
    await act('pause');
    await chain.send(who.admin, face(diamond, base.ownership), 'transferOwnership', [who.other]);
    await chain.send(who.other, face(diamond, base.ownership), 'acceptOwnership', []);
    await chain.send(who.other, pause, 'unpause', []);
  });

  it('is ended by a cut when the functions for it were removed', async () => {
    await act('pause');
    await cut([removing(selectorsOf(base.pause))]);
    expect(await rawCall(chain, diamond.address, a)).toBe(stopped(a));
    await cut([adding(base.pause)]);
    await act('unpause');
    expect(heard(await rawCall(chain, diamond.address, a)).number).toBe(1n);
  });
});

describe('a function that works while paused', () => {
  const works = async (selector: string): Promise<unknown> =>
    (await chain.read(pause, 'worksWhilePaused', selector))[0];

  it('is named, and named no more', async () => {
    expect(told(await act('setWorksWhilePaused', [[a], true]))).toEqual([`WhilePausedSet(${a}, true)`]);
    await act('pause');
    expect(heard(await rawCall(chain, diamond.address, a)).number).toBe(1n);
    expect(await rawCall(chain, diamond.address, b)).toBe(stopped(b));
    await act('setWorksWhilePaused', [[a], false]);
    expect(await rawCall(chain, diamond.address, a)).toBe(stopped(a));
  });

  it('still does when its facet is replaced, and no more when it was removed', async () => {
    await act('setWorksWhilePaused', [[a, b], true]);
    await cut([replacing(two, [a]), removing([b]), adding(two, [b])]);
    expect([await works(a), await works(b)]).toEqual([true, false]);
  });

  it('is one of the diamond', async () => {
    expect(await refused('setWorksWhilePaused', [['0xdeadbeef'], true])).toBe('FunctionNotFound(0xdeadbeef)');
  });

  it.each(['diamondCut', 'unpause', 'owner', 'facets', 'grantRole'])('is always %s', async (fn) => {
    const facet = Object.values(base).find((each: Deployed) => each.abi.getFunction(fn) !== null) as Deployed;
    const selector = selectorOf(facet, fn);
    expect(await works(selector)).toBe(true);
    expect(await refused('setWorksWhilePaused', [[selector], false])).toBe(`AlwaysWorks(${selector})`);
  });

  it('is named by whoever may cut', async () => {
    const answer = await outcome(chain, who.stranger, pause, 'setWorksWhilePaused', [[a], true]);
    expect(answer).toContain('AccessControlUnauthorizedAccount');
  });
});
