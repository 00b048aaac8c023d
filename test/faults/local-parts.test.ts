import { rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { done, makeClone, type Clone } from '../engine/clone.ts';
import { copiesOf, statusOf } from '../engine/inspect.ts';

let clone: Clone;
beforeAll(async () => {
  clone = await makeClone('parts');
});
afterAll(() => clone.remove());

const pidOf = async (name: string): Promise<number> => {
  const found = (await statusOf(clone)).processes.find((process) => process.name === name);
  if (found?.pid === undefined) throw new Error(`${name} does not run`);
  return found.pid;
};

async function upMends(): Promise<string> {
  const up = done(await clone.run(['up']));
  const status = await statusOf(clone);
  expect(status.processes.filter(({ healthy }) => !healthy)).toEqual([]);
  expect(status.contracts.filter(({ state }) => state !== 'deployed')).toEqual([]);
  expect([...(await copiesOf(clone))].filter(([, count]) => count !== 1)).toEqual([]);
  return up.stdout;
}

function listen(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

describe('a port that a stranger holds', () => {
  it('is an error that names the holder and the key to change; the stranger is left alone', async () => {
    const port = 8545 + clone.portOffset;
    const stranger = await listen(port);
    const up = await clone.run(['up']);
    expect(up.exit).not.toBe(0);
    expect(up.stdout).toContain(String(port));
    expect(up.stdout).toContain(`pid ${process.pid}`);
    expect(up.stdout).toContain('portOffset');
    expect(stranger.listening).toBe(true);
    await new Promise((resolve) => stranger.close(resolve));
    await upMends();
  });
});

describe.each([
  'evm-node',
  'solana-node',
  'postgres',
  'mongo',
  'valkey',
  'meta-aggregator-api',
  'gemforce-parse',
  'gemforce-indexer',
])('%s', (name) => {
  it('killed with -9 is noticed and brought back', async () => {
    const before = await pidOf(name);
    process.kill(before, 'SIGKILL');
    expect((await statusOf(clone)).healthy).toBe(false);
    expect(await upMends()).toContain(name);
    expect(await pidOf(name)).not.toBe(before);
  });

  it('hung is noticed and brought back', async () => {
    const before = await pidOf(name);
    process.kill(before, 'SIGSTOP');
    expect((await statusOf(clone)).healthy).toBe(false);
    expect(await upMends()).toContain(name);
    expect(await pidOf(name)).not.toBe(before);
  });
});

describe('data', () => {
  it('of the EVM node that is deleted: contracts are deployed again in the same up, at the same addresses', async () => {
    const before = (await statusOf(clone)).contracts;
    const pid = await pidOf('evm-node');
    process.kill(pid, 'SIGKILL');
    rmSync(join(clone.folder, '.cutover', 'dev', 'processes', 'evm-node', 'data'), { recursive: true });
    const said = await upMends();
    expect(said).toContain('escrow');
    expect((await statusOf(clone)).contracts.map(({ address }) => address)).toEqual(
      before.map(({ address }) => address),
    );
  });

  it('of PostgreSQL that is deleted under a running server: databases and migrations come again', async () => {
    rmSync(join(clone.folder, '.cutover', 'dev', 'processes', 'postgres'), { recursive: true, force: true });
    await upMends();
  });
});
