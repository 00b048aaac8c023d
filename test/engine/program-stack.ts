import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { projectRoot } from '@cutover/base/project.ts';
import { pulumiEnvironment } from '../../ops/pulumi-environment.ts';
import { done, runEngineIn, type Run } from './run-program.ts';

/** A stack of a program of test/fixtures, with a state of its own. What is wanted of it is in the environment. */
export interface ProgramStack {
  run(args: readonly string[], wants: object, onStart?: (pid: number) => void): Promise<Run>;
  /** A run that must succeed; its output. */
  done(args: readonly string[], wants: object): Promise<string>;
  outputs(): Promise<Readonly<Record<string, unknown>>>;
  remove(): void;
}

/** Copies the program below `.cutover/test`, where it finds the packages, and makes its stack. SIDE EFFECTS: writes files. */
export async function makeProgramStack(fixture: string): Promise<ProgramStack> {
  const folder = join(projectRoot, '.cutover', 'test', `${fixture} ${process.pid}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'state'), { recursive: true });
  cpSync(join(projectRoot, 'test', 'fixtures', fixture), folder, { recursive: true });
  const env = {
    ...pulumiEnvironment(['--stack', 'dev']),
    PULUMI_BACKEND_URL: pathToFileURL(join(folder, 'state')).href,
    PULUMI_CONFIG_PASSPHRASE: 'test',
    NO_COLOR: '1',
  };
  const run: ProgramStack['run'] = (args, wants, onStart) =>
    runEngineIn(folder, [...args, '--stack', 'dev'], { ...env, WANTS: JSON.stringify(wants) }, onStart);
  const succeed: ProgramStack['done'] = async (args, wants) => done(await run(args, wants));
  await succeed(['stack', 'init'], {});
  return {
    ...{ run, done: succeed },
    outputs: async () => {
      const { outputs } = JSON.parse(await succeed(['stack', 'output', '--json'], {})) as {
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
