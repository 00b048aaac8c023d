import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { handler } from '@cutover/chain/solana/account-setting-handler.ts';
import { handler as accountState } from '@cutover/chain/solana/account-state-handler.ts';
import { handler as program } from '@cutover/chain/solana/program-handler.ts';
import { created } from '../handler-kit.ts';
import { refusal } from '../refusal.ts';
import { transactionsOf } from './kit.ts';
import {
  deployerAddress,
  otherAddress,
  sol,
  startResourceBench,
  terminalOf,
  type ResourceBench,
} from './resource-kit.ts';
import { exchangeOf, limitsOf, type Limits } from './setting-kit.ts';

let bench: ResourceBench;
let perps: string;
let exchange: string;
beforeAll(async () => {
  bench = await startResourceBench();
  const prepared = await bench.prepare('perps/perps-1.so', 60);
  await created(program, bench.inputs(prepared));
  perps = prepared.program;
});
afterAll(() => bench.stop());

function wanted(more: Partial<Limits> = {}) {
  return limitsOf(perps, bench.node.network, more);
}

/** How many transactions the exchange has seen. */
async function sent(): Promise<number> {
  return (await transactionsOf(bench.node, exchange)).length;
}

describe('a setting in an account', () => {
  it('says in a preview that nothing is to be set where the account comes with the same update', async () => {
    expect(await terminalOf(async () => handler.check?.({}, wanted()))).toBe('');
  });

  it('is found as wanted and nothing is sent, then set when another is wanted, once', async () => {
    exchange = (await created(accountState, exchangeOf(perps, bench.node.network))).state.address;
    const first = await sent();
    const setting = await created(handler, wanted());
    expect(setting.state).toMatchObject({ drift: [] });
    expect(setting.state.transaction).toBeUndefined();
    expect(await setting.diff(wanted())).toBe(false);
    expect(await sent()).toBe(first);

    const more = wanted({ maxUsers: 25n, maxTvl: 50_000n });
    expect(await terminalOf(() => setting.diff(more))).toBe(
      `the limits of the beta at ${exchange} on test (localnet):\n  maxUsers is "10"; wanted is "25"\n  maxTvl is "10000"; wanted is "50000"`,
    );
    expect(await sent()).toBe(first);
    const { transaction } = await setting.update(more);
    expect(await transactionsOf(bench.node, exchange)).toContain(transaction);
    expect(await sent()).toBe(first + 1);
    expect(await setting.diff(more)).toBe(false);
    expect((await setting.update(more)).transaction).toBe(transaction);
    expect(await sent()).toBe(first + 1);

    const words = await terminalOf(() => setting.delete());
    expect(words).toBe(`forgotten: the limits of the beta stays as it is at ${exchange}`);
    await setting.update(wanted());
  });

  it('that somebody else has changed is told by a refresh, and set back by an update', async () => {
    const setting = await created(handler, wanted());
    await created(handler, wanted({ maxLeverage: 50n, limited: 0 }));
    expect((await setting.read())?.drift).toEqual([
      'limited is "0"; wanted is "1"',
      'maxLeverage is "50"; wanted is "20"',
    ]);
    expect(await setting.diff(wanted())).toBe(true);
    expect((await setting.update(wanted())).drift).toEqual([]);
    expect((await setting.read())?.drift).toEqual([]);
    expect(await setting.diff(wanted())).toBe(false);
  });

  it.each([
    ['recorded', 30n],
    ['handed-over', 31n],
    ['settled', 32n],
  ] as const)(
    'whose update was killed when it was %s is set by the next one, once',
    async (moment, maxUsers) => {
      const before = await sent();
      expect(await runInChild(maxUsers, moment)).toBe('SIGKILL');
      const setting = await created(handler, wanted({ maxUsers }));
      expect(await setting.diff(wanted({ maxUsers }))).toBe(false);
      expect(await sent()).toBe(before + 1);
    },
  );

  it('is refused by its program in the words of the program, and nothing has changed', async () => {
    const setting = await created(handler, wanted());
    const stranger = { kind: 'local', account: 7 } as const;
    await bench.node.fund(otherAddress, sol);
    const more = wanted({ maxUsers: 60n });
    const set = JSON.parse(
      JSON.stringify(more.set).replaceAll(deployerAddress, otherAddress),
    ) as typeof more.set;
    const { code, message } = await refusal(setting.update({ ...more, set, payer: stranger }));
    expect(code).toBe('CUT-2444');
    expect(message).toContain('only the admin may do this');
    expect(await setting.diff(wanted())).toBe(false);
  });

  it('is refused where the account is of another program', async () => {
    const { code } = await refusal(created(handler, { ...wanted(), owner: exchange }));
    expect(code).toBe('CUT-2433');
  });

  it('is an error where what sets it sets something else', async () => {
    const wrong = { ...wanted({ maxUsers: 70n }), set: wanted({ maxUsers: 71n }).set };
    const { code, message } = await refusal(created(handler, wrong));
    expect(code).toBe('CUT-2544');
    expect(message).toContain('maxUsers is "71"; wanted is "70"');
  });
});

/** Sets the limits in a process of its own. How it ended. */
function runInChild(maxUsers: bigint, moment: string): Promise<NodeJS.Signals | number | null> {
  const script = join(import.meta.dirname, 'set-in-child.ts');
  const args = [bench.node.url, perps, String(maxUsers), moment];
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
  return new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code)));
}
