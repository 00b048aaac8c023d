import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { perpsInterface } from '@cutover/chain/programs/perps/interface.ts';
import { programDataAddress } from '@cutover/chain/plan/solana/address.ts';
import { readLoaderAccount } from '@cutover/chain/plan/solana/loader-accounts.ts';
import { programHash } from '@cutover/chain/plan/solana/program-hash.ts';
import { accountAddress, readAccount } from '@cutover/chain/plan/solana/perps/accounts.ts';
import { instructionOf } from '@cutover/chain/plan/solana/perps/instructions.ts';
import { addressOfKeypair, localKeypair } from '@cutover/chain/plan/solana/signer.ts';
import { openSolana, type SolanaPool } from '@cutover/chain/solana/connection.ts';
import { signerOfKeypair } from '@cutover/chain/solana/keypairs.ts';
import { sendTransaction } from '@cutover/chain/solana/send.ts';
import { projectRoot } from '@cutover/base/project.ts';
import { done, makeClone, type Clone } from './clone.ts';
import { statusOf } from './inspect.ts';

// GoDark with its programs, and a system on the other kind of chain, both in one update. The tests build on each other.
let clone: Clone;
beforeAll(async () => {
  clone = await makeClone('council');
  clone.without('gemforce', 'sop138', 'coinestate');
});
afterAll(() => clone.remove());

const admin = signerOfKeypair(localKeypair(0));
const program = addressOfKeypair(localKeypair(7));
const exchange = accountAddress(perpsInterface, program, 'exchange');
const godark = ['systems', 'godark'] as const;
const release = [...godark, 'programs', 'perps', 'release'] as const;

interface UpReport {
  readonly changed: number;
  readonly systems: Readonly<Record<string, { readonly waits?: readonly string[] }>>;
}

async function up(): Promise<UpReport> {
  return JSON.parse(done(await clone.run(['up', '--json'])).stdout) as UpReport;
}

/** A connection of its own for each question: a node that was wiped is another one at the same address. */
function cluster(): SolanaPool {
  const url = `http://127.0.0.1:${8899 + clone.portOffset}`;
  return openSolana({ name: 'solana-local', cluster: 'localnet', endpoints: [{ url }] });
}

/** Moves the cluster's clock on. */
async function timeTravel(seconds: number): Promise<void> {
  const { unixTimestamp } = await cluster().getClock();
  const params = [{ absoluteTimestamp: (unixTimestamp + seconds) * 1000 }];
  const answer = await fetch(`http://127.0.0.1:${8899 + clone.portOffset}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'surfnet_timeTravel', params }),
  });
  const { error } = (await answer.json()) as { readonly error?: { readonly message: string } };
  if (error !== undefined) throw new Error(error.message);
}

/** Which of the committed builds runs. */
async function runs(): Promise<'v1' | 'v2' | undefined> {
  const account = await cluster().getAccount(programDataAddress(program));
  const content = account === undefined ? undefined : readLoaderAccount(account.owner, account.data);
  if (content?.kind !== 'programData') return undefined;
  const hash = programHash(content.bytes);
  return (['v1', 'v2'] as const).find((name) => programHash(build(name)) === hash);
}

function build(name: string): Uint8Array {
  return readFileSync(join(projectRoot, 'chain', 'programs', 'perps', `perps-${name.slice(1)}.so`));
}

/** Does something as another machine would, with a journal of its own. */
async function elsewhere(work: () => Promise<unknown>): Promise<void> {
  const journal = mkdtempSync(join(tmpdir(), 'cutover-journal-'));
  vi.stubEnv('CUTOVER_JOURNAL', journal);
  try {
    await work();
  } finally {
    vi.unstubAllEnvs();
    rmSync(journal, { recursive: true, force: true });
  }
}

async function limitsNow(): Promise<Readonly<Record<string, unknown>>> {
  const account = await cluster().getAccount(exchange);
  return readAccount(perpsInterface, account?.data ?? new Uint8Array()).values ?? {};
}

describe('GoDark, whose council decides at once', () => {
  it('comes up with a system on an EVM chain in one update, and a second changes nothing', async () => {
    expect((await up()).changed).toBeGreaterThan(0);
    expect(await runs()).toBe('v1');
    const { systems, healthy } = await statusOf(clone);
    expect([healthy, Object.keys(systems).sort()]).toEqual([true, ['godark', 'metaAggregator']]);
    expect(systems['metaAggregator']?.contracts).toHaveLength(1);
    const second = await up();
    expect([second.changed, second.systems['godark']?.waits]).toEqual([0, []]);
  });

  it('is upgraded by its council in one update, and the next changes nothing', async () => {
    clone.set(release, 'v2');
    const { systems } = await up();
    expect([await runs(), systems['godark']?.waits]).toEqual(['v2', []]);
    expect((await up()).changed).toBe(0);
  });

  it('has its limits set back where somebody changed them', async () => {
    const before = await limitsNow();
    const limits = { limited: 0, maxUsers: 1n, maxTvl: 2n, maxDeposit: 3n, maxPosition: 4n, maxLeverage: 5n };
    const accounts = { admin: admin.address, exchange };
    await elsewhere(() =>
      sendTransaction(cluster(), {
        purpose: 'change the limits behind the back of the stack',
        payer: admin,
        instructions: [instructionOf(perpsInterface, 'setLimits', { program, accounts, arguments: limits })],
      }),
    );
    expect(await limitsNow()).not.toEqual(before);
    expect((await up()).changed).toBe(1);
    expect(await limitsNow()).toEqual(before);
    expect((await up()).changed).toBe(0);
  });
});

describe('GoDark, whose council waits for people and for 48 hours', () => {
  const hour = 3600;
  const waitsOf = ({ systems }: UpReport): string => (systems['godark']?.waits ?? []).join('\n');

  it('comes up on a new cluster', async () => {
    done(await clone.run(['down', '--wipe']));
    clone.without('metaAggregator');
    clone.set([...godark, 'upgradeDelayHours'], 48);
    clone.set([...godark, 'programs', 'governance', 'approvers'], []);
    clone.set(release, 'v1');
    expect(waitsOf(await up())).toBe('');
    expect(await runs()).toBe('v1');
  });

  it('leaves an upgrade proposed, and says who and what is missing', async () => {
    clone.set(release, 'v2');
    expect(waitsOf(await up())).toMatch(
      /^perps-upgrade: proposed, not yet approved: waits for 2 of 2 approvals from any of .*; then 172800 s of its delay$/,
    );
    expect(await runs()).toBe('v1');
  });

  it('is approved by members with their own keys, by what ./cutover approve shows', async () => {
    const { onSolana } = JSON.parse(done(await clone.run(['approve', 'dev', '--json'])).stdout) as {
      readonly onSolana: readonly { readonly proposal: string; readonly does: readonly string[] }[];
    };
    expect(onSolana).toHaveLength(1);
    expect(onSolana[0]?.does[0]).toContain(`upgrade perps (${program}) to v2 with the hash`);
    const approve = ['approve', 'dev', '--proposal', onSolana[0]?.proposal ?? '', '--yes', '--signer'];
    done(await clone.run([...approve, 'godark-member-1']));
    const { stdout } = done(await clone.run([...approve, 'godark-member-2']));
    expect(stdout).toContain('Enough members have approved');
    expect(done(await clone.run(['approve', 'dev'])).stdout).toBe('Nothing of dev waits for approval.\n');
  });

  it('is upgraded when the delay is over by the clock of the cluster, and not an hour before', async () => {
    await timeTravel(47 * hour);
    expect(waitsOf(await up())).toMatch(/proposed and approved: waits for \d+ s of its delay, until 2/);
    expect(await runs()).toBe('v1');
    await timeTravel(hour + 60);
    expect(waitsOf(await up())).toBe('');
    expect(await runs()).toBe('v2');
    expect((await up()).changed).toBe(0);
  });
});
