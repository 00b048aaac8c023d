import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromRoot } from '@cutover/base/project.ts';
import { addressOfKeypair, localKeypair } from '@cutover/chain/plan/solana/signer.ts';
import {
  handler as balanceGuard,
  type BalanceGuardInputs,
} from '@cutover/chain/solana/balance-guard-handler.ts';
import { handler as branchGuard } from '@cutover/chain/solana/branch-guard-handler.ts';
import { handler as buildGuard } from '@cutover/chain/solana/build-guard-handler.ts';
import { readCheckout } from '@cutover/chain/solana/checkout.ts';
import { prepareProgram } from '@cutover/chain/solana/prepare-program.ts';
import { handler as program } from '@cutover/chain/solana/program-handler.ts';
import { measureRefresh } from '../../bench/solana/refresh.ts';
import { created } from '../handler-kit.ts';
import { refusal } from '../refusal.ts';
import { sol, startResourceBench, type ResourceBench } from './resource-kit.ts';

let bench: ResourceBench;
beforeAll(async () => {
  bench = await startResourceBench();
});
afterAll(() => bench.stop());

describe('the guard of the balance', () => {
  const poor = { kind: 'local', account: 8 } as const;
  const address = addressOfKeypair(localKeypair(8));
  const inputs = (more: Partial<BalanceGuardInputs>): BalanceGuardInputs => ({
    ...{ network: bench.node.network, account: poor, programs: [], keeps: '0', faucet: false, ...more },
  });

  it('names the amount and the account before anything is sent, and passes when exactly that is there', async () => {
    const programs = [
      await bench.prepare('perps/perps-1.so', 60),
      await bench.prepare('perps/perps-2.so', 61),
    ];
    const wanted = inputs({ programs, keeps: String(sol) });
    const { code, exit, message } = await refusal(created(balanceGuard, wanted));
    expect([code, exit]).toEqual(['CUT-2532', 3]);
    expect(message).toContain(`${address} has 0 SOL on test (localnet)`);
    expect(message).toMatch(
      / {2}- program 60: 0\.15\d* SOL\n {2}- program 61: 0\.15\d* SOL\n {2}- for what comes beside: 1 SOL/,
    );

    const missing = /Send at least ([\d.]+) SOL/.exec(message)?.[1] ?? '';
    const lamports = BigInt(Math.round(Number(missing) * 1e9));
    await bench.node.fund(address, lamports - 1n);
    expect((await refusal(created(balanceGuard, wanted))).message).toContain('0.000000001 SOL are missing');
    await bench.node.fund(address, lamports);
    expect((await created(balanceGuard, wanted)).state).toMatchObject({ address });
  });

  it('is enough for a program to the lamport', async () => {
    const prepared = await bench.prepare('perps/perps-1.so', 62);
    await bench.node.fund(address, 0n);
    await created(balanceGuard, inputs({ programs: [prepared], faucet: true }));
    const owned = bench.inputs(prepared, { signer: poor, authority: { kind: 'key', signer: poor } });
    const deployed = await created(program, owned);
    expect(deployed.state.runs).toBe(prepared.hash);

    const next = await bench.rebuild(prepared, 'perps/perps-2.so');
    await created(balanceGuard, inputs({ programs: [next], faucet: true }));
    const upgraded = await deployed.update({ ...owned, ...next });
    expect(upgraded.runs).toBe(next.hash);
    // What runs costs nothing any more.
    await bench.node.fund(address, 890_880n);
    expect((await created(balanceGuard, inputs({ programs: [next] }))).state.address).toBe(address);
  });

  it('asks for what comes beside only when it is new, or a program is to be paid for', async () => {
    await bench.node.fund(address, 2n * sol);
    const wanted = inputs({ keeps: String(sol) });
    const guard = await created(balanceGuard, wanted);
    await bench.node.fund(address, 0n);
    expect(await guard.diff(wanted)).toBe(false);
    expect((await refusal(guard.diff(inputs({ keeps: String(3n * sol) })))).code).toBe('CUT-2532');
  });
});

describe('the guard of the build', () => {
  const artifact = 'chain/programs/perps/perps-1.so';
  const sha256 = createHash('sha256')
    .update(readFileSync(fromRoot(artifact)))
    .digest('hex');

  it('passes the reviewed build, and says with what another is made again', async () => {
    const guard = await created(buildGuard, { title: 'perps', artifact, sha256 });
    expect(guard.state.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(await guard.diff({ title: 'perps', artifact, sha256 })).toBe(false);
    const tool = { kind: 'anchor', program: 'godark_perps' } as const;
    const other = { title: 'perps', artifact, sha256: 'ab'.repeat(32), tool };
    const { code, exit, message } = await refusal(created(buildGuard, other));
    expect([code, exit]).toEqual(['CUT-2521', 3]);
    expect(message).toContain(sha256);
    expect(message).toContain('anchor build --verifiable --program-name godark_perps');
  });

  it('says with what a build is made that is not there', async () => {
    const { code, message } = await refusal(
      created(buildGuard, { title: 'perps', artifact: 'none.so', sha256 }),
    );
    expect(code).toBe('CUT-2520');
    expect(message).toContain('anchor build, or cargo build-sbf');
  });
});

describe('a program that is prepared', () => {
  const artifact = 'chain/programs/perps/perps-1.so';
  const key = { kind: 'local', account: 63 } as const;
  const folder = mkdtempSync(join(tmpdir(), 'cutover-prepare-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('has the address of its key, or the one that is given', async () => {
    const address = addressOfKeypair(localKeypair(63));
    expect(await prepareProgram({ title: 'perps', artifact, key })).toMatchObject({ program: address, key });
    const given = await prepareProgram({ title: 'perps', artifact, program: address });
    expect(given).toMatchObject({ program: address });
    expect(given).not.toHaveProperty('key');
    // A key that is elsewhere is not asked for.
    const elsewhere = { kind: 'env', name: 'NOT_SET_HERE' } as const;
    expect(
      (await prepareProgram({ title: 'perps', artifact, program: address, key: elsewhere })).key,
    ).toEqual(elsewhere);
  });

  it.each([
    ['CUT-2522', {}],
    ['CUT-2523', { key, program: '11111111111111111111111111111111' }],
    ['CUT-2400', { program: 'here' }],
    ['CUT-1100', { key: { kind: 'env', name: 'NOT_SET_HERE' } as const }],
  ])('is refused: %s', async (code, args) => {
    expect((await refusal(prepareProgram({ title: 'perps', artifact, ...args }))).code).toBe(code);
  });

  it('is refused where its file is no program', async () => {
    const bytes = readFileSync(fromRoot(artifact));
    const x86 = Uint8Array.from(bytes);
    x86[18] = 62;
    for (const [name, content] of [
      ['truncated', bytes.subarray(0, 5_000)],
      ['x86', x86],
      ['empty', new Uint8Array()],
    ] as const) {
      const path = join(folder, `${name}.so`);
      writeFileSync(path, content);
      expect([name, (await refusal(prepareProgram({ title: name, artifact: path, key }))).code]).toEqual([
        name,
        'CUT-2410',
      ]);
    }
  });
});

describe('the guard of the branch', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cutover-checkout-'));
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-c', 'user.name=test', '-c', 'user.email=test@test', ...args], {
      cwd: folder,
      encoding: 'utf8',
    }).trim();
  const read = (env: Record<string, string> = {}): ReturnType<typeof readCheckout> =>
    readCheckout('mainnet-beta', 'a clean main', { folder, env });
  let commit: string;
  beforeAll(() => {
    git('init', '--quiet', '--initial-branch', 'main');
    writeFileSync(join(folder, 'a'), '1');
    git('add', '.');
    git('commit', '--quiet', '-m', 'first');
    commit = git('rev-parse', 'HEAD');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('sees branch, tags and what is not committed', async () => {
    git('tag', 'v1');
    expect(await read()).toEqual({
      ...{ source: 'git', commit, branch: 'main', within: ['main'], tags: ['v1'], changed: [] },
    });
    writeFileSync(join(folder, 'b c'), '1');
    expect((await read()).changed).toEqual(['"b c"']);
    rmSync(join(folder, 'b c'));
  });

  it('sees a commit without a branch as CI checks it out, and on which branches it is', async () => {
    git('checkout', '--quiet', '--detach');
    expect(await read()).toMatchObject({
      branch: undefined,
      within: expect.arrayContaining(['main']) as unknown,
    });
    const env = { GITHUB_ACTIONS: 'true', GITHUB_REF: 'refs/heads/main', GITHUB_SHA: commit };
    expect(await read(env)).toMatchObject({ source: 'git and GitHub Actions', branch: 'main' });
    git('checkout', '--quiet', 'main');
  });

  it('refuses where CI names another commit than git has, or where nobody knows', async () => {
    const env = { CUTOVER_GIT_REF: 'refs/heads/main', CUTOVER_GIT_SHA: 'ab'.repeat(20) };
    const { code, message } = await refusal(read(env));
    expect(code).toBe('CUT-2531');
    expect(message).toContain(commit);
    const bare = mkdtempSync(join(tmpdir(), 'cutover-bare-'));
    const elsewhere = (given: Record<string, string>): ReturnType<typeof readCheckout> =>
      readCheckout('mainnet-beta', 'a clean main', { folder: bare, env: given });
    expect((await refusal(elsewhere({}))).code).toBe('CUT-2531');
    expect(await elsewhere(env)).toMatchObject({ source: 'CUTOVER_GIT_REF', branch: 'main', changed: [] });
    rmSync(bare, { recursive: true, force: true });
  });

  it('asks nothing where there is no rule, and tells what must be checked out where it is not', async () => {
    const none = await created(branchGuard, { network: 'local', cluster: 'localnet' });
    expect(none.state.seen).toBe('nothing is asked on localnet');
    const rule = { branch: 'a-branch-that-is-not', clean: false };
    const { code, exit, message } = await refusal(
      created(branchGuard, { network: 'godark', cluster: 'mainnet-beta', rule }),
    );
    expect([code, exit]).toEqual(['CUT-2530', 3]);
    expect(message).toContain('it must be a-branch-that-is-not');
  });
});

describe('what programs ask of a cluster', () => {
  it('is one round trip for all that are looked at together, after the first contact', async () => {
    const { refresh, nothingToDo } = await measureRefresh(8);
    expect(refresh).toBe(2);
    expect(nothingToDo).toBeLessThanOrEqual(8);
  });
});
