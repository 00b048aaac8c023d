import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCloud, type Cloud, type KeptThing } from '../../ops/twin/cloud.ts';
import { prepareTwin } from '../../ops/twin/scratch.ts';
import { runProgram, type Run } from '../engine/run-program.ts';

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
      ];
      return runProgram(fixture, args, { ...twin.env, WANTS: JSON.stringify(stack.wants) }, onStart);
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
