import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { processesWithEnvironment } from '@cutover/base/process-identity.ts';
import type { Terminal } from '../../../../ops/terminal.ts';
import { cloudFile, makeCloudFile } from '../../../../ops/twin/cloud-file.ts';
import { bringLive, endLive } from '../../../../ops/twin/live-command.ts';
import { ask, balancerName, definition, service, surroundings } from './compute-help.ts';
import { account, liveCloud, place, until, type LiveCloud, type TestThing } from './ground-help.ts';

// A twin that was kept: a ground in a process of its own brings what its cloud holds.
let live: LiveCloud;
const said: string[] = [];
const terminal: Terminal = {
  ...{ interactive: false, columns: 100, progress: () => undefined },
  style: (_, text) => text,
  line: (text = '') => void said.push(text),
};
const put = ({ outputs = {}, ...thing }: TestThing): void =>
  live.cloud.put({ ...thing, ...place, outputs, urn: thing.id, secrets: [], createdMs: 1, readyMs: 1 });
const processes = (): Promise<readonly number[]> => processesWithEnvironment('CUTOVER_TWIN', live.folder);

beforeAll(() => {
  live = liveCloud();
  for (const thing of surroundings) put(thing);
  put(definition(1, { SYSTEM: 'test', VERSION: '1.0.0' }));
  put(service(1));
});
afterAll(async () => {
  await endLive(live.folder, terminal);
  await live.end();
});

describe('./cutover twin live', () => {
  it('brings what the cloud holds, and shows where it stands', async () => {
    await bringLive(live.folder, terminal);
    const stands = (): boolean =>
      live.bodies.list().length === 3 && live.bodies.list().every(({ state }) => state === 'ready');
    expect(await until(stands, Boolean)).toBe(true);
    said.length = 0;
    await bringLive(live.folder, terminal);
    expect(said[0]).toMatch(/^Its ground runs, pid \d+\.$/);
    expect(said.join('\n')).toMatch(
      new RegExp(`LoadBalancer +ready +${balancerName}:443 +127\\.0\\.0\\.1:\\d+`),
    );
    const ca = readFileSync(join(live.folder, 'live', 'ca', 'ca.pem'));
    expect(await ask(live, ca, '/health')).toMatchObject({ status: 200 });
  });

  it('ends it all, and brings it again', async () => {
    await endLive(live.folder, terminal);
    expect(await processes()).toEqual([]);
    await bringLive(live.folder, terminal);
    const ca = readFileSync(join(live.folder, 'live', 'ca', 'ca.pem'));
    const answered = await until(
      () => ask(live, ca, '/health'),
      ({ status }) => status === 200,
    );
    expect(answered.status).toBe(200);
  });

  it('is refused where there is no twin, and where nothing of it is real', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'twin-played-'));
    await expect(bringLive(folder, terminal)).rejects.toThrow('CUT-5313');
    makeCloudFile(cloudFile(folder), { account, seed: '', timeScale: 0 });
    await expect(bringLive(folder, terminal)).rejects.toThrow('CUT-5555');
    rmSync(folder, { recursive: true, force: true });
  });
});
