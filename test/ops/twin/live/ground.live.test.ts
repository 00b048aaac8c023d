import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readFile, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { processesWithEnvironment } from '@cutover/base/process-identity.ts';
import { runs } from '@cutover/delivery/processes/process-table.ts';
import {
  keepGroundProcess,
  startGroundProcess,
  type GroundProcess,
} from '../../../../ops/twin/live/launch.ts';
import { processesOf } from '../../../../ops/twin/live/processes.ts';
import { liveCloud, place, until, type LiveCloud } from './ground-help.ts';

const type = 'aws:ec2/vpc:Vpc';
const toys = join(import.meta.dirname, 'toy-kinds.ts');
const network = (id: string, mode = 'plain') => ({ type, id, inputs: { tags: { mode } } });
const of = (id: string) => ({ ...place, type, id });

let live: LiveCloud;
let grounds: GroundProcess[];

beforeEach(() => {
  live = liveCloud();
  grounds = [];
});

afterEach(async () => {
  for (const ground of grounds) await ground.stop('go').catch(() => undefined);
  await live.end();
});

async function start(): Promise<GroundProcess> {
  const ground = await startGroundProcess(live.folder, toys);
  grounds.push(ground);
  return ground;
}

function pidOf(id: string): number | undefined {
  return live.bodies.find(of(id))?.processes[0]?.pid;
}

describe('the ground of a twin', () => {
  it('brings what the cloud holds, changes it, and takes it away', async () => {
    await start();
    expect(await live.put(network('vpc-a'))).toEqual({ kind: 'well' });
    const first = live.bodies.find(of('vpc-a'));
    expect(first).toMatchObject({ state: 'ready', addresses: [{ host: 'vpc-a.aws', port: 80 }] });
    const addresses = JSON.parse(
      await readFile(join(live.folder, 'live', 'addresses.json'), 'utf8'),
    ) as unknown;
    expect(addresses).toEqual(first?.addresses);
    expect(await live.put(network('vpc-a', 'other'))).toEqual({ kind: 'well' });
    expect(pidOf('vpc-a')).not.toBe(first?.processes[0]?.pid);
    expect(await live.put(network('vpc-none', 'none'))).toEqual({ kind: 'well' });
    expect(live.bodies.list()).toHaveLength(1);
    expect(await live.take(of('vpc-a'))).toEqual({ kind: 'well' });
    expect([live.bodies.list(), await processesOf(live.folder)]).toEqual([[], []]);
  });

  it('says why something did not come up, and tries it again when it is asked for anew', async () => {
    await start();
    const unwell = { kind: 'unwell', why: 'there is no room for it' };
    expect(await live.put(network('vpc-a', 'fails'))).toEqual(unwell);
    expect(await live.put(network('vpc-a', 'fails'))).toEqual(unwell);
    await writeFile(join(live.folder, 'room'), '');
    await sleep(300);
    expect(live.bodies.find(of('vpc-a'))?.state).toBe('failed');
    expect(await live.put(network('vpc-a', 'fails'))).toEqual({ kind: 'well' });
  });

  it('brings again what died by itself', async () => {
    await start();
    await live.put(network('vpc-a'));
    const pid = pidOf('vpc-a') ?? 0;
    process.kill(pid, 'SIGKILL');
    const next = await until(
      () => pidOf('vpc-a'),
      (now) => now !== undefined && now !== pid,
    );
    expect(next).not.toBe(pid);
    expect(live.bodies.find(of('vpc-a'))?.state).toBe('ready');
  });

  it('after kill -9 leaves what stands to the next one, which takes it over and touches nothing', async () => {
    const first = await start();
    await live.put(network('vpc-a'));
    await live.put(network('vpc-b'));
    const pids = [pidOf('vpc-a'), pidOf('vpc-b')];
    process.kill(first.pid, 'SIGKILL');
    live.cloud.take({ ...of('vpc-b'), ...emptyThing });
    await start();
    expect(await live.put(network('vpc-a'))).toEqual({ kind: 'well' });
    await until(
      () => live.bodies.list().length,
      (count) => count === 1,
    );
    expect([pidOf('vpc-a'), pidOf('vpc-b')]).toEqual([pids[0], undefined]);
    expect((await processesOf(live.folder)).map(({ pid }) => pid)).toEqual([pids[0]]);
  });

  it('after kill -9 in the middle of bringing something ends the half of it and brings it once', async () => {
    const first = await start();
    const waiting = live.put(network('vpc-a', 'slow'));
    const started = await until(
      () => processesOf(live.folder),
      (found) => found.length === 1,
    );
    process.kill(first.pid, 'SIGKILL');
    await sleep(100);
    await start();
    expect(await waiting).toEqual({ kind: 'well' });
    const [half] = started;
    expect(half !== undefined && (await runs(half))).toBe(false);
    expect((await processesOf(live.folder)).map(({ pid }) => pid)).toEqual([pidOf('vpc-a')]);
  });

  it('is followed by another when it is killed, where its processes know it, until it is told to end', async () => {
    const kept = await keepGroundProcess(live.folder, toys);
    await live.put(network('vpc-a'));
    const [pid, first] = [pidOf('vpc-a'), live.bodies.ground()?.pid ?? 0];
    process.kill(first, 'SIGKILL');
    const second = await until(
      () => live.bodies.ground()?.pid,
      (now) => now !== first,
    );
    expect(await live.put(network('vpc-a', 'other'))).toEqual({ kind: 'well' });
    expect([second === first, pidOf('vpc-a') === pid]).toEqual([false, false]);
    // It is refused in the words of AWS, so it is our endpoint that answers.
    const answer = await fetch(kept.endpointUrl, { method: 'POST', body: '{}' });
    expect(await answer.text()).toContain('MissingAuthenticationTokenException');
    await kept.stop('go');
    await sleep(500);
    expect(await processesWithEnvironment('CUTOVER_TWIN', live.folder)).toEqual([]);
  });

  it('is one at a time', async () => {
    await start();
    await expect(startGroundProcess(live.folder, toys)).rejects.toThrow(/CUT-5541/);
  });

  it('ends in order and leaves what stands, or ends that as well', async () => {
    const first = await start();
    await live.put(network('vpc-a'));
    await first.stop('stay');
    expect(await processesOf(live.folder)).toHaveLength(1);
    const second = await start();
    await second.stop('go');
    expect(await processesOf(live.folder)).toEqual([]);
  });
});

const emptyThing = { urn: 'u', inputs: {}, outputs: {}, secrets: [], createdMs: 0, readyMs: 0 };
