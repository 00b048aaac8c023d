import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { projectRoot } from '@cutover/base/project.ts';
import { openCloud, type Cloud } from '../../ops/twin/cloud.ts';
import { prepareTwin, type PreparedTwin } from '../../ops/twin/scratch.ts';

// The real engine against the twin: what a system keeps, and who may reach it. The tests build on each other.
const program = join(projectRoot, 'test', 'fixtures', 'aws-data');
let twin: PreparedTwin;
let cloud: Cloud;
beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'aws-data-'));
  twin = await prepareTwin('trial', { folder, project: 'aws-data', stackFile: '' });
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
  const where = command[0] === 'stack' ? ['--stack', 'trial'] : twin.args;
  const args = [...command, ...where, '--non-interactive'];
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

/** What has been asked of the cloud since a moment: `update aws:rds/instance:Instance`, each once. */
function changesSince(seq: number): readonly string[] {
  const changes = cloud
    .ledger()
    .filter((row) => row.seq > seq && ['create', 'update', 'delete'].includes(row.operation))
    .map(({ operation, type }) => `${operation} ${type}`);
  return [...new Set(changes)].sort();
}
const now = (): number => cloud.ledger().at(-1)?.seq ?? 0;

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
  const before = now();
  done(await up({}, '--expect-no-changes'));
  expect(changesSince(before)).toEqual([]);
});

it('gets a larger database, and documents that stay longer where they are, without anything being replaced', async () => {
  const before = now();
  done(await up({ memoryGb: 8, warm: 90 }));
  expect(changesSince(before)).toEqual([
    'update aws:rds/instance:Instance',
    'update aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration',
  ]);
});

it('goes without leaving anything', async () => {
  done(await pulumi(['destroy', '--yes', '--skip-preview'], { memoryGb: 8, warm: 90 }));
  expect(cloud.things()).toEqual([]);
});
