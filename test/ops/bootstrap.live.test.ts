import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudTrailClient, DescribeTrailsCommand, UpdateTrailCommand } from '@aws-sdk/client-cloudtrail';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  DeleteLogGroupCommand,
  DescribeLogGroupsCommand,
  PutRetentionPolicyCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import {
  CreateRoleCommand,
  DeleteRolePermissionsBoundaryCommand,
  DetachRolePolicyCommand,
  IAMClient,
  ListPoliciesCommand,
  ListRolesCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import {
  DescribeKeyCommand,
  DisableKeyRotationCommand,
  KMSClient,
  ListKeysCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import {
  DeletePublicAccessBlockCommand,
  ListBucketsCommand,
  PutBucketTaggingCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { fromRoot } from '@cutover/base/project.ts';
import { clientOptions } from '../../ops/bootstrap/aws.ts';
import type { FoundationPlace } from '../../ops/bootstrap/foundation.ts';
import { openFoundry } from '../../ops/bootstrap/make.ts';
import { bootstrap, placeOf } from '../../ops/bootstrap.ts';
import { loadStackConfig } from '../../ops/config.ts';
import { awsEnvironment, startGate, startMoto, type Moto } from './moto.ts';

let moto: Moto;
let folder: string;
let place: FoundationPlace;
const options = { yes: true, json: false };

beforeAll(async () => {
  moto = await startMoto();
  folder = await mkdtemp(join(tmpdir(), 'cutover-bootstrap-test-'));
  place = placeOf('staging', await loadStackConfig('staging'), {});
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await moto.stop();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await moto.reset();
  for (const stack of ['staging', 'prod']) {
    await copyFile(fromRoot(`Pulumi.${stack}.yaml`), join(folder, `Pulumi.${stack}.yaml`));
  }
  through(moto.url);
  vi.stubEnv('PULUMI_HOME', join(folder, 'pulumi'));
});

function through(url: string): void {
  for (const [name, value] of Object.entries(awsEnvironment(url))) vi.stubEnv(name, value);
}

/** Runs it, with all that it printed. */
async function run(stack = 'staging', more: object = {}): Promise<{ exit: number; said: string }> {
  let said = '';
  const catchIt = (text: string | Uint8Array): boolean => ((said += String(text)), true);
  const out = vi.spyOn(process.stdout, 'write').mockImplementation(catchIt);
  const err = vi.spyOn(process.stderr, 'write').mockImplementation(catchIt);
  try {
    return { exit: await bootstrap(stack, { ...options, ...more }, folder), said };
  } finally {
    out.mockRestore();
    err.mockRestore();
  }
}

async function make(): Promise<void> {
  const foundry = openFoundry(place);
  await foundry.make(() => undefined).finally(() => foundry.close());
}

async function deeds(): Promise<Readonly<Record<string, string>>> {
  const foundry = openFoundry(place);
  const steps = await foundry.plan().finally(() => foundry.close());
  return Object.fromEntries(
    steps
      .filter(({ deed }) => deed !== 'leave')
      .map(({ part, deed, wrong }) => [`${part.kind} ${part.name}`, `${deed} ${wrong.join()}`]),
  );
}

/** How many there are of what must not be there twice. */
async function counts(): Promise<Readonly<Record<string, number | undefined>>> {
  const [iam, logs, kms, s3] = [
    new IAMClient(clientOptions('us-east-1')),
    new CloudWatchLogsClient(clientOptions('us-east-1')),
    new KMSClient(clientOptions('us-east-1')),
    new S3Client(clientOptions('us-east-1')),
  ];
  const found = {
    keys: (await kms.send(new ListKeysCommand({}))).Keys?.length,
    buckets: (await s3.send(new ListBucketsCommand({}))).Buckets?.length,
    logs: (await logs.send(new DescribeLogGroupsCommand({}))).logGroups?.length,
    roles: (await iam.send(new ListRolesCommand({ PathPrefix: '/cutover/' }))).Roles?.length,
    policies: (await iam.send(new ListPoliciesCommand({ PathPrefix: '/cutover/' }))).Policies?.length,
  };
  [iam, logs, kms, s3].forEach((client) => client.destroy());
  return found;
}

const whole = { keys: 2, buckets: 2, logs: 1, roles: 4, policies: 9 };
const nothing = { keys: 0, buckets: 0, logs: 0, roles: 0, policies: 0 };

describe('bootstrap', () => {
  it('never makes a key twice when AWS makes it and does not say so', async () => {
    let isLost = false;
    // The first change is a key: moto makes it, and the connection breaks before it says so.
    const gate = await startGate(moto, () => {
      if (isLost) return undefined;
      isLost = true;
      return { when: 'after', end: () => undefined };
    });
    through(gate.url);
    await expect(make()).rejects.toMatchObject({ code: 'CUT-5474' });
    await gate.stop();
    through(moto.url);
    expect(gate.changes()).toEqual(['CreateKey']);
    expect(await counts()).toMatchObject({ keys: 1 });
    await make();
    expect(await counts()).toEqual(whole);
  });

  it('makes all of it, makes the stack, and the second time finds nothing to do', async () => {
    const first = await run();
    expect(first.exit).toBe(0);
    expect(first.said).toContain('the stack staging was made');
    expect(await counts()).toEqual(whole);
    const file = await readFile(join(folder, 'Pulumi.staging.yaml'), 'utf8');
    expect(file).toMatch(/^secretsprovider: awskms:\/\/alias\/cutover-staging-state\?/m);
    expect(file).toMatch(/^encryptedkey: \S{40,}$/m);
    expect(file).toContain('# ');

    const second = await run();
    expect(second.exit).toBe(0);
    expect(second.said).toContain('All of it was there already');
    expect(second.said).not.toMatch(/created|mended/);
    expect(await readFile(join(folder, 'Pulumi.staging.yaml'), 'utf8')).toBe(file);
    for (const { said } of [first, second])
      expect(said).not.toMatch(/wJalrXUtnFEMI|AKIAIOSFODNN7|ciphertext/);
  });

  it('prints one object with --json', async () => {
    const { said } = await run('staging', { json: true });
    const report = JSON.parse(said.slice(said.indexOf('{\n'))) as {
      made: boolean;
      parts: { deed: string }[];
    };
    expect(report.made).toBe(true);
    expect(report.parts).toHaveLength(20);
    expect(report.parts.every(({ deed }) => deed === 'create')).toBe(true);
  });

  it('mends what somebody has changed, and only that', async () => {
    await make();
    const iam = new IAMClient(clientOptions('us-east-1'));
    const kms = new KMSClient(clientOptions('us-east-1'));
    const s3 = new S3Client(clientOptions('us-east-1'));
    const RoleName = 'cutover-staging-deploy';
    const anybody = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: '*', Action: 'sts:AssumeRole' }],
    };
    await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: JSON.stringify(anybody) }));
    const PolicyArn = 'arn:aws:iam::123456789012:policy/cutover/cutover-staging-deploy-guard';
    await iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn }));
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: 'alias/cutover-staging-state' }));
    await kms.send(new DisableKeyRotationCommand({ KeyId: KeyMetadata?.KeyId }));
    const Bucket = 'cutover-state-123456789012-us-east-1-staging';
    await s3.send(new DeletePublicAccessBlockCommand({ Bucket }));

    expect(await deeds()).toEqual({
      'role /cutover/cutover-staging-deploy': 'mend trust,policies',
      'key alias/cutover-staging-state': 'mend rotation',
      [`bucket ${Bucket}`]: 'mend public access',
    });
    await make();
    expect(await deeds()).toEqual({});
    expect(await counts()).toEqual(whole);
  });

  it('has the trail written to a log that is encrypted and kept a while, by a role within the boundary', async () => {
    await make();
    const [trail, logs, iam] = [
      new CloudTrailClient(clientOptions('us-east-1')),
      new CloudWatchLogsClient(clientOptions('us-east-1')),
      new IAMClient(clientOptions('us-east-1')),
    ];
    const name = '/cutover/trail/staging';
    const RoleName = 'cutover-staging-trail';
    const { trailList } = await trail.send(new DescribeTrailsCommand({}));
    expect(trailList).toMatchObject([
      {
        CloudWatchLogsLogGroupArn: `arn:aws:logs:us-east-1:123456789012:log-group:${name}:*`,
        CloudWatchLogsRoleArn: `arn:aws:iam::123456789012:role/cutover/${RoleName}`,
      },
    ]);
    const { logGroups } = await logs.send(new DescribeLogGroupsCommand({}));
    expect(logGroups).toMatchObject([
      { logGroupName: name, retentionInDays: 30, kmsKeyId: trailList?.[0]?.KmsKeyId },
    ]);

    await logs.send(new PutRetentionPolicyCommand({ logGroupName: name, retentionInDays: 1 }));
    await iam.send(new DeleteRolePermissionsBoundaryCommand({ RoleName }));
    const elsewhere = 'arn:aws:logs:us-east-1:123456789012:log-group:elsewhere:*';
    const Name = 'cutover-staging';
    await trail.send(new UpdateTrailCommand({ Name, CloudWatchLogsLogGroupArn: elsewhere }));
    expect(await deeds()).toEqual({
      [`log group ${name}`]: 'mend kept days',
      [`role /cutover/${RoleName}`]: 'mend boundary',
      [`trail ${Name}`]: 'mend log group',
    });
    await make();
    expect(await deeds()).toEqual({});

    await logs.send(new DeleteLogGroupCommand({ logGroupName: name }));
    expect(await deeds()).toEqual({ [`log group ${name}`]: 'create key,kept days' });
    await make();
    expect(await deeds()).toEqual({});
    // One of somebody else. moto keeps the tags of a group that is gone.
    await moto.reset();
    await logs.send(new CreateLogGroupCommand({ logGroupName: name }));
    await expect(run()).rejects.toThrow(/log group \/cutover\/trail\/staging: .*no tags of ours/);
    expect(await counts()).toEqual({ ...nothing, logs: 1 });
    [trail, logs, iam].forEach((client) => client.destroy());
  });

  it('refuses what is not ours, all of it at once, and changes nothing', async () => {
    await make();
    const iam = new IAMClient(clientOptions('us-east-1'));
    const kms = new KMSClient(clientOptions('us-east-1'));
    const s3 = new S3Client(clientOptions('us-east-1'));
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: 'alias/cutover-staging-trail' }));
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId: KeyMetadata?.KeyId, PendingWindowInDays: 7 }));
    const TagSet = [{ Key: 'Team', Value: 'somebody' }];
    await s3.send(
      new PutBucketTaggingCommand({
        Bucket: 'cutover-state-123456789012-us-east-1-staging',
        Tagging: { TagSet },
      }),
    );
    const error = await run().catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'CUT-5475', exit: 3 });
    expect(String(error)).toMatch(
      /alias\/cutover-staging-trail: the key is to be deleted on .*cancel-key-deletion/,
    );
    expect(String(error)).toMatch(/bucket cutover-state-\S+: it carries tags of others/);

    await moto.reset();
    const AssumeRolePolicyDocument = '{"Version":"2012-10-17","Statement":[]}';
    await iam.send(new CreateRoleCommand({ RoleName: 'cutover-staging-deploy', AssumeRolePolicyDocument }));
    await expect(run()).rejects.toMatchObject({ code: 'CUT-5475' });
    expect(await counts()).toEqual(nothing);
  });

  it('refuses the credentials of another account before it looks at anything', async () => {
    await expect(run('prod')).rejects.toMatchObject({ code: 'CUT-5471', exit: 3 });
    expect(await counts()).toEqual(nothing);
  });

  it('does nothing where nobody can be asked', async () => {
    await expect(run('staging', { yes: false })).rejects.toMatchObject({ code: 'CUT-5477', exit: 2 });
    expect(await counts()).toEqual(nothing);
  });

  it.each([
    ['ExpiredToken', 403, 'CUT-5472'],
    ['InvalidClientTokenId', 403, 'CUT-5472'],
    ['AccessDenied', 403, 'CUT-5473'],
    ['ServiceUnavailable', 503, 'CUT-5474'],
  ])('says what %s means, with no key in it', async (code, status, cut) => {
    const server = createServer((_, answer) => {
      answer.writeHead(status, { 'content-type': 'text/xml' });
      answer.end(
        `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>It is over</Message></Error></ErrorResponse>`,
      );
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    through(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const error = await run().catch((caught: unknown) => caught);
    server.closeAllConnections();
    server.close();
    expect(error).toMatchObject({ code: cut });
    expect(String(error)).toContain('It is over');
    expect(String(error)).not.toMatch(/wJalrXUtnFEMI|AKIAIOSFODNN7/);
  });

  it('says that there are no credentials', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', '');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', '');
    await expect(run()).rejects.toMatchObject({ code: 'CUT-5472' });
  });
});
