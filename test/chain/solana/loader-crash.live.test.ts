import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { programDataAddress } from '@cutover/chain/plan/solana/address.ts';
import type { SolanaPool } from '@cutover/chain/solana/connection.ts';
import { checkpoints } from '@cutover/chain/solana/journal/checkpoint.ts';
import { findBuffers } from '@cutover/chain/solana/loader-close.ts';
import { bringProgram } from '@cutover/chain/solana/loader.ts';
import { feesPaid, localSigner, orderOf, payer, poolTo, sol, transactionsOf, writer } from './kit.ts';
import { startLocalSolana, type LocalSolana } from './local-solana.ts';
import { makeProgram } from './make-program.ts';

const rounds = process.env['CUTOVER_LONG'] === '1' ? 50 : 6;
/**
 * Each moment is met at the first transaction (the buffer), at the chunks, and at the last one (the deployment). Chunks
 * are kept together and handed over one by one.
 */
const moments = checkpoints.flatMap((name) => {
  if (['opened', 'claimed', 'released'].includes(name)) return [[name, 1] as const];
  return (name === 'handed-over' ? [1, 2, 11, 20, 21] : [1, 2, 3]).map((nth) => [name, nth] as const);
});

let node: LocalSolana;
let pool: SolanaPool;
// Each program has a key of its own: 4 to 24 for the moments, the next fifty for the random ones, 99 for upgrades.
let account = 4;
// A node for each: surfpool gets slower with every transaction that it remembers, and lists a thousand at most.
const begin = async (): Promise<void> => {
  node = await startLocalSolana();
  pool = poolTo(node.url);
  await node.fund(payer.address, 1_000n * sol);
};
beforeEach(begin);
afterEach(() => node.stop());

describe('a deployment', () => {
  it.each(moments)(
    'killed at "%s" number %i is ended by the next run: nothing twice, no lamport lost',
    async (name, nth) => {
      const { program, before } = await killed(String(name), [name, String(nth)]);
      await endedOnce(program, before);
    },
  );

  it(`killed at ${rounds} random moments is ended by the next run: nothing twice, no lamport lost`, async () => {
    for (let round = 0; round < rounds; round++) {
      if (round % 20 === 19) {
        await node.stop();
        await begin();
      }
      const { program, before } = await killed(
        `random ${round}`,
        [],
        (900 * (round + Math.random())) / rounds,
      );
      await endedOnce(program, before);
    }
  }, 600_000);
});

describe('an upgrade', () => {
  it.each([
    ['recorded', 1],
    ['recorded', 2],
    ['recorded', 3],
    ['handed-over', 11],
    ['handed-over', 21],
    ['settled', 3],
  ] as const)('killed at "%s" number %i is ended by the next run', async (name, nth) => {
    const order = orderOf(localSigner(99), { bytes: makeProgram(16_384, `base of ${name} ${nth}`) });
    await bringProgram(pool, order);
    const before = await moneyOf(order.program);
    const build = `upgrade ${name} ${nth}`;
    expect(await run(['99', build, name, String(nth)])).toBe(null);
    await bringProgram(pool, { ...order, bytes: makeProgram(16_384, build) });
    const after = await moneyOf(order.program);
    expect(after.balance + after.fees + after.rent).toBe(before.balance + before.fees + before.rent);
    expect(after.transactions - before.transactions).toBe(21);
  });
});

interface Money {
  readonly balance: bigint;
  readonly fees: bigint;
  /** What the program's accounts hold. */
  readonly rent: bigint;
  readonly transactions: number;
}

async function moneyOf(program: string): Promise<Money> {
  const [fees, transactions, held] = await Promise.all([
    feesPaid(node, payer.address),
    transactionsOf(node, payer.address),
    pool.getAccounts([program, programDataAddress(program)]),
  ]);
  return {
    balance: await pool.getBalance(payer.address),
    fees,
    rent: held.reduce((sum, each) => sum + (each?.lamports ?? 0n), 0n),
    transactions: transactions.length,
  };
}

/** Brings a program of its own in a process that is killed. */
async function killed(
  build: string,
  moment: readonly string[],
  afterMs?: number,
): Promise<{ readonly program: readonly [number, string]; readonly before: Money }> {
  const program = [account++, build] as const;
  const before = await moneyOf(localSigner(program[0]).address);
  const code = await run([String(program[0]), build, ...moment], afterMs);
  // By its own hand; at a random moment it may have been done before.
  if (afterMs === undefined) expect(code).toBe(null);
  return { program, before };
}

/** The next run ends it; the chain then has each transaction once, and every lamport is accounted for. */
async function endedOnce([signer, build]: readonly [number, string], before: Money): Promise<void> {
  const order = orderOf(localSigner(signer), { bytes: makeProgram(16_384, build) });
  await bringProgram(pool, order);
  expect((await bringProgram(pool, order)).plan.kind).toBe('nothing');
  const after = await moneyOf(order.program);
  expect(before.balance - after.balance).toBe(after.rent - before.rent + (after.fees - before.fees));
  // The buffer, nineteen chunks, the deployment.
  expect(after.transactions - before.transactions).toBe(21);
  expect(await findBuffers(pool, writer.address)).toEqual([]);
}

/** Runs it in a process of its own; `killAfter` milliseconds from its `ready` it is killed. */
async function run(args: readonly string[], killAfter?: number): Promise<number | null> {
  const script = join(import.meta.dirname, 'bring-in-child.ts');
  const child = spawn(process.execPath, [script, node.url, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line === 'ready' && killAfter !== undefined) setTimeout(() => child.kill('SIGKILL'), killAfter);
  });
  return new Promise((resolve) => child.once('exit', resolve));
}
