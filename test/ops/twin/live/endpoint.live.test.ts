import { once } from 'node:events';
import { createServer } from 'node:net';
import { CloudWatchLogsClient, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  DescribeTasksCommand,
  ECSClient,
  RunTaskCommand,
  StopTaskCommand,
  type Task,
} from '@aws-sdk/client-ecs';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { processStartTime } from '@cutover/base/process-identity.ts';
import { startEndpoint, type GroundEndpoint } from '../../../../ops/twin/live/aws-endpoint.ts';
import { closeCompute, computeOf } from '../../../../ops/twin/live/compute.ts';
import { openAuthority } from '../../../../ops/twin/live/certificates.ts';
import { clusterBody } from '../../../../ops/twin/live/ecs/cluster.ts';
import { startGround, type RunningGround } from '../../../../ops/twin/live/ground.ts';
import { writeHolds } from '../../../../ops/twin/live/holds.ts';
import { clusterArn, definition, definitionArn, logGroup, surroundings } from './compute-help.ts';
import { account, liveCloud, place, until, type LiveCloud } from './ground-help.ts';

// The AWS SDK itself, against the endpoint of a ground.
const secretArn = `arn:aws:secretsmanager:us-east-1:${account}:secret:owner-AbCdEf`;
let live: LiveCloud;
let endpoint: GroundEndpoint;
let running: RunningGround;
let options: {
  readonly endpoint: string;
  readonly region: string;
  readonly maxAttempts: number;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
};
beforeAll(async () => {
  live = liveCloud();
  await writeHolds(live.folder, { secrets: new Map([['kept', 'by people']]), keys: new Map() });
  endpoint = await startEndpoint(live.folder, live.cloud);
  const authority = await openAuthority(live.folder);
  running = await startGround(live.folder, {
    ...{ cloud: live.cloud, kinds: [clusterBody], authority, endpointUrl: endpoint.url },
  });
  endpoint.attach(running.ground);
  options = {
    ...{ endpoint: endpoint.url, region: place.region, maxAttempts: 1 },
    credentials: { accessKeyId: 'twin', secretAccessKey: 'twin' },
  };
  for (const thing of surroundings) await live.put(thing);
  const secure = { type: 'SecureString', value: 'open sesame' };
  await live.put({ type: 'aws:ssm/parameter:Parameter', id: '/jwt', inputs: { name: '/jwt', ...secure } });
  await live.put({
    ...{ type: 'aws:secretsmanager/secret:Secret', id: secretArn },
    ...{ inputs: { name: 'owner' }, outputs: { arn: secretArn } },
  });
  for (const [id, password] of [
    ['1', 'old'],
    ['2', 'new'],
  ] as const) {
    await live.put({
      ...{ type: 'aws:secretsmanager/secretVersion:SecretVersion', id: `${secretArn}|${id}` },
      inputs: { secretId: secretArn, secretString: JSON.stringify({ password }) },
    });
  }
});
afterAll(async () => {
  await running.stop();
  await closeCompute(running.ground);
  await endpoint.close();
  await live.end();
});

/** Runs a line of JavaScript as a task, to its end. */
async function run(script: string, token?: string): Promise<Task> {
  const client = new ECSClient(options);
  const { tasks: [task] = [] } = await client.send(
    new RunTaskCommand({
      ...{ cluster: clusterArn, taskDefinition: definitionArn(1), startedBy: 'test', clientToken: token },
      overrides: {
        containerOverrides: [
          {
            name: 'api',
            command: ['node', '-e', script],
            environment: [{ name: 'GREETING', value: 'hello' }],
          },
        ],
      },
    }),
  );
  const look = async (): Promise<Task> => {
    const command = new DescribeTasksCommand({ cluster: clusterArn, tasks: [task?.taskArn ?? ''] });
    return (await client.send(command)).tasks?.[0] ?? {};
  };
  return until(look, ({ lastStatus }) => lastStatus === 'STOPPED');
}

async function logOf({ taskArn = '' }: Task): Promise<readonly (string | undefined)[]> {
  const client = new CloudWatchLogsClient(options);
  const logStreamName = `api/api/${taskArn.split('/').at(-1)}`;
  const command = new GetLogEventsCommand({ logGroupName: logGroup, logStreamName, startFromHead: true });
  const { events = [], nextForwardToken } = await client.send(command);
  const again = await client.send(
    new GetLogEventsCommand({ logGroupName: logGroup, logStreamName, nextToken: nextForwardToken }),
  );
  expect(again.events).toEqual([]);
  return events.map(({ message }) => message);
}

describe('a task that runs once', () => {
  beforeAll(async () => {
    const secrets = [
      { name: 'JWT', valueFrom: `arn:aws:ssm:us-east-1:${account}:parameter/jwt` },
      { name: 'PASSWORD', valueFrom: `${secretArn}:password::` },
    ];
    await live.put(definition(1, { SYSTEM: 'test' }, { secrets }));
  });

  it('has its overrides and its secrets, and its log and exit code are there', async () => {
    const task = await run('const e = process.env; console.log(e.SYSTEM, e.GREETING, e.JWT, e.PASSWORD)');
    expect(task.containers?.[0]).toMatchObject({ name: 'api', exitCode: 0 });
    expect(task).toMatchObject({ startedBy: 'test', stoppedReason: 'Essential container in task exited' });
    expect(await logOf(task)).toEqual(['test hello open sesame new']);
  });

  it('tells how it failed', async () => {
    const task = await run('console.error("no"); process.exit(7)');
    expect(task.containers?.[0]?.exitCode).toBe(7);
    expect(await logOf(task)).toEqual(['no']);
  });

  it('is started once for a token', async () => {
    const [one, other] = [await run('1', 'token'), await run('2', 'token')];
    expect(other.taskArn).toBe(one.taskArn);
  });

  it('reaches AWS itself as it would there', async () => {
    const script =
      "import('@aws-sdk/client-ssm').then(async ({ SSMClient, GetParameterCommand: G }) => " +
      "console.log((await new SSMClient().send(new G({ Name: '/jwt', WithDecryption: true }))).Parameter.Value))";
    expect(await logOf(await run(script))).toEqual(['open sesame']);
  });

  it('is stopped when somebody says so', async () => {
    const ended = run('setInterval(() => 0, 1000)', 'stopped');
    const client = new ECSClient(options);
    const arn = await until(
      () => taskArnOf('stopped'),
      (each) => each !== undefined,
    );
    await client.send(new StopTaskCommand({ cluster: clusterArn, task: arn ?? '', reason: 'enough' }));
    expect(await ended).toMatchObject({ stopCode: 'UserInitiated', stoppedReason: 'enough' });
  });

  it('is killed where it does not heed that, and so is what it has started', async () => {
    const child = "require('node:child_process').spawn('sleep', ['600'], { stdio: 'ignore' }).pid";
    const ended = run(
      `process.on('SIGTERM', () => 0); console.log(${child}); setInterval(() => 0, 1000)`,
      'deaf',
    );
    const arn = await until(
      () => taskArnOf('deaf'),
      (each) => each !== undefined,
    );
    const logs = (): Promise<readonly (string | undefined)[]> =>
      logOf({ taskArn: arn ?? '' }).catch(() => []);
    const [pid = ''] = await until(logs, (lines) => lines.length > 0);
    await new ECSClient(options).send(new StopTaskCommand({ cluster: clusterArn, task: arn ?? '' }));
    expect((await ended).containers?.[0]?.exitCode).toBe(137);
    expect(await processStartTime(Number(pid))).toBeUndefined();
  });

  it('does not start without its secrets, in the words of ECS', async () => {
    const secrets = [{ name: 'JWT', valueFrom: `arn:aws:ssm:us-east-1:${account}:parameter/none` }];
    await live.put(definition(1, {}, { secrets }));
    const task = await run('1');
    expect(task.stopCode).toBe('TaskFailedToStart');
    expect(task.stoppedReason).toMatch(/^ResourceInitializationError: .*invalid parameters: \/none/);
    expect(task.containers?.[0]?.exitCode).toBeUndefined();
  });

  it('is refused where its cluster or its definition is not there', async () => {
    const client = new ECSClient(options);
    const start = (cluster: string, taskDefinition: string): Promise<unknown> =>
      client.send(new RunTaskCommand({ cluster, taskDefinition }));
    await expect(start('other', definitionArn(1))).rejects.toThrow('Cluster not found.');
    await expect(start(clusterArn, definitionArn(9))).rejects.toThrow('TaskDefinition not found.');
  });
});

describe('secrets', () => {
  it('are those of people and of the program, the newest version', async () => {
    const client = new SecretsManagerClient(options);
    const read = async (SecretId: string): Promise<unknown> =>
      (await client.send(new GetSecretValueCommand({ SecretId }))).SecretString;
    expect([await read('kept'), await read(secretArn), await read('owner')]).toEqual([
      ...['by people', '{"password":"new"}', '{"password":"new"}'],
    ]);
    await expect(read('none')).rejects.toThrow(/find the specified secret/);
  });

  it('of the parameter store come several at once', async () => {
    const command = new GetParametersCommand({ Names: ['/jwt', '/none'], WithDecryption: true });
    const { Parameters = [], InvalidParameters } = await new SSMClient(options).send(command);
    expect([Parameters.map(({ Value }) => Value), InvalidParameters]).toEqual([['open sesame'], ['/none']]);
  });
});

describe('buckets', () => {
  const client = (): S3Client => new S3Client(options);
  const text = async (Bucket: string, Key: string, VersionId?: string): Promise<unknown> =>
    (await client().send(new GetObjectCommand({ Bucket, Key, VersionId }))).Body?.transformToString();
  beforeAll(async () => {
    for (const id of ['plain', 'versioned']) {
      await live.put({ type: 'aws:s3/bucket:Bucket', id, inputs: { bucket: id } });
    }
    await live.put({
      ...{ type: 'aws:s3/bucketVersioning:BucketVersioning', id: 'versioned' },
      inputs: { bucket: 'versioned', versioningConfiguration: { status: 'Enabled' } },
    });
  });

  it('keep what is put, with its type and metadata', async () => {
    const Key = 'kyc/ü & <a>.txt';
    await client().send(
      new PutObjectCommand({
        ...{ Bucket: 'plain', Key, Body: 'content', ContentType: 'text/plain', Metadata: { by: 'me' } },
      }),
    );
    expect(await text('plain', Key)).toBe('content');
    const head = await client().send(new HeadObjectCommand({ Bucket: 'plain', Key }));
    expect(head).toMatchObject({ ContentLength: 7, ContentType: 'text/plain', Metadata: { by: 'me' } });
    const part = await client().send(new GetObjectCommand({ Bucket: 'plain', Key, Range: 'bytes=1-3' }));
    expect(await part.Body?.transformToString()).toBe('ont');
  });

  it('keep versions where they are told to, and find what was deleted', async () => {
    const put = (Body: string) =>
      client().send(new PutObjectCommand({ Bucket: 'versioned', Key: 'k', Body }));
    const [one, two] = [await put('one'), await put('two')];
    expect([await text('versioned', 'k'), await text('versioned', 'k', one.VersionId)]).toEqual([
      'two',
      'one',
    ]);
    const gone = await client().send(new DeleteObjectCommand({ Bucket: 'versioned', Key: 'k' }));
    expect(gone.DeleteMarker).toBe(true);
    await expect(text('versioned', 'k')).rejects.toThrow('The specified key does not exist.');
    await client().send(
      new DeleteObjectCommand({ Bucket: 'versioned', Key: 'k', VersionId: gone.VersionId }),
    );
    expect(await text('versioned', 'k', two.VersionId)).toBe('two');
    expect(await text('versioned', 'k')).toBe('two');
  });

  it('list what is below a prefix, page by page', async () => {
    for (const Key of ['l/1', 'l/2', 'l/deep/3', 'm']) {
      await client().send(new PutObjectCommand({ Bucket: 'plain', Key, Body: Key }));
    }
    const list = (more: object) =>
      client().send(new ListObjectsV2Command({ Bucket: 'plain', Prefix: 'l/', ...more }));
    const flat = await list({ Delimiter: '/' });
    expect(flat.Contents?.map(({ Key }) => Key)).toEqual(['l/1', 'l/2']);
    expect(flat.CommonPrefixes).toEqual([{ Prefix: 'l/deep/' }]);
    const first = await list({ MaxKeys: 2 });
    expect([first.IsTruncated, first.Contents?.length]).toEqual([true, 2]);
    const second = await list({ MaxKeys: 2, ContinuationToken: first.NextContinuationToken });
    expect(second.Contents?.map(({ Key }) => Key)).toEqual(['l/deep/3']);
  });

  it('are refused where they are not in the cloud', async () => {
    await expect(text('nobody', 'k')).rejects.toThrow('The specified bucket does not exist');
  });
});

/** The ARN of the task that a token has started. */
function taskArnOf(token: string): string | undefined {
  return computeOf(running.ground)
    .tasks.all()
    .find((task) => task.token === `${token} 0`)?.arn;
}

it('an endpoint listens where the one before it did, and tells where somebody else does by now', async () => {
  const folder = live.folder;
  await endpoint.close();
  const again = await startEndpoint(folder, live.cloud);
  expect([again.url, again.lostPort]).toEqual([endpoint.url, undefined]);
  await again.close();
  const port = Number(new URL(endpoint.url).port);
  const stranger = createServer().listen(port, '127.0.0.1');
  await once(stranger, 'listening');
  const elsewhere = await startEndpoint(folder, live.cloud);
  expect([elsewhere.url === endpoint.url, elsewhere.lostPort]).toEqual([false, port]);
  await elsewhere.close();
  stranger.close();
});
