import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { cloudFile, makeCloudFile } from '../../../ops/twin/cloud-file.ts';
import { openCloud } from '../../../ops/twin/cloud.ts';

const module = join(import.meta.dirname, '..', '..', '..', 'ops', 'twin', 'cloud.ts');
const program = (name: string, times: number): string => `
  import { openCloud } from ${JSON.stringify(module)};
  const cloud = openCloud(process.argv[1]);
  const place = { account: '1', region: 'r' };
  for (let i = 0; i < ${times}; i++) {
    cloud.atomically(() => {
      const count = cloud.things().length;
      cloud.put({ ...place, type: 't', id: 'thing-' + count, urn: 'u', inputs: {}, outputs: {}, secrets: [], createdMs: 0, readyMs: 0 });
      cloud.record({ ...place, operation: 'create', type: 't', id: ${JSON.stringify(name)}, urn: 'u', outcome: 'done' });
    });
  }`;

function run(name: string, folder: string, killAfter?: number): Promise<number | null> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program(name, 150), folder], {
    stdio: 'ignore',
  });
  if (killAfter !== undefined) setTimeout(() => child.kill('SIGKILL'), killAfter);
  return new Promise((resolve) => child.once('close', resolve));
}

it('several plugins write at once and one is killed: nothing is overwritten, and each thing has its row', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'twin-cloud-'));
  try {
    makeCloudFile(cloudFile(folder), { account: '1', seed: 's', timeScale: 0 });
    const exits = await Promise.all([run('a', folder), run('b', folder), run('killed', folder, 400)]);
    expect(exits.slice(0, 2)).toEqual([0, 0]);
    const cloud = openCloud(folder);
    const rows = cloud.ledger();
    expect(rows.length).toBeGreaterThanOrEqual(300);
    expect(cloud.things()).toHaveLength(rows.length);
    cloud.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
