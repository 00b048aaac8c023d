import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SigningKey } from 'ethers/crypto';
import { computeAddress, recoverAddress } from 'ethers/transaction';
import { keccak256 } from 'ethers/crypto';
import { toBeHex } from 'ethers/utils';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openAccount } from '@cutover/chain/evm/account.ts';
import { openCloud, type Cloud } from '../../ops/twin/cloud.ts';
import { cloudFile, makeCloudFile } from '../../ops/twin/cloud-file.ts';
import { startAwsEndpoint, type AwsEndpoint } from '../../ops/twin/live/aws-endpoint.ts';
import { putParameter } from '../../ops/twin/put-parameter.ts';
import { functions } from '../../ops/twin/services/aws/functions.ts';

// The AWS SDK and our own account over KMS, against the endpoint of the twin.
const alias = 'alias/deployer';
const key = new SigningKey(`0x${'11'.repeat(32)}`);
const region = 'us-east-1';
let folder: string;
let cloud: Cloud;
let endpoint: AwsEndpoint;
let options: {
  endpoint: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'aws-endpoint-'));
  makeCloudFile(cloudFile(folder), { account: '123456789012', seed: '', timeScale: 0 });
  cloud = openCloud(folder);
  endpoint = await startAwsEndpoint(cloud, {
    secrets: new Map([['/coinestate/staging/a/secret', 'kept elsewhere']]),
    keys: new Map([[alias, key]]),
  });
  options = {
    ...{ endpoint: endpoint.url, region },
    credentials: { accessKeyId: 'twin', secretAccessKey: 'twin' },
  };
  process.env['AWS_ACCESS_KEY_ID'] = process.env['AWS_SECRET_ACCESS_KEY'] = 'twin';
  putParameter(cloud, { name: '/coinestate/staging/jwt/secret', region, value: 'open sesame' });
  putParameter(cloud, { name: '/coinestate/staging/jwt/deep/secret', region, value: 'deeper' });
  putParameter(cloud, { name: '/coinestate/prod/jwt/secret', region, value: 'another' });
});
afterAll(async () => {
  delete process.env['AWS_ACCESS_KEY_ID'];
  delete process.env['AWS_SECRET_ACCESS_KEY'];
  await endpoint.close();
  cloud.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('the parameter store', () => {
  const name = '/coinestate/staging/jwt/secret';
  const read = async (WithDecryption: boolean, Name = name, where = region): Promise<unknown> => {
    const client = new SSMClient({ ...options, region: where, maxAttempts: 1 });
    const { Parameter } = await client.send(new GetParameterCommand({ Name, WithDecryption }));
    return Parameter?.Value;
  };

  it('gives a value that people put, decrypted only when asked to', async () => {
    expect(await read(true)).toBe('open sesame');
    expect(await read(false)).not.toBe('open sesame');
  });

  it('has nothing of another name or in another region', async () => {
    await expect(read(true, '/coinestate/staging/jwt/other')).rejects.toThrow(
      expect.objectContaining({ name: 'ParameterNotFound' }),
    );
    await expect(read(true, name, 'eu-west-1')).rejects.toThrow(
      expect.objectContaining({ name: 'ParameterNotFound' }),
    );
  });

  it('lists what is below a path for the program, without values that nobody asked for', () => {
    const list = (inputs: Record<string, string | boolean>) =>
      functions['aws:ssm/getParametersByPath:getParametersByPath']?.(
        inputs,
        { account: '123456789012', region },
        cloud.view(),
      );
    const all = list({ path: '/coinestate/staging/', recursive: true, withDecryption: false });
    expect(all).toMatchObject({
      names: ['/coinestate/staging/jwt/secret', '/coinestate/staging/jwt/deep/secret'],
      types: ['SecureString', 'SecureString'],
    });
    expect(JSON.stringify(all)).not.toContain('open sesame');
    expect(list({ path: '/coinestate/staging/jwt' })).toMatchObject({
      names: [name],
      values: ['open sesame'],
    });
    expect(list({ path: '/coinestate/staging/jw' })).toMatchObject({ names: [] });
  });

  it('keeps what it holds out of sight of the engine’s own files: the value is marked secret', () => {
    expect(cloud.things().map(({ secrets }) => secrets)).toEqual([['value'], ['value'], ['value']]);
  });
});

describe('Secrets Manager', () => {
  it('gives what it holds, and refuses the rest', async () => {
    const client = new SecretsManagerClient({ ...options, maxAttempts: 1 });
    const read = async (SecretId: string): Promise<unknown> =>
      (await client.send(new GetSecretValueCommand({ SecretId }))).SecretString;
    expect(await read('/coinestate/staging/a/secret')).toBe('kept elsewhere');
    await expect(read('/coinestate/staging/none')).rejects.toThrow(/find the specified secret/);
  });
});

describe('KMS', () => {
  it('signs, so that a chain knows the address', async () => {
    const signer = { kind: 'kms', key: alias, region, endpoint: endpoint.url } as const;
    const account = await openAccount(signer, { chainId: 1 });
    expect(account.address).toBe(computeAddress(key));
    for (let n = 0; n < 40; n++) {
      const digest = keccak256(toBeHex(n));
      expect(recoverAddress(digest, await account.signDigest(digest))).toBe(account.address);
    }
  });

  it('has no key of another alias', async () => {
    const signer = { kind: 'kms', key: 'alias/other', region, endpoint: endpoint.url } as const;
    await expect(openAccount(signer, { chainId: 1 })).rejects.toThrow(/CUT-229\d/);
  });
});

describe('anything else', () => {
  it('is refused by its name, never answered', async () => {
    const client = new SSMClient({ ...options, maxAttempts: 1 });
    const put = client.send(new PutParameterCommand({ Name: '/a', Value: 'b', Type: 'String' }));
    await expect(put).rejects.toThrow('The twin does not answer AmazonSSM.PutParameter.');
  });

  it('is refused without a signature, and when it cannot be read', async () => {
    const post = async (body: string): Promise<string> =>
      (await fetch(endpoint.url, { method: 'POST', body })).text();
    expect(await post('{}')).toContain('MissingAuthenticationToken');
    expect(await post('{')).toContain('SerializationException');
  });
});
