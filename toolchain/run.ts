import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Hears every line of both streams while the program runs. */
  readonly onLine?: (line: string) => void;
  /** Ends the program after this time. */
  readonly milliseconds?: number;
}

export interface RunResult {
  /** Exit status; -1 when the program could not be started or a signal ended it. */
  readonly status: number;
  readonly stdout: string;
  /** What it said on both streams, the first and the last lines of it: what a person needs when it failed. */
  readonly said: string;
  /** The last line that it said. */
  readonly lastLine: string;
}

const keptLines = 10;
const inFlight = new Set<ReturnType<typeof spawn>>();

/** Runs a program to its end, without a shell and without input. It never throws. SIDE EFFECTS: runs the program. */
export async function run(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env === undefined ? {} : { env: options.env }),
    ...(options.milliseconds === undefined ? {} : { timeout: options.milliseconds, killSignal: 'SIGKILL' }),
  });
  inFlight.add(child);
  const stdout: string[] = [];
  const first: string[] = [];
  const last: string[] = [];
  let dropped = 0;
  const keep = (line: string): void => {
    if (line.trim() === '') return;
    if (first.length < keptLines) first.push(line);
    else if (last.push(line) > keptLines) dropped += last.splice(0, 1).length;
  };
  const hear = (stream: typeof child.stdout, kept: string[] | undefined): void => {
    createInterface({ input: stream }).on('line', (line) => {
      kept?.push(line);
      keep(line);
      options.onLine?.(line);
    });
  };
  hear(child.stdout, stdout);
  hear(child.stderr, undefined);
  const status = await new Promise<number>((resolve) => {
    child.once('error', (error) => {
      keep(error.message);
      resolve(-1);
    });
    child.once('close', (code) => resolve(code ?? -1));
  });
  inFlight.delete(child);
  const said = [...first, ...(dropped > 0 ? [`… ${dropped} more lines …`] : []), ...last];
  return { status, stdout: stdout.join('\n'), said: said.join('\n'), lastLine: said.at(-1) ?? '' };
}

/** Ends the programs that still run: nobody would wait for them any more. */
export function endAll(): void {
  for (const child of inFlight) child.kill('SIGTERM');
}
