import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { difference } from '../../../ops/twin/diff.ts';
import { secret, unknownValue, type HeldMap } from '../../../ops/twin/held.ts';

const facts = { inputs: {}, outputs: {}, replaces: ['zone', 'network.vpc', 'engine'], secret: [] };
const naming = { property: 'name', maxLength: 20 };

function changes(before: HeldMap, now: HeldMap, ignored: readonly string[] = []): Record<string, string> {
  const found = difference({ facts, updates: ['engine'], replaces: ['class'] }, before, now, ignored);
  const words = [...found.changes].map(([path, { change, replaces }]) => [
    path,
    replaces ? `${change}, new` : change,
  ]);
  return Object.fromEntries(words) as Record<string, string>;
}

describe('the difference between arguments', () => {
  it('names each change by its path and kind', () => {
    const before = { a: 1, gone: 'x', tags: { one: '1', two: '2' }, list: ['a', 'b'], same: { deep: [1] } };
    const now = {
      a: 2,
      came: true,
      tags: { one: '1', two: '3', three: '3' },
      list: ['a'],
      same: { deep: [1] },
    };
    expect(changes(before, now)).toEqual({
      a: 'update',
      gone: 'delete',
      came: 'add',
      'tags.two': 'update',
      'tags.three': 'add',
      'list[1]': 'delete',
    });
  });

  it('tells what makes a new resource: by the table, by the kind, but not what the provider changes in place', () => {
    expect(changes({ zone: 'a' }, { zone: 'b' })).toEqual({ zone: 'update, new' });
    expect(changes({ class: 'a' }, {})).toEqual({ class: 'delete, new' });
    expect(changes({ engine: 'a' }, { engine: 'b' })).toEqual({ engine: 'update' });
    expect(changes({ network: { vpc: 'a', x: 1 } }, { network: { vpc: 'a', x: 2 } })).toEqual({
      'network.x': 'update',
    });
    expect(changes({ network: { vpc: 'a' } }, { network: { vpc: 'b' } })).toEqual({
      'network.vpc': 'update, new',
    });
    expect(changes({}, { network: { vpc: 'a' } })).toEqual({ network: 'add, new' });
  });

  it('takes what is not known yet for a change', () => {
    expect(changes({ zone: 'a', b: 1 }, { zone: unknownValue, b: 1 })).toEqual({ zone: 'update, new' });
  });

  it('compares secrets without showing them', () => {
    expect(changes({ password: secret('a') }, { password: secret('a') })).toEqual({});
    expect(changes({ password: secret('a') }, { password: 'b' })).toEqual({ password: 'update' });
  });

  it('leaves out what is ignored', () => {
    const before = { tags: { a: '1', b: '1' }, rules: [{ weight: 1, port: 1 }] };
    const now = { tags: { a: '2', b: '2' }, rules: [{ weight: 2, port: 2 }] };
    expect(changes(before, now, ['tags.a', 'rules[*].weight'])).toEqual({
      'tags.b': 'update',
      'rules[0].port': 'update',
    });
    expect(changes(before, now, ['tags', 'rules'])).toEqual({});
    expect(changes({ ta: 1 }, { ta: 2 }, ['t'])).toEqual({ ta: 'update' });
  });

  it('is none between the same, whatever was filled in', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (values) => {
        const inputs = values as HeldMap;
        expect(
          difference({ facts }, { ...inputs, __defaults: ['a'] }, { ...inputs, __defaults: [] }).changes.size,
        ).toBe(0);
      }),
    );
  });

  it('deletes first where the program gives a name that two cannot have', () => {
    const replaced = (name: string, madeUp: boolean, kind = {}): boolean => {
      const now = { zone: 'b', name, __defaults: madeUp ? ['name'] : [] };
      return difference({ facts, naming, ...kind }, { zone: 'a', name: 'x' }, now).deleteBeforeReplace;
    };
    expect(replaced('x', false)).toBe(true);
    expect(replaced('y', false)).toBe(false);
    expect(replaced('x', true)).toBe(false);
    expect(replaced('x', true, { deleteBeforeReplace: true })).toBe(true);
    expect(difference({ facts, deleteBeforeReplace: true }, { a: 1 }, { a: 2 }).deleteBeforeReplace).toBe(
      false,
    );
  });
});
