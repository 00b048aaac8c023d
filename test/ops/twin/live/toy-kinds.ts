import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runs } from '@cutover/delivery/processes/process-table.ts';
import type { BodyKind } from '../../../../ops/twin/live/body.ts';

/**
 * A network has a process behind it that does nothing; its tag `mode` is what it is made from. `fails` cannot be brought
 * before somebody has put a file `room` into the twin's folder,
 * what begins with `slow` takes a second between the start of its process and its being written down.
 */
export const toyBody: BodyKind = {
  type: 'aws:ec2/vpc:Vpc',
  seconds: 60,
  wanted: ({ inputs }) => modeOf(inputs) !== 'none',
  digest: ({ inputs }) => modeOf(inputs),
  bring: async (thing, ground, before) => {
    const mode = modeOf(thing.inputs);
    if (mode === 'fails' && !existsSync(join(ground.folder, 'room')))
      throw new Error('there is no room for it');
    const [running] = before?.processes ?? [];
    if (running !== undefined && (await runs(running)) && before?.notes['mode'] === mode) {
      return { ...before };
    }
    await ground.stop(before?.processes ?? []);
    const port = await ground.freePort();
    const folder = await ground.folderOf(thing);
    const { pid, started } = await ground.spawnKept(thing, {
      file: process.execPath,
      args: ['-e', 'setInterval(() => undefined, 1000)'],
      environment: {},
      workingFolder: folder,
      log: join(folder, 'log'),
    });
    if (mode.startsWith('slow')) await new Promise((resolve) => setTimeout(resolve, 1000));
    return {
      processes: [{ pid, started }],
      addresses: [{ host: `${thing.id}.aws`, port: 80, localPort: port }],
      notes: { mode },
    };
  },
  remove: async (record, ground) => ground.stop(record.processes),
  alive: async ({ processes }) => (await Promise.all(processes.map(runs))).every(Boolean),
};

export const bodyKinds: readonly BodyKind[] = [toyBody];

function modeOf(inputs: Readonly<Record<string, unknown>>): string {
  return (inputs['tags'] as Record<string, string> | undefined)?.['mode'] ?? 'plain';
}
