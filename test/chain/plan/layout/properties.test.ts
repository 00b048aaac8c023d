import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareLayouts, type LayoutComparison } from '@cutover/chain/plan/layout/compare-layouts.ts';
import { compactLayout, readLayout } from '@cutover/chain/plan/layout/compact.ts';
import { layoutOf, readingOf, type Sketch } from './kit.ts';

const structs = { Small: 'uint64 a; bool b', Large: 'uint256 a; mapping(address => Small) b; Small[] c' };
const kinds: Sketch = {
  structs,
  enums: { State: 'Open, Closed' },
  aliases: { Shares: 'uint96' },
  contracts: ['IToken'],
};
const plain = fc.constantFrom(
  ...['uint256', 'uint128', 'uint8', 'int64', 'bool', 'address', 'bytes32', 'bytes4', 'string', 'bytes'],
  ...['State', 'Shares', 'IToken', 'Small', 'Large'],
);
const type = fc.oneof(
  { weight: 4, arbitrary: plain },
  { weight: 1, arbitrary: plain.map((each) => `${each}[]`) },
  {
    weight: 1,
    arbitrary: fc.tuple(plain, fc.integer({ min: 1, max: 40 })).map(([each, n]) => `${each}[${n}]`),
  },
  { weight: 1, arbitrary: plain.map((each) => `mapping(address => ${each})`) },
);
const types = fc.array(type, { minLength: 1, maxLength: 12 });
const named = (list: readonly string[]): readonly string[] => list.map((each, index) => `${each} v${index}`);

function compared(old: readonly string[], next: readonly string[], firstId = 1): LayoutComparison {
  const reading = (variables: readonly string[], first: number) =>
    readingOf({ ...kinds, variables: variables.join('; '), firstId: first });
  return compareLayouts('Vault', reading(old, 1), reading(next, firstId));
}

describe('whatever the variables are', () => {
  it('nothing is found where nothing differs, with any numbers of the syntax tree', () => {
    fc.assert(
      fc.property(types, fc.integer({ min: 1, max: 1e6 }), (list, firstId) => {
        expect(compared(named(list), named(list), firstId)).toEqual({
          name: 'Vault',
          verdict: 'safe',
          findings: [],
          unchanged: list.length,
        });
      }),
    );
  });

  it('adding at the end is safe', () => {
    fc.assert(
      fc.property(types, types, (list, more) => {
        const result = compared(named(list), named([...list, ...more]));
        expect(result).toMatchObject({ verdict: 'safe', unchanged: list.length });
        expect(result.findings.map(({ kind }) => kind)).toEqual(more.map(() => 'added'));
      }),
    );
  });

  it('one that changes its place is found', () => {
    fc.assert(
      fc.property(types, fc.nat(), fc.nat(), (list, a, b) => {
        const old = named(list);
        const [from, to] = [a % old.length, b % old.length];
        const moving = old[from] ?? '';
        const next = old.toSpliced(from, 1).toSpliced(to, 0, moving);
        const place = (variables: readonly string[]): string =>
          JSON.stringify(
            layoutOf({ ...kinds, variables: variables.join('; ') })
              .areas.flatMap(({ variables: all }) => all.map((v) => `${v.label} ${v.slot}+${v.offset}`))
              .toSorted(),
          );
        expect(compared(old, next).verdict).toBe(place(old) === place(next) ? 'safe' : 'breaks');
      }),
    );
  });

  it('taking one out of the middle is found', () => {
    fc.assert(
      fc.property(types, fc.nat(), (list, at) => {
        const old = named(list);
        expect(compared(old, old.toSpliced(at % old.length, 1)).verdict).not.toBe('safe');
      }),
    );
  });

  it('no two variables of a layout overlap, and each lies within its slots', () => {
    fc.assert(
      fc.property(types, (list) => {
        const layout = layoutOf({ ...kinds, variables: named(list).join('; ') });
        let end = 0n;
        for (const { slot, offset, type: place } of layout.areas[0]?.variables ?? []) {
          const found = layout.types[place];
          const bytes = found !== undefined && 'bytes' in found ? BigInt(found.bytes) : 32n;
          const start = slot * 32n + BigInt(offset);
          expect(start).toBeGreaterThanOrEqual(end);
          if (bytes <= 32n) expect(BigInt(offset) + bytes).toBeLessThanOrEqual(32n);
          end = start + bytes;
        }
      }),
    );
  });

  it('the compact form keeps all of it', () => {
    fc.assert(
      fc.property(types, (list) => {
        const layout = layoutOf({ ...kinds, variables: named(list).join('; ') });
        expect(readLayout(JSON.parse(JSON.stringify(compactLayout(layout))))).toEqual({
          kind: 'known',
          layout,
        });
      }),
    );
  });
});
