import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { fromRoot } from '@cutover/base/project.ts';
import { clientOptions } from '../../../ops/bootstrap/aws.ts';
import { lock, unlock } from '../../../ops/lock.ts';
import { guardCommandLine, guardDestroy } from '../../../ops/protection/guard.ts';
import { pulumiEnvironment } from '../../../ops/pulumi-environment.ts';
import { twinMark } from '../../../ops/twin/provider-config.ts';
import { awsEnvironment, startMoto, type Moto } from '../moto.ts';

const Bucket = 'cutover-state-123456789012-us-east-1-prod';
let moto: Moto;
let folder: string;
let s3: S3Client;

// The log of operations goes to the project's folder; here it is only looked at in the bucket.
vi.mock('../../../ops/operations-log.ts', () => ({
  recorded: async (_: string, __: object, work: () => Promise<{ exit: number }>) => (await work()).exit,
  refuseUnwritableLog: () => Promise.resolve(),
}));

beforeAll(async () => {
  moto = await startMoto();
  folder = await mkdtemp(join(tmpdir(), 'cutover-protection-test-'));
});
afterAll(async () => {
  s3.destroy();
  vi.unstubAllEnvs();
  await moto.stop();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await moto.reset();
  for (const [name, value] of Object.entries(awsEnvironment(moto.url))) vi.stubEnv(name, value);
  vi.stubEnv(
    'PULUMI_BACKEND_URL',
    `s3://${Bucket}?region=us-east-1&endpoint=${moto.url}&s3ForcePathStyle=true`,
  );
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  s3 = new S3Client(clientOptions('us-east-1'));
  await s3.send(new CreateBucketCommand({ Bucket }));
});

const destroy = ['destroy', '--yes', '-s', 'prod'];
const told = { reason: 'INC-12: the old database goes', for: '2h', json: false };

describe('prod', () => {
  it('is not destroyed before it is unlocked, and not after it is locked again', async () => {
    await expect(guardCommandLine(destroy)).rejects.toMatchObject({ code: 'CUT-5480', exit: 3 });
    await expect(guardDestroy('prod', './cutover down prod')).rejects.toMatchObject({
      code: 'CUT-5480',
      exit: 3,
    });
    expect(await unlock('prod', told)).toBe(0);
    await expect(guardCommandLine(destroy)).resolves.toBeUndefined();
    await expect(guardDestroy('prod', './cutover down prod')).resolves.toBeUndefined();
    expect(await lock('prod')).toBe(0);
    await expect(guardCommandLine(destroy)).rejects.toMatchObject({ code: 'CUT-5480' });
    expect(await lock('prod')).toBe(0);
  });

  it('is locked by itself when the time is over', async () => {
    await unlock('prod', told, Date.now() - 2 * 3_600_000 - 1000);
    await expect(guardDestroy('prod', 'x')).rejects.toMatchObject({ code: 'CUT-5480' });
  });

  it('stays locked where what unlocks it is torn', async () => {
    await s3.send(
      new PutObjectCommand({ Bucket, Key: 'cutover/unlocked/prod.json', Body: '{"stack":"prod","unt' }),
    );
    await expect(guardDestroy('prod', 'x')).rejects.toMatchObject({ code: 'CUT-5480' });
  });

  it('is meant too where its name is written in full', async () => {
    await expect(guardCommandLine(['destroy', '-s', 'organization/cutover/prod'])).rejects.toThrow(
      /^CUT-5480/,
    );
    await expect(guardCommandLine(['stack', 'rm', 'prod'])).rejects.toThrow(/^CUT-5480/);
  });

  it('leaves in its bucket who unlocked it, why, and until when', async () => {
    await unlock('prod', told);
    const { Contents = [] } = await s3.send(
      new ListObjectsV2Command({ Bucket, Prefix: 'cutover/operations/prod/' }),
    );
    expect(Contents).toHaveLength(1);
    const kept = await s3.send(new GetObjectCommand({ Bucket, Key: Contents[0]?.Key }));
    expect(JSON.parse((await kept.Body?.transformToString()) ?? '')).toMatchObject({
      command: 'unlock',
      reason: told.reason,
      by: 'arn:aws:sts::123456789012:user/moto',
      until: expect.stringMatching(/^\d{4}-/) as string,
    });
  });

  it('is not updated where nobody can tell what would be deleted', async () => {
    vi.stubEnv('PULUMI_BACKEND_URL', pathToFileURL(folder).href);
    vi.stubEnv('PULUMI_HOME', join(folder, 'home'));
    await expect(guardCommandLine(['up', '--yes', '-s', 'prod'])).rejects.toMatchObject({
      code: 'CUT-5481',
      exit: 3,
    });
  });

  it('needs a reason and a time', async () => {
    await expect(unlock('prod', { ...told, reason: '  ' })).rejects.toThrow(/^CUT-5484/);
    await expect(unlock('prod', { ...told, for: '3d' })).rejects.toThrow(/^CUT-5482/);
    await expect(guardDestroy('prod', 'x')).rejects.toThrow(/^CUT-5480/);
  });

  it('ends a command with 3 and says how to go on', async () => {
    const { code, said } = await run('pulumi', ...destroy);
    expect(code).toBe(3);
    expect(said).toContain('./cutover unlock prod --reason');
    expect((await run('down', 'prod')).code).toBe(3);
  });
});

describe('staging and dev', () => {
  it.each(['staging', 'dev'])('%s has no lock', async (stack) => {
    await expect(guardDestroy(stack, 'x')).resolves.toBeUndefined();
    await expect(unlock(stack, told)).rejects.toMatchObject({ code: 'CUT-5483', exit: 2 });
  });

  it('a stack that is not there is said to be none', async () => {
    await expect(unlock('nowhere', told)).rejects.toThrow(/^CUT-1001/);
  });
});

describe('a state that the twin has made', () => {
  beforeEach(() => {
    vi.stubEnv('PULUMI_HOME', join(folder, 'home'));
    vi.stubEnv('PULUMI_BACKEND_URL', `${pathToFileURL(join(folder, 'state')).href}?create_dir=true`);
    vi.stubEnv('PULUMI_CONFIG_PASSPHRASE', 'only here');
    vi.stubEnv('CUTOVER_TWIN', undefined);
  });

  it.each([
    ['pulumi', 'preview', '-s', 'staging'],
    ['pulumi', 'up', '--yes', '-s', 'staging'],
    ['pulumi', 'refresh', '--yes', '--stack=staging'],
    ['pulumi', 'destroy', '--yes', '-s', 'organization/cutover/staging'],
    ['down', 'staging'],
  ])('is kept from the real providers: ./cutover %s %s', async (...command) => {
    await stateMadeWith({ [twinMark]: '.cutover/twin/staging' });
    const { code, said } = await run(...command);
    expect(said).toMatch(/^CUT-5311 The state of staging was made by the twin of aws/);
    expect(code).toBe(3);
  });

  it('is no obstacle to the twin, which in turn is kept from what is real', async () => {
    vi.stubEnv('CUTOVER_TWIN', join(folder, 'twin'));
    await stateMadeWith({ [twinMark]: '.cutover/twin/staging' });
    await expect(guardCommandLine(['up', '-s', 'staging'])).resolves.toBeUndefined();
    await stateMadeWith({});
    await expect(guardCommandLine(['up', '-s', 'staging'])).rejects.toMatchObject({
      code: 'CUT-5310',
      exit: 3,
    });
  });

  it('can be looked at and removed', async () => {
    await stateMadeWith({ [twinMark]: '.cutover/twin/staging' });
    for (const command of ['stack', 'state', 'config', 'cancel'])
      await expect(guardCommandLine([command, '-s', 'staging'])).resolves.toBeUndefined();
  });
});

/** Writes a state of staging with one provider of AWS. */
async function stateMadeWith(inputs: object): Promise<void> {
  const place = join(folder, 'program');
  await mkdir(place, { recursive: true });
  await writeFile(join(place, 'Pulumi.yaml'), 'name: cutover\nruntime: nodejs\n');
  const pulumi = async (...args: string[]): Promise<string> => {
    const env = pulumiEnvironment(['--stack', 'staging']);
    return (await promisify(execFile)('pulumi', [...args, '--non-interactive'], { cwd: place, env })).stdout;
  };
  await pulumi('stack', 'init', 'staging', '--no-select', '--secrets-provider', 'passphrase').catch(() => '');
  const kept = JSON.parse(await pulumi('stack', 'export', '--stack', 'staging')) as { deployment: object };
  const type = 'pulumi:providers:aws';
  const urn = `urn:pulumi:staging::cutover::${type}::aws`;
  const provider = {
    urn,
    type,
    custom: true,
    id: '1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed',
    inputs,
    outputs: inputs,
  };
  const file = join(place, 'state.json');
  await writeFile(
    file,
    JSON.stringify({ ...kept, deployment: { ...kept.deployment, resources: [provider] } }),
  );
  await pulumi('stack', 'import', '--stack', 'staging', '--file', file);
}

async function run(...args: string[]): Promise<{ code: number; said: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [fromRoot('ops/main.ts'), ...args],
      { env: process.env },
      (_, out, err) => resolve({ code: child.exitCode ?? -1, said: out + err }),
    );
  });
}
