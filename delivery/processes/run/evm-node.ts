/*
 * Runs anvil and writes its chain to disk whenever it has changed. anvil's own --state writes the file in place each
 * interval, changed or not: kill -9 in the middle of it loses the whole chain. Here a snapshot is whole or not there.
 * A process of its own: it must live as long as the node, longer than the engine.
 */
import { spawn } from 'node:child_process';
import { link, rename, rm } from 'node:fs/promises';
import { flushCompileCache } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs, promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { messageOf } from '@cutover/base/errors.ts';
import { jsonRpc } from '../probe.ts';
import { keepFile, rememberFolder } from './keep.ts';

const { values: options } = parseArgs({
  options: {
    anvil: { type: 'string', default: '' },
    data: { type: 'string', default: '' },
    port: { type: 'string', default: '' },
    'chain-id': { type: 'string', default: '' },
    'snapshot-milliseconds': { type: 'string', default: '' },
    'block-time': { type: 'string' },
    load: { type: 'string' },
  },
});
const port = Number(options.port);
const interval = Number(options['snapshot-milliseconds']);
const callTimeout = 60_000;

await rememberFolder(options.data);
const node = spawn(
  options.anvil,
  [
    ...['--host', '127.0.0.1', '--port', options.port, '--chain-id', options['chain-id']],
    // Quiet: it would print the private keys of its accounts.
    '--quiet',
    // Old states, which it would else put into the home folder.
    ...['--cache-path', join(options.data, 'cache')],
    ...(options['block-time'] === undefined ? [] : ['--block-time', options['block-time']]),
    ...(options.load === undefined ? [] : ['--load-state', options.load]),
  ],
  { stdio: ['ignore', 'inherit', 'inherit'] },
);

let stopping = false;
node.once('error', (error) => {
  console.error(`anvil could not be started: ${error.message}`);
  process.exit(1);
});
node.once('exit', (code, signal) => {
  if (!stopping) console.error(`anvil ended with ${signal ?? `exit code ${code}`}`);
  process.exit(stopping ? 0 : (code ?? 1) || 1);
});

let written: string | undefined;
let writing: Promise<void> = Promise.resolve();

/** Writes the chain if it changed. One at a time; the one before is kept beside it. */
function snapshot(timeout = callTimeout): Promise<void> {
  writing = writing.then(async () => {
    const head = await jsonRpc(port, 'eth_getBlockByNumber', ['latest', false], timeout);
    const { hash } = head as { hash: string };
    if (hash === written) return;
    const packed = (await jsonRpc(port, 'anvil_dumpState', [], timeout)) as string;
    const state = await promisify(gunzip)(Buffer.from(packed.slice(2), 'hex'));
    const last = join(options.data, 'state.json');
    const keep = join(options.data, 'state.previous.json');
    await rm(`${keep}.tmp`, { force: true });
    await link(last, `${keep}.tmp`).then(
      () => rename(`${keep}.tmp`, keep),
      () => undefined,
    );
    await keepFile(last, state.toString('utf8'));
    if (written === undefined) flushCompileCache();
    written = hash;
  });
  return writing;
}

async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  await snapshot(3000).catch((error: unknown) => console.error(`no last snapshot: ${messageOf(error)}`));
  node.kill('SIGTERM');
}
process.on('SIGTERM', () => void stop());
process.on('SIGINT', () => void stop());

while (!stopping) {
  const began = performance.now();
  // Until it listens there is nothing to write.
  await snapshot().catch((error: unknown) => {
    writing = Promise.resolve();
    if (written !== undefined && !stopping) console.error(`no snapshot: ${messageOf(error)}`);
  });
  // A long chain takes longer to write: a tenth of the time at most goes into it.
  await sleep(Math.max(interval, (performance.now() - began) * 10));
}
