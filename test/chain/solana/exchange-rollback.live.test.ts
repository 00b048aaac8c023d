import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { upgrade } from '@cutover/chain/plan/solana/loader-instructions.ts';
import { perpsInterface } from '@cutover/chain/programs/perps/interface.ts';
import { carryOutStep, observeExchange } from '@cutover/chain/solana/exchange.ts';
import type { SolanaSigner } from '@cutover/chain/solana/keypairs.ts';
import { makeExchange, startPrice, type ExchangeBench } from '../programs/perps-kit.ts';
import { builtProgram, startProgramBench, type ProgramBench } from '../programs/program-kit.ts';
import { localSigner, poolTo, sol } from './kit.ts';

let bench: ProgramBench;
beforeAll(async () => {
  bench = await startProgramBench();
  for (const account of [0, 4]) await bench.node.fund(localSigner(account).address, 10n * sol);
});
afterAll(() => bench.node.stop());

/** Each of the seven bets 2 SOL five times over; every second one on falling prices. Two transactions close them all. */
const people = 7;
const collateral = 2n * sol;
const size = 5n * sol;

interface Venue extends ExchangeBench {
  readonly owners: readonly SolanaSigner[];
  /** What everybody must have when all is returned. */
  readonly owed: readonly bigint[];
}

/** An exchange of the second release under the local keys, with positions that have won or lost a tenth. */
async function makeVenue(): Promise<Venue> {
  const venue = await makeExchange(bench, 2);
  const wide = {
    maxUsers: 100n,
    maxTvl: 1000n * sol,
    maxDeposit: 10n * sol,
    maxPosition: 50n * sol,
    maxLeverage: 20n,
  };
  await venue.act('setLimits', undefined, { limited: 1, ...wide });
  const owners: SolanaSigner[] = [];
  for (let at = 0; at < people; at++) {
    const owner = await venue.user(collateral);
    await venue.act('openPosition', owner, { side: at % 2, leverage: 5, size });
    owners.push(owner);
  }
  await venue.mark((startPrice * 110n) / 100n);
  const owed = await Promise.all(
    owners.map(async (owner, at) => {
      const rents = (await lamportsOf(venue.userOf(owner))) + (await lamportsOf(venue.positionOf(owner)));
      const won = at % 2 === 0 ? size / 10n : -(size / 10n);
      return (await lamportsOf(owner.address)) + rents + collateral + won;
    }),
  );
  const [admin, guardian] = [localSigner(0).address, localSigner(4).address];
  await venue.act('setRoles', undefined, { admin, guardian, relayer: venue.relayer.address });
  return { ...venue, owners, owed };
}

async function lamportsOf(address: string): Promise<bigint> {
  return (await bench.account(address))?.lamports ?? 0n;
}

/** The authority brings the old program, as a council would. */
async function oldProgram({ program }: Venue): Promise<void> {
  const buffer = await bench.buffer(builtProgram('perps/perps-1'));
  const authority = bench.payer.address;
  await bench.send([upgrade({ program, buffer, spill: authority, authority })]);
  await bench.send([]);
}

interface Moved {
  readonly next: string;
  readonly sent: readonly (readonly [string, number])[];
}

/** Moves the rollback on in a process of its own; undefined where that was killed. */
async function moved({ program }: Venue, kill: readonly string[] = []): Promise<Moved | undefined> {
  const script = join(import.meta.dirname, 'rollback-in-child.ts');
  const child = spawn(process.execPath, [script, bench.node.url, program, ...kill], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
  const signal = await new Promise((resolve) => child.once('close', (_, by) => resolve(by)));
  return signal === 'SIGKILL' ? undefined : (JSON.parse(text) as Moved);
}

async function returned(venue: Venue): Promise<void> {
  expect(await Promise.all(venue.owners.map(({ address }) => lamportsOf(address)))).toEqual(venue.owed);
}

/** What the pool lost: four have won what three have lost. */
const pool = 200n * sol - size / 10n;

describe('a rollback of an exchange', () => {
  it('returns everything to the lamport, waits for the old program, and resumes behind it', async () => {
    const venue = await makeVenue();
    expect(await moved(venue)).toEqual({
      next: 'old program',
      sent: [
        ['pause', 1],
        ['close positions', 2],
        ['return funds', 1],
      ],
    });
    await returned(venue);
    expect(await venue.read(venue.exchange)).toMatchObject({
      mode: 2,
      users: 0n,
      positions: 0n,
      tvl: 0n,
      pool,
    });
    // Asked again while the council has not decided, it does nothing.
    expect(await moved(venue)).toEqual({ next: 'old program', sent: [] });
    await oldProgram(venue);
    expect(await moved(venue)).toEqual({ next: 'done', sent: [['resume', 1]] });
    expect(await moved(venue)).toEqual({ next: 'done', sent: [] });

    const [first] = venue.owners;
    await venue.act('openAccount', first);
    await venue.act('deposit', first, { amount: sol });
    expect(await venue.read(venue.userOf(first as SolanaSigner))).toMatchObject({
      layout: 1,
      collateral: sol,
    });
  });

  it.each([
    ['recorded', 1, 'before the pause is sent'],
    ['handed-over', 1, 'when the pause is sent'],
    ['settled', 1, 'behind the pause'],
    ['recorded', 2, 'between pause and closing'],
    ['handed-over', 2, 'when half of the positions are being closed'],
    ['settled', 2, 'between two transactions that close positions'],
    ['settled', 3, 'between closing and returning'],
    ['handed-over', 4, 'when funds are being returned'],
    ['settled', 4, 'behind returning'],
  ])('killed at "%s" number %i (%s) goes on there: nobody is paid twice', async (name, nth) => {
    const venue = await makeVenue();
    expect(await moved(venue, [name, String(nth)])).toBeUndefined();
    expect(await moved(venue)).toMatchObject({ next: 'old program' });
    await returned(venue);
    await oldProgram(venue);
    expect(await moved(venue, ['handed-over', '1'])).toBeUndefined();
    expect(await moved(venue)).toMatchObject({ next: 'done' });
    await returned(venue);
    expect(await venue.read(venue.exchange)).toMatchObject({ mode: 0, users: 0n, tvl: 0n, pool });
    expect(await lamportsOf(venue.exchange)).toBe(pool + (await rentOfExchange(venue)));
  });
});

async function rentOfExchange({ exchange }: Venue): Promise<bigint> {
  const space = (await bench.account(exchange))?.data.length ?? 0;
  return BigInt((await bench.node.call('getMinimumBalanceForRentExemption', [space])) as number);
}

describe('a step', () => {
  it('that the program refuses is told in its words, before anything is paid', async () => {
    const venue = await makeVenue();
    const exchange = { program: venue.program, description: perpsInterface };
    const chain = poolTo(bench.node.url);
    const { seen } = await observeExchange(chain, exchange);
    const before = await lamportsOf(localSigner(0).address);
    const work = { step: 'return funds', seen, signer: localSigner(0) } as const;
    await expect(carryOutStep(chain, exchange, work)).rejects.toThrow(
      /CUT-2444[^]*the exchange is not paused[^]*nothing was sent/,
    );
    expect(await lamportsOf(localSigner(0).address)).toBe(before);
  });
});
