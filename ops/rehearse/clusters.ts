import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CutoverError, messageOf } from '@cutover/base/errors.ts';
import { freePort } from '@cutover/base/free-port.ts';
import { projectRoot } from '@cutover/base/project.ts';
import { surfpool } from '@cutover/delivery/processes/kinds/solana-node.ts';
import { askNode, ended, type PlayedChain } from './nodes.ts';
import type { StandInCluster, StandIns } from './stand-ins.ts';

type Ask = (method: string, params?: readonly unknown[]) => Promise<unknown>;

/** A local node that stands in for a public cluster of Solana. */
export interface StandInClusterNode extends PlayedChain {
  readonly ask: Ask;
}

// What is finalized is 32 slots old: within two seconds.
const slotMilliseconds = 50;
const lamports = 1_000_000_000_000; // 1 000 SOL

/**
 * Starts the node of a cluster and funds on it who pays. It ends with `stop`; `mark` in its environment lets the next
 * rehearsal find it after this one was killed. SIDE EFFECTS: starts a process, which keeps its accounts in the folder.
 */
export async function startCluster(
  cluster: StandInCluster,
  { paying }: Pick<StandIns, 'paying'>,
  folder: string,
  mark: Readonly<Record<string, string>>,
): Promise<StandInClusterNode> {
  const { addon } = await surfpool(`the node of ${cluster.name}`);
  const data = join(folder, 'nodes', cluster.name);
  await mkdir(data, { recursive: true, mode: 0o700 });
  for (let attempt = 1; ; attempt++) {
    const node = await startOn(await freePort(), { addon, data }, cluster, paying, mark).catch(
      (error: unknown) => {
        // Between finding and taking it, the port may have gone to somebody else.
        if (attempt < 3) return undefined;
        throw new CutoverError(
          'CUT-5523',
          { chain: cluster.name, message: messageOf(error) },
          { cause: error },
        );
      },
    );
    if (node !== undefined) return node;
  }
}

async function startOn(
  port: number,
  { addon, data }: { readonly addon: string; readonly data: string },
  { name }: StandInCluster,
  paying: readonly string[],
  mark: Readonly<Record<string, string>>,
): Promise<StandInClusterNode> {
  const script = join(projectRoot, 'delivery', 'processes', 'run', 'solana-node.ts');
  const ports = ['--rpc-port', String(port), '--ws-port', '0'];
  const slots = ['--block-production', 'clock', '--slot-milliseconds', String(slotMilliseconds)];
  const child = spawn(process.execPath, [script, '--addon', addon, '--data', data, ...ports, ...slots], {
    // A group of its own: Ctrl-C must not take it from an engine that still ends its step.
    ...{ detached: true, stdio: ['ignore', 'ignore', 'pipe'] },
    env: { ...process.env, ...mark },
  });
  let complaint = '';
  child.once('error', (error) => (complaint += error.message));
  child.stderr?.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  const url = `http://127.0.0.1:${port}`;
  const ask: Ask = (method, params = []) => askNode(name, url, method, params);
  const node: StandInClusterNode = {
    ...{ name, url, ask },
    passTime: (seconds) => passTime(ask, seconds),
    transactions: () => transactionsOf(ask, paying),
    stop: () => ended(child),
    leave: () => {
      child.stderr?.destroy();
      child.unref();
    },
  };
  try {
    for (let tries = 0; tries < 300; tries++) {
      if (child.exitCode !== null || child.pid === undefined) break;
      if ((await ask('getHealth').catch(() => undefined)) === 'ok') {
        for (const address of paying) await ask('surfnet_setAccount', [address, { lamports }]);
        return node;
      }
      await sleep(100);
    }
    throw new Error(complaint.trim() || 'it did not answer within 30 s');
  } catch (error) {
    await node.stop();
    throw error;
  }
}

/** Lets time pass on a cluster as days would, by its own clock. */
async function passTime(ask: Ask, seconds: number): Promise<void> {
  const clock = 'SysvarC1ock11111111111111111111111111111111';
  const answer = (await ask('getAccountInfo', [clock, { encoding: 'base64' }])) as {
    readonly value: { readonly data: readonly [string, string] };
  };
  const now = Number(Buffer.from(answer.value.data[0], 'base64').readBigInt64LE(32));
  await ask('surfnet_timeTravel', [{ absoluteTimestamp: (now + seconds) * 1000 }]);
}

/** How many transactions these have had a part in. */
async function transactionsOf(ask: Ask, addresses: readonly string[]): Promise<number> {
  const lists = addresses.map((address) =>
    ask('getSignaturesForAddress', [address, { commitment: 'confirmed' }]),
  );
  const found = (await Promise.all(lists)) as { readonly signature: string }[][];
  return new Set(found.flat().map(({ signature }) => signature)).size;
}
