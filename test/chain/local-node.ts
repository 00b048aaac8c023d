import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Network, type JsonRpcProvider } from 'ethers';
import { freePort } from '@cutover/base/free-port.ts';
import { AskingProvider } from './asking-provider.ts';

// Journals of transactions on these nodes are nobody else's affair; child processes share their parent's.
const journals =
  process.env['CUTOVER_JOURNAL'] === undefined
    ? (process.env['CUTOVER_JOURNAL'] = mkdtempSync(join(tmpdir(), 'cutover-journal-')))
    : undefined;
if (journals !== undefined) process.once('exit', () => rmSync(journals, { recursive: true, force: true }));
const running = new Set<string>();

/** A real EVM node of the tests: anvil, on a free port of the loopback interface. */
export interface LocalNode {
  readonly url: string;
  readonly chainId: number;
  /** An ethers provider that remembers nothing and asks at once. */
  readonly provider: JsonRpcProvider;
  /** The pid, to stop or kill the node in a test of faults. */
  readonly pid: number;
  stop(): Promise<void>;
}

export interface LocalNodeArgs {
  /** @default 31337 */
  readonly chainId?: number;
  /** Seconds between blocks. @default a block for each transaction, at once */
  readonly blockSeconds?: number;
  /** @default a free one */
  readonly port?: number;
  /** Further arguments of anvil. */
  readonly flags?: readonly string[];
}

/** Starts anvil and waits until it answers. Call `stop` in afterAll. */
export async function startLocalNode(args: LocalNodeArgs = {}): Promise<LocalNode> {
  for (let attempt = 1; ; attempt++) {
    const port = args.port ?? (await freePort());
    try {
      return await startOnPort(port, args);
    } catch (error) {
      // Between finding and taking it, the port may have gone to someone else.
      if (args.port !== undefined || attempt === 3) throw error;
    }
  }
}

/** The node's program: npm brings one for each platform; else one that is installed. */
export function anvilBinary(): string {
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  try {
    const packaged = createRequire(import.meta.url).resolve(
      `@foundry-rs/anvil-${process.platform}-${arch}/package.json`,
    );
    return join(packaged, '..', 'bin', 'anvil');
  } catch {
    const folders = (process.env['PATH'] ?? '').split(delimiter);
    const installed = folders.map((folder) => join(folder, 'anvil')).find((path) => existsSync(path));
    if (installed !== undefined) return installed;
    throw new Error('anvil is neither in node_modules nor on PATH: run `npm ci`');
  }
}

async function startOnPort(port: number, args: LocalNodeArgs): Promise<LocalNode> {
  const chainId = args.chainId ?? 31337;
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(
    anvilBinary(),
    [
      ...['--host', '127.0.0.1', '--port', String(port), '--chain-id', String(chainId), '--silent'],
      ...(args.blockSeconds === undefined ? [] : ['--block-time', String(args.blockSeconds)]),
      ...(args.flags ?? []),
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));

  const network = Network.from(chainId);
  const provider = new AskingProvider(url, network, {
    staticNetwork: network,
    cacheTimeout: -1,
    batchMaxCount: 1,
  });
  const stop = async (): Promise<void> => {
    provider.destroy();
    await ended(child);
    running.delete(url);
    // With the last node goes what was written about it: a worker of the tests ends without a word.
    if (running.size === 0 && journals !== undefined) rmSync(journals, { recursive: true, force: true });
  };
  running.add(url);
  for (let tries = 0; tries < 300; tries++) {
    if (child.exitCode !== null) throw new Error(`anvil ended with ${child.exitCode}: ${complaint}`);
    if (await answers(url)) return { url, chainId, provider, pid: child.pid ?? 0, stop };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await stop();
  throw new Error(`anvil did not answer on ${url} within 15 s: ${complaint}`);
}

async function answers(url: string): Promise<boolean> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_chainId', params: [] });
  const headers = { 'content-type': 'application/json' };
  return fetch(url, { method: 'POST', body, headers }).then(
    (response) => response.ok,
    () => false,
  );
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}
