import { describe, expect, it } from 'vitest';
import {
  compareDiamondLayouts,
  compareProxyLayouts,
  type LayoutComparison,
  type NamedLayout,
} from '@cutover/chain/plan/layout/compare-layouts.ts';
import { describeLayout } from '@cutover/chain/plan/layout/describe-layout.ts';
import type { StorageLayout } from '@cutover/chain/plan/layout/layout.ts';
import { erc1967Slots } from '@cutover/chain/plan/layout/slots.ts';
import { layoutOf, readingOf, type Sketch } from './kit.ts';

function facet(name: string, sketch: Sketch): NamedLayout {
  return { name, reading: readingOf({ name, ...sketch }) };
}

function market(name: string, members = 'uint256 fee; address keeper'): NamedLayout {
  return facet(name, { structs: { Market: members }, namespaces: { 'gemforce.market': 'Market' } });
}

function lines(comparison: LayoutComparison): readonly string[] {
  return describeLayout(comparison).slice(1);
}

describe('facets of a diamond', () => {
  it('are compared by what all of them use together', () => {
    const old = [market('Buy'), market('Sell'), facet('Views', {})];
    const next = [market('Trade'), facet('Views', {})];
    expect(compareDiamondLayouts('gem', old, next)).toMatchObject({
      verdict: 'safe',
      findings: [],
      unchanged: 2,
    });
  });

  it('that share a namespace with different structs break it', () => {
    const next = [market('Buy'), market('Sell', 'address keeper; uint256 fee')];
    const result = compareDiamondLayouts('gem', [market('Buy')], next);
    expect(result.verdict).toBe('breaks');
    const line = lines(result).find((each) => each.startsWith('!')) ?? '';
    expect(line).toMatch(
      /^! gemforce\.market Buy \| Sell at slot 0x.*: breaks: they use the same slots for different things/,
    );
  });

  it('of which one knows an older, shorter struct work, and it is said', () => {
    const long = 'uint256 fee; address keeper; bool open';
    const result = compareDiamondLayouts(
      'gem',
      [market('Buy'), market('Sell')],
      [market('Buy', long), market('Sell')],
    );
    expect(result.verdict).toBe('risky');
    expect(lines(result)).toEqual([
      expect.stringMatching(
        /^! gemforce\.market Sell \| Buy at .*: risky: Buy knows members that Sell does not/,
      ),
      expect.stringMatching(/^\+ gemforce\.market\.open bool at .*: safe: in bytes|: safe: at the end/),
    ]);
  });

  it('that are gone leave their data', () => {
    const result = compareDiamondLayouts('gem', [market('Buy'), facet('Views', {})], [facet('Views', {})]);
    expect(result).toMatchObject({
      verdict: 'risky',
      findings: [{ kind: 'removed', path: 'gemforce.market' }],
    });
  });

  it('with plain state variables are named, all of them', () => {
    const facets = [
      facet('Buy', { variables: 'uint256 a; bool b' }),
      facet('Sell', { variables: 'uint256 a; bool b' }),
    ];
    expect(lines(compareDiamondLayouts('gem', facets, facets))).toEqual([
      '! plain storage Buy, Sell at slot 0: risky: state variables outside of a namespace begin at slot 0 in every ' +
        'facet, so facets that have some share them',
    ]);
  });

  it('with different plain state variables clash', () => {
    const facets = [
      facet('Buy', { variables: 'address owner' }),
      facet('Sell', { variables: 'address keeper' }),
    ];
    expect(compareDiamondLayouts('gem', facets, facets).verdict).toBe('breaks');
  });

  it('with one struct at slot 0 that all declare alike are as AppStorage is meant', () => {
    const sketch = { variables: 'AppStorage s', structs: { AppStorage: 'uint256 a; bool b' } };
    const facets = [facet('Buy', sketch), facet('Sell', sketch), market('Other')];
    expect(compareDiamondLayouts('gem', facets, facets)).toMatchObject({ verdict: 'safe', findings: [] });
  });

  it('that use transient storage differently may clash within one transaction', () => {
    const transient = (name: string, variables: string): NamedLayout => {
      const layout = layoutOf({ name, variables });
      const areas = layout.areas.map((area) => ({ ...area, kind: 'transient' as const, id: 'transient' }));
      return { name, reading: { kind: 'known', layout: { ...layout, areas } } };
    };
    const facets = [transient('Buy', 'bool busy'), transient('Sell', 'uint256 depth')];
    expect(compareDiamondLayouts('gem', facets, facets)).toMatchObject({
      verdict: 'risky',
      findings: [{ kind: 'shared', path: 'transient storage', change: 'Buy | Sell' }],
    });
    // From one version to the next it holds nothing.
    const [buy, sell] = facets.map((each) => [each]);
    expect(compareDiamondLayouts('gem', buy ?? [], sell ?? []).findings).toEqual([]);
  });

  it('of a new diamond are checked against one another', () => {
    const next = [market('Buy'), market('Sell', 'address keeper; uint256 fee')];
    expect(compareDiamondLayouts('gem', [], next).verdict).toBe('breaks');
  });

  it('of which one is not known leave the verdict open, and clashes of the others stand', () => {
    const unknown = { name: 'Old', reading: { kind: 'unknown', why: 'no layout' } } as const;
    expect(compareDiamondLayouts('gem', [unknown], [market('Buy')]).verdict).toBe('unknown');
    const clash = [unknown, market('Buy'), market('Sell', 'bool x')];
    expect(compareDiamondLayouts('gem', [], clash).verdict).toBe('breaks');
  });
});

describe('a proxy and its implementation', () => {
  const vault = readingOf({ variables: 'address owner; uint256 total' });

  /** An implementation with something at a slot of its own. */
  function at(slot: bigint, variables: string): { readonly kind: 'known'; readonly layout: StorageLayout } {
    const layout = layoutOf({ variables });
    const areas = layout.areas.map((area) => ({ ...area, kind: 'namespace' as const, id: 'own', slot }));
    return { kind: 'known', layout: { ...layout, areas } };
  }
  const { 'eip1967.proxy.implementation': slot = 0n } = erc1967Slots;

  it('share nothing when the implementation keeps away from the slots of ERC-1967', () => {
    expect(compareProxyLayouts('vault', vault, vault)).toMatchObject({ verdict: 'safe', unchanged: 2 });
    expect(compareProxyLayouts('vault', undefined, vault).verdict).toBe('safe');
  });

  it('clash where the implementation keeps something else at the proxy’s slot', () => {
    const result = compareProxyLayouts('vault', undefined, at(slot, 'uint256 x'));
    expect(result.findings.filter(({ verdict }) => verdict === 'breaks')).toMatchObject([
      { kind: 'shared', slot },
    ]);
  });

  it('clash where something of the implementation reaches over the proxy’s slot', () => {
    const result = compareProxyLayouts('vault', undefined, at(slot - 3n, 'uint256[8] x'));
    expect(result.findings.filter(({ verdict }) => verdict === 'breaks')).toMatchObject([
      { kind: 'clash', slot },
    ]);
  });

  it('may both use the slots of ERC-1967 as what they are, as UUPS does', () => {
    expect(compareProxyLayouts('vault', undefined, at(slot, 'address any')).verdict).toBe('safe');
  });

  it('clash when the proxy has variables of its own', () => {
    const proxy = { name: 'OwnProxy', reading: readingOf({ variables: 'address admin' }) };
    const result = compareProxyLayouts('vault', vault, vault, proxy);
    expect(result.verdict).toBe('breaks');
    expect(lines(result)[0]).toMatch(/^! plain storage OwnProxy \| vault at slot 0: breaks/);
  });
});
