import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deployContract } from '@cutover/chain/evm/deploy.ts';
import { checkpoints } from '@cutover/chain/evm/journal/checkpoint.ts';
import { notifyTo } from '@cutover/chain/evm/sender.ts';
import { deploymentCall } from '@cutover/chain/plan/address.ts';
import { deploymentOf, logbook, networkOf, signedBy, vaultArgs } from '../kit.ts';
import { startLocalNode, type LocalNode } from '../local-node.ts';

const count = 12;
const rounds = process.env['CUTOVER_LONG'] === '1' ? 50 : 8;
/** Each moment is met at the first of the twelve, at one in the middle, and at the last. */
const moments = checkpoints.flatMap((name) =>
  (name === 'opened' ? [1] : [1, 5, count]).map((nth) => [name, nth] as const),
);

let node: LocalNode;
beforeAll(async () => {
  notifyTo(() => undefined);
  node = await startLocalNode({ blockSeconds: 1 });
  await deploymentOf(vaultArgs);
});
afterAll(() => node.stop());

describe('a deployment of twelve contracts', () => {
  it.each(moments)('killed at "%s" of number %i is ended by the next run', async (name, nth) => {
    const salts = saltsOf(`${name}-${nth}`);
    const code = await run('sender/deploy-to-checkpoint.ts', [node.url, name, String(nth), ...salts]);
    // By its own hand.
    expect(code).toBe(null);
    await deployAgain(salts);
    expect(await countsOf(salts)).toEqual(salts.map(() => 1));
  });

  it(
    `killed at ${rounds} random moments is ended by the next run: nothing twice, nothing lost`,
    { timeout: 600_000 },
    async () => {
      for (let round = 0; round < rounds; round++) {
        const salts = saltsOf(`random-${round}`);
        // Spread over a deployment's whole length.
        const killAfter = (1_500 * (round + Math.random())) / rounds;
        await run('deploy-in-child.ts', [node.url, ...salts], killAfter);
        await deployAgain(salts);
        expect([killAfter, await countsOf(salts)]).toEqual([killAfter, salts.map(() => 1)]);
      }
    },
  );
});

function saltsOf(name: string): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${name}-${index}`);
}

/** Runs a program of the tests in a process of its own; `killAfter` milliseconds from its `ready` it is killed. */
async function run(script: string, args: readonly string[], killAfter?: number): Promise<number | null> {
  const child = spawn(process.execPath, [join(import.meta.dirname, script), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line === 'ready' && killAfter !== undefined) setTimeout(() => child.kill('SIGKILL'), killAfter);
  });
  return new Promise((resolve) => child.once('exit', resolve));
}

async function deployAgain(salts: readonly string[]): Promise<void> {
  const { rpc, signer } = await signedBy(networkOf(node));
  const deployments = await Promise.all(salts.map((salt) => deploymentOf({ ...vaultArgs, salt })));
  await Promise.all(deployments.map((each) => deployContract(rpc, signer, each, logbook().log)));
}

/** How often each deployment is in a block. */
async function countsOf(salts: readonly string[]): Promise<number[]> {
  const calls = await Promise.all(
    salts.map(async (salt) => deploymentCall((await deploymentOf({ ...vaultArgs, salt })).initCode, salt)),
  );
  const counts = calls.map(() => 0);
  for (let number = 1; number <= (await node.provider.getBlockNumber()); number++) {
    const block = await node.provider.getBlock(number, true);
    for (const { data } of block?.prefetchedTransactions ?? []) {
      const index = calls.indexOf(data);
      if (index >= 0) counts[index] = (counts[index] ?? 0) + 1;
    }
  }
  return counts;
}
