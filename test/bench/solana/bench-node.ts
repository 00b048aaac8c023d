import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fromRoot } from '@cutover/base/project.ts';
import { installPackages } from '../install-packages.ts';

/** A node for measurements: LiteSVM behind an RPC of the bench. litesvm-node.ts says what it is not. */
export interface BenchNode {
  readonly url: string;
  fund(address: string, lamports: bigint): Promise<void>;
  stop(): Promise<void>;
}

/** Starts one, in a process of its own. SIDE EFFECTS: installs LiteSVM below .cutover when it is not there yet. */
export async function startBenchNode(): Promise<BenchNode> {
  const script = join(import.meta.dirname, 'litesvm-node.ts');
  const child = spawn(process.execPath, [script, installedAddon()], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise<never>((_, reject) => {
    child.once('exit', (code) => reject(new Error(`the node of the bench ended with ${code}`)));
  });
  const url = await Promise.race([
    ended,
    new Promise<string>((resolve) => createInterface({ input: child.stdout }).once('line', resolve)),
  ]);
  return {
    url,
    fund: async (address, lamports) => {
      const body = JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'fund',
        params: [address, Number(lamports)],
      });
      await fetch(url, { method: 'POST', body });
    },
    stop: async () => {
      child.stdin.end();
      await ended.catch(() => undefined);
    },
  };
}

/** Where the addon of this platform is; it is in none of the project's own packages. */
function installedAddon(): string {
  const name = `litesvm-${process.platform}-${process.arch}-gnu`;
  const folder = fromRoot('.cutover/bench/solana');
  installPackages(join(import.meta.dirname, 'peers'), folder, name);
  const addon = join(folder, 'node_modules', name);
  if (!existsSync(addon)) throw new Error(`no LiteSVM for this platform (${name})`);
  return addon;
}
