import { existsSync } from 'node:fs';
import { CutoverError } from '@cutover/base/errors.ts';
import { processesWithEnvironment } from '@cutover/base/process-identity.ts';
import { identify, runs } from '@cutover/delivery/processes/process-table.ts';
import { table, type Terminal } from '../terminal.ts';
import { cloudFile } from './cloud-file.ts';
import { openCloud } from './cloud.ts';
import { openBodies, type KeptBody } from './live/bodies.ts';
import { startGroundProcess } from './live/launch.ts';
import { stopProcesses } from './live/processes.ts';

/**
 * Has a ground work for a twin that was kept with real things behind it, and shows what stands. What stood before and
 * ended meanwhile comes up again. SIDE EFFECTS: starts processes.
 */
export async function bringLive(folder: string, terminal: Terminal): Promise<void> {
  const bodies = openTwin(folder);
  try {
    const ground = bodies.ground();
    if (ground !== undefined && (await runs(ground))) terminal.line(`Its ground runs, pid ${ground.pid}.`);
    else terminal.line(`Its ground begins, pid ${(await startGroundProcess(folder)).pid}.`);
    const began = Date.now();
    while (bodies.list().some(({ state }) => state === 'starting') && Date.now() - began < 120_000) {
      await new Promise((next) => setTimeout(next, 200));
    }
    show(bodies.list(), terminal);
  } finally {
    bodies.close();
  }
}

/** Ends everything real behind a twin, the nodes of its chains too; its cloud stays. SIDE EFFECTS: ends processes. */
export async function endLive(folder: string, terminal: Terminal): Promise<void> {
  const bodies = openTwin(folder);
  try {
    const ground = bodies.ground();
    if (ground !== undefined) await stopProcesses([ground], 'SIGTERM', 20);
    const left = await identify(await processesWithEnvironment('CUTOVER_TWIN', folder));
    await stopProcesses(left, 'SIGTERM', 5);
    terminal.line(`${left.length} processes were ended.`);
  } finally {
    bodies.close();
  }
}

function openTwin(folder: string): ReturnType<typeof openBodies> {
  if (!existsSync(cloudFile(folder))) throw new CutoverError('CUT-5313', { folder });
  const cloud = openCloud(folder);
  const { live } = cloud.settings;
  cloud.close();
  if (live !== true) throw new CutoverError('CUT-5555', { folder });
  return openBodies(folder);
}

function show(bodies: readonly KeptBody[], { line, style }: Terminal): void {
  if (bodies.length === 0) return line('There is nothing that real things stand behind.');
  const rows = bodies.flatMap(({ type, state, why, addresses, id }) =>
    [...addresses, undefined]
      .slice(0, Math.max(1, addresses.length))
      .map((address) => [
        type.split(':').at(-1) ?? '',
        why === undefined ? state : `${state}: ${why.split('\n')[0]}`,
        address === undefined ? (id.split('/').at(-1) ?? id) : `${address.host}:${address.port}`,
        address === undefined ? '' : `127.0.0.1:${address.localPort}`,
      ]),
  );
  const [heading = '', ...lines] = table([['WHAT', 'STATE', 'NAME', 'HERE'], ...rows]);
  line(style('dim', heading));
  lines.forEach((each) => line(each));
}
