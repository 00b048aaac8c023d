import { spawn, type ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { Interface } from 'ethers/abi';
import { freePort } from '@cutover/base/free-port.ts';
import { zeroAddress } from '@cutover/chain/plan/cut/selector.ts';
import { computeAddress } from 'ethers/transaction';
import { toBeHex, zeroPadValue } from 'ethers/utils';
import { CutoverError, messageOf } from '@cutover/base/errors.ts';
import { multiSends } from '@cutover/chain/plan/authority/safe-transaction.ts';
import { anvil } from '@cutover/delivery/processes/kinds/evm-node.ts';
import type { StandInChain, StandIns } from './stand-ins.ts';

/** A local node of a rehearsal, of whatever kind its chain is. */
export interface PlayedChain {
  readonly name: string;
  readonly url: string;
  /** Lets time pass as days would. */
  passTime(seconds: number): Promise<void>;
  /** How many transactions the stack's keys have sent. */
  transactions(): Promise<number>;
  stop(): Promise<void>;
  /** Lets it outlive us. */
  leave(): void;
}

type Ask = (method: string, params?: readonly unknown[]) => Promise<unknown>;

/** A local node that stands in for a public EVM chain. */
export interface StandInNode extends StandInChain, PlayedChain {
  readonly ask: Ask;
}

/**
 * Starts the node of a chain and puts on it what the stack expects there: funds, Safes, what Safes send with.
 * It ends with `stop`; `mark` in its environment lets the next rehearsal find it after this one was killed.
 * SIDE EFFECTS: starts a process.
 */
export async function startNode(
  chain: StandInChain,
  standIns: StandIns,
  mark: Readonly<Record<string, string>>,
): Promise<StandInNode> {
  const { file } = await anvil(`the node of ${chain.name}`);
  for (let attempt = 1; ; attempt++) {
    const node = await startOn(await freePort(), file, chain, standIns, mark).catch((error: unknown) => {
      // Between finding and taking it, the port may have gone to somebody else.
      if (attempt < 3) return undefined;
      throw new CutoverError('CUT-5523', { chain: chain.name, message: messageOf(error) }, { cause: error });
    });
    if (node === undefined) continue;
    try {
      await furnish(node, standIns);
      return node;
    } catch (error) {
      await node.stop();
      throw error;
    }
  }
}

async function passTime(ask: Ask, seconds: number): Promise<void> {
  await ask('evm_increaseTime', [seconds]);
  // The leap would count as the time between two blocks, if it were among the latest.
  await ask('anvil_mine', ['0x20']);
}

async function transactionsOf(ask: Ask, { funded }: StandIns): Promise<number> {
  const counts = funded.map((key) => ask('eth_getTransactionCount', [computeAddress(key), 'latest']));
  return (await Promise.all(counts)).reduce<number>((sum, count) => sum + Number(count), 0);
}

async function startOn(
  port: number,
  file: string,
  chain: StandInChain,
  standIns: StandIns,
  mark: Readonly<Record<string, string>>,
): Promise<StandInNode> {
  // As many confirmations as on the real chain, within two or three seconds.
  const blockSeconds = Math.min(0.25, Math.max(0.05, 1.5 / chain.confirmations));
  const args = ['--host', '127.0.0.1', '--port', String(port), '--chain-id', String(chain.chainId)];
  const child = spawn(file, [...args, '--block-time', String(blockSeconds), '--silent'], {
    // A group of its own: Ctrl-C must not take it from an engine that still ends its step.
    ...{ detached: true, stdio: ['ignore', 'ignore', 'pipe'] },
    env: { ...process.env, ...mark },
  });
  let complaint = '';
  child.once('error', (error) => (complaint += error.message));
  child.stderr?.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  const url = `http://127.0.0.1:${port}`;
  const ask: Ask = (method, params = []) => askNode(chain.name, url, method, params);
  const node: StandInNode = {
    ...{ ...chain, url, ask },
    passTime: (seconds) => passTime(ask, seconds),
    transactions: () => transactionsOf(ask, standIns),
    stop: () => ended(child),
    leave: () => {
      child.stderr?.destroy();
      child.unref();
    },
  };
  for (let tries = 0; tries < 300; tries++) {
    if (child.exitCode !== null || child.pid === undefined) break;
    const answer = await ask('eth_chainId').catch(() => undefined);
    if (answer === toBeHex(chain.chainId).replace(/^0x0+/, '0x')) return node;
    await sleep(50);
  }
  await node.stop();
  throw new Error(complaint.trim() || 'it did not answer within 15 s');
}

async function furnish(node: StandInNode, { funded, safes, owners }: StandIns): Promise<void> {
  const paid = '0x21e19e0c9bab2400000'; // 10 000 coins
  await Promise.all(funded.map((key) => node.ask('anvil_setBalance', [computeAddress(key), paid])));
  if (safes.length === 0) return;
  const code = (path: string): string => safeArtifact(path).deployedBytecode;
  await node.ask('anvil_setCode', [singleton, code('Safe.sol/Safe.json')]);
  await node.ask('anvil_setCode', [
    multiSends[1]?.address,
    code('libraries/MultiSendCallOnly.sol/MultiSendCallOnly.json'),
  ]);
  const setup = new Interface(safeArtifact('Safe.sol/Safe.json').abi).encodeFunctionData('setup', [
    ...[owners.map((owner) => computeAddress(owner)), 2, zeroAddress, '0x'],
    ...[zeroAddress, zeroAddress, 0, zeroAddress],
  ]);
  const [from] = (await node.ask('eth_accounts')) as string[];
  for (const safe of safes) {
    await node.ask('anvil_setCode', [safe, code('proxies/SafeProxy.sol/SafeProxy.json')]);
    await node.ask('anvil_setStorageAt', [safe, zeroPadValue('0x', 32), zeroPadValue(singleton, 32)]);
    await node.ask('eth_sendTransaction', [{ from, to: safe, data: setup, gas: '0x7a120' }]);
  }
  await node.ask('anvil_mine', ['0x1']);
}

// Where Safe's release 1.5.0 has it on public chains: github.com/safe-global/safe-deployments
const singleton = '0xFf51A5898e281Db6DfC7855790607438dF2ca44b';

interface SafeArtifact {
  readonly abi: ConstructorParameters<typeof Interface>[0];
  readonly deployedBytecode: string;
}

function safeArtifact(path: string): SafeArtifact {
  const require = createRequire(import.meta.url);
  return require(`@safe-global/safe-smart-account/build/artifacts/contracts/${path}`) as SafeArtifact;
}

/** Asks a node; what it refuses is told with its chain. */
export async function askNode(
  chain: string,
  url: string,
  method: string,
  params: readonly unknown[],
): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    signal: AbortSignal.timeout(20_000),
  }).catch((error: Error) => {
    // `fetch failed` says nothing; what is behind it does.
    throw new CutoverError('CUT-5527', { chain, message: messageOf(error.cause ?? error) }, { cause: error });
  });
  const { result, error } = (await response.json()) as { result?: unknown; error?: { message: string } };
  if (error !== undefined) throw new CutoverError('CUT-5524', { chain, method, message: error.message });
  return result;
}

/** Ends a process and waits until it is gone. SIDE EFFECTS: kills it. */
export async function ended(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}
