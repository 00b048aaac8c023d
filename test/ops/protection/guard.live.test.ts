import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
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
import { awsEnvironment, startMoto, type Moto } from '../moto.ts';

const Bucket = 'cutover-state-123456789012-us-east-1-prod';
let moto: Moto;
let folder: string;
let s3: S3Client;

// The log of operations goes to the project's folder; here it is only looked at in the bucket.
vi.mock('../../../ops/operations-log.ts', () => ({
  recorded: async (_: string, __: object, work: () => Promise<{ exit: number }>) => (await work()).exit,
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
