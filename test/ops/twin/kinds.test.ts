import { describe, expect, it } from 'vitest';
import type { Kind } from '../../../ops/twin/kind.ts';
import { stepsOf } from '../../../ops/twin/paths.ts';
import { loadPart, playedNames } from '../../../ops/twin/providers.ts';

const parts = await Promise.all(playedNames.map(loadPart));

describe.each(parts)('the kinds of $provider.name', ({ provider, table }) => {
  const { kinds } = provider;

  it('are told once each', () => {
    const types = kinds.map(({ type }) => type);
    expect(types.filter((type, index) => types.indexOf(type) !== index)).toEqual([]);
  });

  it('all have facts', () => {
    expect(kinds.map(({ type }) => type).filter((type) => table.types[type] === undefined)).toEqual([]);
  });

  it('refer to kinds that are played', () => {
    const types = new Set(kinds.map(({ type }) => type));
    const dead = kinds.flatMap(({ type, references = [] }) =>
      references.filter(({ to }) => !types.has(to)).map(({ to }) => `${type} -> ${to}`),
    );
    expect(dead).toEqual([]);
  });

  it('name arguments and outputs that there are', () => {
    const strangers = kinds.flatMap((kind) => {
      const facts = table.types[kind.type];
      const known = new Set([...Object.keys(facts?.inputs ?? {}), ...Object.keys(facts?.outputs ?? {})]);
      return namesIn(kind)
        .filter((name) => !known.has(name))
        .map((name) => `${kind.type}: ${name}`);
    });
    expect(strangers).toEqual([]);
  });
});

function namesIn(kind: Kind): string[] {
  const { naming, replaces = [], updates = [], secret = [], references = [] } = kind;
  const paths = [...replaces, ...updates, ...secret, ...references.map(({ property }) => property)];
  return [
    ...paths.map((path) => stepsOf(path)[0] ?? ''),
    ...(naming === undefined ? [] : [naming.property]),
    ...Object.keys(kind.defaults?.({}) ?? {}),
  ];
}
