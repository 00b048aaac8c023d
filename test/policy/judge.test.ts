import { describe, expect, it } from 'vitest';
import { exceptionFor, type PolicyException } from '../../policy/exceptions.ts';
import { placeOf, weigh } from '../../policy/judge.ts';
import { notKnown, resourceOf, wrong } from '../../policy/rule.ts';
import { readOnlyRoot } from '../../policy/rules/containers.ts';
import { at, jsonOf, unknown, valueOf } from '../../policy/values.ts';

const urn = 'urn:pulumi:prod::cutover::cutover:system:CoinEstate$aws:rds/instance:Instance::orders-us-east-1';
const exception = (resource: string, until = '2027-03-31'): PolicyException => ({
  policy: 'read-only-root',
  resource,
  reason: 'the vendor writes beside its program',
  until,
});
const excuses = (resource: string, until?: string): boolean =>
  exceptionFor(
    [exception(resource, until)],
    'read-only-root',
    { name: 'orders-us-east-1', urn },
    '2027-03-31',
  ) !== undefined;

describe('an exception', () => {
  it.each([
    'orders-us-east-1',
    urn,
    'urn:pulumi:prod::*::orders-*',
    'urn:*',
    'urn:*$aws:rds/*::orders-us-east-1',
  ])('holds for %s', (resource) => {
    expect(excuses(resource)).toBe(true);
  });

  it.each([
    'orders',
    '*',
    'orders-*',
    'urn:pulumi:staging::*',
    'urn:*::orders-eu-*',
    'urn:pulumi:prod::*orders-us-east-1*east-1',
    'urn:.*',
  ])('does not hold for %s', (resource) => {
    expect(excuses(resource)).toBe(false);
  });

  it('holds on its last day and not on the next', () => {
    expect(excuses(urn, '2027-03-31')).toBe(true);
    expect(excuses(urn, '2027-03-30')).toBe(false);
  });

  it('holds for its own policy alone', () => {
    expect(exceptionFor([exception(urn)], 'pinned-images', { name: '', urn }, '2027-01-01')).toBeUndefined();
  });
});

describe('a finding', () => {
  const task = { ...resourceOf({ type: 'aws:ecs/taskDefinition:TaskDefinition', name: 'api', props: {} }) };

  it('is refused with the policy, the resource and the remedy', () => {
    const [verdict] = weigh(
      readOnlyRoot,
      [wrong('it can be written', 'set x: true')],
      [task],
      [],
      '2027-01-01',
    );
    expect(verdict).toMatchObject({
      kind: 'refused',
      urn: task.urn,
      message: expect.stringMatching(
        /^CUT-5460 read-only-root: api \(aws:ecs:TaskDefinition\) is refused: it can be written\.\n {2}fix: set x: true\./,
      ) as unknown,
    });
  });

  it('is excused by an exception, and told until it is known', () => {
    const excused = weigh(readOnlyRoot, [wrong('w', 'r')], [task], [exception('api')], '2027-01-01');
    expect(excused).toEqual([{ kind: 'excused', exception: exception('api') }]);
    const later = weigh(readOnlyRoot, [notKnown('containerDefinitions')], [task], [], '2027-01-01');
    expect(later).toEqual([{ kind: 'later', policy: 'read-only-root', what: 'api (containerDefinitions)' }]);
  });
});

it('knows prod by the name of its stack', () => {
  const of = (stack: string) => placeOf(`urn:pulumi:${stack}::cutover::t::n`).environment;
  expect(['prod', 'prod-eu', 'staging', 'production', 'preprod'].map(of)).toEqual([
    'prod',
    'prod',
    'other',
    'other',
    'other',
  ]);
});

describe('values', () => {
  it('that are not known are so at any depth, and below', () => {
    const value = valueOf({ rules: [{ key: '04da6b54-80e4-46f7-96ec-b56ff0331ba9' }] });
    expect(at(value, 'rules.0.key')).toBe(unknown);
    expect(at(value, 'rules.0.key.id')).toBe(unknown);
    expect(at(value, 'rules.1.key')).toBeUndefined();
  });

  it('are not taken from what every object has', () => {
    expect(at({}, 'constructor.name')).toBeUndefined();
    expect(at('text', 'length')).toBeUndefined();
  });

  it('of broken JSON are nothing', () => {
    expect(jsonOf('{')).toBeUndefined();
    expect(jsonOf(unknown)).toBe(unknown);
  });
});
