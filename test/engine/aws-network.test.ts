import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { projectRoot } from '@cutover/base/project.ts';
import { openCloud, type Cloud } from '../../ops/twin/cloud.ts';
import { prepareTwin, type PreparedTwin } from '../../ops/twin/scratch.ts';

// The real engine against the twin: an API on Fargate with everything that it stands on. The tests build on each other.
const program = join(projectRoot, 'test', 'fixtures', 'aws-network');
let twin: PreparedTwin;
let cloud: Cloud;
beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'aws-network-'));
  twin = await prepareTwin('trial', { folder, project: 'aws-network', stackFile: '' });
  cloud = openCloud(folder);
});
afterAll(() => {
  cloud.close();
  rmSync(twin.folder, { recursive: true, force: true });
});

interface Run {
  readonly exit: number | null;
  readonly text: string;
}

/** Runs the engine on the program. What the program wants is JSON. */
function pulumi(command: readonly string[], wants: object = {}): Promise<Run> {
  const args = [...command, ...twin.args, '--non-interactive'];
  const env = { ...twin.env, WANTS: JSON.stringify(wants), NO_COLOR: '1' };
  const child = spawn('pulumi', args, { cwd: program, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (part: string) => (text += part));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exit) => resolve({ exit, text }));
  });
}

const up = (wants: object, ...more: readonly string[]): Promise<Run> =>
  pulumi(['up', '--yes', '--skip-preview', ...more], wants);

function done(run: Run): string {
  if (run.exit !== 0) throw new Error(`It ended with ${run.exit}:\n${run.text}`);
  return run.text;
}

/** What has been asked of the cloud since a moment: `update aws:ecs/service:Service`, each once. */
function changesSince(seq: number): readonly string[] {
  const changes = cloud
    .ledger()
    .filter((row) => row.seq > seq && ['create', 'update', 'delete'].includes(row.operation))
    .map(({ operation, type }) => `${operation} ${type}`);
  return [...new Set(changes)].sort();
}
const now = (): number => cloud.ledger().at(-1)?.seq ?? 0;

it('is previewed with nothing there yet, as a pull request sees it', async () => {
  const text = done(await pulumi(['preview']));
  expect(text).toContain('cutover:aws:FargateService');
  expect(cloud.things()).toEqual([]);
});

it('comes up in one update, and nothing of it is refused', async () => {
  const text = done(await up({}));
  expect(text).toMatch(/\+ 1\d\d created/);
  expect(cloud.ledger().filter(({ outcome }) => outcome !== 'done')).toEqual([]);
});

it('has nothing to do the second time', async () => {
  const before = now();
  done(await up({}, '--expect-no-changes'));
  expect(changesSince(before)).toEqual([]);
});

it('gets a third zone without a subnet moving or anything being replaced', async () => {
  const subnets = (): readonly unknown[] =>
    cloud
      .things()
      .filter(({ type }) => type === 'aws:ec2/subnet:Subnet')
      .map(({ id, inputs }) => [id, inputs['cidrBlock']]);
  const before = subnets();
  const seq = now();
  done(await up({ zones: 3 }));
  expect(subnets()).toHaveLength(9);
  expect(subnets()).toEqual(expect.arrayContaining([...before]));
  expect(changesSince(seq).filter((change) => change.startsWith('delete'))).toEqual([]);
});

it('releases by a new task definition and the service, and touches nothing else', async () => {
  const before = now();
  done(await up({ zones: 3, release: 'b' }));
  expect(changesSince(before)).toEqual([
    'create aws:ecs/taskDefinition:TaskDefinition',
    'delete aws:ecs/taskDefinition:TaskDefinition',
    'update aws:ecs/service:Service',
  ]);
});

it('goes without leaving anything', async () => {
  const text = done(await pulumi(['destroy', '--yes', '--skip-preview'], { zones: 3, release: 'b' }));
  expect(text).toMatch(/- 1\d\d deleted/);
  expect(cloud.things()).toEqual([]);
});
