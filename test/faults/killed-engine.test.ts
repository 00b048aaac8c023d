import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { processCommand } from '@cutover/base/process-identity.ts';
import { done, makeClone, type Clone } from '../engine/clone.ts';
import { copiesOf, engineLocksOf, engineProcessesOf, processesOf, statusOf } from '../engine/inspect.ts';

// Twenty moments spread over an update; the short run takes every fifth of them.
const moments = Array.from({ length: 20 }, (_, i) => i);
const chosen = process.env['CUTOVER_LONG'] === '1' ? moments : moments.filter((moment) => moment % 5 === 2);

let clone: Clone;
let whole: number;

beforeAll(async () => {
  clone = await makeClone('killed');
  // The first fills caches; the second is what the others will take.
  for (let run = 0; run < 2; run++) {
    whole = done(await clone.run(['up'])).milliseconds;
    done(await clone.run(['down', '--wipe']));
  }
});
afterAll(() => clone.remove());

async function enginePid(): Promise<number | undefined> {
  for (const pid of await engineProcessesOf(clone)) {
    const [program = ''] = ((await processCommand(pid)) ?? '').split(' ');
    if (program.endsWith('pulumi')) return pid;
  }
  return undefined;
}

/** Starts an update and kills its engine, and its launcher too, when the given part of its usual time has passed. */
async function killAt(part: number, launcherToo: boolean): Promise<'killed' | 'was done already'> {
  const running = clone.start(['up']);
  await new Promise((resolve) => setTimeout(resolve, whole * part));
  const engine = await enginePid();
  if (launcherToo && engine !== undefined) running.child.kill('SIGKILL');
  if (engine !== undefined) process.kill(engine, 'SIGKILL');
  const { exit } = await running.ended;
  return exit === 0 ? 'was done already' : 'killed';
}

describe('kill -9 of the engine in the middle of up', () => {
  let kills = 0;

  it.each(chosen)(
    'at moment %i of 20: the next up mends it, nothing doubled, no lock left',
    async (moment) => {
      if ((await killAt((moment + 0.5) / 20, moment % 2 === 1)) === 'killed') kills++;
      done(await clone.run(['up']));
      expect(await statusOf(clone)).toMatchObject({ healthy: true });
      expect([...(await copiesOf(clone))].filter(([, count]) => count !== 1)).toEqual([]);
      expect(await engineProcessesOf(clone)).toEqual([]);
      expect(engineLocksOf(clone)).toEqual([]);
      const again = done(await clone.run(['up']));
      expect(again.stdout).toContain('Nothing to change');
      done(await clone.run(['down', '--wipe']));
      expect(processesOf(clone)).toEqual([]);
    },
  );

  it('did kill: most of the moments fell into the update', () => {
    expect(kills).toBeGreaterThanOrEqual(chosen.length * 0.7);
  });
});

describe('Ctrl-C during up', () => {
  it('says so in one clear line, leaves a clean state, and the next up goes on', async () => {
    const running = clone.start(['up']);
    await new Promise((resolve) => setTimeout(resolve, whole * 0.4));
    running.child.kill('SIGINT');
    const { exit, stdout } = await running.ended;
    expect(exit).toBe(1);
    expect(stdout.match(/Stopping after the steps at hand/g)).toHaveLength(1);
    expect(stdout).toMatch(/Stopped by you after .* \.\/cutover up goes on from here\.\n$/);
    expect(engineLocksOf(clone)).toEqual([]);
    expect(await engineProcessesOf(clone)).toEqual([]);
    const next = done(await clone.run(['up']));
    expect(next.stdout).not.toContain('was cut off');
    expect(await statusOf(clone)).toMatchObject({ healthy: true });
  });
});

describe('up in two shells at once', () => {
  it('lets one work and tells the other who holds the stack', async () => {
    const both = await Promise.all([clone.run(['up']), clone.run(['up'])]);
    const refused = both.filter(({ exit }) => exit === 3);
    expect(both.filter(({ exit }) => exit === 0)).toHaveLength(1);
    expect(refused).toHaveLength(1);
    expect(refused[0]?.stderr).toMatch(/CUT-5102 .*\.\/cutover up \(pid \d+, since \d{4}-/);
  });
});

describe('what a killed engine left half-written beside the state', () => {
  it('does not keep the next up from reading the state', async () => {
    done(await clone.run(['up']));
    const state = join(clone.folder, '.cutover/state/.pulumi/stacks/cutover/dev.json');
    const left = [`${state}.attrs`, `${state}.18ea102bf10b07b1.tmp`];
    for (const file of left) writeFileSync(file, '');
    expect(done(await clone.run(['up'])).stdout).toContain('Nothing to change');
    expect(left.filter((file) => existsSync(file))).toEqual([]);
  });

  it('is never metadata, whose files are not written atomically', () => {
    const folder = join(clone.folder, '.cutover/state/.pulumi/stacks/cutover');
    expect(readdirSync(folder).filter((name) => name.endsWith('.attrs'))).toEqual([]);
  });
});
