import { describe, expect, it } from 'vitest';
import { CutoverError } from '@cutover/base/errors.ts';
import { releaseIn, releaseKeys } from '../../infra/releases.ts';
import { earlierRelease, rollbackLines, type RollbackResult } from '../../ops/rollback.ts';
import { keyOf } from '../../ops/system-name.ts';
import { configOf } from '../infra/config-kit.ts';

const rolled = (from: string, to: string, more: object = {}) => ({
  ...{ command: 'rollback', system: 'gemforce', from, to, exit: 0 },
  ...more,
});

describe('the release that was served before', () => {
  it.each([
    ['nothing is written down', [], 'v1', undefined],
    ['it was left once', [rolled('v1', 'v2')], 'v2', 'v1'],
    ['there and back', [rolled('v1', 'v2'), rolled('v2', 'v1')], 'v1', 'v2'],
    ['the file was changed by hand since', [rolled('v1', 'v2')], 'v1', 'v2'],
    ['the last time nothing changed', [rolled('v1', 'v2'), rolled('v2', 'v2')], 'v2', 'v1'],
    ['three releases', [rolled('v1', 'v2'), rolled('v2', 'v3')], 'v3', 'v2'],
    ['another system', [rolled('v1', 'v2', { system: 'godark' })], 'v2', undefined],
    ['a way that was refused', [rolled('v1', 'v2', { exit: 3 })], 'v1', undefined],
    ['a refused one behind a done one', [rolled('v2', 'v1'), rolled('v1', 'v3', { exit: 3 })], 'v1', 'v2'],
    ['a failed one that is to be undone', [rolled('v1', 'v2', { exit: 1 })], 'v2', 'v1'],
    ['a failed one that was undone', [rolled('v1', 'v2', { exit: 1 }), rolled('v2', 'v1')], 'v1', undefined],
    ['a pause', [rolled('running', 'paused', { command: 'pause' })], 'v2', undefined],
  ])('%s', (_, operations, current, expected) => {
    expect(earlierRelease(operations, 'gemforce', current)).toBe(expected);
  });
});

describe('the release that a diamond serves', () => {
  const facets = { v1: 'MarketplaceFacet', v2: 'MarketplaceFacetV2' };
  it('is told by the facet in its routes, by the whole name', () => {
    const other = { 'owner()': 'OwnershipFacet 0x01' };
    expect(releaseIn({ ...other, 'feeOf(uint256)': 'MarketplaceFacet 0x02' }, { facets })).toBe('v1');
    expect(releaseIn({ ...other, 'quote(uint256)': 'MarketplaceFacetV2 0x03' }, { facets })).toBe('v2');
    expect(releaseIn(other, { facets })).toBeUndefined();
  });
});

describe('the name of a system', () => {
  const keys = releaseKeys(configOf('dev'));
  const refused = (system: string): CutoverError => {
    try {
      keyOf(keys, system, 'CUT-5112');
    } catch (error) {
      if (error instanceof CutoverError) return error;
    }
    throw new Error(`${system} was taken`);
  };

  it('leads to its releases, the current one as the stack file has it', () => {
    expect(keyOf(keys, 'gemforce', 'CUT-5112')).toMatchObject({ current: 'v1', cut: 'gemforce-cut' });
  });

  it('is refused when it is misspelt, with the nearest, and with all when none is near', () => {
    expect(refused('gemfroce').message).toContain('Did you mean gemforce?');
    expect(refused('nonsense').message).toMatch(/: gemforce\.\n {2}fix: Name one of these/);
    expect(refused('toString').exit).toBe(2);
  });
});

describe('what a rollback tells', () => {
  const result = (more: Partial<RollbackResult>): RollbackResult => ({
    ...{ system: 'gemforce', what: 'the facet', from: 'v1', to: 'v2', serves: 'v2', waits: [] },
    ...more,
  });
  const told = (done: boolean, more: Partial<RollbackResult>): string =>
    rollbackLines('dev', done, result(more)).join('\n');

  it('is what is served and the way back', () => {
    expect(told(true, {})).toContain('Served now: v2 of the facet.');
    expect(told(true, {})).toContain('./cutover rollback dev gemforce --to v1 --reason TEXT');
    expect(told(true, { from: 'v2' })).not.toContain('Back again');
  });

  it('is what stands after a failed update, and that the file keeps the wish', () => {
    const failed = told(false, { serves: 'v1' });
    expect(failed).toContain('Not yet v2 of the facet: v1 is served.');
    expect(failed).toContain('Pulumi.dev.yaml says v2: the same command goes on from here');
    expect(told(false, { serves: undefined })).toContain('its chain does not answer');
    // The cut was made, and something behind it failed.
    expect(told(false, {})).toMatch(/Served now: v2 of the facet\.\nPulumi\.dev\.yaml says v2: the same/);
  });

  it('is what is missing where an authority has to agree', () => {
    const proposed = told(true, { serves: 'v1', waits: ['proposed: waits for 1 approval'] });
    expect(proposed).toMatch(/Not yet v2 .*\n {2}proposed: waits for 1 approval\n.*\.\/cutover approve dev/);
    expect(proposed).not.toContain('says v2');
  });
});
