import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from 'vitest';
import { deployContract } from '@cutover/chain/evm/deploy.ts';
import { deploymentCall } from '@cutover/chain/plan/address.ts';
import { deploymentOf, logbook, networkOf, signedBy, vaultArgs } from '../kit.ts';
import { startLocalNode, type LocalNode } from '../local-node.ts';

let node: LocalNode;
afterEach(() => node.stop());

/** When to kill: so many milliseconds after the n-th line that starts with this. */
interface Moment {
  readonly line: 'ready' | 'Vault: sent';
  readonly nth: number;
  readonly afterMs: number;
}

/** Runs the deployments in a process of their own and kills it with SIGKILL; answers whether it was done before. */
async function killedDeployment(salts: readonly string[], moment: Moment): Promise<boolean> {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'deploy-in-child.ts'), node.url, ...salts],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let seen = 0;
  let done = false;
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line === 'done') done = true;
    if (line.startsWith(moment.line) && ++seen === moment.nth)
      setTimeout(() => child.kill('SIGKILL'), moment.afterMs);
  });
  await new Promise((resolve) => child.once('exit', resolve));
  return done;
}

async function deployAgain(salts: readonly string[]): Promise<void> {
  const { rpc, signer } = await signedBy(networkOf(node));
  const deployments = await Promise.all(salts.map((salt) => deploymentOf({ ...vaultArgs, salt })));
  await Promise.all(deployments.map((deployment) => deployContract(rpc, signer, deployment, logbook().log)));
}

/** How often each deployment is in a block, and how many of them failed. */
async function transactionsFor(salts: readonly string[]): Promise<{ counts: number[]; failed: number }> {
  const calls = await Promise.all(
    salts.map(async (salt) => {
      const { initCode } = await deploymentOf({ ...vaultArgs, salt });
      return deploymentCall(initCode, salt);
    }),
  );
  const counts = salts.map(() => 0);
  let failed = 0;
  for (let number = 1; number <= (await node.provider.getBlockNumber()); number++) {
    const block = await node.provider.getBlock(number, true);
    for (const transaction of block?.prefetchedTransactions ?? []) {
      const index = calls.indexOf(transaction.data);
      if (index >= 0) counts[index] = (counts[index] ?? 0) + 1;
      const receipt = await node.provider.getTransactionReceipt(transaction.hash);
      if (receipt?.status !== 1) failed++;
    }
  }
  return { counts, failed };
}

const moments: readonly Moment[] = [
  ...[0, 3, 6, 10, 15, 20, 30, 50].map((afterMs) => ({ line: 'ready', nth: 1, afterMs }) as const),
  ...[0, 300].map((afterMs) => ({ line: 'Vault: sent', nth: 1, afterMs }) as const),
];

describe('a deployment that is killed', () => {
  it('is finished by the next run at each of ten moments: one contract, one transaction', async () => {
    await deploymentOf(vaultArgs);
    node = await startLocalNode({ blockSeconds: 1 });
    for (const [index, moment] of moments.entries()) {
      const salts = [`killed-${index}`];
      const done = await killedDeployment(salts, moment);
      // Once it is sent, the next block may come before the kill.
      if (moment.line === 'ready') expect(done).toBe(false);
      await deployAgain(salts);
      expect([moment, await transactionsFor(salts)]).toEqual([moment, { counts: [1], failed: 0 }]);
    }
  });

  it('is finished when blocks come at once, too', async () => {
    node = await startLocalNode();
    for (const [index, afterMs] of [5, 10, 20].entries()) {
      const salts = [`at-once-${index}`];
      await killedDeployment(salts, { line: 'ready', nth: 1, afterMs });
      await deployAgain(salts);
      expect(await transactionsFor(salts)).toEqual({ counts: [1], failed: 0 });
    }
  });

  it.each([1, 3, 8])(
    'among eight at once is finished with the others, killed after transaction %i',
    async (nth) => {
      node = await startLocalNode({ blockSeconds: 2 });
      const salts = Array.from({ length: 8 }, (_, index) => `eight-${index}`);
      expect(await killedDeployment(salts, { line: 'Vault: sent', nth, afterMs: 0 })).toBe(false);
      await deployAgain(salts);
      expect(await transactionsFor(salts)).toEqual({ counts: salts.map(() => 1), failed: 0 });
    },
  );
});
