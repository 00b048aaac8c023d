import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { processesWithEnvironment } from '@cutover/base/process-identity.ts';
import { projectRoot } from '@cutover/base/project.ts';
import { openCloud, type Cloud } from '../../ops/twin/cloud.ts';
import { openBodies, type Bodies } from '../../ops/twin/live/bodies.ts';
import { startGroundProcess, type GroundProcess } from '../../ops/twin/live/launch.ts';
import { processesOf } from '../../ops/twin/live/processes.ts';
import { prepareTwin, type PreparedTwin } from '../../ops/twin/scratch.ts';
import { until } from '../ops/twin/live/ground-help.ts';
import { done, runProgram, type Run } from './run-program.ts';

// The real engine, and a process behind each network of the twin's; the tests build on each other.
const type = 'aws:ec2/vpc:Vpc';
const tests = join(projectRoot, 'test', 'ops', 'twin');
const toys = join(tests, 'live', 'toy-kinds.ts');
let twin: PreparedTwin;
let cloud: Cloud;
let bodies: Bodies;
let ground: GroundProcess;

beforeAll(async () => {
  const folder = join(mkdtempSync(join(tmpdir(), 'twin-live-')), 'scratch');
  const modules = { aws: join(tests, 'toy-part.ts') };
  twin = await prepareTwin('staging', {
    folder,
    modules,
    project: 'twin-program',
    stackFile: '',
    live: true,
  });
  cloud = openCloud(folder);
  bodies = openBodies(folder);
  ground = await startGroundProcess(folder, toys);
});

afterAll(async () => {
  await ground.stop('go');
  bodies.close();
  cloud.close();
  rmSync(join(twin.folder, '..'), { recursive: true, force: true });
});

function pulumi(command: string, mode: string, onStart?: (pid: number) => void): Promise<Run> {
  const wants = { arguments: { tags: { mode } } };
  const env = { ...twin.env, TWIN_WANTS: JSON.stringify(wants) };
  return runProgram('twin-program', [command, '--yes', '--skip-preview', ...twin.args], env, onStart);
}

const standing = (): Promise<readonly number[]> =>
  processesOf(twin.folder).then((found) => found.map(({ pid }) => pid));
const networks = () => cloud.things().filter((thing) => thing.type === type);

it('an update ends when what stands behind its things is ready, and the next one leaves it alone', async () => {
  done(await pulumi('up', 'plain'));
  const [network] = networks();
  expect(bodies.list()).toMatchObject([{ id: network?.id, state: 'ready', notes: { mode: 'plain' } }]);
  const before = await standing();
  done(await pulumi('up', 'plain'));
  expect([before.length, await standing()]).toEqual([1, before]);
});

it('a change that does not come up fails in the words of its kind, and the next update mends it', async () => {
  const failed = await pulumi('up', 'fails');
  expect(failed.exit).not.toBe(0);
  expect(failed.text).toMatch(/waiting for EC2 Vpc \(vpc-\w+\) update: there is no room for it/);
  expect((await pulumi('up', 'fails')).text).toContain('there is no room for it');
  done(await pulumi('up', 'other'));
  expect(bodies.list()).toMatchObject([{ state: 'ready', notes: { mode: 'other' } }]);
});

it('kill -9 of the engine in the middle of a change hurts nothing: the ground goes on, the next update finds it done', async () => {
  const starts = (): boolean => bodies.list()[0]?.state === 'starting';
  let engine = 0;
  const running = pulumi('up', 'slow', (pid) => (engine = pid));
  expect(await until(starts, Boolean, 60)).toBe(true);
  for (const pid of await processesWithEnvironment('PULUMI_HOME', twin.env['PULUMI_HOME'] ?? '')) {
    if (pid !== engine) process.kill(pid, 'SIGKILL');
  }
  process.kill(engine, 'SIGKILL');
  await running;
  expect(
    await until(
      () => bodies.list()[0]?.state,
      (state) => state === 'ready',
    ),
  ).toBe('ready');
  const before = await standing();
  await runProgram('twin-program', ['cancel', '--yes', '--stack', 'staging'], twin.env);
  done(await pulumi('up', 'slow'));
  expect(await standing()).toEqual(before);
  expect([networks().length, before.length]).toEqual([1, 1]);
});

it('kill -9 of the ground in the middle of an update: the next one goes on, and the update ends well', async () => {
  const running = pulumi('up', 'slow again');
  expect(await until(() => bodies.list()[0]?.state === 'starting', Boolean, 60)).toBe(true);
  process.kill(ground.pid, 'SIGKILL');
  ground = await startGroundProcess(twin.folder, toys);
  done(await running);
  expect(bodies.list()).toMatchObject([{ state: 'ready', notes: { mode: 'slow again' } }]);
  expect(await standing()).toHaveLength(1);
});

it('without a ground an update says that nothing brings what it waits for', async () => {
  await ground.stop('stay');
  const { exit, text } = await pulumi('up', 'other');
  expect(exit).not.toBe(0);
  expect(text).toContain('CUT-5540');
  ground = await startGroundProcess(twin.folder, toys);
  done(await pulumi('up', 'other'));
});

it('destroy leaves nothing that stands', async () => {
  done(await pulumi('destroy', 'other'));
  expect([networks(), bodies.list(), await standing()]).toEqual([[], [], []]);
});
