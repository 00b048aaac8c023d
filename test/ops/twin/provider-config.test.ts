import { describe, expect, it } from 'vitest';
import { secret, type HeldMap } from '../../../ops/twin/held.ts';
import { toy } from './toy-cloud.ts';

const configure = (config: HeldMap): void => void toy(config);

describe('the configuration of the provider', () => {
  it('is refused where an argument is unknown or of the wrong type', () => {
    const { provider } = toy();
    const { inputs, failures } = provider.checkConfig(
      {},
      {
        region: 'us-east-1',
        regoin: 'x',
        skipRegionValidation: '"maybe"',
        defaultTags: '{"tagz":{}}',
        version: '7.48.0',
      },
    );
    expect(failures.map(({ property }) => property).sort()).toEqual([
      'defaultTags.tagz',
      'regoin',
      'skipRegionValidation',
    ]);
    expect(inputs['cutoverTwin']).toBe('true');
  });

  it('may be secret as a whole', () => {
    const { provider } = toy();
    const tags = secret('{"tags":{"a":"b"}}');
    expect(provider.checkConfig({}, { defaultTags: tags }).failures).toEqual([]);
    const { check } = toy({ defaultTags: tags });
    expect(check('aws:ec2/vpc:Vpc', 'n', { cidrBlock: '10.0.0.0/16' }).inputs['tags']).toEqual({ a: 'b' });
  });

  it.each([
    [{ region: '' }, 'CUT-5320 No region is configured'],
    [{ region: 'us_east' }, 'CUT-5321 Invalid AWS Region: us_east'],
    [{ allowedAccountIds: '["222222222222"]' }, 'CUT-5322 AWS account ID not allowed: 111111111111'],
    [{ forbiddenAccountIds: ['111111111111'] }, 'CUT-5322 AWS account ID not allowed: 111111111111'],
  ])('%j is refused', (config, message) => {
    expect(() => configure(config)).toThrow(message);
  });

  it('leads to another account by the role that it assumes', async () => {
    const role = 'arn:aws:iam::222222222222:role/deploy';
    const { make } = toy({ assumeRoles: [{ roleArn: role }] });
    const { properties } = await make('aws:ec2/vpc:Vpc', 'n', { cidrBlock: '10.0.0.0/16' });
    expect(properties['ownerId']).toBe('222222222222');
  });

  it('fails where credentials are told to have expired', () => {
    const { cloud, provider } = toy();
    cloud.setFaults(['configure * before ExpiredToken']);
    expect(() => provider.configure({ region: 'us-east-1', cutoverTwin: 'true' }, 'urn')).toThrow(
      /validating provider credentials: .* api error ExpiredToken/,
    );
  });

  it('without the mark of the twin belongs to the real provider, and is refused', () => {
    const { provider } = toy();
    const urn = 'urn:pulumi:prod::cutover::pulumi:providers:aws::main';
    expect(() => provider.configure({ region: 'us-east-1' }, urn)).toThrow(
      /CUT-5310 The state of prod was made by the real provider aws/,
    );
    expect(() => provider.diffConfig({ region: 'us-east-1' }, {})).toThrow('CUT-5310');
    expect(() => provider.checkConfig({ region: 'us-east-1' }, {})).toThrow('CUT-5310');
  });
});
