import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '@cutover/base/project.ts';
import { describe, expect, it } from 'vitest';
import type { FactTable } from '../../../../../ops/twin/facts.ts';
import { kinds } from '../../../../../ops/twin/services/aws/index.ts';
import { ask } from '../fake-cloud.ts';

const table = JSON.parse(readFileSync(join(projectRoot, 'ops/twin/facts/aws.json'), 'utf8')) as FactTable;
const types = kinds.map(({ type }) => type);
const byType = kinds.map((kind) => [kind.type, kind] as const);

describe('the types of AWS that the twin plays', () => {
  it('names each once', () => {
    expect(types.filter((type, index) => types.indexOf(type) !== index)).toEqual([]);
  });

  it.each(byType)('%s is in the table', (type) => {
    expect(Object.keys(table.types)).toContain(type);
  });

  it.each(byType)('%s refers to types that are played', (_type, { references = [] }) => {
    expect(references.map(({ to }) => to).filter((to) => !types.includes(to))).toEqual([]);
  });

  it.each(byType)('%s refers by, replaces by and is named by what the table knows', (type, kind) => {
    const inputs = Object.keys(table.types[type]?.inputs ?? {});
    const named = [
      ...(kind.references ?? []).map(({ property }) => property.split('.')[0] ?? ''),
      ...(kind.replaces ?? []),
      ...(kind.updates ?? []),
      ...(kind.naming === undefined ? [] : [kind.naming.property]),
      ...Object.keys(kind.defaults?.({}) ?? {}),
    ];
    expect(named.filter((name) => !inputs.includes(name))).toEqual([]);
  });

  it.each(byType)('%s gives the outputs that the SDK has, and no others', (type, kind) => {
    const facts = table.types[type];
    const question = ask({ ...kind.defaults?.({}) });
    const id = kind.id(question, 'random');
    const given = [...Object.keys(kind.outputs(question, id)), ...(kind.arn === undefined ? [] : ['arn'])];
    const known = [...Object.keys(facts?.outputs ?? {}), ...Object.keys(facts?.inputs ?? {})];
    expect(given.filter((name) => !known.includes(name))).toEqual([]);
    const missing = Object.keys(facts?.outputs ?? {}).filter(
      (name) => !given.includes(name) && name !== 'tagsAll' && !(name in (facts?.inputs ?? {})),
    );
    expect(missing).toEqual([]);
  });
});
