import { describe, expect, it } from 'vitest';
import { compactLayout, readLayout } from '@cutover/chain/plan/layout/compact.ts';
import { layoutOf, type Sketch } from './kit.ts';

const sketch: Sketch = {
  bases: { Base: 'address owner; uint256[49] __gap' },
  variables:
    'Shares s; State st; string name; mapping(address => mapping(uint256 => Account[])) m; IToken[7] tokens',
  structs: { Account: 'uint128 balance; Account[] children', Main: 'bytes data' },
  enums: { State: 'Open, Closed' },
  aliases: { Shares: 'uint128' },
  contracts: ['IToken'],
  namespaces: { 'example.main': 'Main' },
};

describe('a compact layout', () => {
  it('survives JSON and reads back to what it was', () => {
    const layout = { ...layoutOf(sketch), notUnderstood: ['something at slot 5'] };
    const stored: unknown = JSON.parse(JSON.stringify(compactLayout(layout)));
    expect(readLayout(stored)).toEqual({ kind: 'known', layout });
  });

  it('does not depend on the numbers of the syntax tree', () => {
    const compact = (firstId: number): string =>
      JSON.stringify(compactLayout(layoutOf({ ...sketch, firstId })));
    expect(compact(1)).toBe(compact(90_210));
  });

  it('is small', () => {
    expect(JSON.stringify(compactLayout(layoutOf(sketch))).length).toBeLessThan(900);
  });

  it('keeps slots that no number of JavaScript holds', () => {
    const layout = layoutOf({ variables: 'uint256[99999999999999999999999] a; uint256 b' });
    expect(layout.areas[0]?.variables[1]?.slot).toBe(99999999999999999999999n);
    expect(readLayout(compactLayout(layout))).toEqual({ kind: 'known', layout });
  });

  const good = compactLayout(layoutOf(sketch));
  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['another version', { ...good, version: 2 }],
    ['a text', 'layout'],
    ['no areas', { ...good, areas: undefined }],
    ['a strange area', { ...good, areas: [['else 0 x']] }],
    ['a strange row', { ...good, areas: [['plain 0 ', '0 0 a']] }],
    ['a row of a type that is not there', { ...good, areas: [['plain 0 ', '0+0 99 a']] }],
    ['a strange type', { ...good, types: [...good.types, 'thing 3'] }],
    ['a type of a type that is not there', { ...good, types: [...good.types, 'list 99'] }],
    ['an array of no length', { ...good, types: [...good.types, 'array 0'] }],
    ['a mapping to nowhere', { ...good, types: [...good.types, 'mapping 0'] }],
  ])('that is %s is unknown, with a reason', (_, value) => {
    expect(readLayout(value)).toEqual({ kind: 'unknown', why: expect.stringMatching(/layout/) as unknown });
  });
});
