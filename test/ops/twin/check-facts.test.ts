import { describe, expect, it } from 'vitest';
import { checkFacts } from '../../../ops/twin/check-facts.ts';
import type { Fact } from '../../../ops/twin/facts.ts';
import { secret, unknownValue, type HeldMap } from '../../../ops/twin/held.ts';

const facts: Readonly<Record<string, Fact>> = {
  name: { type: 'string', required: true, minLength: 2, maxLength: 5, pattern: '[a-z]+' },
  engine: { type: 'string', enum: ['postgres', 'mysql'] },
  storage: { type: 'number', min: 20, max: 100 },
  count: { type: 'number', min: 1 },
  public: { type: 'boolean' },
  subnets: {
    type: 'list',
    minItems: 1,
    maxItems: 2,
    unique: true,
    items: { type: 'string', pattern: 'subnet-.+' },
  },
  tags: { type: 'map', items: { type: 'string' } },
  network: {
    type: 'object',
    fields: {
      vpc: { type: 'string', required: true },
      ports: { type: 'list', items: { type: 'number', max: 65535 } },
    },
  },
  anything: { type: 'any' },
  rule: {
    type: 'object',
    fields: { port: { type: 'number' }, all: { type: 'list', items: { type: 'object', like: 'rule' } } },
  },
};

const failures = (inputs: HeldMap): readonly string[] =>
  checkFacts({ name: 'abc', ...inputs }, facts).map(({ property, reason }) => `${property}: ${reason}`);

describe('arguments compared with what is known of them', () => {
  it('pass when all is right, and what the provider keeps for itself is none of them', () => {
    const inputs = {
      ...{ engine: 'postgres', storage: 20, count: '3', public: 'true', subnets: ['subnet-1', 'subnet-2'] },
      ...{ tags: { 'a b': 'c' }, network: { vpc: 'v', ports: [1, 65535] }, anything: [1, { a: 2 }] },
      __defaults: ['engine'],
    };
    expect(failures(inputs)).toEqual([]);
  });

  it.each<[HeldMap, string]>([
    [{ engin: 'x' }, 'engin: Invalid or unknown key "engin". Did you mean "engine"?'],
    [{ zebra: 'x' }, 'zebra: Invalid or unknown key "zebra".'],
    [
      { network: { vpc: 'v', port: [] } },
      'network.port: Invalid or unknown key "port". Did you mean "ports"?',
    ],
    [
      { network: {} },
      'network.vpc: Missing required argument. The argument "vpc" is required, but no definition was found.',
    ],
    [{ storage: 'many' }, 'storage: expected number, got string'],
    [{ subnets: 'subnet-1' }, 'subnets: expected list, got string'],
    [{ tags: ['a'] }, 'tags: expected map, got list'],
    [{ network: 'v' }, 'network: expected object, got string'],
    [{ public: 'yes' }, 'public: expected boolean, got string'],
    [{ name: { a: 'b' } }, 'name: expected string, got object'],
    [{ engine: 'oracle' }, 'engine: expected engine to be one of ["postgres" "mysql"], got oracle'],
    [{ storage: 19 }, 'storage: expected storage to be in the range (20 - 100), got 19'],
    [{ storage: 101 }, 'storage: expected storage to be in the range (20 - 100), got 101'],
    [{ count: 0 }, 'count: expected count to be at least (1), got 0'],
    [
      { network: { vpc: 'v', ports: [80, 70000] } },
      'network.ports[1]: expected network.ports[1] to be at most (65535), got 70000',
    ],
    [{ name: 'a' }, 'name: expected length of name to be in the range (2 - 5), got a'],
    [{ name: 'AB' }, 'name: invalid value for name (must match [a-z]+), got AB'],
    [{ name: 'ab1' }, 'name: invalid value for name (must match [a-z]+), got ab1'],
    [
      { subnets: [] },
      'subnets: Not enough list items. Attribute subnets requires 1 item minimum, but config has only 0 declared.',
    ],
    [
      { subnets: ['subnet-1', 'subnet-2', 'subnet-3'] },
      'subnets: Too many list items. Attribute subnets supports 2 item maximum, but config has 3 declared.',
    ],
    [{ subnets: ['subnet-1', 'subnet-1'] }, 'subnets[1]: expected items of subnets to be unique'],
    [
      { rule: { all: [{ port: 1, all: [{ prot: 2 }] }] } },
      'rule.all[0].all[0].prot: Invalid or unknown key "prot". Did you mean "port"?',
    ],
    [{ subnets: ['vpc-1'] }, 'subnets[0]: invalid value for subnets[0] (must match subnet-.+), got vpc-1'],
  ])('%j is refused: %s', (inputs, message) => {
    expect(failures(inputs)).toEqual([message]);
  });

  it('miss what is required', () => {
    expect(checkFacts({}, facts)).toEqual([
      {
        property: 'name',
        reason: 'Missing required argument. The argument "name" is required, but no definition was found.',
      },
    ]);
  });

  it('count as given when they are not known yet, in lists too', () => {
    expect(
      failures({ name: unknownValue, storage: unknownValue, subnets: [unknownValue, unknownValue] }),
    ).toEqual([]);
    expect(failures({ subnets: [unknownValue, unknownValue, unknownValue] })[0]).toMatch(
      /Too many list items/,
    );
  });

  it('are not shown when they are secret, or in a secret', () => {
    expect(failures({ engine: secret('hunter2') })).toEqual([
      'engine: expected engine to be one of ["postgres" "mysql"], got [secret]',
    ]);
    expect(failures({ subnets: secret(['hunter2']) }).join()).not.toContain('hunter2');
  });
});
