import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAccount, unknownTo } from '@cutover/chain/plan/solana/perps/accounts.ts';
import { upgrade } from '@cutover/chain/plan/solana/loader-instructions.ts';
import { perpsInterface } from '@cutover/chain/programs/perps/interface.ts';
import type { SolanaSigner } from '@cutover/chain/solana/keypairs.ts';
import { builtProgram, startProgramBench, type ProgramBench } from './program-kit.ts';
import { makeExchange, sol, startPrice, type ExchangeBench } from './perps-kit.ts';

let bench: ProgramBench;
let venue: ExchangeBench;
let early: SolanaSigner;
let late: SolanaSigner;

beforeAll(async () => {
  bench = await startProgramBench();
  venue = await makeExchange(bench, 1);
  early = await venue.user(5n * sol);
});
afterAll(() => bench.node.stop());

async function release(number: 1 | 2): Promise<void> {
  const buffer = await bench.buffer(builtProgram(`perps/perps-${number}`));
  const authority = bench.payer.address;
  await bench.send([upgrade({ program: venue.program, buffer, spill: authority, authority })]);
  // A program runs from the slot after that of its upgrade on.
  await bench.send([]);
}

async function found(): Promise<readonly { readonly kind: string; readonly layout: number }[]> {
  const answer = (await bench.node.call('getProgramAccounts', [
    venue.program,
    { encoding: 'base64' },
  ])) as readonly {
    readonly account: { readonly data: readonly [string, string] };
  }[];
  return answer.flatMap(({ account }) => {
    const read = readAccount(perpsInterface, Buffer.from(account.data[0], 'base64'));
    return read.kind === undefined ? [] : [{ kind: read.kind, layout: read.layout }];
  });
}

describe('releases, one after the other:', () => {
  it('the first knows nothing of the second', async () => {
    expect(await venue.refusal('migrateUser', early)).toBe('malformedInstruction');
    expect(unknownTo(perpsInterface, '1', await found())).toEqual([]);
  });

  it('the second goes on with accounts of the first, and makes its own', async () => {
    await venue.act('openPosition', early, { side: 0, leverage: 5, size: 5n * sol });
    await release(2);
    await venue.act('settle', early);
    expect(await venue.read(venue.userOf(early))).not.toHaveProperty('settlements');
    await venue.act('deposit', early, { amount: sol });

    late = await venue.user(2n * sol);
    await venue.act('openPosition', late, { side: 1, leverage: 5, size: 5n * sol });
    await venue.act('settle', late);
    await venue.act('settle', late);
    expect(await venue.read(venue.userOf(late))).toMatchObject({
      layout: 2,
      settlements: 2n,
      collateral: sol,
    });
  });

  it('the second makes an account of the first its own, once, and nothing in it is lost', async () => {
    const { layout, ...before } = await venue.read(venue.userOf(early));
    expect(layout).toBe(1);
    await venue.act('migrateUser', early);
    expect(await venue.read(venue.userOf(early))).toEqual({ ...before, layout: 2, settlements: 0n });
    expect(await venue.refusal('migrateUser', early)).toBe('nothingToMigrate');
    await venue.act('settle', early);
    expect(await venue.read(venue.userOf(early))).toMatchObject({ settlements: 1n });
  });

  it('the first refuses accounts of the second: going back like that is what the plan must refuse', async () => {
    expect(unknownTo(perpsInterface, '1', await found())).toEqual([
      { kind: 'user', layout: 2 },
      { kind: 'user', layout: 2 },
    ]);
    await release(1);
    expect(await venue.refusal('withdraw', early, { amount: 1n })).toBe('unknownLayout');
    expect(await venue.refusal('closePosition', early)).toBe('unknownLayout');
    await venue.act('pause', undefined, { mode: 2 });
    expect(await venue.refusal('returnFunds', late)).toBe('unknownLayout');
    await venue.act('resume');
    await release(2);
  });

  it('going back in order returns all money and leaves nothing that the first does not know', async () => {
    await venue.mark((startPrice * 110n) / 100n);
    const before = { early: await lamportsOf(early.address), late: await lamportsOf(late.address) };
    const rents = { early: await rentsOf(early), late: await rentsOf(late) };

    await venue.act('pause', undefined, { mode: 2 });
    for (const owner of [early, late]) await venue.act('closeAtMark', owner);
    for (const owner of [early, late]) await venue.act('returnFunds', owner);
    expect(unknownTo(perpsInterface, '1', await found())).toEqual([]);
    await release(1);
    await venue.act('resume');

    // 5 SOL each way at 10 % more: what one wins the other loses, up to its margin.
    expect(await lamportsOf(early.address)).toBe(before.early + rents.early + 6n * sol + sol / 2n);
    expect(await lamportsOf(late.address)).toBe(before.late + rents.late + 2n * sol - sol / 2n);
    expect(await venue.read(venue.exchange)).toMatchObject({ mode: 0, users: 0n, tvl: 0n, pool: 200n * sol });

    await venue.act('openAccount', early);
    await venue.act('deposit', early, { amount: sol });
    expect(await venue.read(venue.userOf(early))).toMatchObject({ layout: 1, collateral: sol });
  });
});

async function lamportsOf(address: string): Promise<bigint> {
  return (await bench.account(address))?.lamports ?? 0n;
}

async function rentsOf(owner: SolanaSigner): Promise<bigint> {
  return (await lamportsOf(venue.userOf(owner))) + (await lamportsOf(venue.positionOf(owner)));
}
