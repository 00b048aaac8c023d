import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import {
  AttachRolePolicyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  DeleteRoleCommand,
  IAMClient,
  ListPoliciesCommand,
  ListRolesCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  DescribeLogGroupsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { CreateKeyCommand, DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  ListBucketsCommand,
  PutBucketTaggingCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { fromRoot } from '@cutover/base/project.ts';
import { clientOptions } from '../../../ops/bootstrap/aws.ts';
import { orphans } from '../../../ops/orphans.ts';
import { pulumiEnvironment } from '../../../ops/pulumi-environment.ts';
import { twinMark } from '../../../ops/twin/provider-config.ts';
import { awsEnvironment, startMoto, type Moto } from '../moto.ts';
import { startFakeCloudTrail } from './fake-cloud-trail.ts';

const account = '123456789012';
const ours = { System: 'coinestate', Environment: 'staging', ManagedBy: 'cutover' };
const rolePath = '/cutover/staging/services/';

let moto: Moto;
let folder: string;
beforeAll(async () => {
  moto = await startMoto();
  folder = await mkdtemp(join(tmpdir(), 'cutover-orphans-test-'));
  for (const [name, value] of Object.entries(awsEnvironment(moto.url))) vi.stubEnv(name, value);
  vi.stubEnv('CUTOVER_TWIN', undefined);
  vi.stubEnv('PULUMI_HOME', join(folder, 'home'));
  vi.stubEnv('PULUMI_BACKEND_URL', `${pathToFileURL(join(folder, 'state')).href}?create_dir=true`);
  vi.stubEnv('PULUMI_CONFIG_PASSPHRASE', 'only here');
  await writeFile(join(folder, 'Pulumi.yaml'), 'name: cutover\nruntime: nodejs\n');
  await pulumi('stack', 'init', 'staging', '--no-select', '--secrets-provider', 'passphrase');
  for (const stack of ['staging', 'prod']) {
    await copyFile(fromRoot(`Pulumi.${stack}.yaml`), join(folder, `Pulumi.${stack}.yaml`));
  }
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await moto.stop();
  await rm(folder, { recursive: true, force: true });
});

async function pulumi(...args: readonly string[]): Promise<string> {
  const env = pulumiEnvironment(['--stack', 'staging']);
  return (await promisify(execFile)('pulumi', [...args, '--non-interactive'], { cwd: folder, env })).stdout;
}

/** Writes the state of the stack: one resource of the provider, and these. */
async function state(
  resources: readonly { readonly type: string; readonly id: string; readonly arn: string }[],
  provider: object = {},
): Promise<void> {
  const urn = (type: string, name: string): string => `urn:pulumi:staging::cutover::${type}::${name}`;
  const exported = JSON.parse(await pulumi('stack', 'export', '--stack', 'staging')) as {
    deployment: object;
  };
  const providers = { type: 'pulumi:providers:aws', id: '1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed' };
  const made = [
    { ...providers, urn: urn(providers.type, 'account'), custom: true, inputs: provider, outputs: provider },
    ...resources.map(({ type, id, arn }) => ({
      ...{ type, id, urn: urn(type, id), custom: true },
      ...{ inputs: {}, outputs: { arn }, provider: `${urn(providers.type, 'account')}::${providers.id}` },
    })),
  ];
  const file = join(folder, 'import.json');
  await writeFile(
    file,
    JSON.stringify({ ...exported, deployment: { ...exported.deployment, resources: made } }),
  );
  await pulumi('stack', 'import', '--stack', 'staging', '--file', file);
}

interface Report {
  readonly orphans: readonly {
    readonly type: string;
    readonly id: string;
    readonly region: string;
    readonly cost?: string;
  }[];
  readonly problem?: string;
  readonly lines?: readonly string[];
  readonly resources: number;
  readonly deleted?: readonly { readonly type: string; readonly id: string }[];
  readonly stays?: readonly { readonly type: string; readonly id: string; readonly why: string }[];
}

async function run(
  more: object = {},
  stack = 'staging',
  expected = 0,
): Promise<{ said: string; report: Report }> {
  let said = '';
  const write = vi
    .spyOn(process.stdout, 'write')
    .mockImplementation((text) => ((said += String(text)), true));
  const quiet = vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
  try {
    const exit = await orphans(
      stack,
      { twin: false, delete: false, import: false, yes: false, json: true, ...more },
      folder,
    );
    expect(exit).toBe(expected);
    return {
      said,
      report: said.startsWith('{') ? (JSON.parse(said) as Report) : { orphans: [], resources: 0 },
    };
  } finally {
    write.mockRestore();
    quiet.mockRestore();
  }
}

const tagList = (tags: object) => Object.entries(tags).map(([Key, Value]) => ({ Key, Value: String(Value) }));

async function key(region: string, tags: object = ours): Promise<{ id: string; arn: string }> {
  const kms = new KMSClient(clientOptions(region));
  const Tags = Object.entries(tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue: String(TagValue) }));
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Tags }));
  kms.destroy();
  return { id: KeyMetadata?.KeyId ?? '', arn: KeyMetadata?.Arn ?? '' };
}

it('finds in AWS what the state does not know, and says how each is deleted', async () => {
  const s3 = new S3Client(clientOptions('us-east-1'));
  const iam = new IAMClient(clientOptions('us-east-1'));
  const bucket = async (Bucket: string, tags: object): Promise<void> => {
    await s3.send(new CreateBucketCommand({ Bucket }));
    await s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: tagList(tags) } }));
  };
  const role = async (RoleName: string, Path: string): Promise<void> => {
    const AssumeRolePolicyDocument = '{"Version":"2012-10-17","Statement":[]}';
    await iam.send(new CreateRoleCommand({ RoleName, Path, AssumeRolePolicyDocument }));
  };
  const kept = await key('us-east-1');
  const lost = await key('us-west-2', { ...ours, Name: 'logs-key' });
  const trail = await startFakeCloudTrail({
    [lost.id]: [{ name: 'CreateKey', at: new Date('2026-11-20T12:00:00Z') }],
  });
  vi.stubEnv('AWS_ENDPOINT_URL_CLOUDTRAIL', trail.url);
  await key('us-east-1', { ...ours, Environment: 'prod' });
  await bucket('lost-bucket', ours);
  await bucket('state-bucket', { ...ours, System: 'bootstrap' });
  await bucket('somebodys-bucket', { Owner: 'somebody' });
  await role('kept-role', rolePath);
  await role('lost-role', rolePath);
  await role('cutover-staging-deploy', '/cutover/');
  const PolicyDocument = '{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}';
  await iam.send(
    new CreatePolicyCommand({
      PolicyName: 'lost-policy',
      Path: rolePath,
      PolicyDocument,
      Tags: tagList(ours),
    }),
  );
  await state([
    { type: 'aws:kms/key:Key', ...kept },
    { type: 'aws:iam/role:Role', id: 'kept-role', arn: `arn:aws:iam::${account}:role${rolePath}kept-role` },
  ]);

  const { report, said } = await run();
  expect(report.resources).toBe(3);
  expect(report.orphans.map(({ type, id }) => `${type} ${id}`).sort()).toEqual([
    'iam/policy lost-policy',
    'iam/role lost-role',
    `kms/key ${lost.id}`,
    's3/bucket lost-bucket',
  ]);
  expect(report.orphans.find(({ id }) => id === lost.id)?.region).toBe('us-west-2');
  expect(report.orphans.find(({ id }) => id === 'lost-role')).toHaveProperty('created');
  expect(report.orphans.find(({ id }) => id === lost.id)).toMatchObject({
    ...{ created: '2026-11-20T12:00:00.000Z', cost: 'fixed', monthlyUsd: 1, name: 'logs-key' },
  });
  const costs = Object.fromEntries(report.orphans.map(({ id, cost }) => [id, cost]));
  expect(costs).toMatchObject({ 'lost-role': 'nothing', 'lost-policy': 'nothing', 'lost-bucket': 'by use' });
  // There is no program in this folder.
  expect(report.problem).toBeTruthy();
  expect(report.lines).toContain(
    `aws kms schedule-key-deletion --key-id ${lost.id} --pending-window-in-days 30 --region us-west-2`,
  );
  expect(report.lines).toContain('aws iam delete-role --role-name lost-role');
  expect(said).not.toMatch(/wJalrXUtnFEMI|AKIAIOSFODNN7/);

  // What was deleted meanwhile is no longer shown.
  await iam.send(new DeleteRoleCommand({ RoleName: 'lost-role' }));
  await s3.send(new DeleteBucketCommand({ Bucket: 'lost-bucket' }));
  const { said: text } = await run({ json: false });
  expect(text).toMatch(/^What staging has left in account 123456789012, us-east-1, us-west-2/);
  expect(text).not.toMatch(/lost-role|lost-bucket/);
  expect(text).toContain(lost.id);
  expect(text).toMatch(/^TYPE +ARN OR ID +REGION +AGE +A MONTH$/m);
  expect(text).toMatch(/key\/\S+ +us-west-2 +\d+ (d|h) .* 1\.00$/m);
  expect(text).toMatch(/^1\.00 USD a month: list prices of us-east-1/m);
  await trail.stop();
  vi.stubEnv('AWS_ENDPOINT_URL_CLOUDTRAIL', undefined);
  [s3, iam].forEach((client) => client.destroy());
});

it('deletes in AWS what holds no data, and says why the rest stays', async () => {
  await moto.reset();
  const [s3, iam] = [new S3Client(clientOptions('us-east-1')), new IAMClient(clientOptions('us-east-1'))];
  const [logs, kms] = [
    new CloudWatchLogsClient(clientOptions('eu-west-1')),
    new KMSClient(clientOptions('us-east-1')),
  ];
  const kept = { type: 'aws:kms/key:Key', ...(await key('us-east-1')) };
  await state([kept]);
  const lost = await key('us-east-1');
  for (const Bucket of ['empty-bucket', 'full-bucket']) {
    await s3.send(new CreateBucketCommand({ Bucket }));
    await s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: tagList(ours) } }));
  }
  await s3.send(new PutObjectCommand({ Bucket: 'full-bucket', Key: 'passport.pdf', Body: 'x' }));
  const PolicyDocument = '{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}';
  const { Policy } = await iam.send(
    new CreatePolicyCommand({
      PolicyName: 'lost-policy',
      Path: rolePath,
      PolicyDocument,
      Tags: tagList(ours),
    }),
  );
  const RoleName = 'lost-role';
  const AssumeRolePolicyDocument = '{"Version":"2012-10-17","Statement":[]}';
  await iam.send(new CreateRoleCommand({ RoleName, Path: rolePath, AssumeRolePolicyDocument }));
  await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: Policy?.Arn }));
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'grants', PolicyDocument }));
  await logs.send(new CreateLogGroupCommand({ logGroupName: '/lost/api', tags: ours }));

  const { report } = await run({ delete: true, yes: true }, 'staging', 1);
  expect(report.deleted?.map(({ type }) => type).sort()).toEqual([
    'iam/policy',
    'iam/role',
    'kms/key',
    'logs/log-group',
    's3/bucket',
  ]);
  expect(report.stays).toEqual([
    expect.objectContaining({
      type: 's3/bucket',
      id: 'full-bucket',
      why: expect.stringMatching(/not empty/) as string,
    }),
  ]);
  const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
  expect(Buckets.map(({ Name }) => Name)).toEqual(['full-bucket']);
  expect((await iam.send(new ListRolesCommand({ PathPrefix: rolePath }))).Roles).toEqual([]);
  expect((await iam.send(new ListPoliciesCommand({ PathPrefix: rolePath }))).Policies).toEqual([]);
  expect((await logs.send(new DescribeLogGroupsCommand({}))).logGroups).toEqual([]);
  const stateOf = async (KeyId: string): Promise<string | undefined> =>
    (await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.KeyState;
  expect(await stateOf(lost.id)).toBe('PendingDeletion');
  expect(await stateOf(kept.id)).toBe('Enabled');
  [s3, iam, logs, kms].forEach((client) => client.destroy());
});

it('deletes and imports nothing where the state knows none of it, nor where nobody can be asked', async () => {
  await moto.reset();
  await state([]);
  const lost = await key('us-east-1');
  await expect(run({ delete: true, yes: true })).rejects.toMatchObject({ code: 'CUT-5489', exit: 3 });
  await expect(run({ import: true, yes: true })).rejects.toMatchObject({ code: 'CUT-5489', exit: 3 });
  await state([{ type: 'aws:kms/key:Key', ...(await key('us-east-1')) }]);
  await expect(run({ delete: true })).rejects.toMatchObject({ code: 'CUT-5477', exit: 2 });
  await expect(run({ import: true, yes: true })).rejects.toMatchObject({ code: 'CUT-5490' });
  const kms = new KMSClient(clientOptions('us-east-1'));
  expect((await kms.send(new DescribeKeyCommand({ KeyId: lost.id }))).KeyMetadata?.KeyState).toBe('Enabled');
  kms.destroy();
});

it('refuses a state of the twin, one that cannot be read, and the credentials of another account', async () => {
  await state([], { [twinMark]: 'yes' });
  await expect(run()).rejects.toMatchObject({ code: 'CUT-5311', exit: 3 });
  vi.stubEnv('PULUMI_BACKEND_URL', pathToFileURL(join(folder, 'home')).href);
  await expect(run()).rejects.toMatchObject({ code: 'CUT-5486' });
  await expect(run({}, 'prod')).rejects.toMatchObject({ code: 'CUT-5471', exit: 3 });
});
