/*
 * Runs surfpool, which listens on ports of its own choice, behind fixed ones, and keeps its accounts over restarts:
 * whenever they have changed they are written to disk, and put back at the next start. What is kept is accounts, so
 * programs too; slots begin again, and the history of transactions does not outlive the node.
 */
import { readFile } from 'node:fs/promises';
import { createRequire, flushCompileCache } from 'node:module';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { messageOf } from '@cutover/base/errors.ts';
import { jsonRpc } from '../probe.ts';
import { keepFile, rememberFolder } from './keep.ts';
import { changedAccounts, forRestore, type Accounts } from '../../plan/process-accounts.ts';

/** What is used of the addon, which brings no types. */
interface Surfnet {
  readonly rpcUrl: string;
  readonly wsUrl: string;
  drainEvents(): readonly { readonly kind: string }[];
  stop(): void;
}
interface Addon {
  readonly Surfnet: { startWithConfig(config: Record<string, unknown>): Surfnet };
}

const { values: options } = parseArgs({
  options: {
    addon: { type: 'string', default: '' },
    data: { type: 'string', default: '' },
    'rpc-port': { type: 'string', default: '' },
    'ws-port': { type: 'string', default: '' },
    'block-production': { type: 'string', default: 'clock' },
    'slot-milliseconds': { type: 'string', default: '400' },
    'snapshot-milliseconds': { type: 'string', default: '500' },
  },
});
const accountsFile = join(options.data, 'accounts.json');
const interval = Number(options['snapshot-milliseconds']);
const callTimeout = 60_000;

await rememberFolder(options.data);
const { Surfnet } = createRequire(import.meta.url)(options.addon) as Addon;
// Kept for the whole life of the process: the node stops when its handle is collected.
const node = Surfnet.startWithConfig({
  offline: true,
  blockProductionMode: options['block-production'],
  slotTimeMs: Number(options['slot-milliseconds']),
});
const rpcPort = Number(new URL(node.rpcUrl).port);

// What every node of this version begins with is not worth keeping.
const pristine = await exportAccounts();
await restore();
let stopping = false;
let snapshotting: Promise<void> = Promise.resolve();
// Only now: who can connect finds its accounts.
const fronts = await Promise.all([
  forward(Number(options['rpc-port']), node.rpcUrl),
  forward(Number(options['ws-port']), node.wsUrl),
]);
process.on('SIGTERM', () => void stop());
process.on('SIGINT', () => void stop());
node.drainEvents();
flushCompileCache();

while (!stopping) {
  await sleep(interval);
  // Read in any case: the addon keeps events until someone does.
  const changed = node.drainEvents().some(({ kind }) => kind !== 'systemClockUpdated');
  const began = performance.now();
  if (changed) await snapshot().catch((error: unknown) => console.error(`no snapshot: ${messageOf(error)}`));
  // Many accounts take longer to write: a tenth of the time at most goes into it.
  await sleep(Math.max(0, (performance.now() - began) * 10 - interval));
}

function snapshot(): Promise<void> {
  snapshotting = snapshotting.then(async () => {
    const accounts = changedAccounts(pristine, await exportAccounts());
    await keepFile(accountsFile, JSON.stringify(accounts));
  });
  return snapshotting;
}

async function restore(): Promise<void> {
  const text = await readFile(accountsFile, 'utf8').catch(() => undefined);
  if (text === undefined) return;
  for (const { address, update } of forRestore(JSON.parse(text) as Accounts)) {
    await jsonRpc(rpcPort, 'surfnet_setAccount', [address, update], callTimeout);
  }
}

async function exportAccounts(): Promise<Accounts> {
  const filter = { includeProgramAccounts: true, excludeSysvars: true, excludeFeatureGates: true };
  const answer = await jsonRpc(
    rpcPort,
    'surfnet_exportSnapshot',
    [{ scope: 'network', filter }],
    callTimeout,
  );
  return (answer as { value: Accounts }).value;
}

async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  for (const front of fronts) front.close();
  await snapshot().catch((error: unknown) => console.error(`no last snapshot: ${messageOf(error)}`));
  node.stop();
  process.exit(0);
}

function forward(port: number, url: string): Promise<ReturnType<typeof createServer>> {
  const target = Number(new URL(url).port);
  return new Promise((resolve, reject) => {
    const server = createServer((client) => {
      const upstream = connect({ port: target, host: '127.0.0.1' });
      client.pipe(upstream).pipe(client);
      client.on('error', () => upstream.destroy());
      upstream.on('error', () => client.destroy());
    });
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}
