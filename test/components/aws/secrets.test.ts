import * as pulumi from '@pulumi/pulumi';
import { beforeEach, describe, expect, it } from 'vitest';
import { policyDocument } from '../../../components/aws/policy-document.ts';
import { missingSecrets, secretsInPlace, secretsOf } from '../../../components/aws/secrets.ts';
import { account, ask } from './access.ts';
import { refusal, someSite } from './described.ts';

const jwt = '/coinestate/staging/jwt/secret';
const kyc = '/coinestate/staging/kyc-provider/api-key';
const references = {
  JWT_SECRET: { kind: 'ssm', name: jwt },
  KYC_API_KEY: { kind: 'ssm', name: kyc },
} as const;

let asked: unknown[] = [];
let registered: string[] = [];
let answer: () => Record<string, unknown> = () => ({});
beforeEach(async () => {
  asked = [];
  registered = [];
  await pulumi.runtime.setMocks(
    {
      newResource: ({ name, type, inputs }) => {
        registered.push(type);
        return { id: name, state: inputs as Record<string, unknown> };
      },
      call: ({ token, inputs }) => {
        asked.push([token, inputs]);
        return answer();
      },
    },
    'cutover',
    'trial',
  );
});

describe('the secrets of a system', () => {
  it('are references: paths, ARNs, and reading exactly these', () => {
    const { names, arns, grant } = secretsOf(someSite(), references);
    expect(names).toEqual({ JWT_SECRET: jwt, KYC_API_KEY: kyc });
    expect(arns.JWT_SECRET).toBe(`arn:aws:ssm:us-east-1:${account}:parameter${jwt}`);
    const policy = policyDocument('start', 'inline', grant);
    const key = `arn:aws:kms:us-east-1:${account}:key/1`;
    const decrypt = (parameter: string, service = 'ssm.us-east-1.amazonaws.com'): string =>
      ask([policy], 'kms:Decrypt', key, {
        'kms:ViaService': service,
        'kms:EncryptionContext:PARAMETER_ARN': parameter,
      });
    expect(ask([policy], 'ssm:GetParameters', arns.KYC_API_KEY)).toBe('allowed');
    expect(ask([policy], 'ssm:GetParameters', `${arns.KYC_API_KEY}-other`)).toBe('implicit-deny');
    expect(ask([policy], 'ssm:PutParameter', arns.KYC_API_KEY)).toBe('implicit-deny');
    expect(decrypt(arns.JWT_SECRET)).toBe('allowed');
    expect(decrypt(`${arns.JWT_SECRET}-other`)).toBe('implicit-deny');
    expect(decrypt(arns.JWT_SECRET, 's3.us-east-1.amazonaws.com')).toBe('implicit-deny');
  });

  it.each([
    ['/godark/staging/jwt/secret', 'of another system'],
    ['/coinestate/prod/jwt/secret', 'of another environment'],
    ['/coinestate/staging/jwt', 'without an area'],
    ['coinestate/staging/jwt/secret', 'that is no path'],
    ['/coinestate/staging/JWT/Secret', 'in capitals'],
  ])('refuse %s, one %s', (name) => {
    const message = refusal('CUT-5400', () => secretsOf(someSite(), { JWT_SECRET: { kind: 'ssm', name } }));
    expect(message).toContain(`JWT_SECRET: "${name}" is not below /coinestate/staging/`);
  });

  it('grant nothing when there are none', () => {
    expect(secretsOf(someSite(), {}).grant).toEqual([]);
  });

  it('are looked for once, without their values being opened, and nothing is registered for them', async () => {
    answer = () => ({
      names: [kyc, jwt],
      types: ['SecureString', 'SecureString'],
      values: ['AQIC…', 'AQIC…'],
    });
    const site = someSite();
    await secretsInPlace(site, secretsOf(site, references).names);
    expect(asked).toEqual([
      [
        'aws:ssm/getParametersByPath:getParametersByPath',
        { path: '/coinestate/staging/', recursive: true, withDecryption: false, region: 'us-east-1' },
      ],
    ]);
    expect(registered.filter((type) => !type.startsWith('pulumi:'))).toEqual([]);
  });

  it('that are not there, or lie open, stop everything with how to write them', async () => {
    answer = () => ({ names: [jwt], types: ['String'], values: ['hunter2'] });
    const site = someSite();
    const refused = await secretsInPlace(site, secretsOf(site, references).names).catch(String);
    expect(refused).toContain('CUT-5433');
    expect(refused).toContain(`${jwt} (JWT_SECRET) is a String, in plain text`);
    expect(refused).toContain(`${kyc} (KYC_API_KEY) is not there`);
    expect(refused).toContain('--value file:///dev/stdin');
    expect(refused).not.toContain('hunter2');
  });

  it('that cannot be looked for say why', async () => {
    answer = () => {
      // As the engine hands on what a provider says.
      throw Object.assign(new Error('2 UNKNOWN'), { details: 'AccessDeniedException: not authorized' });
    };
    const refused = await secretsInPlace(someSite(), { JWT_SECRET: jwt }).catch(String);
    expect(refused).toContain('CUT-5434');
    expect(refused).toContain('AccessDeniedException');
  });

  it('are not taken for others with a longer path', () => {
    expect(missingSecrets({ JWT_SECRET: jwt }, { names: [`${jwt}-old`], types: ['SecureString'] })).toEqual([
      `${jwt} (JWT_SECRET) is not there`,
    ]);
  });
});
