import type * as S3Module from '@aws-sdk/client-s3';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { writeFileAtomic } from '@cutover/base/atomic-file.ts';
import { runtimeFolder } from '@cutover/base/project.ts';
import { clientOptions, inAws, unlessMissing } from '../bootstrap/aws.ts';
import type { Unlocked } from './plan.ts';

/** Where it is kept that a stack is unlocked: beside its state. */
export interface Unlocks {
  /** For people: a bucket, or a folder of this machine. */
  readonly place: string;
  readonly read: () => Promise<Unlocked | undefined>;
  readonly write: (unlocked: Unlocked) => Promise<void>;
  readonly remove: () => Promise<void>;
  /** Writes down for good what was done. Nothing where there is no bucket: there is the log of operations. */
  readonly keep: (deed: object) => Promise<void>;
  /** Who is at work, as the place knows them. */
  readonly who: () => Promise<string>;
}

/** The place for a stack: the bucket of its state, or the project's folder where the state is in none. */
export function unlocksOf(stack: string, env: NodeJS.ProcessEnv = process.env): Unlocks {
  const backend = env['PULUMI_BACKEND_URL'] ?? '';
  return backend.startsWith('s3://') ? inBucket(stack, new URL(backend)) : inFolder(stack);
}

function inFolder(stack: string): Unlocks {
  const file = join(runtimeFolder, stack, 'unlocked.json');
  return {
    place: 'this machine',
    read: async () => parse(await readFile(file, 'utf8').catch(() => '')),
    write: async (unlocked) => {
      await mkdir(join(runtimeFolder, stack), { recursive: true, mode: 0o700 });
      await writeFileAtomic(file, JSON.stringify(unlocked));
    },
    remove: () => rm(file, { force: true }),
    keep: () => Promise.resolve(),
    who: () => Promise.resolve(userName()),
  };
}

function inBucket(stack: string, backend: URL): Unlocks {
  const Bucket = backend.hostname;
  const region = backend.searchParams.get('region') ?? process.env['AWS_REGION'] ?? 'us-east-1';
  const endpoint = backend.searchParams.get('endpoint');
  const options = {
    ...clientOptions(region),
    ...(endpoint === null ? {} : { endpoint, forcePathStyle: true }),
  };
  const Key = `cutover/unlocked/${stack}.json`;
  async function inS3<T>(deed: string, work: (s3: S3) => Promise<T>): Promise<T> {
    const s3 = await import('@aws-sdk/client-s3');
    const client = new s3.S3Client(options);
    try {
      return await inAws(`${deed} in the bucket ${Bucket}`, () => work({ ...s3, client }));
    } finally {
      client.destroy();
    }
  }
  return {
    place: `the bucket ${Bucket}`,
    read: () =>
      inS3('look for the lock', async ({ client, GetObjectCommand }) => {
        const found = await unlessMissing(client.send(new GetObjectCommand({ Bucket, Key })));
        return parse((await found?.Body?.transformToString()) ?? '');
      }),
    write: (unlocked) =>
      inS3('keep the unlock', async ({ client, PutObjectCommand }) => {
        await client.send(new PutObjectCommand({ Bucket, Key, Body: JSON.stringify(unlocked) }));
      }),
    remove: () =>
      inS3('take back the unlock', async ({ client, DeleteObjectCommand }) => {
        await client.send(new DeleteObjectCommand({ Bucket, Key }));
      }),
    keep: (deed) =>
      inS3('write down what was done', async ({ client, PutObjectCommand }) => {
        const at = `cutover/operations/${stack}/${new Date().toISOString()}.json`;
        await client.send(new PutObjectCommand({ Bucket, Key: at, Body: JSON.stringify(deed) }));
      }),
    who: async () => {
      const { STSClient, GetCallerIdentityCommand } = await import('@aws-sdk/client-sts');
      const client = new STSClient(options);
      try {
        const { Arn } = await inAws('tell who is signed in', () =>
          client.send(new GetCallerIdentityCommand({})),
        );
        return Arn ?? userName();
      } finally {
        client.destroy();
      }
    },
  };
}

type S3 = typeof S3Module & { readonly client: S3Module.S3Client };

// What is torn or tampered with unlocks nothing.
function parse(text: string): Unlocked | undefined {
  try {
    return (JSON.parse(text) as Unlocked | null) ?? undefined;
  } catch {
    return undefined;
  }
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.()}`;
  }
}
