import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { projectRoot } from '@cutover/base/project.ts';
import { pulumiEnvironment } from '../../ops/pulumi-environment.ts';

/** How a run of the engine ended, and all that it printed. */
export interface Run {
  readonly exit: number | null;
  readonly text: string;
}

/** A stack of the program in test/fixtures/solana-programs, with a state of its own. */
export interface SolanaStack {
  run(args: readonly string[], wants: object, onStart?: (pid: number) => void): Promise<Run>;
  /** A run that must succeed; its output. */
  done(args: readonly string[], wants: object): Promise<string>;
  outputs(): Promise<Readonly<Record<string, unknown>>>;
  remove(): void;
}

/** Copies the program below `.cutover/test`, where it finds the packages, and makes its stack. SIDE EFFECTS: writes files. */
export async function makeSolanaStack(): Promise<SolanaStack> {
  const folder = join(projectRoot, '.cutover', 'test', `solana-programs ${process.pid}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'state'), { recursive: true });
  cpSync(join(projectRoot, 'test', 'fixtures', 'solana-programs'), folder, { recursive: true });
  const env = {
    ...pulumiEnvironment(['--stack', 'dev']),
    PULUMI_BACKEND_URL: pathToFileURL(join(folder, 'state')).href,
    PULUMI_CONFIG_PASSPHRASE: 'test',
    NO_COLOR: '1',
  };
  const run: SolanaStack['run'] = (args, wants, onStart) => {
    const child = spawn('pulumi', [...args, '--stack', 'dev', '--non-interactive'], {
      cwd: folder,
      env: { ...env, WANTS: JSON.stringify(wants) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    if (child.pid !== undefined) onStart?.(child.pid);
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (part: string) => (text += part));
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (exit) => resolve({ exit, text }));
    });
  };
  const done: SolanaStack['done'] = async (args, wants) => {
    const { exit, text } = await run(args, wants);
    if (exit !== 0) throw new Error(`pulumi ${args.join(' ')} ended with ${exit}:\n${text}`);
    return text;
  };
  const init = spawn('pulumi', ['stack', 'init', 'dev', '--non-interactive'], { cwd: folder, env });
  await new Promise((resolve) => init.once('close', resolve));
  return {
    ...{ run, done },
    outputs: async () => {
      const { outputs } = JSON.parse(await done(['stack', 'output', '--json'], {})) as {
        outputs: Record<string, unknown>;
      };
      return outputs;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Kills a process with all that it started, at once. Linux. */
export function killTree(pid: number): void {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((each) => /^\d+$/.test(each))) {
    try {
      const [, fields = ''] = readFileSync(`/proc/${name}/stat`, 'utf8').split(/\) \w /);
      parents.set(Number(name), Number(fields.split(' ')[0]));
    } catch {
      continue; // It ended in the meantime.
    }
  }
  const below = (parent: number): readonly number[] =>
    [...parents].flatMap(([child, of]) => (of === parent ? [child, ...below(child)] : []));
  for (const each of [pid, ...below(pid)]) {
    try {
      process.kill(each, 'SIGKILL');
    } catch {
      continue; // It ended with its parent.
    }
  }
}
