import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  boundaryArn,
  boundaryName,
  foundationKeys,
  trailBucketArn,
  trailLogArns,
} from '../../../components/aws/account-place.ts';
import { backendOf, withKey } from '../../../ops/bootstrap/backend.ts';
import { foundation, foundationNames, type FoundationPlace } from '../../../ops/bootstrap/foundation.ts';
import { ruleFromS3, rulesForS3 } from '../../../ops/bootstrap/lifecycle.ts';
import { refuse } from '../../../ops/bootstrap/make.ts';
import { sameForm, stepFor, type Part } from '../../../ops/bootstrap/part.ts';
import { planLines } from '../../../ops/bootstrap/report.ts';
import { placeOf } from '../../../ops/bootstrap.ts';
import { loadStackConfig } from '../../../ops/config.ts';
import { decide } from '../../../ops/twin/iam/decide.ts';
import { ask, readPolicy } from '../../components/aws/access.ts';

const place: FoundationPlace = {
  account: '123456789012',
  environment: 'prod',
  region: 'us-east-1',
  regions: ['us-east-1', 'us-west-2'],
  repository: 'coinestate/platform',
  people: { read: [], breakGlass: ['arn:aws:iam::123456789012:user/ada'] },
};
const names = foundationNames(place);
const keys = {
  [names.stateKey]: 'arn:aws:kms:us-east-1:123456789012:key/1',
  [names.trailKey]: 'arn:aws:kms:us-east-1:123456789012:key/2',
};
const parts = foundation(place, keys);

function setting(name: string, which: string): string {
  return parts.find((part) => part.name === name)?.settings[which] ?? '';
}

describe('the foundation of an account', () => {
  it('has a part once, keys before what they encrypt, and the trail after all that it needs', () => {
    const all = parts.map(({ kind, name }) => `${kind} ${name}`);
    expect(new Set(all).size).toBe(all.length);
    expect(all.indexOf(`key ${names.stateKey}`)).toBeLessThan(all.indexOf(`bucket ${names.stateBucket}`));
    expect(all.indexOf(`key ${names.trailKey}`)).toBeLessThan(all.indexOf(`bucket ${names.trailBucket}`));
    expect(all.at(-1)).toBe(`trail ${names.trail}`);
  });

  it('binds the deploy role to the repository and the environment, exactly', () => {
    const trust = setting('/cutover/cutover-prod-deploy', 'trust');
    expect(trust).toContain(
      '"token.actions.githubusercontent.com:sub":"repo:coinestate/platform:environment:prod"',
    );
    expect(trust).toContain('"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"');
    expect(trust).not.toContain('StringLike');
  });

  it('lets people act in an emergency only with a second factor', () => {
    expect(setting('/cutover/cutover-prod-break-glass', 'trust')).toContain(
      '"aws:MultiFactorAuthPresent":"true"',
    );
  });

  it('refuses what comes without TLS, and other keys, in both buckets', () => {
    for (const [bucket, key] of [
      [names.stateBucket, keys[names.stateKey]],
      [names.trailBucket, keys[names.trailKey]],
    ] as const) {
      expect(setting(bucket, 'policy')).toContain('"aws:SecureTransport":"false"');
      expect(setting(bucket, 'policy')).toContain(key);
      expect(setting(bucket, 'encryption')).toBe(key);
    }
  });

  it('keeps its buckets out of the names that the deploy role may change', () => {
    const mayChange = /arn:aws:s3:::(\*-prod-123456789012-\*)/.exec(
      setting('/cutover/cutover-prod-deploy-data', 'document'),
    )?.[1];
    expect(mayChange).toBeDefined();
    const pattern = new RegExp(`^${mayChange?.replaceAll('*', '.*')}$`);
    expect('coinestate-kyc-prod-123456789012-us-east-1').toMatch(pattern);
    for (const bucket of [names.stateBucket, names.trailBucket]) expect(bucket).not.toMatch(pattern);
  });

  it('has names that the policies of its roles mean', () => {
    const fits = (pattern: string): RegExp => new RegExp(`^${pattern.replaceAll('*', '[^/]*')}$`);
    for (const alias of [names.stateKey, names.trailKey]) expect(alias).toMatch(fits(foundationKeys(place)));
    expect(`arn:aws:s3:::${names.trailBucket}`).toMatch(fits(trailBucketArn(place)));
    expect(`arn:aws:s3:::${names.stateBucket}`).not.toMatch(fits(trailBucketArn(place)));
  });

  it('lets CloudTrail write into its one log, within the boundary, and CloudWatch encrypt it', () => {
    const log = 'arn:aws:logs:us-east-1:123456789012:log-group:/cutover/trail/prod';
    const role = '/cutover/cutover-prod-trail';
    expect(trailLogArns(place).map((arn) => arn.replace('*', 'us-east-1'))).toEqual([log, `${log}:*`]);
    expect(setting(role, 'boundary')).toBe(boundaryArn(place));
    const write = [setting(`${role}-write`, 'document')];
    const may = (
      action: string,
      stream: string,
      boundary = setting(`/cutover/prod/${boundaryName}`, 'document'),
    ) => ask(write, action, stream, {}, { boundary });
    const stream = `${log}:log-stream:123456789012_CloudTrail_us-east-1_2`;
    for (const action of ['logs:CreateLogStream', 'logs:PutLogEvents'])
      expect(may(action, stream)).toBe('allowed');
    expect(may('logs:PutLogEvents', stream.replace('prod', 'staging'))).toBe('implicit-deny');
    expect(may('logs:DeleteLogStream', stream)).toBe('implicit-deny');
    const encrypts = (group: string): string =>
      decide(
        { resource: readPolicy(setting(names.trailKey, 'policy'), 'resource') },
        {
          caller: { kind: 'service', name: 'logs.us-east-1.amazonaws.com' },
          action: 'kms:GenerateDataKey',
          resource: keys[names.trailKey] ?? '',
          account: place.account,
          context: { 'kms:EncryptionContext:aws:logs:arn': group },
        },
      );
    expect(encrypts(log)).toBe('allowed');
    expect(encrypts(log.replace('123456789012', '999999999999'))).toBe('implicit-deny');
  });

  it('keeps the log a year in prod, a month in staging', () => {
    expect(setting(names.trailLog, 'kept days')).toBe('365');
    const staging = foundation({ ...place, environment: 'staging' }, {});
    expect(staging.find(({ kind }) => kind === 'log group')?.settings['kept days']).toBe('30');
  });

  it('locks what the trail wrote: for good in prod, for a day in staging', () => {
    expect(setting(names.trailBucket, 'lock')).toBe('COMPLIANCE 365');
    const staging = foundation({ ...place, environment: 'staging' }, {});
    expect(staging.find(({ name }) => name.startsWith('cutover-trail-'))?.settings['lock']).toBe(
      'GOVERNANCE 1',
    );
  });

  it('has names that S3 takes', () => {
    const longest = foundationNames({
      account: '123456789012',
      environment: 'staging',
      region: 'ap-southeast-1',
    });
    for (const name of [longest.stateBucket, longest.trailBucket])
      expect(name.length).toBeLessThanOrEqual(63);
  });
});

describe('a step', () => {
  const part: Part = { kind: 'key', name: 'alias/x', settings: { rotation: 'on', state: 'Enabled' } };

  it.each([
    [{ kind: 'absent' }, 'create', ['rotation', 'state']],
    [{ kind: 'ours', settings: { rotation: 'on', state: 'Enabled', more: 'x' } }, 'leave', []],
    [{ kind: 'ours', settings: { rotation: 'off', state: 'Enabled' } }, 'mend', ['rotation']],
    [{ kind: 'ours', settings: {} }, 'mend', ['rotation', 'state']],
    [{ kind: 'foreign', why: 'it is theirs' }, 'refuse', []],
  ] as const)('for %j is: %s', (found, deed, wrong) => {
    expect(stepFor(part, found)).toMatchObject({ deed, wrong });
  });

  it('is told with what differs', () => {
    const step = stepFor(part, { kind: 'ours', settings: { rotation: 'off', state: 'Disabled' } });
    expect(planLines([step])[1]).toMatch(/~ mend +key +alias\/x +rotation, state/);
  });

  it('is refused with all others that are not ours', () => {
    const theirs = stepFor(part, { kind: 'foreign', why: 'it is theirs' });
    const other = stepFor({ ...part, name: 'alias/y' }, { kind: 'foreign', why: 'it is gone' });
    expect(() => refuse([theirs, other])).toThrow(/alias\/x: it is theirs\n.*alias\/y: it is gone/);
    expect(() => refuse([stepFor(part, { kind: 'absent' })])).not.toThrow();
  });
});

describe('two documents', () => {
  it('that say the same have the same form, in whatever order', () => {
    const one = '{"Statement":[{"Action":["b","a"],"Sid":"X"},{"Sid":"Y"}]}';
    const other = '{"Statement":[{"Sid":"Y"},{"Sid":"X","Action":["a","b"]}]}';
    expect(sameForm(one)).toBe(sameForm(other));
    expect(sameForm('{"Action":["a"]}')).toBe(sameForm('{"Action":"a"}'));
  });

  it('that say something else have another', () => {
    expect(sameForm('{"Effect":"Allow"}')).not.toBe(sameForm('{"Effect":"Deny"}'));
    expect(sameForm('no JSON')).toBe('no JSON');
  });

  it('have a form that stays as it is', () => {
    fc.assert(fc.property(fc.json(), (text) => sameForm(sameForm(text)) === sameForm(text)));
  });
});

describe('the lifecycle of a bucket', () => {
  it('is the same when S3 gives it back', () => {
    for (const bucket of [names.stateBucket, names.trailBucket]) {
      const text = setting(bucket, 'lifecycle');
      expect(sameForm(JSON.stringify(rulesForS3(text).map(ruleFromS3)))).toBe(text);
    }
  });
});

describe('the backend', () => {
  it('is the bucket and the key of the stack', () => {
    expect(backendOf(names, 'us-east-1', undefined)).toEqual({
      url: `s3://${names.stateBucket}?region=us-east-1`,
      secrets: `awskms://${names.stateKey}?region=us-east-1`,
    });
  });

  it('is written into the stack file once, below what is there', () => {
    const text = '# a remark\nconfig:\n  a: b\n';
    const once = withKey(text, 'awskms://alias/x?region=us-east-1', 'AAAA');
    expect(once).toBe(`${text}\nsecretsprovider: awskms://alias/x?region=us-east-1\nencryptedkey: AAAA\n`);
    expect(withKey(once, 'awskms://alias/x?region=us-east-1', 'AAAA')).toBe(once);
    expect(withKey(once, 'awskms://alias/y', 'BBBB')).toBe(
      `${text}\nsecretsprovider: awskms://alias/y\nencryptedkey: BBBB\n`,
    );
  });
});

describe('the place', () => {
  it('is what the stack file says', async () => {
    const config = await loadStackConfig('prod');
    const found = placeOf('prod', config, {});
    expect(found).toMatchObject({ account: '210987654321', environment: 'prod', region: 'us-east-1' });
    expect(found.endpoints).toContain('/cutover/prod/rpc/ethereum-1');
    expect(found.signers?.keys).toContain('alias/gemforce-prod-deployer');
    const access = { ...config.aws?.access, region: 'us-west-2' };
    const elsewhere = { ...config, aws: { ...config.aws, access } } as typeof config;
    expect(placeOf('prod', elsewhere, {}).region).toBe('us-west-2');
    expect(placeOf('prod', config, { region: 'us-west-2', repository: 'a/b' })).toMatchObject({
      region: 'us-west-2',
      repository: 'a/b',
    });
  });

  it('is not guessed', async () => {
    const config = await loadStackConfig('prod');
    expect(() => placeOf('prod', config, { region: 'mars-1' })).toThrow(/^CUT-5476.*mars-1/);
    expect(() => placeOf('prod', config, { repository: 'a/*' })).toThrow(/^CUT-5476.*workflows/);
    const dev = await loadStackConfig('dev');
    expect(() => placeOf('dev', dev, {})).toThrow(/^CUT-5470/);
  });
});
