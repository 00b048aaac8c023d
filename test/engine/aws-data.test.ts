import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openCloud, type Cloud } from '../../ops/twin/cloud.ts';
import { prepareTwin, type PreparedTwin } from '../../ops/twin/scratch.ts';
import { changesSince, done, lastCall, runProgram, type Run } from './run-program.ts';

// The real engine against the twin: what a system keeps, and who may reach it. The tests build on each other.
const program = 'aws-data';
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
  const where = command[0] === 'stack' ? ['--stack', 'trial'] : twin.args;
  return runProgram(program, [...command, ...where], { ...twin.env, WANTS: JSON.stringify(wants) });
}

const up = (wants: object, ...more: readonly string[]): Promise<Run> =>
  pulumi(['up', '--yes', '--skip-preview', ...more], wants);

it('is previewed with nothing there yet, as a pull request sees it', async () => {
  expect(done(await pulumi(['preview']))).toContain('cutover:aws:Postgres');
  expect(cloud.things()).toEqual([]);
});

it('comes up in one update, and nothing of it is refused', async () => {
  done(await up({}));
  expect(cloud.ledger().filter(({ outcome }) => outcome !== 'done')).toEqual([]);
  const [database] = cloud.things().filter(({ type }) => type === 'aws:rds/instance:Instance');
  expect(database?.inputs).toMatchObject({ identifier: 'staging-coinestate-postgres', multiAz: true });
});

it('keeps no password in its state', async () => {
  const state = done(await pulumi(['stack', 'export']));
  expect(state).toContain('masterUserSecrets');
  expect(state).not.toMatch(/"password"\s*:/);
});

it('has nothing to do the second time', async () => {
  const before = lastCall(cloud);
  done(await up({}, '--expect-no-changes'));
  expect(changesSince(cloud, before)).toEqual([]);
});

it('gets a larger database, and documents that stay longer where they are, without anything being replaced', async () => {
  const before = lastCall(cloud);
  done(await up({ memoryGb: 8, warm: 90 }));
  expect(changesSince(cloud, before)).toEqual([
    'update aws:rds/instance:Instance',
    'update aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration',
  ]);
});

it('goes without leaving anything', async () => {
  done(await pulumi(['destroy', '--yes', '--skip-preview'], { memoryGb: 8, warm: 90 }));
  expect(cloud.things()).toEqual([]);
});
