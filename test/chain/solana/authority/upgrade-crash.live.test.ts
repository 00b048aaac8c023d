import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { proposalAddress } from '@cutover/chain/plan/solana/timelock/addresses.ts';
import type { ProgramBench } from '../../programs/program-kit.ts';
import { answering, answerOf } from '../../programs/timelock-kit.ts';
import { day, lockedProgram, members, proposer, startUpgradeNode, type UpgradeBench } from './upgrade-kit.ts';
import type { CrashOrder } from './upgrade-to-crash.ts';

let bench: ProgramBench;
let lockProgram: string;
const isLong = process.env['CUTOVER_LONG'] === '1';

beforeAll(async () => {
  ({ bench, lockProgram } = await startUpgradeNode());
});
afterAll(() => bench.node.stop());

describe('an upgrade whose updates are killed', () => {
  it(
    'is proposed and executed once, wherever they are killed, and nobody mends anything by hand',
    async () => {
      const whole = await upgrade([Infinity, Infinity]);
      const [toPropose = 0, toExecute = 0] = whole.moments;
      expect(toPropose).toBeGreaterThan(10);
      expect(toExecute).toBeGreaterThan(5);
      const every = isLong ? 1 : 11;
      for (let at = 1; at <= toPropose; at += every) await upgrade([at, 1 + (at % toExecute)]);
      for (let at = 1; at <= toExecute; at += every) await upgrade([Infinity, at]);
    },
    isLong ? 1_800_000 : 180_000,
  );
});

/** A whole upgrade: the first update, and the one after the delay, are killed at these moments and run once more. */
async function upgrade(crashes: readonly [number, number]): Promise<{ readonly moments: readonly number[] }> {
  const made = await lockedProgram(bench, lockProgram);
  const before = await bench.account(members[0]?.address ?? '');
  const first = await untilItRests(made, crashes[0]);
  expect(first).toMatchObject({ kind: 'proposed', stage: 'approved' });
  const [, bob, cid] = members;
  if (bob === undefined || cid === undefined) throw new Error('there are three members');
  await made.lock.approve(0n, bob, cid);
  await bench.node.timeTravel(2 * day);
  const last = await untilItRests(made, crashes[1]);
  expect(last).toMatchObject({ kind: 'done' });
  expect(await answerOf(bench, made.program)).toBe(2);
  expect((await made.lock.read()).proposals).toBe(1n);
  // The buffer's lamports came back; what is gone is the rent of one proposal, and fees.
  const rent = (await bench.account(proposalAddress(lockProgram, made.lock.timelock, 0n)))?.lamports ?? 0n;
  const after = await bench.account(members[0]?.address ?? '');
  const fees = (before?.lamports ?? 0n) - (after?.lamports ?? 0n) - rent;
  expect(fees).toBeGreaterThan(0n);
  expect(fees % 5_000n).toBe(0n);
  expect(fees).toBeLessThanOrEqual(12n * 5_000n);
  return { moments: [first.moments, last.moments] };
}

interface Ended {
  readonly kind: string;
  readonly moments: number;
}

async function untilItRests(made: UpgradeBench, crashAt: number): Promise<Ended> {
  const crashed = await update(made, crashAt);
  return crashed.kind === 'crashed' ? update(made, Infinity) : crashed;
}

/** One update in a process of its own. */
function update({ program, authority }: UpgradeBench, crashAt: number): Promise<Ended> {
  const order: CrashOrder = {
    network: bench.node.network,
    order: { title: 'the program', program, authority, writer: proposer },
    bytes: Buffer.from(answering(2)).toString('base64'),
    crashAt: Number.isFinite(crashAt) ? crashAt : 0,
  };
  const script = join(import.meta.dirname, 'upgrade-to-crash.ts');
  const child = spawn(process.execPath, [script, JSON.stringify(order)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, complaint] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), 30_000);
    child.once('exit', () => {
      clearTimeout(timer);
      const line = out.trim().split('\n').at(-1) ?? '';
      if (line.startsWith('{')) resolve(JSON.parse(line) as Ended);
      else reject(new Error(`the update ended without a word: ${complaint}`));
    });
  });
}
