import { describe, expect, it } from 'vitest';
import { readConfig } from '../../infra/config.ts';
import { checkExceptionsOn } from '../../infra/config/check-policy.ts';
import { edited, refusalOf } from './config-kit.ts';

const day = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
const exception = {
  policy: 'pinned-images',
  resource: 'coinestate-api-task-us-east-1',
  reason: 'the new registry has no digests yet',
  until: day(30),
};
const staging = (more: object) => edited('staging', { policyExceptions: [{ ...exception, ...more }] });

describe('exceptions from policies', () => {
  it('are taken with a reason and a day that is to come', () => {
    const { policyExceptions } = readConfig(staging({}), { stack: 'staging' });
    expect(policyExceptions).toEqual([exception]);
  });

  it.each([
    ['no reason', { reason: undefined }, 'cutover:policyExceptions[0].reason', 'is missing'],
    [
      'a word in place of a reason',
      { reason: 'temporary' },
      '[0].reason',
      'a reason, in three words or more',
    ],
    ['no day', { until: undefined }, '[0].until', 'is missing'],
    ['a day that is past', { until: day(-1) }, '[0].until', 'which is past; do what pinned-images wants'],
    ['a day that there is not', { until: '2027-02-30' }, '[0].until', 'which is no day'],
    ['a day in ten years', { until: day(3650) }, '[0].until', 'an exception lasts a year at most'],
    ['all resources', { resource: '*' }, '[0].resource', 'the name of a resource, or a URN'],
    ['all resources by their URN', { resource: 'urn:*' }, '[0].resource', 'the name of a resource, or a URN'],
    [
      'a whole stack',
      { resource: 'urn:pulumi:prod::*::*' },
      '[0].resource',
      'the name of a resource, or a URN',
    ],
    ['a key that is not known', { owner: 'me' }, '[0].owner', 'is not a key that is known here'],
  ])('are refused with %s', (_, more, path, wrong) => {
    const message = refusalOf(staging(more), 'staging');
    expect(message).toContain(path);
    expect(message).toContain(wrong);
  });

  it('hold to the end of their last day', () => {
    const on = (now: string) =>
      checkExceptionsOn(new Date(now), { policyExceptions: [{ ...exception, until: '2027-03-31' }] });
    expect(on('2027-03-31T23:59:59Z')).toEqual([]);
    expect(on('2027-04-01T00:00:00Z')).toHaveLength(1);
  });
});
