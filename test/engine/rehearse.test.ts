import { spawn, type ChildProcess } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { processesWithEnvironment } from '@cutover/base/process-identity.ts';
import { projectRoot } from '@cutover/base/project.ts';
import { loadStackConfig } from '../../ops/config.ts';
import type { Rehearsal } from '../../ops/rehearse/run.ts';
import { clearStage } from '../../ops/rehearse/stage.ts';
import { standInsFor } from '../../ops/rehearse/stand-ins.ts';
import { openCloud } from '../../ops/twin/cloud.ts';
import { filesBelow } from './inspect.ts';

// CoinEstate and GoDark of the real staging file, rehearsed by the command as a person runs it.
let place: string;
let folder: string;
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), 'rehearsal ünï '));
  folder = join(place, 'staging');
});
afterAll(async () => {
  await clearStage(folder);
  rmSync(place, { recursive: true, force: true });
});

interface Ended {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

function rehearse(...args: readonly string[]): Running {
  const command = [join('ops', 'main.ts'), 'rehearse', '--folder', folder, ...args];
  const child = spawn(process.execPath, command, {
    ...{ cwd: projectRoot, stdio: ['ignore', 'pipe', 'pipe'] },
    env: { ...process.env, NO_COLOR: '1' },
  });
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exit) => resolve({ exit, stdout, stderr }));
  });
  return { child, ended };
}

const coinestate = ['staging', '--only', 'coinestate', '--seed', '7', '--json'];

/** Nodes, engine and plugins of the rehearsal. */
const processes = (): Promise<readonly number[]> => processesWithEnvironment('CUTOVER_TWIN', folder);

function callsInTwin(): number {
  if (!existsSync(join(folder, 'cloud.sqlite'))) return 0;
  const cloud = openCloud(folder);
  try {
    return cloud.ledger().filter(({ operation }) => operation === 'create').length;
  } finally {
    cloud.close();
  }
}

async function until(question: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (await question()) return;
    await sleep(100);
  }
  throw new Error('It did not come to that in 60 s.');
}

describe('a rehearsal of staging', () => {
  it('goes through its whole life, and each step is as it must be', async () => {
    const own = join(projectRoot, '.cutover', 'staging');
    const ownFiles = (): readonly string[] => (existsSync(own) ? readdirSync(own) : []);
    const before = ownFiles();
    const { exit, stdout, stderr } = await rehearse(...coinestate).ended;
    expect(stderr.split('\n')[0]).toMatch(/^The twin: no cloud and no public chain is touched/);
    expect([exit, stderr.includes('✗') ? stderr : '']).toEqual([0, '']);
    const report = JSON.parse(stdout) as Rehearsal & { readonly notice: string };
    expect(report).toMatchObject({ stack: 'staging', seed: '7', systems: ['coinestate'], good: true });
    expect(report.notice).toContain('twin');
    expect(report.replaced.join('\n')).toContain('sepolia: a local node with its chain id, 11155111');

    const steps = new Map(report.steps.map((step) => [step.name.split(':')[0], step]));
    expect([...steps.keys()]).toEqual([
      ...['preview', 'up', 'up again', 'change of a size', 'change of a setting', 'change that replaces'],
      ...['drift', 'destroy'],
    ]);
    expect(report.steps.flatMap(({ problems }) => problems)).toEqual([]);
    const up = steps.get('up');
    // All of the cloud that the engine made is in the twin, and nothing that it did not make.
    expect(up?.cloud.things).toBeGreaterThan(100);
    expect(up?.cloud).toMatchObject({ changes: up?.cloud.things, refused: 0 });
    expect(up?.transactions).toBeGreaterThan(1);
    expect(steps.get('change of a setting')?.cloud.changes).toBe(1);
    expect(steps.get('drift')?.cloud.changes).toBe(1);
    expect(steps.get('destroy')?.cloud.things).toBe(0);

    expect([existsSync(folder), await processes()]).toEqual([false, []]);
    expect(ownFiles()).toEqual(before);
  });

  it("plays GoDark's cluster on a local node: programs, markets and council, and an upgrade behind 48 hours", async () => {
    const { exit, stdout, stderr } = await rehearse('staging', '--only', 'godark', '--json').ended;
    expect([exit, stderr.includes('✗') ? stderr : '']).toEqual([0, '']);
    const { steps, replaced } = JSON.parse(stdout) as Rehearsal;
    expect(replaced.join('\n')).toMatch(/solana-devnet: surfpool[^]*in place of the Squads multisig Counci/);
    const names = steps.map(({ name, transactions, runs }) => [name.split(':')[0], transactions > 0, runs]);
    expect(names).toEqual([
      ...[['preview', false, 1] as const, ['up', true, 1] as const, ['up again', false, 1] as const],
      // Proposed and approved in one update; executed in the next, when the delay is over.
      ...[['upgrade of a program', true, 2] as const, ['destroy', false, 1] as const],
    ]);
    expect([existsSync(folder), await processes()]).toEqual([false, []]);
  });

  it('has real things behind it with --live: the API answers with rows of its database, and loses nothing in a release', async () => {
    const { exit, stdout, stderr } = await rehearse(...coinestate, '--live').ended;
    expect([exit, stderr.includes('✗') ? stderr : '']).toEqual([0, '']);
    const report = JSON.parse(stdout) as Rehearsal;
    expect(report.replaced.join('\n')).toMatch(
      /databases of RDS: PostgreSQL[^]*not real: the rest of the network/,
    );
    const steps = new Map(report.steps.map((step) => [step.name, step]));
    const [curl = '', body = ''] = steps.get('live: the API answers by its name')?.shown ?? [];
    expect(curl).toMatch(
      /^curl --cacert \S.* --connect-to staging-api\.coinestate\.io:443:127\.0\.0\.1:\d+ https:/,
    );
    expect(
      (JSON.parse(body) as { migrations: { name: string }[] }).migrations.map(({ name }) => name),
    ).toEqual([...['0001_investors', '0002_kyc_documents', '0003_properties', '0004_holdings']]);
    const [requests = ''] = steps.get('live: requests during the release')?.shown ?? [];
    expect(Number(requests.split(' ')[0])).toBeGreaterThan(50);
    expect(requests).toContain(' requests, 0 lost');
    expect([existsSync(folder), await processes()]).toEqual([false, []]);
  }, 600_000);

  it('ends everything on Ctrl-C, says that it is not good, and keeps its folder, without a secret in the state', async () => {
    const { child, ended } = rehearse(...coinestate);
    await until(() => callsInTwin() > 5);
    child.kill('SIGINT');
    const { exit, stdout } = await ended;
    expect(exit).toBe(1);
    const report = JSON.parse(stdout) as Rehearsal;
    expect(report).toMatchObject({ good: false, folder });
    expect(report.steps.at(-1)).toMatchObject({ name: 'up', problems: ['it was interrupted'] });
    await until(async () => (await processes()).length === 0);

    const text = readFileSync(join(projectRoot, 'Pulumi.staging.yaml'), 'utf8');
    const { parameters, funded } = standInsFor(text, await loadStackConfig('staging'), {
      seed: '7',
      only: ['coinestate'],
    });
    const values = [
      ...parameters.flatMap(({ holds }) => (holds.kind === 'text' ? [holds.value] : [])),
      ...funded.map((key) => key.privateKey),
    ];
    const files = [...filesBelow(join(folder, 'state')), ...filesBelow(join(folder, 'journal'))];
    expect(files.some(({ text: each }) => each.includes('coinestate-timelock'))).toBe(true);
    for (const file of [...files, { path: 'what was printed', text: stdout }]) {
      expect([file.path, values.some((value) => file.text.includes(value.replace(/^0x/, '')))]).toEqual([
        ...[file.path, false],
      ]);
    }
  });

  it('leaves nodes when it is killed, and the next ends them', async () => {
    const { child, ended } = rehearse(...coinestate);
    await until(async () => existsSync(folder) && (await processes()).length > 0 && callsInTwin() > 0);
    child.kill('SIGKILL');
    await ended;
    expect((await processes()).length).toBeGreaterThan(0);
    await clearStage(folder);
    await until(async () => (await processes()).length === 0);
    expect(existsSync(folder)).toBe(false);
  });

  it('is refused where there is nothing to play, and where something else lies', async () => {
    const dev = await rehearse('dev').ended;
    expect([dev.exit, dev.stderr]).toEqual([2, expect.stringContaining('CUT-5520')]);
    const unknown = await rehearse('staging', '--only', 'coinstate').ended;
    expect(unknown.exit).toBe(2);
    expect(unknown.stderr).toMatch(/CUT-5521 [^]*Did you mean coinestate/);
    const other = join(place, 'other');
    mkdirSync(other);
    writeFileSync(join(other, 'mine'), 'mine');
    const mine = await rehearse('staging', '--folder', other).ended;
    expect([mine.exit, mine.stderr]).toEqual([2, expect.stringContaining('CUT-5315')]);
    expect(readFileSync(join(other, 'mine'), 'utf8')).toBe('mine');
    expect(existsSync(folder)).toBe(false);
  });
});
