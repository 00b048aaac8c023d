import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { projectRoot } from '@cutover/base/project.ts';
import { preparePolicies } from '../../ops/policy.ts';
import { openCloud, type Cloud } from '../../ops/twin/cloud.ts';
import { prepareTwin, type PreparedTwin } from '../../ops/twin/scratch.ts';
import type { PolicyException } from '../../policy/exceptions.ts';

// The real engine asks the pack about a small program that breaks what it is told to. The tests build on each other.
const program = join(projectRoot, 'test', 'fixtures', 'policy-program');
let twin: PreparedTwin;
let cloud: Cloud;
beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'policy-'));
  twin = await prepareTwin('prod', { folder, project: 'policy-program', stackFile: '' });
  cloud = openCloud(folder);
});
afterAll(() => {
  cloud.close();
  rmSync(twin.folder, { recursive: true, force: true });
});

interface Run {
  readonly exit: number;
  readonly text: string;
}

/** Runs the engine as `./cutover pulumi` does on prod. */
async function pulumi(
  command: readonly string[],
  breaks: string,
  policyExceptions: readonly PolicyException[] = [],
): Promise<Run> {
  const policies = await preparePolicies({ environment: 'prod', policyExceptions }, twin.folder);
  const args = [...command, ...twin.args, ...policies.args, '--non-interactive'];
  const env = { ...twin.env, ...policies.env, BREAKS: breaks, NO_COLOR: '1' };
  const child = spawn('pulumi', args, { cwd: program, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (part: string) => (text += part));
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exit) => resolve(exit ?? 1));
  });
  return { exit: await policies.exitOf(code), text };
}

it('refuses a preview, with the policy, the resource and what mends it', async () => {
  const { exit, text } = await pulumi(['preview'], 'encrypted protected');
  expect(exit, text).toBe(3);
  expect(text).toContain(
    'CUT-5460 encrypted-at-rest: on-call (aws:sns:Topic) is refused: kmsMasterKeyId is not given.',
  );
  expect(text).toContain('fix: set kmsMasterKeyId: the ARN of a KMS key.');
  expect(text).toContain(
    'CUT-5460 protected-in-prod: key (aws:kms:Key) is refused: the engine may delete it.',
  );
});

it('refuses what only the whole stack shows, before anything is known of it', async () => {
  const { exit, text } = await pulumi(['preview'], 'heard');
  expect(exit, text).toBe(3);
  expect(text).toContain(
    'CUT-5460 alarms-are-heard: errors (aws:cloudwatch:MetricAlarm) is refused: it tells the topic on-call, to which nobody listens.',
  );
});

it('tells in a preview what the update will judge', async () => {
  const { exit, text } = await pulumi(['preview'], '');
  expect(exit, text).toBe(0);
  expect(text).toContain('encrypted-at-rest: on-call (kmsMasterKeyId)');
});

it('lets an exception pass, prints it, and tells of one that nothing needs', async () => {
  const excused = {
    policy: 'encrypted-at-rest',
    resource: 'on-call',
    reason: 'the pager reads no encrypted topics',
    until: '2999-12-31',
  };
  const { exit, text } = await pulumi(['preview'], 'encrypted', [
    excused,
    { ...excused, policy: 'protected-in-prod', resource: 'key' },
  ]);
  expect(exit, text).toBe(0);
  expect(text).toContain(
    'encrypted-at-rest does not hold for on-call until 2999-12-31: the pager reads no encrypted topics',
  );
  expect(text).toContain('the exception from protected-in-prod for key excuses nothing');
});

it('makes nothing of what it refuses in an update', async () => {
  const { exit, text } = await pulumi(['up', '--yes', '--skip-preview'], 'encrypted');
  expect(exit, text).toBe(3);
  expect(cloud.things().map(({ type }) => type)).not.toContain('aws:sns/topic:Topic');
});

it('brings up what keeps to all of them, with nothing left to judge', async () => {
  const { exit, text } = await pulumi(['up', '--yes', '--skip-preview'], '');
  expect(exit, text).toBe(0);
  expect(text).not.toContain('judged-by-the-update');
  expect(cloud.things().map(({ type }) => type)).toContain('aws:sns/topic:Topic');
});
