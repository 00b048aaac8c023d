import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { IAMClient, ListPoliciesCommand, ListRolesCommand } from '@aws-sdk/client-iam';
import { KMSClient, ListKeysCommand } from '@aws-sdk/client-kms';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { processesWithEnvironment } from '@cutover/base/process-identity.ts';
import { fromRoot } from '@cutover/base/project.ts';
import { pulumiEnvironment } from '../../ops/pulumi-environment.ts';
import { startProcess, type TestProcess } from '../services/processes.ts';
import { awsEnvironment, startGate, startMoto, type Gate, type Moto } from './moto.ts';

// The real process is killed at a call that changes something, and the next run goes on from there. CUTOVER_LONG=1 does
// so at every such call, before it and when it has happened and nobody was told; else at every eighth, told or not in turn.
const long = process.env['CUTOVER_LONG'] === '1';
const stride = long ? 1 : 8;

let moto: Moto;
let gate: Gate;
let folder: string;
let running: TestProcess | undefined;
let next: { readonly when: 'before' | 'after'; readonly change: number } | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cutover-bootstrap-killed-'));
  await copyFile(fromRoot('Pulumi.staging.yaml'), join(folder, 'Pulumi.staging.yaml'));
  moto = await startMoto();
  gate = await startGate(moto, (change) => {
    if (change !== next?.change) return undefined;
    return { when: next.when, end: () => running?.child.kill('SIGKILL') };
  });
});
afterAll(async () => {
  running?.child.kill('SIGKILL');
  await gate.stop();
  await moto.stop();
  await rm(folder, { recursive: true, force: true });
});

interface Ended {
  readonly exit: number | NodeJS.Signals | null;
  readonly said: string;
}

/** Runs it, and kills it at its first change, or a later one, where that is told. */
async function run(kill?: 'before' | 'after'): Promise<Ended> {
  next = kill && { when: kill, change: gate.changes().length + stride };
  const home = join(folder, 'pulumi');
  const { PATH = '' } = pulumiEnvironment(['--stack', 'staging']);
  running = startProcess(process.execPath, [fromRoot('test/ops/bootstrap-process.ts'), folder], {
    ...awsEnvironment(gate.url),
    ...{ PATH, HOME: home, PULUMI_HOME: home, PULUMI_SKIP_UPDATE_CHECK: 'true' },
  });
  const exit = await running.ended;
  // A CLI that it had started ends by itself, and may have done its work.
  for (let tries = 0; tries < 200; tries++) {
    if ((await processesWithEnvironment('PULUMI_HOME', home)).length === 0) break;
    await sleep(50);
  }
  return { exit, said: running.output() };
}

async function counts(): Promise<Readonly<Record<string, number | undefined>>> {
  const options = {
    ...{ region: 'us-east-1', endpoint: moto.url, forcePathStyle: true },
    credentials: {
      accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
      secretAccessKey: 'wJalrXUtnFEMI-K7MDENG-bPxRfiCYEXAMPLEKEY',
    },
  };
  const [iam, kms, s3] = [new IAMClient(options), new KMSClient(options), new S3Client(options)];
  const logs = new CloudWatchLogsClient(options);
  const found = {
    keys: (await kms.send(new ListKeysCommand({}))).Keys?.length,
    buckets: (await s3.send(new ListBucketsCommand({}))).Buckets?.length,
    logs: (await logs.send(new DescribeLogGroupsCommand({}))).logGroups?.length,
    roles: (await iam.send(new ListRolesCommand({ PathPrefix: '/cutover/' }))).Roles?.length,
    policies: (await iam.send(new ListPoliciesCommand({ PathPrefix: '/cutover/' }))).Policies?.length,
  };
  [iam, kms, s3, logs].forEach((client) => client.destroy());
  return found;
}

it(
  'bootstrap that is killed again and again comes to its end with nothing twice',
  {
    timeout: 900_000,
  },
  async () => {
    const began = Date.now();
    let kills = 0;
    let last: Ended | undefined;
    // A change that is killed before it happens is the next run's first again.
    for (let runs = 0; last === undefined && runs < 250; runs++) {
      const ended = await run(runs % 2 === 0 ? 'before' : 'after');
      if (ended.exit === 'SIGKILL') kills++;
      else last = ended;
    }
    expect(last, 'it came to its end').toMatchObject({ exit: 0 });
    const before = gate.changes().length;
    expect(await counts()).toEqual({ keys: 2, buckets: 2, logs: 1, roles: 4, policies: 9 });
    const file = await readFile(join(folder, 'Pulumi.staging.yaml'), 'utf8');
    expect(file.match(/^encryptedkey: /gm)).toHaveLength(1);

    const again = await run();
    expect(again.said).toContain('All of it was there already');
    expect(again.exit).toBe(0);
    // The CLI writes down that it signed in; nothing else is done.
    const more = gate
      .changes()
      .slice(before)
      .filter((change) => !change.includes('/.pulumi/'));
    expect(more).toEqual([]);
    for (const said of [last?.said, again.said]) expect(said).not.toMatch(/wJalrXUtnFEMI|AKIAIOSFODNN7/);

    expect(kills).toBeGreaterThan(long ? 80 : 5);
    const kinds = Map.groupBy(gate.changes(), (change) =>
      change.replace(/ .*\?/, ' ?').replace(/ \/.*/, ' a bucket or object'),
    );
    const list = [...kinds].map(([kind, those]) => `${those.length} ${kind}`).join(', ');
    const seconds = Math.round((Date.now() - began) / 1000);
    process.stdout.write(
      `bootstrap killed ${kills} times, then done; ${seconds} s; changes asked for: ${list}\n`,
    );
  },
);
