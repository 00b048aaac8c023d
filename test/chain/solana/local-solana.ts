import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { SolanaNetworkRef } from '@cutover/chain/plan/solana/network.ts';

// Journals about these nodes are nobody else's affair; child processes share their parent's.
const journals =
  process.env['CUTOVER_JOURNAL'] === undefined
    ? (process.env['CUTOVER_JOURNAL'] = mkdtempSync(join(tmpdir(), 'cutover-journal-')))
    : undefined;
if (journals !== undefined) process.once('exit', () => rmSync(journals, { recursive: true, force: true }));
const running = new Set<number>();

/** A real Solana node of the tests: surfpool, on free ports of the loopback interface. */
export interface LocalSolana {
  readonly url: string;
  readonly wsUrl: string;
  /** The pid, to stop or kill the node in a test of faults. */
  readonly pid: number;
  readonly network: SolanaNetworkRef;
  /** Asks the node; throws what it refuses. */
  call(method: string, params?: readonly unknown[]): Promise<unknown>;
  /** Gives an account so many lamports, whatever it had. */
  fund(address: string, lamports: bigint): Promise<void>;
  /** Moves the cluster's clock on by so many seconds. */
  timeTravel(seconds: number): Promise<void>;
  /** Puts an account there as it is described. */
  setAccount(address: string, account: AccountToSet): Promise<void>;
  stop(): Promise<void>;
}

export interface AccountToSet {
  readonly lamports?: bigint;
  readonly data?: Uint8Array;
  readonly owner?: string;
  readonly executable?: boolean;
}

export interface LocalSolanaArgs {
  /** A slot for each transaction, or one each `slotMilliseconds`. @default transaction */
  readonly blockProduction?: 'transaction' | 'clock';
  /** @default 1 in transaction mode, 400 by the clock */
  readonly slotMilliseconds?: number;
}

/** Starts surfpool and waits until it answers; now and then it hangs while it starts. Call `stop` in afterAll. */
export async function startLocalSolana(args: LocalSolanaArgs = {}): Promise<LocalSolana> {
  for (let start = 1; ; start++) {
    try {
      return await startOnce(args);
    } catch (error) {
      if (!(error instanceof DoesNotStart) || start === 3) throw error;
    }
  }
}

class DoesNotStart extends Error {}

async function startOnce(args: LocalSolanaArgs): Promise<LocalSolana> {
  const mode = args.blockProduction ?? 'transaction';
  const slotMs = args.slotMilliseconds ?? (mode === 'transaction' ? 1 : 400);
  const script = join(import.meta.dirname, 'surfpool-in-child.ts');
  const child = spawn(process.execPath, [script, addonFolder(), mode, String(slotMs)], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  const { rpcUrl, wsUrl } = await firstLine(child, () => complaint);
  const pid = child.pid ?? 0;
  running.add(pid);
  const call = (method: string, params: readonly unknown[] = []): Promise<unknown> =>
    ask(rpcUrl, method, params);

  const node: LocalSolana = {
    url: rpcUrl,
    wsUrl,
    pid,
    network: { name: 'test', cluster: 'localnet', endpoints: [{ url: rpcUrl }] },
    call,
    fund: (address, lamports) => node.setAccount(address, { lamports }),
    timeTravel: async (seconds) => {
      const now = await clusterTime(call);
      await call('surfnet_timeTravel', [{ absoluteTimestamp: (now + seconds) * 1000 }]);
    },
    setAccount: async (address, { lamports, data, owner, executable }) => {
      const update = {
        ...(lamports === undefined ? {} : { lamports: Number(lamports) }),
        ...(data === undefined ? {} : { data: Buffer.from(data).toString('hex') }),
        ...(owner === undefined ? {} : { owner }),
        ...(executable === undefined ? {} : { executable }),
      };
      await call('surfnet_setAccount', [address, update]);
    },
    stop: async () => {
      await ended(child);
      running.delete(pid);
      // With the last node goes what was written about it: a worker of the tests ends without a word.
      if (running.size === 0 && journals !== undefined) rmSync(journals, { recursive: true, force: true });
    },
  };
  for (let tries = 0; tries < 300; tries++) {
    if (
      await call('getHealth').then(
        () => true,
        () => false,
      )
    )
      return node;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await node.stop();
  throw new Error(`surfpool did not answer on ${rpcUrl}: ${complaint}`);
}

function addonFolder(): string {
  const name = `@solana/surfpool-${process.platform}-${process.arch}${process.platform === 'linux' ? '-gnu' : ''}`;
  return dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
}

/** Where the node listens, which is the first line that the process writes. */
function firstLine(
  child: ChildProcess,
  complaint: () => string,
): Promise<{ readonly rpcUrl: string; readonly wsUrl: string }> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new DoesNotStart(`surfpool did not start within 6 s: ${complaint()}`));
    }, 6000);
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`surfpool ended with ${code}: ${complaint()}`));
    });
    createInterface({ input: child.stdout ?? process.stdin }).on('line', (line) => {
      // The addon may write lines of its own.
      if (!line.startsWith('{"rpcUrl"')) return;
      clearTimeout(timer);
      resolve(JSON.parse(line) as { rpcUrl: string; wsUrl: string });
    });
  });
}

async function ask(url: string, method: string, params: readonly unknown[]): Promise<unknown> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(30_000) });
  const { result, error } = (await response.json()) as { result?: unknown; error?: { message: string } };
  if (error !== undefined) throw new Error(`${method}: ${error.message}`);
  return result;
}

/** The cluster's own clock, in seconds. */
async function clusterTime(call: LocalSolana['call']): Promise<number> {
  const clock = 'SysvarC1ock11111111111111111111111111111111';
  const answer = (await call('getAccountInfo', [clock, { encoding: 'base64' }])) as {
    readonly value: { readonly data: readonly [string, string] };
  };
  return Number(Buffer.from(answer.value.data[0], 'base64').readBigInt64LE(32));
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}
