import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '@cutover/base/project.ts';
import { openCloud, type Cloud, type KeptThing } from '../../ops/twin/cloud.ts';
import { prepareTwin } from '../../ops/twin/scratch.ts';

/** A program of test/fixtures on a twin of its own, driven by the real engine. */
export interface CloudStack {
  readonly folder: string;
  readonly cloud: Cloud;
  /** What the program wants; it is read by every run. */
  wants: object;
  /** Runs the engine: `up`, `destroy`, `cancel`. `onStart` gets the process id of the engine. */
  run(command: string, onStart?: (pid: number) => void): Promise<Run>;
  /** Resources of the state that are things of the cloud, by `type` and ARN, or id where they have none. */
  state(): readonly string[];
  /** The same of the cloud itself. */
  things(): readonly string[];
  /** What is in the cloud and in no state. */
  orphans(): readonly KeptThing[];
  remove(): void;
}

export interface Run {
  readonly exit: number | null;
  readonly text: string;
}

/** Prepares a stack. SIDE EFFECTS: writes a folder below that of temporary files. */
export async function makeCloudStack(fixture: string, wants: object = {}): Promise<CloudStack> {
  const folder = mkdtempSync(join(tmpdir(), `${fixture}-`));
  const twin = await prepareTwin('trial', { folder, project: fixture, stackFile: '' });
  const cloud = openCloud(folder);
  const stack: CloudStack = {
    ...{ folder, cloud, wants },
    run: (command, onStart) => {
      const changes = command === 'up' || command === 'destroy';
      const args = [
        ...(changes
          ? [command, '--yes', '--skip-preview', ...twin.args]
          : [command, '--yes', '--stack', 'trial']),
        '--non-interactive',
      ];
      const child = spawn('pulumi', args, {
        cwd: join(projectRoot, 'test', 'fixtures', fixture),
        env: { ...twin.env, WANTS: JSON.stringify(stack.wants), NO_COLOR: '1' },
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
    },
    state: () => idsIn(join(folder, 'state', '.pulumi', 'stacks', fixture, 'trial.json')),
    things: () => cloud.things().map(nameOf).sort(),
    orphans: () => {
      const kept = new Set(stack.state());
      return cloud.things().filter((thing) => !kept.has(nameOf(thing)));
    },
    remove: () => {
      cloud.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return stack;
}

function nameOf({ type, id, outputs }: KeptThing): string {
  const { arn } = outputs;
  return `${type} ${typeof arn === 'string' ? arn : id}`;
}

/** Takes a run that must have succeeded; shows what was printed when it did not. */
export function done(run: Run): string {
  if (run.exit !== 0) throw new Error(`It ended with ${run.exit}:\n${run.text}`);
  return run.text;
}

function idsIn(file: string): readonly string[] {
  const { checkpoint } = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly checkpoint: { readonly latest?: { readonly resources?: readonly StateResource[] } };
  };
  return (checkpoint.latest?.resources ?? [])
    .filter(({ type, id }) => type.startsWith('aws:') && id !== undefined)
    .map(({ type, id, outputs }) => `${type} ${outputs?.arn ?? id}`)
    .sort();
}

interface StateResource {
  readonly type: string;
  readonly id?: string;
  readonly outputs?: { readonly arn?: string };
}
