import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { faultOf, parseRule, type Call } from '../../../ops/twin/faults.ts';

const call: Call = { operation: 'create', type: 'aws:rds/instance:Instance', urn: 'urn:db', count: 1 };

describe('a rule of a fault', () => {
  it('is read from its words', () => {
    expect(parseRule('create aws:rds/instance:Instance #2 after')).toEqual({
      operation: 'create',
      type: 'aws:rds/instance:Instance',
      call: 2,
      fault: { how: 'after' },
    });
    expect(parseRule(' *  aws:*   12.5% throttled:3 ')).toEqual({
      operation: '*',
      type: 'aws:*',
      percent: 12.5,
      fault: { how: 'throttled', times: 3 },
    });
    expect(parseRule('configure * before ExpiredToken').fault).toEqual({
      how: 'before',
      code: 'ExpiredToken',
    });
    expect(parseRule('delete * slow:0.5').fault).toEqual({ how: 'slow', seconds: 0.5 });
    expect(parseRule('delete * dies-after').fault).toEqual({ how: 'dies-after' });
  });

  it.each([
    ['', '`` is none of create'],
    ['remove * before', '`remove` is none of create'],
    ['create', 'names no type'],
    ['create #1 before', 'names no type'],
    ['create * #0 before', '`#0` is neither'],
    ['create * x% before', '`x%` is neither'],
    ['create *', '`` is none of before'],
    ['create * later', '`later` is none of before'],
    ['create * before:3', 'takes no number'],
    ['create * throttled:x', 'not like throttled:3'],
    ['create * slow:0', 'not like slow:2.5'],
    ['create * dies-after now', '`now` is too much'],
    ['create * before Throttling twice', '`twice` is too much'],
  ])('%j is refused', (text, reason) => {
    expect(() => parseRule(text)).toThrow(/CUT-5330/);
    expect(() => parseRule(text)).toThrow(reason);
  });
});

describe('which calls fail', () => {
  const how = (rules: readonly string[], changes: Partial<Call> = {}, seed = 'seed'): string | undefined =>
    faultOf({ ...call, ...changes }, rules.map(parseRule), seed)?.how;

  it('is said by operation, type and the number of the call for that resource', () => {
    const rules = ['create aws:rds/*:Instance #1 before'];
    expect(how(rules)).toBe('before');
    expect(how(rules, { count: 2 })).toBeUndefined();
    expect(how(rules, { operation: 'delete' })).toBeUndefined();
    expect(how(rules, { type: 'aws:rds/instance:Instances' })).toBeUndefined();
    expect(how(rules, { type: 'aws:ecs/service:Service' })).toBeUndefined();
  });

  it('is said by the first rule that fits', () => {
    expect(how(['delete * before', '* * after', 'create * lost'])).toBe('after');
    expect(how([])).toBeUndefined();
  });

  it('is drawn from the seed, the same each time, in about so many as the share says', () => {
    const rules = ['* * 30% before'];
    const drawn = (seed: string): boolean[] =>
      Array.from({ length: 2000 }, (_, index) => how(rules, { urn: `urn:${index}` }, seed) !== undefined);
    expect(drawn('one')).toEqual(drawn('one'));
    expect(drawn('one')).not.toEqual(drawn('two'));
    expect(drawn('one').filter(Boolean).length).toBeGreaterThan(500);
    expect(drawn('one').filter(Boolean).length).toBeLessThan(700);
  });

  it('never for 0%, always for 100%', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(), (urn, count) => {
        expect(how(['* * 0% before'], { urn, count })).toBeUndefined();
        expect(how(['* * 100% before'], { urn, count })).toBe('before');
      }),
    );
  });
});
