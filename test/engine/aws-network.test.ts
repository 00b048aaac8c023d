import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openCloud, type Cloud } from '../../ops/twin/cloud.ts';
import { prepareTwin, type PreparedTwin } from '../../ops/twin/scratch.ts';
import { changesSince, done, lastCall, runProgram, type Run } from './run-program.ts';

// The real engine against the twin: an API on Fargate with everything that it stands on. The tests build on each other.
const program = 'aws-network';
let twin: PreparedTwin;
let cloud: Cloud;
beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), `${program}-`));
  twin = await prepareTwin('trial', { folder, project: program, stackFile: '' });
  cloud = openCloud(folder);
});
afterAll(() => {
  cloud.close();
  rmSync(twin.folder, { recursive: true, force: true });
});

/** Runs the engine on the program. What the program wants is JSON. */
function pulumi(command: readonly string[], wants: object = {}): Promise<Run> {
  return runProgram(program, [...command, ...twin.args], { ...twin.env, WANTS: JSON.stringify(wants) });
}

const up = (wants: object, ...more: readonly string[]): Promise<Run> =>
  pulumi(['up', '--yes', '--skip-preview', ...more], wants);

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
  const before = lastCall(cloud);
  done(await up({}, '--expect-no-changes'));
  expect(changesSince(cloud, before)).toEqual([]);
});

it('gets a third zone without a subnet moving or anything being replaced', async () => {
  const subnets = (): readonly unknown[] =>
    cloud
      .things()
      .filter(({ type }) => type === 'aws:ec2/subnet:Subnet')
      .map(({ id, inputs }) => [id, inputs['cidrBlock']]);
  const before = subnets();
  const seq = lastCall(cloud);
  done(await up({ zones: 3 }));
  expect(subnets()).toHaveLength(9);
  expect(subnets()).toEqual(expect.arrayContaining([...before]));
  expect(changesSince(cloud, seq).filter((change) => change.startsWith('delete'))).toEqual([]);
});

it('releases by a new task definition and the service, and touches nothing else', async () => {
  const before = lastCall(cloud);
  done(await up({ zones: 3, release: 'b' }));
  expect(changesSince(cloud, before)).toEqual([
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
