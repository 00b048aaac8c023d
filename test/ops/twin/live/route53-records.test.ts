import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  chosenRecords,
  named,
  readRecord,
  type DnsRecord,
} from '../../../../ops/twin/live/route53/records.ts';

const record = (value: string, given: Partial<DnsRecord> = {}): DnsRecord => ({
  ...{ name: 'api.test', type: 'A', ttl: 60, values: [value], policy: { kind: 'simple' } },
  ...given,
});
const values = (records: readonly DnsRecord[]): readonly string[] => records.flatMap((each) => each.values);
const choose = (records: readonly DnsRecord[], ill: readonly string[] = [], share = 0): readonly string[] =>
  values(chosenRecords(records, 'api.test', 'A', (each) => !ill.includes(each.values[0] ?? ''), share));

describe('which record answers', () => {
  const failover = [
    record('second', { policy: { kind: 'failover', role: 'SECONDARY' } }),
    record('first', { policy: { kind: 'failover', role: 'PRIMARY' } }),
  ];

  it('is the primary while it is well, then the secondary, and the primary again where neither is', () => {
    expect(choose(failover)).toEqual(['first']);
    expect(choose(failover, ['first'])).toEqual(['second']);
    expect(choose(failover, ['second'])).toEqual(['first']);
    expect(choose(failover, ['first', 'second'])).toEqual(['first']);
  });

  it('is drawn by weight among those that are well; one without weight only where none has any', () => {
    const weighted = (value: string, weight: number): DnsRecord =>
      record(value, { policy: { kind: 'weighted', weight } });
    const three = [weighted('a', 1), weighted('b', 3), weighted('c', 0)];
    expect([choose(three, [], 0.2), choose(three, [], 0.3), choose(three, [], 0.99)]).toEqual([
      ['a'],
      ['b'],
      ['b'],
    ]);
    expect(choose(three, ['b'], 0.99)).toEqual(['a']);
    expect(choose(three, ['a', 'b'], 0)).toEqual(['a']);
    expect(choose([weighted('a', 0), weighted('b', 0)], ['a'])).toEqual(['b']);
  });

  it('is each that is well, eight at most, where several answer', () => {
    const nine = Array.from({ length: 9 }, (_, n) => record(String(n), { policy: { kind: 'several' } }));
    expect(choose(nine, ['0'])).toEqual(['1', '2', '3', '4', '5', '6', '7', '8']);
    expect(choose(nine)).toHaveLength(8);
  });

  it('is the simple one, well or not', () => {
    expect(choose([record('a')], ['a'])).toEqual(['a']);
  });

  it('never is nothing where the name has a record of the type', () => {
    const policies = fc.constantFrom<DnsRecord['policy']>(
      { kind: 'weighted', weight: 0 },
      { kind: 'weighted', weight: 5 },
      { kind: 'failover', role: 'SECONDARY' },
      { kind: 'nearest' },
    );
    fc.assert(
      fc.property(fc.array(policies, { minLength: 1 }), fc.boolean(), (given, isWell) => {
        const records = given.map((policy, n) => record(String(n), { policy }));
        return chosenRecords(records, 'api.test', 'A', () => isWell, 0.5).length > 0;
      }),
    );
  });
});

describe('a name', () => {
  it('is answered by its own records, else by the nearest wildcard', () => {
    const all = [
      record('star', { name: '*.test' }),
      record('deep', { name: '*.a.test' }),
      record('own', { name: 'x.a.test' }),
    ];
    expect(['x.a.test', 'y.a.test', 'y.test', 'test'].map((name) => values(named(all, name)))).toEqual([
      ...[['own'], ['deep'], ['star'], []],
    ]);
  });

  it('is read as Route 53 keeps it', () => {
    const thing = {
      ...{ type: '', id: '', account: '', region: '', createdMs: 0, readyMs: 0 },
      outputs: { fqdn: 'API.test.' },
      inputs: {
        ...{ type: 'A', healthCheckId: 'h', setIdentifier: 'one' },
        aliases: [{ name: 'dualstack.lb-1.us-east-1.elb.amazonaws.com', evaluateTargetHealth: true }],
        failoverRoutingPolicies: [{ type: 'SECONDARY' }],
      },
    };
    expect(readRecord(thing)).toEqual({
      ...{ name: 'api.test', type: 'A', ttl: 60, values: [], healthCheck: 'h' },
      alias: { name: 'lb-1.us-east-1.elb.amazonaws.com', asksTarget: true },
      policy: { kind: 'failover', role: 'SECONDARY' },
    });
  });
});
