import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromRoot, projectRoot } from '@cutover/base/project.ts';
import { done, makeClone, type Clone } from '../../engine/clone.ts';
import { forgeBinary, forgeFolders, hardhatScript, peerEnvironment, peersFolder, scriptOf } from './peers.ts';
import type { Command } from './run-tool.ts';
import { benchFolder } from './system.ts';

/** One deployment: how large, and where. */
export interface Task {
  readonly facets: number;
  readonly url: string;
}

/** Something that deploys, told in a table by its name. */
export interface Tool {
  readonly name: string;
  /** How it makes contracts. */
  readonly creates: 'CREATE' | 'CREATE2';
  /** What it is asked to wait for. */
  readonly confirmations: number;
  /** Forgets all earlier runs. */
  forget(): void;
  command(task: Task): Command;
  /** What its users run after a crash, where that is another command. */
  readonly again?: (task: Task) => Command;
}

// The first account of the mnemonic that local nodes print; it is public and guards nothing.
const publicKey = '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80';

function forge(habit: 'create' | 'create2', resume: boolean): Tool {
  const command = ({ facets, url }: Task, more: readonly string[] = []): Command => ({
    program: forgeBinary(),
    args: [
      ...['script', `${scriptOf(facets, habit)}:Deploy`, '--rpc-url', url, '--private-key', publicKey],
      ...['--broadcast', '--non-interactive', ...forgeFolders(habit), ...more],
    ],
    cwd: peersFolder,
    env: peerEnvironment,
  });
  return {
    name: `forge${resume ? ', --resume after the crash' : ''}`,
    creates: habit === 'create' ? 'CREATE' : 'CREATE2',
    confirmations: 1,
    forget: () => rmSync(join(peersFolder, 'broadcast'), { recursive: true, force: true }),
    command,
    ...(resume ? { again: (task: Task) => command(task, ['--resume']) } : {}),
  };
}

function ignition(confirmations: number): Tool {
  return {
    name: `Ignition, ${confirmationsOf(confirmations)}`,
    creates: 'CREATE',
    confirmations,
    forget: () => rmSync(join(peersFolder, 'ignition', 'deployments'), { recursive: true, force: true }),
    command: ({ facets, url }) => ({
      program: process.execPath,
      args: [hardhatScript, 'ignition', 'deploy', 'ignition/modules/Bench.cjs', '--network', 'bench'],
      cwd: peersFolder,
      env: {
        ...peerEnvironment,
        BENCH_RPC_URL: url,
        BENCH_FACETS: String(facets),
        BENCH_CONFIRMATIONS: String(confirmations),
      },
    }),
  };
}

const hardhatDeploy: Tool = {
  name: 'hardhat-deploy',
  creates: 'CREATE',
  confirmations: 1,
  forget: () => rmSync(join(peersFolder, 'deployments'), { recursive: true, force: true }),
  command: ({ facets, url }) => ({
    program: process.execPath,
    args: [hardhatScript, 'deploy', '--network', 'bench', '--no-compile'],
    cwd: peersFolder,
    env: { ...peerEnvironment, BENCH_HARDHAT_DEPLOY: '1', BENCH_RPC_URL: url, BENCH_FACETS: String(facets) },
  }),
};

const journals = new Set<string>();
process.once('exit', () => journals.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

function oursOnChain(confirmations: number): Tool {
  let journal = '';
  return {
    name: `ours, the chain alone, ${confirmationsOf(confirmations)}`,
    creates: 'CREATE2',
    confirmations,
    forget: () => {
      if (journal !== '') rmSync(journal, { recursive: true, force: true });
      journal = mkdtempSync(join(tmpdir(), 'cutover-bench-journal-'));
      journals.add(journal);
    },
    command: ({ facets, url }) => ({
      program: process.execPath,
      args: ['test/bench/deployment/ours-chain.ts', url, String(facets), String(confirmations)],
      cwd: projectRoot,
      env: { CUTOVER_JOURNAL: journal },
    }),
  };
}

/** The same by the real engine: `./cutover up` in a clone whose program is nothing but the system. */
export function oursByEngine(clone: Clone, confirmations: number): Tool {
  const state = ['state', 'dev', 'journal'].map((name) => join(clone.folder, '.cutover', name));
  return {
    name: `ours, ./cutover up, ${confirmationsOf(confirmations)}`,
    creates: 'CREATE2',
    confirmations,
    forget: () => {
      for (const folder of state) {
        rmSync(folder, { recursive: true, force: true });
        if (existsSync(`${folder}.fresh`)) cpSync(`${folder}.fresh`, folder, { recursive: true });
      }
    },
    command: ({ facets, url }) => ({
      program: join(clone.folder, 'cutover'),
      args: ['up'],
      cwd: clone.folder,
      env: {
        BENCH_RPC_URL: url,
        BENCH_FACETS: String(facets),
        BENCH_CONFIRMATIONS: String(confirmations),
        CUTOVER_JOURNAL: '',
      },
    }),
  };
}

/** A clone with the system as its program, and a stack with nothing in it. SIDE EFFECTS: writes below .cutover. */
export async function makeEngineClone(): Promise<Clone> {
  const clone = await makeClone('deployment');
  writeFileSync(
    join(clone.folder, 'infra', 'index.ts'),
    "export { address, systems } from '../test/bench/deployment/engine-program.ts';\n",
  );
  mkdirSync(join(clone.folder, '.cutover', 'bench'), { recursive: true });
  symlinkSync(fromRoot(benchFolder), join(clone.folder, benchFolder));
  done(await clone.run(['pulumi', 'stack', 'ls', '-s', 'dev']));
  done(await clone.run(['pulumi', 'stack', 'output', '-s', 'dev']));
  for (const name of ['state', 'dev']) {
    const folder = join(clone.folder, '.cutover', name);
    cpSync(folder, `${folder}.fresh`, { recursive: true });
  }
  return clone;
}

function confirmationsOf(count: number): string {
  return `${count} confirmation${count === 1 ? '' : 's'}`;
}

/** All tools that need nothing but the project, by the names that CUTOVER_BENCH_TOOLS takes. */
export const tools: Readonly<Record<string, Tool>> = {
  forge: forge('create2', false),
  'forge-create': forge('create', false),
  'forge-resume': forge('create2', true),
  ignition: ignition(5),
  'ignition-1': ignition(1),
  'hardhat-deploy': hardhatDeploy,
  chain: oursOnChain(5),
  'chain-1': oursOnChain(1),
};
