import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addressBytes } from '@cutover/chain/plan/solana/address.ts';
import { joined, u32, u8 } from '@cutover/chain/plan/solana/instruction.ts';
import { programHash } from '@cutover/chain/plan/solana/program-hash.ts';
import { bufferKey } from '@cutover/chain/solana/buffer-key.ts';
import { closeBuffers } from '@cutover/chain/solana/loader-close.ts';
import { bringProgram, type BringOptions, type Brought } from '@cutover/chain/solana/loader.ts';
import type { Fault, FaultyNode, Question } from '../faulty-node.ts';
import { refusal } from '../refusal.ts';
import {
  feesPaid,
  localSigner,
  oftenEnough,
  orderOf,
  payer,
  poolTo,
  sol,
  startFaultySolana,
  swallowed,
  transactionsOf,
  writer,
} from './kit.ts';
import { startLocalSolana, type LocalSolana } from './local-solana.ts';
import { makeProgram } from './make-program.ts';

const order = orderOf(localSigner(2), { bytes: makeProgram(65_536) });
const chunks = 76;

let node: LocalSolana;
let fake: FaultyNode | undefined;
beforeEach(async () => {
  node = await startLocalSolana();
  await node.fund(payer.address, 100n * sol);
});
afterEach(async () => {
  await fake?.stop();
  fake = undefined;
  await node.stop();
});

/** Brings the program through an endpoint with faults, and checks that it is there and was paid for once. */
async function broughtThrough(
  fault: (question: Question) => Fault | undefined,
  options: BringOptions = {},
): Promise<Brought> {
  fake = await startFaultySolana(node, fault);
  const before = 100n * sol;
  const brought = await bringProgram(poolTo(fake.url), order, options);
  const straight = poolTo(node.url);
  expect((await bringProgram(straight, order)).plan.kind).toBe('nothing');
  const locked = 'account' in brought.plan ? brought.plan.account.locked : 0n;
  expect(before - (await straight.getBalance(payer.address))).toBe(
    locked + (await feesPaid(node, payer.address)),
  );
  expect(await transactions()).toBe(chunks + 2);
  return brought;
}

async function transactions(): Promise<number> {
  return (await transactionsOf(node, payer.address)).length;
}

describe('a deployment', { timeout: 180_000 }, () => {
  it('through an endpoint that loses a fifth of the transactions takes little more than a quarter more sends', async () => {
    const lost = oftenEnough(20);
    const { done } = await broughtThrough(({ method }) =>
      method === 'sendTransaction' && lost() ? swallowed : undefined,
    );
    const write = done.find(({ kind }) => kind === 'write');
    expect((write?.sends ?? 0) / (write?.chunks ?? 1)).toBeLessThanOrEqual(1.35);
  });

  it('sends fewer at once where an endpoint answers large batches with 429', async () => {
    let inBatch = 0;
    await broughtThrough(({ method }) => {
      if (method !== 'sendTransaction') return undefined;
      // The questions of one request are asked about in one turn.
      if (inBatch++ === 0) setImmediate(() => (inBatch = 0));
      return inBatch > 20 ? { kind: 'status', status: 429 } : undefined;
    });
  });

  it('goes on through 429s, halves of answers and broken connections', async () => {
    const bad = oftenEnough(8);
    let turn = 0;
    const kinds: readonly Fault[] = [{ kind: 'status', status: 429 }, { kind: 'deaf' }, { kind: 'drop' }];
    await broughtThrough(() => (bad() ? kinds[turn++ % kinds.length] : undefined));
    expect(turn).toBeGreaterThan(10);
  });

  it('whose answers come late and in another order pays once for each chunk', async () => {
    const slow = oftenEnough(30);
    await broughtThrough(({ method }) =>
      method === 'sendTransaction' && slow() ? { kind: 'delay', ms: 900 } : undefined,
    );
  });

  it('is not fooled by an endpoint that calls confirmed what it has thrown away', async () => {
    let first = 2;
    await broughtThrough(({ method, params }) => {
      if (method === 'sendTransaction' && first-- > 0) return swallowed;
      if (method !== 'getSignatureStatuses') return undefined;
      const said = { slot: 1, confirmations: null, err: null, confirmationStatus: 'finalized' };
      const answer = (): unknown => ({
        context: { slot: 1 },
        value: (params[0] as unknown[]).map(() => said),
      });
      return { kind: 'swallow', answer };
    });
  });

  it('signs anew with a fresh blockhash when an old one was given, and pays once', async () => {
    let given = 0;
    const stale = { blockhash: '4vJ9JU1bJJE96FWSJKvHsmmFADCg4gpZQff4P3bkLKi', lastValidBlockHeight: 1 };
    await broughtThrough(({ method }) =>
      method === 'getLatestBlockhash' && given++ % 2 === 0
        ? { kind: 'swallow', answer: () => ({ context: { slot: 1 }, value: stale }) }
        : undefined,
    );
    expect(given).toBeGreaterThan(2);
  });

  it('says how far it came when nothing lands any more, and goes on from there', async () => {
    let sent = 0;
    fake = await startFaultySolana(node, ({ method }) =>
      method === 'sendTransaction' && ++sent > 40 ? swallowed : undefined,
    );
    const error = await refusal(bringProgram(poolTo(fake.url), order, { standstillMs: 3_000 }));
    expect(error.code).toBe('CUT-2447');
    expect(error.message).toContain('39 of 76');
    const { done } = await bringProgram(poolTo(node.url), order);
    expect(done.find(({ kind }) => kind === 'write')).toMatchObject({ chunks: chunks - 39 });
    expect(await transactions()).toBe(chunks + 2);
  });
});

describe('a buffer', () => {
  it('says at once that somebody has closed its buffer, and makes it anew in the next run', async () => {
    const pool = poolTo(node.url);
    const { address } = bufferKey(writer, order.program, programHash(order.bytes), 0);
    let closed: Promise<unknown> | undefined;
    const began = performance.now();
    const error = await refusal(
      bringProgram(pool, order, {
        // Half of it is there when another machine with the same key tidies up.
        onProgress: ({ written, of }) => {
          if (written > of / 2) closed ??= closeBuffers(pool, [address], { authority: writer, payer });
        },
      }),
    );
    expect(error).toMatchObject({ code: 'CUT-2449', details: { address, authority: writer.address } });
    expect(performance.now() - began).toBeLessThan(20_000);
    await closed;
    expect((await bringProgram(pool, order)).plan.kind).not.toBe('nothing');
    expect((await bringProgram(pool, order)).plan.kind).toBe('nothing');
  });

  it('that somebody else has changed after its last chunk is never deployed', async () => {
    const { address } = bufferKey(writer, order.program, programHash(order.bytes), 0);
    const bytes = order.bytes.with(5_000, (order.bytes[5_000] ?? 0) ^ 0xff);
    const changed = joined(u32(1), u8(1), addressBytes(writer.address), bytes);
    let change: Promise<void> | undefined;
    fake = await startFaultySolana(node, ({ method }) =>
      // What is verified is read only then.
      method === 'getMultipleAccounts' ? { kind: 'delay', ms: 1_000 } : undefined,
    );
    const bringing = bringProgram(poolTo(fake.url), order, {
      onProgress: ({ written, of }) => {
        if (written === of) change = node.setAccount(address, { data: changed });
      },
    });
    expect(await refusal(bringing)).toMatchObject({ code: 'CUT-2458', details: { address }, exit: 3 });
    await change;
    expect(await poolTo(node.url).getAccount(order.program)).toBe(undefined);
    // The next run writes that chunk again.
    const { done } = await bringProgram(poolTo(node.url), order);
    expect(done.find(({ kind }) => kind === 'write')).toMatchObject({ chunks: 1 });
  });
});

describe('two runs at once', () => {
  it('of one program: the second is refused, and nothing is done twice', async () => {
    const pool = poolTo(node.url);
    const runs = await Promise.allSettled([bringProgram(pool, order), bringProgram(pool, order)]);
    const refused = runs.flatMap((run) => (run.status === 'rejected' ? [run.reason as unknown] : []));
    expect(refused).toMatchObject([{ code: 'CUT-2448', exit: 3 }]);
    expect(await transactions()).toBe(chunks + 2);
  });
});
