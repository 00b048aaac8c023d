import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { programDataAddress } from '@cutover/chain/plan/solana/address.ts';
import { readLoaderAccount, type LoaderAccount } from '@cutover/chain/plan/solana/loader-accounts.ts';
import { programHash } from '@cutover/chain/plan/solana/program-hash.ts';
import type { SolanaPool } from '@cutover/chain/solana/connection.ts';
import { closeBuffers, closeProgram, findBuffers } from '@cutover/chain/solana/loader-close.ts';
import { bringProgram, previewProgram } from '@cutover/chain/solana/loader.ts';
import { refusal } from '../refusal.ts';
import { feesPaid, localSigner, orderOf, payer, poolTo, sol, writer } from './kit.ts';
import { startLocalSolana, type LocalSolana } from './local-solana.ts';
import { makeProgram } from './make-program.ts';

let node: LocalSolana;
let pool: SolanaPool;
beforeAll(async () => {
  node = await startLocalSolana();
  pool = poolTo(node.url);
  await node.fund(payer.address, 100n * sol);
});
afterAll(() => node.stop());

async function codeOf(program: string): Promise<LoaderAccount | undefined> {
  const account = await pool.getAccount(programDataAddress(program));
  return account === undefined ? undefined : readLoaderAccount(account.owner, account.data);
}

describe('a program', () => {
  const order = orderOf(localSigner(2));

  it('is deployed, verified, and costs its rent and the fees to the lamport', async () => {
    const [before, feesBefore] = [await pool.getBalance(payer.address), await feesPaid(node, payer.address)];
    const steps: string[] = [];
    const { plan, done } = await bringProgram(pool, order, { onStep: ({ kind }) => steps.push(kind) });

    expect(plan.kind).toBe('deploy');
    expect(steps).toEqual(['create buffer', 'write', 'deploy']);
    const code = await codeOf(order.program);
    expect(code).toMatchObject({ kind: 'programData', authority: writer.address });
    expect(code?.kind === 'programData' && programHash(code.bytes)).toBe(programHash(order.bytes));

    const held = await pool.getAccounts([order.program, programDataAddress(order.program)]);
    const rent = held.reduce((sum, account) => sum + (account?.lamports ?? 0n), 0n);
    const fees = (await feesPaid(node, payer.address)) - feesBefore;
    expect(before - (await pool.getBalance(payer.address))).toBe(rent + fees);
    expect('account' in plan && plan.account).toMatchObject({ locked: rent, fees });
    expect(done.find(({ kind }) => kind === 'write')).toMatchObject({ chunks: 19, sends: 19 });
  });

  it('is left alone when it is there as wanted, with one question', async () => {
    const before = await pool.counts();
    expect((await bringProgram(pool, order)).plan.kind).toBe('nothing');
    expect((await pool.counts()).calls - before.calls).toBe(1);
  });

  it('is extended and upgraded to a larger build, and its buffer comes back', async () => {
    const larger = { ...order, bytes: makeProgram(20_480, 'larger') };
    const steps: string[] = [];
    await bringProgram(pool, larger, { onStep: ({ kind }) => steps.push(kind) });
    expect(steps).toEqual(['extend', 'create buffer', 'write', 'wait for a slot', 'upgrade']);
    const code = await codeOf(order.program);
    expect(code?.kind === 'programData' && programHash(code.bytes)).toBe(programHash(larger.bytes));
    expect(await findBuffers(pool, writer.address)).toEqual([]);
  });

  it('goes back to the build before, at the place of the buffer that was used up', async () => {
    expect((await bringProgram(pool, order)).plan.kind).toBe('upgrade');
    expect((await bringProgram(pool, order)).plan.kind).toBe('nothing');
  });

  it('is handed over to a key that signs for it, and then changed by that key', async () => {
    const next = localSigner(30);
    const handed = { ...order, holder: { kind: 'key', address: next.address }, holderKey: next } as const;
    expect((await bringProgram(pool, handed)).plan.kind).toBe('hand over');
    expect(await codeOf(order.program)).toMatchObject({ authority: next.address });
    expect(await refusal(previewRefused({ ...order, bytes: makeProgram(16_384, 'other') }))).toMatchObject({
      code: 'CUT-2414',
    });
    expect(
      (await bringProgram(pool, { ...handed, writer: next, bytes: makeProgram(16_384, 'next') })).plan.kind,
    ).toBe('upgrade');
  });

  it('stops before the proposal where a council has it, with the buffer in its hands', async () => {
    const vault = localSigner(31).address;
    const held = orderOf(localSigner(4), { holder: { kind: 'council', address: vault, terms: '2 of 3' } });
    await bringProgram(pool, held);
    const next = { ...held, bytes: makeProgram(16_384, 'proposed') };
    const { plan, buffer } = await bringProgram(pool, next);
    expect(plan.kind).toBe('propose');
    const account = await pool.getAccount(buffer);
    expect(account && readLoaderAccount(account.owner, account.data)).toMatchObject({
      kind: 'buffer',
      authority: vault,
    });
    // The same again finds that buffer and writes nothing.
    const again = await bringProgram(pool, next);
    expect(again).toMatchObject({ buffer, plan: { kind: 'resume', toward: 'propose' } });
    expect(again.done.filter(({ kind }) => kind !== 'propose')).toEqual([]);
  });

  it('that nobody holds any more is never changed or closed again', async () => {
    const fixed = orderOf(localSigner(11), { holder: { kind: 'none' } });
    await bringProgram(pool, fixed);
    expect((await bringProgram(pool, fixed)).plan.kind).toBe('nothing');
    const closing = closeProgram(pool, fixed.program, { authority: writer, payer });
    expect(await refusal(closing)).toMatchObject({ code: 'CUT-2455', exit: 3 });
    const other = previewRefused({ ...fixed, bytes: makeProgram(16_384, 'other') });
    expect(await refusal(other)).toMatchObject({ code: 'CUT-2416' });
    // A slip of the pen: a program is no buffer.
    const slip = closeBuffers(pool, [fixed.program], { authority: writer, payer });
    expect(await refusal(slip)).toMatchObject({ code: 'CUT-2453', exit: 2 });
  });

  it('is closed for ever, and its lamports come back', async () => {
    const closing = orderOf(localSigner(5));
    await bringProgram(pool, closing);
    const recipient = localSigner(32).address;
    const held = (await pool.getAccount(programDataAddress(closing.program)))?.lamports;
    await pool.getSlot();
    const closed = await closeProgram(pool, closing.program, { authority: writer, payer, recipient });
    expect(closed.lamports).toBe(held);
    expect(await pool.getBalance(recipient)).toBe(held);
    expect(await closeProgram(pool, closing.program, { authority: writer, payer })).toMatchObject({
      lamports: 0n,
    });
    expect(await refusal(previewRefused(closing))).toMatchObject({ code: 'CUT-2413' });
  });
});

describe('a payer with too little', () => {
  it('is told how much is missing and where to send it, before anything is sent', async () => {
    const poor = localSigner(33);
    await node.fund(poor.address, 50_000_000n);
    const order = orderOf(localSigner(6), { payer: poor });
    const error = await refusal(bringProgram(pool, order));
    expect(error.code).toBe('CUT-2411');
    expect(error.message).toContain(poor.address);
    expect(await pool.getBalance(poor.address)).toBe(50_000_000n);
  });
});

describe('buffers that were left behind', () => {
  it('are found by their authority, closed, and their lamports named', async () => {
    const other = localSigner(7);
    const abandoned = orderOf(localSigner(8), {
      writer: other,
      holder: { kind: 'key', address: other.address },
    });
    // A build that is given up after its buffer was made: nothing lands any more.
    await expect(
      bringProgram(pool, abandoned, {
        onStep: ({ kind }) => {
          if (kind === 'deploy') throw new Error('given up');
        },
      }),
    ).rejects.toThrow('given up');
    const found = await findBuffers(pool, other.address);
    expect(found).toMatchObject([{ size: 16_384 }]);
    const closed = await closeBuffers(
      pool,
      found.map(({ address }) => address),
      { authority: other, payer },
    );
    expect(closed.lamports).toBe(found[0]?.lamports);
    expect(await findBuffers(pool, other.address)).toEqual([]);
    // Once more changes nothing.
    expect(
      await closeBuffers(
        pool,
        found.map(({ address }) => address),
        { authority: other, payer },
      ),
    ).toMatchObject({
      accounts: [],
      lamports: 0n,
    });
  });

  it('of somebody else are not touched', async () => {
    const owner = localSigner(9);
    const theirs = orderOf(localSigner(10), {
      writer: owner,
      holder: { kind: 'key', address: owner.address },
    });
    await expect(
      bringProgram(pool, theirs, {
        onStep: ({ kind }) => {
          if (kind === 'deploy') throw new Error('given up');
        },
      }),
    ).rejects.toThrow('given up');
    const [buffer] = await findBuffers(pool, owner.address);
    const error = await refusal(closeBuffers(pool, [buffer?.address ?? ''], { authority: writer, payer }));
    expect(error).toMatchObject({ code: 'CUT-2454', exit: 3 });
  });
});

/** A preview that throws what it refuses. */
async function previewRefused(order: Parameters<typeof previewProgram>[1]): Promise<void> {
  const plan = await previewProgram(pool, order);
  if (plan.kind === 'refuse') throw plan.error;
}
