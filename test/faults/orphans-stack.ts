import { copyFileSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { processesWithEnvironment } from '@cutover/base/process-identity.ts';
import { fromRoot } from '@cutover/base/project.ts';
import { openCloud, type Cloud } from '../../ops/twin/cloud.ts';
import { prepareTwin } from '../../ops/twin/scratch.ts';
import { runEngineIn, type Run } from '../engine/run-program.ts';

/** The stack staging of a small program that calls itself cutover, on a twin of its own. */
export interface OrphansStack {
  /** Where the twin is. */
  readonly folder: string;
  /** Where the program is. */
  readonly program: string;
  readonly cloud: Cloud;
  run(command: readonly string[], onStart?: (pid: number) => void): Promise<Run>;
  /** Kills the engine in the middle of an update, when so many calls were made. */
  killAfter(calls: number): Promise<void>;
  /** Waits until what a killed engine has started is gone too. */
  settled(): Promise<void>;
  remove(): void;
}

/** Prepares it with the program of a fixture. SIDE EFFECTS: writes folders below that of temporary files. */
export async function makeOrphansStack(fixture: string): Promise<OrphansStack> {
  const program = mkdtempSync(join(tmpdir(), 'cutover-orphans-program-'));
  const of = fromRoot(`test/fixtures/${fixture}`);
  writeFileSync(
    join(program, 'Pulumi.yaml'),
    'name: cutover\nruntime: { name: nodejs, options: { typescript: false } }\n',
  );
  copyFileSync(fromRoot('Pulumi.staging.yaml'), join(program, 'Pulumi.staging.yaml'));
  copyFileSync(join(of, 'package.json'), join(program, 'package.json'));
  // Node follows links: what the program imports it finds beside the fixture.
  symlinkSync(join(of, 'index.ts'), join(program, 'index.ts'));
  symlinkSync(fromRoot('node_modules'), join(program, 'node_modules'));
  const folder = mkdtempSync(join(tmpdir(), 'cutover-orphans-twin-'));
  const twin = await prepareTwin('staging', { folder, stackFile: '' });
  const cloud = openCloud(folder);
  const stack: OrphansStack = {
    ...{ folder, program, cloud },
    run: (command, onStart) =>
      runEngineIn(
        program,
        [...command, ...twin.args],
        { ...twin.env, WANTS: process.env['WANTS'] ?? '{}' },
        onStart,
      ),
    killAfter: async (calls) => {
      const from = cloud.ledger().length;
      let ended = false;
      await stack.run(['up', '--yes', '--skip-preview'], (pid) => {
        void (async () => {
          for (let tries = 0; tries < 12_000 && !ended; tries++) {
            if (cloud.ledger().length - from > calls) return process.kill(pid, 'SIGKILL');
            await sleep(5);
          }
        })();
      });
      ended = true;
      await stack.settled();
    },
    settled: async () => {
      for (let tries = 0; tries < 100; tries++) {
        const left = await processesWithEnvironment('CUTOVER_TWIN', folder);
        if (left.every((pid) => pid === process.pid)) return;
        await sleep(100);
      }
    },
    remove: () => {
      cloud.close();
      for (const each of [folder, program]) rmSync(each, { recursive: true, force: true });
    },
  };
  return stack;
}
