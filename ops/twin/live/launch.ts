import { spawn } from 'node:child_process';
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { CutoverError } from '@cutover/base/errors.ts';
import { processStartTime } from '@cutover/base/process-identity.ts';
import { endOfLog, smallEnvironment } from '@cutover/delivery/processes/start.ts';
import { liveFolder } from './bodies.ts';
import { processesOf, stopProcesses } from './processes.ts';

/** A ground in a process of its own. */
export interface GroundProcess {
  readonly pid: number;
  /** Where AWS's APIs answer. */
  readonly endpointUrl: string;
  /** How it ended, in words, once it has. */
  readonly ended: Promise<string>;
  /** Ends it; `go` ends everything that stands as well. SIDE EFFECTS: ends processes. */
  stop(bodies: 'stay' | 'go'): Promise<void>;
}

/**
 * Starts the ground of a twin, which outlives us, and waits until it works. MODULE exports other kinds than ours.
 * SIDE EFFECTS: starts a process; writes the twin's folder.
 */
export async function startGroundProcess(folder: string, module?: string): Promise<GroundProcess> {
  const live = liveFolder(folder);
  await mkdir(live, { recursive: true, mode: 0o700 });
  const path = join(live, 'ground.log');
  const log = await open(path, 'a', 0o600);
  try {
    const program = join(import.meta.dirname, 'main.ts');
    const args = ['--disable-warning=ExperimentalWarning', program, folder];
    const child = spawn(process.execPath, [...args, ...(module === undefined ? [] : [module])], {
      cwd: '/',
      detached: true,
      stdio: ['ignore', 'pipe', log.fd],
      env: { ...smallEnvironment(), CUTOVER_TWIN: folder },
    });
    const ended = new Promise<string>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
    const { stdout } = child;
    if (stdout === null) throw new TypeError('Its standard output is a pipe.');
    const lines = createInterface({ input: stdout });
    const first = new Promise<string>((resolve) => lines.once('line', resolve));
    const line = await Promise.race([first, ended.then((how) => new Error(how))]);
    if (line instanceof Error) {
      const lastLines = await endOfLog(path);
      throw new CutoverError('CUT-5542', { folder, how: line.message, lastLines, log: path });
    }
    lines.close();
    stdout.destroy();
    child.unref();
    const { pid, endpoint } = JSON.parse(line) as { readonly pid: number; readonly endpoint: string };
    const self = { pid, started: (await processStartTime(pid)) ?? 'ended' };
    return {
      ...{ pid, ended, endpointUrl: endpoint },
      stop: async (bodies) => {
        await stopProcesses([self], 'SIGTERM', 20);
        // PostgreSQL would wait for its clients on SIGTERM.
        if (bodies === 'go') await stopProcesses(await processesOf(folder), 'SIGINT', 5);
      },
    };
  } finally {
    await log.close();
  }
}

/** A ground that is followed by another when it ends by itself. */
export interface KeptGround extends Pick<GroundProcess, 'endpointUrl' | 'stop'> {
  /** Leaves it to itself from now on. */
  leave(): void;
}

// One that ends again and again would end once more.
const mostFollowers = 5;

/**
 * Starts the ground of a twin and, should it be killed, the next one, which takes over what stands and listens where the one
 * before it did. SIDE EFFECTS: starts processes; writes the twin's folder.
 */
export async function keepGroundProcess(folder: string, module?: string): Promise<KeptGround> {
  let ground = await startGroundProcess(folder, module);
  let [isLeft, followers] = [false, 0];
  let following: Promise<void> = Promise.resolve();
  const follow = async (): Promise<void> => {
    await ground.ended;
    if (isLeft || followers++ === mostFollowers) return;
    following = startGroundProcess(folder, module).then(
      (next) => {
        ground = next;
        void follow();
      },
      // What waits for it says that there is none.
      () => undefined,
    );
  };
  void follow();
  return {
    endpointUrl: ground.endpointUrl,
    leave: () => void (isLeft = true),
    stop: async (bodies) => {
      isLeft = true;
      await following;
      await ground.stop(bodies);
    },
  };
}
