import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { open, same, seal, secret, unknownValue, type HeldMap } from '../../../ops/twin/held.ts';
import { fromStruct, hold, toStruct } from '../../../ops/twin/protocol/values.ts';

const leaf = fc.oneof(fc.string(), fc.boolean(), fc.integer());
const tree: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.stringMatching(/^[a-z.]{1,4}$/), tie('value'), { maxKeys: 3 }),
    tie('value').map((value) => secret(value as HeldMap)),
    fc.constant(unknownValue),
  ),
})).value;
const held = fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), tree) as fc.Arbitrary<HeldMap>;

describe('values with marks', () => {
  it('come over the wire as they went', () => {
    fc.assert(
      fc.property(held, (values) => {
        expect(fromStruct(toStruct(values))).toEqual(values);
      }),
    );
  });

  it('are the same after they were opened and sealed again, where all is known', () => {
    fc.assert(
      fc.property(held, (values) => {
        const opened = open(values);
        fc.pre(opened.unknown.size === 0);
        const sealed = seal(opened.values, opened.secret);
        expect(same(sealed, values)).toBe(true);
        expect(open(sealed).secret).toEqual(opened.secret);
      }),
    );
  });

  it('tell where the secrets and the unknowns were', () => {
    const values = {
      name: 'a',
      tags: { 'a.b': secret('s'), later: unknownValue },
      list: ['x', unknownValue, { key: secret('t') }],
    };
    expect(open(values)).toEqual({
      values: { name: 'a', tags: { 'a.b': 's' }, list: ['x', { key: 't' }] },
      unknown: new Set(['tags', 'tags.later', 'list', 'list[1]']),
      secret: new Set(['tags["a.b"]', 'list[2].key']),
    });
  });

  it('are not the same as long as one is unknown', () => {
    expect(same({ a: unknownValue }, { a: unknownValue })).toBe(false);
    expect(same({ a: secret('x') }, { a: 'x' })).toBe(true);
    expect(same({ a: ['x'] }, { a: ['x', 'y'] })).toBe(false);
    expect(same({ a: 1 }, { a: 1, b: 2 })).toBe(false);
  });

  it('lose properties that are null, and know an unknown number or list', () => {
    expect(hold({ a: null, b: '3eeb2bf0-c639-47a8-9e75-3b44932eb421' })).toEqual({ b: unknownValue });
  });
});
