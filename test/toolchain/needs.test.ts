import { describe, expect, it } from 'vitest';
import { needOf, partsOf } from '../../toolchain/needs.ts';

describe('what a command needs before it runs', () => {
  it.each([
    ['', 'packages'],
    ['help', 'packages'],
    ['--version', 'packages'],
    ['config dev --json', 'packages'],
    ['status', 'packages'],
    ['doctor', 'packages'],
    ['doctor --bring', 'everything'],
    ['no-such-command', 'packages'],
    ['up', 'everything'],
    ['up dev --json', 'everything'],
    ['up --help', 'packages'],
    ['up staging', 'engine'],
    ['down', 'engine'],
    ['pause dev gemforce --reason x', 'engine'],
    ['resume dev gemforce', 'engine'],
    ['test chain', 'everything'],
    ['pulumi stack ls', 'engine'],
    ['pulumi up -s dev', 'everything'],
    ['pulumi -s dev up', 'everything'],
    ['pulumi up -s prod', 'engine'],
    ['pulumi preview -s dev', 'engine'],
  ])('%s: %s', (line, need) => {
    expect(needOf(line.split(' ').filter(Boolean))).toBe(need);
  });

  it('always begins with the packages', () => {
    for (const need of ['packages', 'engine', 'everything'] as const) {
      expect(partsOf(need)[0]).toBe('packages');
    }
  });
});
