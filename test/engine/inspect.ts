import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { processesWithEnvironment } from '@cutover/base/process-identity.ts';
import { engineTag } from '../../ops/engine.ts';
import type { StatusReport } from '../../ops/status.ts';
import type { Clone } from './clone.ts';

/** What `./cutover status --json` says of a clone. */
export async function statusOf(clone: Clone): Promise<StatusReport> {
  const { stdout, stderr } = await clone.run(['status', '--json']);
  try {
    return JSON.parse(stdout) as StatusReport;
  } catch {
    throw new Error(`status --json printed no JSON:\n${stdout}\n${stderr}`);
  }
}

/** Every process that has to do with a clone: started in it, or named with its path. Linux. */
export function processesOf(clone: Clone): { readonly pid: number; readonly command: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((name) => {
      try {
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        const belongs =
          command.includes(clone.folder) ||
          readlinkSync(`/proc/${name}/cwd`).startsWith(clone.folder) ||
          readFileSync(`/proc/${name}/environ`, 'utf8').includes(`CUTOVER_PROCESS=${clone.folder}`);
        return belongs && command !== '' ? [{ pid: Number(name), command }] : [];
      } catch {
        return [];
      }
    });
}

/** For each local process of the clone, how many there are that no other of the same kind started. Linux. */
export async function copiesOf(clone: Clone): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  const folder = join(clone.folder, '.cutover', 'dev', 'processes');
  for (const name of readdirSync(folder)) {
    const pids = await processesWithEnvironment('CUTOVER_PROCESS', `${join(folder, name)}/`);
    const roots = pids.filter((pid) => !pids.includes(parentOf(pid)));
    counts.set(name, roots.length);
  }
  return counts;
}

/** The engine and plugins that a killed update of the clone may have left. */
export async function engineProcessesOf(clone: Clone): Promise<readonly number[]> {
  return processesWithEnvironment(engineTag('dev').name, `dev@${clone.folder}`);
}

/** The engine's lock files of the dev stack. */
export function engineLocksOf(clone: Clone): string[] {
  const folder = join(
    clone.folder,
    '.cutover',
    'state',
    '.pulumi',
    'locks',
    'organization',
    'cutover',
    'dev',
  );
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function parentOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return 0;
  }
}

/** Every file below a folder with its text, for searches. Files that vanish meanwhile are passed over. */
export function* filesBelow(folder: string): Generator<{ readonly path: string; readonly text: string }> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else if (entry.isFile()) {
      try {
        yield { path, text: readFileSync(path, 'latin1') };
      } catch {
        // It was temporary.
      }
    }
  }
}
