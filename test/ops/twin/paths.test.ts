import { describe, expect, it } from 'vitest';
import { childPath, stepsOf, touches, valuesAt, withValueAt } from '../../../ops/twin/paths.ts';

describe('paths', () => {
  it('quote names that are no words', () => {
    expect(childPath('tags', 'a.b"c')).toBe('tags["a.b\\"c"]');
    expect(stepsOf('tags["a.b\\"c"].d[0].*')).toEqual(['tags', 'a.b"c', 'd', '0', '*']);
  });

  it('lead to every item', () => {
    const values = { a: { list: [{ id: 'x' }, { id: 'y' }, {}] } };
    expect(valuesAt(values, 'a.list.*.id')).toEqual([
      { path: 'a.list[0].id', value: 'x' },
      { path: 'a.list[1].id', value: 'y' },
    ]);
    expect(valuesAt(values, 'a.list[1].id')).toEqual([{ path: 'a.list[1].id', value: 'y' }]);
    expect(valuesAt(values, 'a.none.*')).toEqual([]);
    expect(valuesAt(values, 'a.list.id')).toEqual([]);
  });

  it.each([
    ['a', 'a', true],
    ['a[0]', 'a', true],
    ['a', 'a.b', true],
    ['a[3].b', 'a.b', true],
    ['ab', 'a', false],
    ['a.b', 'a.c', false],
  ])('%s and %s: one is the other or holds it is %s', (one, other, expected) => {
    expect(touches(one, other)).toBe(expected);
  });

  it('are written to in a copy', () => {
    const values = { tags: { Name: 'a' }, list: [1, 2] };
    expect(withValueAt(values, 'tags.Owner', 'me')).toEqual({
      tags: { Name: 'a', Owner: 'me' },
      list: [1, 2],
    });
    expect(withValueAt(values, 'list[0]', 5)).toEqual({ tags: { Name: 'a' }, list: [5, 2] });
    expect(withValueAt(values, 'list[0]', undefined)).toEqual({ tags: { Name: 'a' }, list: [2] });
    expect(withValueAt(values, 'tags', undefined)).toEqual({ list: [1, 2] });
    expect(values).toEqual({ tags: { Name: 'a' }, list: [1, 2] });
  });
});
