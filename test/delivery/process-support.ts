import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { vi } from 'vitest';
import { freePort } from '@cutover/base/free-port.ts';
import { runtimeFolder } from '@cutover/base/project.ts';
import type { ProcessDefinition, ProcessInputs } from '@cutover/delivery/plan/process-definition.ts';
import { processFolder } from '@cutover/delivery/processes/folder.ts';
import { handler } from '@cutover/delivery/processes/handler.ts';
import { stopAll } from '@cutover/delivery/processes/list.ts';
import { wipeStack } from '@cutover/delivery/processes/wipe.ts';
import { firstOnes, taggedProcesses } from '@cutover/delivery/processes/process-table.ts';

/** A stack of a test's own, below the project's `.cutover`. */
export interface TestStack {
  readonly name: string;
  /** Inputs of a process with free ports, which stay the same while the test runs. */
  inputs(name: string, definition: ProcessDefinition): Promise<ProcessInputs>;
  secret(name: string): { readonly kind: 'file'; readonly name: string };
  /** How many processes run for this process's folder, the children of each left out. */
  countOf(name: string): Promise<number>;
  remove(): Promise<void>;
}

const uses: Readonly<Record<ProcessDefinition['kind'], readonly string[]>> = {
  'evm-node': ['rpc'],
  'solana-node': ['rpc', 'ws'],
  postgres: ['sql'],
  mongo: ['mongodb'],
  valkey: ['redis'],
  'node-service': ['http'],
};

/** SIDE EFFECTS of all it returns: files below `.cutover/<name>`, processes on free ports. */
export function testStack(): TestStack {
  const name = `test-${randomBytes(4).toString('hex')}`;
  return {
    name,
    secret: (of) => ({ kind: 'file', name: `.cutover/${name}/secrets/${of}` }),
    async inputs(process, definition) {
      const ports = await Promise.all(
        uses[definition.kind].map(async (use) => ({
          use,
          port: await freePort(),
          key: `local.ports.${use}`,
        })),
      );
      return { stack: name, name: process, ports, definition };
    },
    countOf: async (process) => (await firstOnes(await taggedProcesses(processFolder(name, process)))).length,
    async remove() {
      await stopAll(name);
      await wipeStack(name);
      await rm(join(runtimeFolder, name), { recursive: true, force: true });
    },
  };
}

export const { create, update, diff, read, delete: destroy, check } = handler as Required<typeof handler>;

/** Calls work until it gives something; fails after `seconds`. */
export async function eventually<T>(work: () => Promise<T | undefined>, seconds = 10): Promise<T> {
  const giveUp = Date.now() + seconds * 1000;
  let last: unknown;
  while (Date.now() < giveUp) {
    const found = await work().catch((error: unknown) => void (last = error));
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`nothing within ${seconds} s`, { cause: last });
}

export interface ChildRun {
  readonly pid: number;
  readonly ended: Promise<{ readonly code: number | null; readonly output: string }>;
  kill(): void;
  /** Waits until it has printed something. */
  said(text: string): Promise<void>;
}

/** Runs a module's text in a Node process of its own, as the engine runs a provider. */
export function runInNode(code: string, cwd: string): ChildRun {
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: '/usr/bin:/bin', HOME: process.env['HOME'] },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const ended = new Promise<{ code: number | null; output: string }>((resolve) => {
    child.once('close', (exit) => resolve({ code: exit, output }));
  });
  return {
    pid: child.pid ?? 0,
    ended,
    kill: () => child.kill('SIGKILL'),
    said: (text) => vi.waitUntil(() => output.includes(text), 20_000).then(() => undefined),
  };
}
