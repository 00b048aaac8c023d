import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readAwsSecret } from '@cutover/base/aws-secrets.ts';
import { projectRoot } from '@cutover/base/project.ts';
import { describeSecret, readSecret, type SecretRef } from '@cutover/base/secrets.ts';
import { refusal } from '../chain/refusal.ts';
import { FakeParameterStore, refused } from './fake-parameter-store.ts';

const store = new FakeParameterStore();
const outer = { ...process.env };
let names = 0;

beforeAll(() => store.start());
afterAll(() => store.stop());
beforeEach(() => {
  store.requests.length = 0;
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: store.endpoint,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: 'eu-west-1',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: '/nowhere',
    AWS_SHARED_CREDENTIALS_FILE: '/nowhere',
  });
});
afterEach(() => {
  store.instead = undefined;
  for (const name of Object.keys(process.env).filter((each) => each.startsWith('AWS_'))) {
    Reflect.deleteProperty(process.env, name);
  }
  Object.assign(process.env, outer);
});

/** A name that nothing in this process has read yet. */
function newName(): string {
  return `/gemforce/staging/test/secret-${names++}`;
}

describe.each(['ssm', 'secretsManager'] as const)('a secret that AWS keeps (%s)', (kind) => {
  it('is read with a signed request, decrypted, in the region of the environment', async () => {
    const name = newName();
    store.values.set(name, 'correct horse');
    expect(await readSecret({ kind, name })).toBe('correct horse');
    expect(store.requests).toMatchObject([{ name, region: 'eu-west-1' }]);
  });

  it('is read in the region that the reference names, else in AWS_REGION, else in AWS_DEFAULT_REGION', async () => {
    const name = newName();
    store.values.set(name, 'correct horse');
    await readSecret({ kind, name, region: 'us-west-2' });
    Reflect.deleteProperty(process.env, 'AWS_REGION');
    process.env['AWS_DEFAULT_REGION'] = 'ap-southeast-1';
    await readSecret({ kind, name });
    expect(store.requests.map(({ region }) => region)).toEqual(['us-west-2', 'ap-southeast-1']);
  });

  it('is asked for once by all who want it at the same time and after', async () => {
    const name = newName();
    store.values.set(name, 'correct horse');
    const ref: SecretRef = { kind, name };
    const values = await Promise.all(Array.from({ length: 10 }, () => readSecret(ref)));
    values.push(await readSecret(ref));
    expect(new Set(values)).toEqual(new Set(['correct horse']));
    expect(store.requests).toHaveLength(1);
  });

  it('is asked for again when it could not be read', async () => {
    const name = newName();
    expect((await refusal(readSecret({ kind, name }))).code).toBe('CUT-1101');
    store.values.set(name, 'correct horse');
    expect(await readSecret({ kind, name })).toBe('correct horse');
  });

  it('is refused with what to do when it is not there', async () => {
    const name = newName();
    const error = await refusal(readSecret({ kind, name }));
    expect(error.code).toBe('CUT-1101');
    expect(error.message).toContain(`${kind}:${name} is not there`);
    expect(error.message).toContain('in eu-west-1');
    expect(error.remedy).toContain(
      kind === 'ssm' ? 'aws ssm put-parameter' : 'aws secretsmanager create-secret',
    );
  });

  it.each([
    [
      'AccessDeniedException',
      'User: arn:aws:iam::1:user/x is not authorized',
      'CUT-1102',
      /GetParameter|GetSecretValue/,
    ],
    ['ExpiredTokenException', 'The security token included in the request is expired', 'CUT-1103', /Sign in/],
    ['UnrecognizedClientException', 'The security token is invalid.', 'CUT-1103', /Sign in/],
    ['InternalServerError', 'An error occurred on the server side.', 'CUT-1106', /can be reached/],
  ] as const)('says what %s means', async (type, message, code, remedy) => {
    store.instead = refused(type, message);
    const error = await refusal(readSecret({ kind, name: newName() }));
    expect(error.code).toBe(code);
    expect(error.message).toContain(message);
    expect(error.remedy).toMatch(remedy);
  });

  it('says so when there are no credentials', async () => {
    Reflect.deleteProperty(process.env, 'AWS_ACCESS_KEY_ID');
    const error = await refusal(readSecret({ kind, name: newName() }));
    expect(error.code).toBe('CUT-1103');
    expect(store.requests).toEqual([]);
  });

  it('says so when nobody names a region', async () => {
    Reflect.deleteProperty(process.env, 'AWS_REGION');
    const error = await refusal(readSecret({ kind, name: newName() }));
    expect([error.code, error.remedy]).toEqual(['CUT-1104', expect.stringContaining('AWS_REGION')]);
  });

  it('is waited for so long and no longer', async () => {
    store.instead = 'silence';
    const ref = { kind, name: newName() };
    const began = performance.now();
    const error = await refusal(readAwsSecret(ref, describeSecret(ref), 400));
    expect(error.code).toBe('CUT-1105');
    expect(performance.now() - began).toBeLessThan(20_000);
  });

  it('says so when nothing listens', async () => {
    process.env['AWS_ENDPOINT_URL'] = 'http://127.0.0.1:1';
    const error = await refusal(readSecret({ kind, name: newName() }));
    expect(error.code).toBe('CUT-1106');
    expect(error.message).toContain('ECONNREFUSED');
  });

  it('shows nothing of an answer that it could not read', async () => {
    store.instead = [200, 'correct horse'];
    const error = await refusal(readSecret({ kind, name: newName() }));
    expect(error.code).toBe('CUT-1106');
    expect(error.message).not.toMatch(/correct/);
    expect(error.cause).toBeUndefined();
  });

  it('is refused when it is empty', async () => {
    store.instead = [200, kind === 'ssm' ? { Parameter: { Value: '' } } : { SecretBinary: 'AAEC' }];
    const error = await refusal(readSecret({ kind, name: newName() }));
    expect(error.code).toBe('CUT-1100');
    expect(error.remedy).toContain('as text');
  });
});

describe('a reference to AWS', () => {
  it('is told with the region that it names', () => {
    expect(describeSecret({ kind: 'ssm', name: '/a' })).toBe('ssm:/a');
    expect(describeSecret({ kind: 'ssm', name: '/a', region: 'us-east-1' })).toBe('ssm:/a in us-east-1');
  });

  it('loads the SDK only when one is read', async () => {
    const script = `
      import { Module } from 'node:module';
      const { readSecret } = await import('@cutover/base/secrets.ts');
      const loaded = () => Object.keys(Module._cache).filter((path) => path.includes('@aws-sdk')).length;
      await readSecret({ kind: 'env', name: 'PATH' });
      const before = loaded();
      await readSecret({ kind: 'ssm', name: '/x' }).catch(() => undefined);
      console.log(before, loaded());`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
      cwd: projectRoot,
    });
    const [before, after = 0] = stdout.trim().split(' ').map(Number);
    expect(before).toBe(0);
    expect(after).toBeGreaterThan(0);
  });
});
