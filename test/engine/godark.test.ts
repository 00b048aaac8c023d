import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localKeypair } from '@cutover/chain/plan/solana/signer.ts';
import { takeFromFaucet } from '@cutover/chain/solana/faucet.ts';
import { signerOfKeypair, type SolanaSigner } from '@cutover/chain/solana/keypairs.ts';
import type { ExchangePauseReport } from '../../ops/exchange/pause.ts';
import type { ExchangeRollback } from '../../ops/exchange/report.ts';
import type { LaunchReport } from '../../ops/launch/report.ts';
import { done, makeClone, type Clone, type Result } from './clone.ts';
import { statusOf } from './inspect.ts';
import { killTree } from './program-stack.ts';
import { tradersOn, type Traders } from './traders.ts';

// One stack with GoDark alone; the tests build on each other.
let clone: Clone;
let traders: Traders;
/** A webhook of the operators, and what it was told. */
let webhook: Server;
const told: string[] = [];
const journal = mkdtempSync(join(tmpdir(), 'cutover-journal-'));
beforeAll(async () => {
  process.env['CUTOVER_JOURNAL'] = journal;
  webhook = createServer((request, response) => {
    request.setEncoding('utf8').on('data', (text: string) => told.push(text));
    request.on('end', () => response.end());
  });
  await new Promise<void>((resolve) => webhook.listen(0, '127.0.0.1', resolve));
  process.env['GODARK_TEST_WEBHOOK'] = `http://127.0.0.1:${(webhook.address() as AddressInfo).port}`;
  clone = await makeClone('godark');
  clone.without('gemforce', 'metaAggregator', 'sop138', 'coinestate');
  clone.set(['notifications'], { webhook: { kind: 'env', name: 'GODARK_TEST_WEBHOOK' } });
  expect(done(await clone.run(['up'])).stdout).toMatch(/perps +\w{32,44} on localnet/);
  const { program = '' } = (await statusOf(clone)).programs[0] ?? {};
  traders = tradersOn(`http://127.0.0.1:${8899 + clone.portOffset}`, program);
});
afterAll(async () => {
  await clone.remove();
  webhook.close();
  rmSync(journal, { recursive: true, force: true });
});

const stackFile = (): string => join(clone.folder, 'Pulumi.dev.yaml');
const file = (): string => readFileSync(stackFile(), 'utf8');
const mode = async (): Promise<unknown> => (await traders.read(traders.exchange))?.['mode'];
const because = ['--reason', 'a test'] as const;
function jsonOf<T>(result: Result): T {
  return JSON.parse(done(result).stdout) as T;
}

describe('./cutover status', () => {
  it('asks the cluster for the program', async () => {
    const { healthy, programs, upgrades } = await statusOf(clone);
    expect(programs).toMatchObject([{ system: 'godark', name: 'perps', cluster: 'localnet', state: 'runs' }]);
    expect([healthy, upgrades]).toEqual([true, []]);
  });
});

describe('./cutover pause and resume', () => {
  it('pause is one transaction of the guardian, leaves the file alone, and no update ends it', async () => {
    const before = file();
    const report = jsonOf<ExchangePauseReport>(
      await clone.run(['pause', 'dev', 'godark', ...because, '--json']),
    );
    expect(report).toMatchObject({ before: 'running', now: 'stopped', exchange: traders.exchange });
    expect(report.transaction).toMatch(/^\w{80,90}$/);
    expect(await mode()).toBe(2);
    const again = jsonOf<ExchangePauseReport>(await clone.run(['pause', 'dev', 'godark', '--json']));
    expect(again.transaction).toBeUndefined();
    expect(file()).toBe(before);
    expect(done(await clone.run(['up'])).stdout).toContain('Nothing to change');
    expect(await mode()).toBe(2);
  });

  it('resume lets it run again', async () => {
    expect(done(await clone.run(['resume', 'dev', 'godark'])).stdout).toContain(
      'Runs again: the exchange of GoDark',
    );
    expect(await mode()).toBe(0);
  });
});

describe('./cutover rollback', () => {
  const owners: SolanaSigner[] = [];
  const owed: bigint[] = [];
  const collateral = 100_000_000n;
  const balances = (): Promise<bigint[]> =>
    Promise.all(owners.map(({ address }) => traders.pool.getBalance(address)));

  it('is refused while nothing is known of an earlier release, and to one that there is not', async () => {
    const unknown = await clone.run(['rollback', 'dev', 'godark', ...because]);
    expect([unknown.exit, unknown.stderr]).toEqual([2, expect.stringContaining('CUT-5113 Nothing is known')]);
    const none = await clone.run(['rollback', 'dev', 'godark', '--to', 'v9', ...because]);
    expect([none.exit, none.stderr]).toEqual([2, expect.stringContaining('CUT-5113 There is no release v9')]);
    expect(await mode()).toBe(0);
  });

  it('killed behind its first steps stays paused, with everything returned to the lamport', async () => {
    writeFileSync(stackFile(), file().replace('release: v1', 'release: v2'));
    done(await clone.run(['up']));
    const admin = signerOfKeypair(localKeypair(0));
    await takeFromFaucet(traders.pool, admin.address, 10_000_000_000n);
    await traders.act('fundPool', admin, { amount: 3_000_000_000n });
    for (const account of [50, 51, 52]) owners.push(await traders.trader(account, collateral));
    await traders.act('setMark', admin, { price: 101_000_000n });
    const wallets = await balances();
    for (const [at, owner] of owners.entries()) {
      // A position of five times the collateral, a hundredth up or down; odd accounts bet on falling prices.
      const won = ((at % 2 === 0 ? 5n : -5n) * collateral) / 100n;
      owed.push((wallets[at] ?? 0n) + (await traders.rentsOf(owner)) + collateral + won);
    }

    const { child, ended } = clone.start(['rollback', 'dev', 'godark', ...because]);
    await new Promise<void>((resolve) => {
      child.stdout?.on('data', (text: string) => {
        if (text.includes('Pulumi.dev.yaml says v1')) resolve();
      });
      void ended.then(() => resolve());
    });
    killTree(child.pid ?? 0);
    const { stdout } = await ended;
    expect(stdout).toMatch(
      /done {3}pause\n {2}done {3}close positions\n {2}done {3}return funds\n {2}next {3}old program/,
    );
    expect(stdout).not.toContain('Runs now');
    expect(await balances()).toEqual(owed);
    expect(await mode()).toBe(2);
  });

  it('waits, paused, for members whose keys are elsewhere; status tells what is missing', async () => {
    const refused = await clone.run(['rollback', 'dev', 'godark', '--to', 'v2', ...because]);
    expect([refused.exit, refused.stderr]).toEqual([3, expect.stringContaining('CUT-5574')]);
    const approvers = /approvers: \[ ?godark-member-1, godark-member-2 ?\]/;
    const [named = ''] = approvers.exec(file()) ?? [];
    writeFileSync(stackFile(), file().replace(approvers, 'approvers: []'));
    const args = ['rollback', 'dev', 'godark', ...because, '--json'];
    const report = jsonOf<ExchangeRollback>(await clone.run(args));
    expect(report).toMatchObject({
      state: 'waiting',
      mode: 'stopped',
      left: ['old program', 'resume'],
      sent: [],
    });
    expect(report.waits[0]).toMatch(/approval/);
    const { upgrades, healthy } = await statusOf(clone);
    expect(upgrades).toMatchObject([{ name: 'perps-upgrade', version: 'v1', stage: 'approved' }]);
    expect([healthy, await mode()]).toEqual([true, 2]);
    writeFileSync(stackFile(), file().replace('approvers: []', named));
  });

  it('goes on with the same command: the council brings the old program, and only then it runs again', async () => {
    const report = jsonOf<ExchangeRollback>(
      await clone.run(['rollback', 'dev', 'godark', ...because, '--json']),
    );
    expect(report).toMatchObject({ from: 'v2', to: 'v1', state: 'done', mode: 'running', left: [] });
    expect(report.sent.map(({ step }) => step)).toEqual(['resume']);
    expect(report.now.owners.map(({ wallet }) => BigInt(wallet))).toEqual(owed);
    expect(report.before?.owners.map(({ inExchange }) => inExchange)).toEqual([
      '100000000',
      '100000000',
      '100000000',
    ]);
    expect(report.now).toMatchObject({ tvl: '0', rents: '0' });
    expect(file()).toContain('release: v1');
    expect(await balances()).toEqual(owed);
  });

  it('does nothing when it is asked for once more', async () => {
    const report = jsonOf<ExchangeRollback>(
      await clone.run(['rollback', 'dev', 'godark', ...because, '--json']),
    );
    expect(report).toMatchObject({ to: 'v1', state: 'done', sent: [] });
    expect(file()).toContain('release: v1');
    expect(await mode()).toBe(0);
  });
});

describe('./cutover launch', () => {
  it('is stopped while the exchange is paused; a dry run says so and changes nothing', async () => {
    const before = file();
    done(await clone.run(['pause', 'dev', 'godark']));
    const dry = await clone.run(['launch', 'dev', 'godark', '--dry-run']);
    expect([dry.exit, dry.stdout]).toEqual([3, expect.stringMatching(/WRONG {2}the exchange runs: stopped/)]);
    const stopped = await clone.run(['launch', 'dev', 'godark', '--at', 'now']);
    expect([stopped.exit, stopped.stderr]).toEqual([
      3,
      expect.stringMatching(/CUT-5580[^]*verification[^]*stopped/),
    ]);
    expect(file()).toBe(before);
    done(await clone.run(['resume', 'dev', 'godark']));
  });

  it('verifies, lifts the limits by the stack file, announces, and then watches: each run is a look', async () => {
    const report = jsonOf<LaunchReport>(await clone.run(['launch', 'dev', 'godark', '--json']));
    expect(report.stages.map((stage) => [stage.stage, stage.done !== undefined])).toEqual([
      ['verification', true],
      ['health', true],
      ['limits', true],
      ['announcement', true],
      ['watch', false],
    ]);
    expect(report.next).toMatchObject({ kind: 'look' });
    expect(report.last).toMatchObject({ healthy: true, users: 0 });
    expect(await traders.read(traders.exchange)).toMatchObject({ limited: 0 });
    expect(file()).toContain('phase: launched');
    expect(told.filter((text) => text.includes('is open to everybody'))).toHaveLength(1);
    const second = done(await clone.run(['launch', 'dev', 'godark'])).stdout;
    // A machine that takes less than half a minute to here has a day left, to the minute.
    expect(second).toMatch(/all is healthy[^]*settlements +not measured[^]*Watched for (23 h|1 d 0 h)/);
    expect(done(await clone.run(['up'])).stdout).toContain('Nothing to change');
  });
});
