import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseBlockchains } from '../../services/parse/cloud/config.ts';
import {
  defaultFlags,
  featureList,
  hasFeature,
  isLegacyClient,
  legacyFeatureList,
  parseFlags,
  percentile,
} from '../../services/parse/cloud/flags.ts';

const flags = parseFlags({ market: { rolloutPercent: 25 }, carbon: false, all: { rolloutPercent: 100 } });
const user = (id: string, betaTester = false, groups: string[] = []) => ({ id, betaTester, groups });
const zed = user('Zed', false, ['beta-testers']);

describe('a feature flag', () => {
  it('is on for about the percentage of users that it says', () => {
    const ids = Array.from({ length: 20_000 }, (_, n) => `user${n}`);
    const share = ids.filter((id) => hasFeature(flags, 'market', user(id))).length / ids.length;
    expect(share).toBeGreaterThan(0.24);
    expect(share).toBeLessThan(0.26);
  });

  it('gives a user the same answer every time, and keeps giving it as the percentage grows', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(100), fc.nat(100), (id, a, b) => {
        const at = (rolloutPercent: number) =>
          hasFeature(parseFlags({ f: { rolloutPercent } }), 'f', user(id));
        if (at(Math.min(a, b))) expect(at(Math.max(a, b))).toBe(true);
        expect(percentile('f', id)).toBe(percentile('f', id));
      }),
    );
  });

  it('is on for the beta group, by account or by role', () => {
    const outside =
      ['a', 'b', 'c', 'd', 'e', 'f', 'g'].find((id) => !hasFeature(flags, 'market', user(id))) ?? '';
    expect(hasFeature(flags, 'market', user(outside))).toBe(false);
    expect(hasFeature(flags, 'market', user(outside, true))).toBe(true);
    expect(hasFeature(flags, 'market', zed)).toBe(true);
  });

  it('is off for all when it is off, and on for all at 100 percent', () => {
    expect(hasFeature(flags, 'carbon', user('Zed', true))).toBe(false);
    expect(hasFeature(flags, 'all', undefined)).toBe(true);
    expect(hasFeature(flags, 'market', undefined)).toBe(false);
    expect(hasFeature(flags, 'toString', user('Zed', true))).toBe(false);
  });

  it('has the defaults of each environment', () => {
    const on = (environment: keyof typeof defaultFlags) =>
      Object.values(defaultFlags[environment]).map(({ enabled }) => enabled);
    expect([on('dev'), on('staging'), on('prod')]).toEqual([
      [true, true],
      [true, false],
      [false, false],
    ]);
  });

  it.each([
    [[], 'it is not an object of flags'],
    [{ a: { percent: 5 } }, 'a has percent, which no flag has'],
    [{ a: { rolloutPercent: 101 } }, 'a.rolloutPercent is no percentage'],
    [{ a: { enabled: 'yes' } }, 'a.enabled is neither true nor false'],
    [{ a: { betaGroup: 1 } }, 'a.betaGroup is no name of a role'],
  ])('refuses %j', (given, reason) => {
    expect(() => parseFlags(given)).toThrow(reason);
  });
});

describe('the list of features', () => {
  it('is names for clients before version 2, and every flag for later ones', () => {
    expect(legacyFeatureList(flags, zed)).toEqual(['market', 'all']);
    expect(featureList(flags, zed)).toEqual({ market: true, carbon: false, all: true });
  });

  it.each([
    ['1.9.3', true],
    ['v1', true],
    ['2.0.0', false],
    ['10.0.0', false],
    [undefined, false],
    ['new', false],
  ])('%s is legacy: %s', (version, legacy) => {
    expect(isLegacyClient(version)).toBe(legacy);
  });
});

describe('the networks', () => {
  it('need a chain id and a name', () => {
    expect(parseBlockchains([{ chainId: 31337, name: 'Anvil' }])).toEqual([
      { chainId: 31337, name: 'Anvil', testnet: true, contracts: {} },
    ]);
    expect(() => parseBlockchains({})).toThrow('it is not a list');
    expect(() => parseBlockchains([{ name: 'x' }])).toThrow('number 1 has no chainId');
    expect(() => parseBlockchains([{ chainId: 1, name: 'x' }, null])).toThrow('number 2 has no chainId');
  });
});
