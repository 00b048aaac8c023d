import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { programDataAddress } from '@cutover/chain/plan/solana/address.ts';
import { bufferHeader, readLoaderAccount } from '@cutover/chain/plan/solana/loader-accounts.ts';
import { setAuthority } from '@cutover/chain/plan/solana/loader-instructions.ts';
import { addressOfKeypair, localKeypair } from '@cutover/chain/plan/solana/signer.ts';
import { timelockAddress } from '@cutover/chain/plan/solana/timelock/addresses.ts';
import { approve } from '@cutover/chain/plan/solana/timelock/instructions.ts';
import { openSolana, type SolanaPool } from '@cutover/chain/solana/connection.ts';
import { signerOfKeypair } from '@cutover/chain/solana/keypairs.ts';
import { findBuffers } from '@cutover/chain/solana/loader-close.ts';
import { sendTransaction } from '@cutover/chain/solana/send.ts';
import { startLocalNode, type LocalNode } from '../chain/local-node.ts';
import { startLocalSolana, type LocalSolana } from '../chain/solana/local-solana.ts';
import { makeProgram } from '../chain/solana/make-program.ts';
import { killTree, makeProgramStack, type ProgramStack } from './program-stack.ts';

// The real engine with a real node of Solana, and one of an EVM chain: a small program, as a user writes it.
const first = 'chain/programs/perps/perps-1.so';
const second = 'chain/programs/perps/perps-2.so';
const signer = signerOfKeypair(localKeypair(0));
const programId = addressOfKeypair(localKeypair(20));
const builds = mkdtempSync(join(tmpdir(), 'cutover-builds-'));
afterAll(() => rmSync(builds, { recursive: true, force: true }));

describe('a program by a key', () => {
  let node: LocalSolana;
  let pool: SolanaPool;
  let stack: ProgramStack;
  beforeAll(async () => {
    node = await startLocalSolana();
    pool = openSolana(node.network);
    stack = await makeProgramStack('solana-programs');
  });
  afterAll(async () => {
    stack.remove();
    await node.stop();
  });
  const wants = (build: string, more: object = {}): object => ({
    solana: node.url,
    alone: true,
    build,
    ...more,
  });
  const up = (build: string, ...more: readonly string[]): Promise<string> =>
    stack.done(['up', '--yes', '--skip-preview', ...more], wants(build));

  it('is shown by a preview with its steps and SOL, and nothing is sent', async () => {
    const text = await stack.done(['preview'], wants(first));
    expect(text).toContain(`+ perps: ${programId} with`);
    expect(text).toContain("SOL from the node's faucet");
    expect(await pool.getAccount(programId)).toBeUndefined();
  });

  it('is deployed by one update, and a second finds nothing to do', async () => {
    expect(await up(first)).toContain('perps: deploy');
    await up(first, '--expect-no-changes');
    expect(await stack.outputs()).toMatchObject({ heldBy: signer.address, drift: [] });
  });

  it('is upgraded where its build is another, and the preview says from what to what', async () => {
    const { runs } = await stack.outputs();
    expect(await stack.done(['preview'], wants(second))).toContain(`from ${String(runs)} to `);
    expect(await up(second)).toContain('perps: upgrade');
    expect((await stack.outputs())['runs']).not.toBe(runs);
    await up(second, '--expect-no-changes');
  });

  it('is not deployed from a build that the stack file does not name', async () => {
    const { exit, text } = await stack.run(['up', '--yes', '--skip-preview'], {
      ...wants(first, { sha256: 'ab'.repeat(32) }),
    });
    expect([exit === 0, text.includes('CUT-2521')]).toEqual([false, true]);
  });

  it('says in a refresh that its authority was changed behind its back, and an update refuses', async () => {
    const account = programDataAddress(programId);
    const newAuthority = addressOfKeypair(localKeypair(9));
    await node.fund(signer.address, 1_000_000_000n);
    await sendTransaction(pool, {
      purpose: 'hand it away',
      payer: signer,
      instructions: [setAuthority({ account, authority: signer.address, newAuthority })],
    });
    expect(await stack.done(['refresh', '--yes', '--skip-preview'], wants(second))).toContain(
      `drift: perps at ${programId} on local (localnet): its authority is ${newAuthority}`,
    );
    const { exit, text } = await stack.run(['up', '--yes', '--skip-preview'], wants(second));
    expect([exit === 0, text.includes('CUT-2415')]).toEqual([false, true]);
  });

  it('stays when the stack is destroyed', async () => {
    const text = await stack.done(['destroy', '--yes', '--skip-preview'], wants(second));
    expect(text).toContain(`forgotten: perps stays at ${programId}`);
    expect((await pool.getAccount(programId))?.executable).toBe(true);
  });
});

describe('kill -9 of the engine and all that it runs, in the middle of an upload', () => {
  it('costs not a lamport: the same command goes on, and nothing is left over', async () => {
    const bytes = makeProgram(128 * 1024);
    const build = join(builds, 'large.so');
    writeFileSync(build, bytes);
    const whole = await deployedWith(build, async (stack, wants) => {
      await stack.done(['up', '--yes', '--skip-preview'], wants);
    });
    const killed = await deployedWith(build, async (stack, wants, pool) => {
      const running = stack.run(
        ['up', '--yes', '--skip-preview'],
        wants,
        (pid) => void killHalfWay(pool, pid),
      );
      expect((await running).exit).not.toBe(0);
      await stack.run(['cancel', '--yes'], wants);
      await stack.done(['refresh', '--yes', '--skip-preview', '--clear-pending-creates'], wants);
      const [left] = await findBuffers(pool, signer.address);
      expect(left?.size).toBe(bytes.length);
      const text = await stack.done(['up', '--yes', '--skip-preview'], wants);
      expect(text).toMatch(/goes on with the buffer .*: [\d,]+ pieces? missing/);
      await stack.done(['up', '--yes', '--skip-preview', '--expect-no-changes'], wants);
    });
    expect(killed.cost).toBe(whole.cost);
    expect(killed.buffers).toEqual([]);
    expect(killed.hash).toBe(createHash('sha256').update(bytes).digest('hex'));
  });

  interface Deployed {
    readonly cost: bigint;
    readonly buffers: readonly unknown[];
    readonly hash: string;
  }

  /** Deploys on a node of its own, and says what it cost. */
  async function deployedWith(
    build: string,
    work: (stack: ProgramStack, wants: object, pool: SolanaPool) => Promise<void>,
  ): Promise<Deployed> {
    const node = await startLocalSolana();
    const stack = await makeProgramStack('solana-programs');
    try {
      const pool = openSolana(node.network);
      await node.fund(signer.address, 50_000_000_000n);
      await work(stack, { solana: node.url, alone: true, build }, pool);
      const data = await pool.getAccount(programDataAddress(programId));
      const content = readLoaderAccount(data?.owner ?? '', data?.data ?? new Uint8Array());
      return {
        cost: 50_000_000_000n - (await pool.getBalance(signer.address)),
        buffers: await findBuffers(pool, signer.address),
        hash:
          content.kind === 'programData'
            ? createHash('sha256').update(content.bytes).digest('hex')
            : content.kind,
      };
    } finally {
      stack.remove();
      await node.stop();
    }
  }

  /** Kills once a third of the buffer has been written. */
  async function killHalfWay(pool: SolanaPool, pid: number): Promise<void> {
    for (let tries = 0; tries < 3_000; tries++) {
      const [buffer] = await findBuffers(pool, signer.address);
      if (buffer !== undefined) {
        const at = bufferHeader + Math.floor(buffer.size / 3);
        const part = await pool.getAccount(buffer.address, { slice: { offset: at, length: 64 } });
        if (part?.data.some((byte) => byte !== 0) === true) return killTree(pid);
      }
      await sleep(5);
    }
  }
});

describe('both chains in one update', () => {
  let node: LocalSolana;
  let evm: LocalNode;
  let pool: SolanaPool;
  let stack: ProgramStack;
  beforeAll(async () => {
    [node, evm] = await Promise.all([startLocalSolana(), startLocalNode()]);
    pool = openSolana(node.network);
    stack = await makeProgramStack('solana-programs');
  });
  afterAll(async () => {
    stack.remove();
    await Promise.all([node.stop(), evm.stop()]);
  });
  const wants = (build: string): object => ({ solana: node.url, evm: evm.url, build });
  const up = (build: string, ...more: readonly string[]): Promise<string> =>
    stack.done(['up', '--yes', '--skip-preview', ...more], wants(build));

  it('sets up a program, hands it to its time lock, and only then makes the contract that stands on it', async () => {
    await stack.done(['preview'], wants(first));
    const text = await up(first);
    const created = (name: string): number => text.search(new RegExp(`${name}.* created`));
    const order = ['time-lock', 'governance', 'perps-governance', 'mirror'].map(created);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(order[0]).toBeGreaterThan(0);
    const outputs = await stack.outputs();
    expect(outputs).toMatchObject({ progress: { kind: 'nothing' } });
    expect(await evm.provider.send('eth_getCode', [outputs['mirror'], 'latest'])).not.toBe('0x');
    await up(first, '--expect-no-changes');
  });

  it('upgrades the program in three updates: proposed, approved and waiting, executed after 48 hours', async () => {
    const timelock = timelockAddress(addressOfKeypair(localKeypair(21)), addressOfKeypair(localKeypair(22)));
    const program = addressOfKeypair(localKeypair(21));
    const before = (await stack.outputs())['runs'];
    const text = await up(second);
    expect(text).toContain('comes by a ProgramUpgrade');
    expect(await stack.outputs()).toMatchObject({
      runs: before,
      progress: { kind: 'proposed', stage: 'approved' },
    });

    for (const account of [2, 3]) {
      const member = signerOfKeypair(localKeypair(account));
      await node.fund(member.address, 1_000_000_000n);
      const instructions = [approve({ program, timelock, index: 0n, member: member.address })];
      await sendTransaction(pool, { purpose: 'approve', payer: member, instructions });
    }
    await up(second);
    expect(await stack.outputs()).toMatchObject({
      runs: before,
      progress: { kind: 'proposed', stage: 'delay over' },
    });

    await node.timeTravel(172_800 + 5);
    await up(second);
    const { runs, progress, stages } = await stack.outputs();
    expect(runs).not.toBe(before);
    expect(progress).toMatchObject({ kind: 'done' });
    expect((stages as readonly { standing: string }[]).every(({ standing }) => standing === 'done')).toBe(
      true,
    );
    await up(second, '--expect-no-changes');
    expect(await stack.done(['refresh', '--yes', '--skip-preview'], wants(second))).not.toContain('drift:');
    await up(second, '--expect-no-changes');
  });
});
