import { describe, expect, it } from 'vitest';
import { madeBy, refuseForeignState } from '../../../ops/twin/made-by.ts';

const twin = { type: 'pulumi:providers:aws', inputs: { region: 'us-east-1', cutoverTwin: 'true' } };
const real = { type: 'pulumi:providers:aws', inputs: { region: 'us-east-1' } };
const bare = { type: 'pulumi:providers:aws' };
const others = [
  { type: 'pulumi:providers:pulumi-nodejs', inputs: {} },
  { type: 'pulumi:pulumi:Stack' },
  { type: 'aws:ec2/vpc:Vpc', inputs: { cutoverTwin: 'true' } },
];

describe('who made a state', () => {
  it.each([
    ['twin', [twin, ...others]],
    ['real', [real, ...others]],
    ['real', [bare]],
    ['both', [twin, real]],
    ['nobody', others],
    ['nobody', []],
  ] as const)('is %s', (maker, resources) => {
    expect(madeBy({ resources })).toBe(maker);
  });

  it('is nobody where there is no state yet', () => {
    expect(madeBy({})).toBe('nobody');
  });

  it('must be the one who goes on', () => {
    expect(() => refuseForeignState('prod', { resources: [real] }, 'twin')).toThrow(
      /CUT-5310 The state of prod was made by the real provider aws/,
    );
    expect(() => refuseForeignState('prod', { resources: [twin] }, 'real')).toThrow(
      /CUT-5311 The state of prod was made by the twin of aws/,
    );
    for (const using of ['twin', 'real'] as const) {
      expect(() => refuseForeignState('prod', { resources: [twin, real] }, using)).toThrow(/CUT-531/);
      expect(() => refuseForeignState('prod', { resources: others }, using)).not.toThrow();
    }
    expect(() => refuseForeignState('prod', { resources: [twin] }, 'twin')).not.toThrow();
    expect(() => refuseForeignState('prod', { resources: [real] }, 'real')).not.toThrow();
  });
});
