import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { loaders } from '@cutover/chain/plan/solana/address.ts';
import { close, transfer } from '@cutover/chain/plan/solana/loader-instructions.ts';
import { journalOf } from '@cutover/chain/solana/journal/of-pool.ts';
import { sendTransaction, type SendArgs } from '@cutover/chain/solana/send.ts';
import { signTransaction } from '@cutover/chain/solana/transaction.ts';
import type { FaultyNode } from '../faulty-node.ts';
import { refusal } from '../refusal.ts';
import { localSigner, payer, poolTo, sol, startFaultySolana, swallowed, transactionsOf } from './kit.ts';
import { startLocalSolana, type LocalSolana } from './local-solana.ts';

let node: LocalSolana;
let fake: FaultyNode | undefined;
let account = 60;
beforeAll(async () => {
  node = await startLocalSolana();
  await node.fund(payer.address, 100n * sol);
});
afterEach(async () => {
  await fake?.stop();
  fake = undefined;
});
afterAll(() => node.stop());

/** A payment to somebody new. */
function payment(): SendArgs & { readonly to: string } {
  const to = localSigner(account++).address;
  const instructions = [transfer({ from: payer.address, to, lamports: sol })];
  return { purpose: 'Pay', payer, instructions, to };
}

const balanceOf = (address: string): Promise<bigint> => poolTo(node.url).getBalance(address);

describe('a transaction', () => {
  it('lands once, and its signature is returned', async () => {
    const args = payment();
    const signature = await sendTransaction(poolTo(node.url), args);
    expect(await transactionsOf(node, args.to)).toEqual([signature]);
    expect(await balanceOf(args.to)).toBe(sol);
  });

  it('that is lost on its way is sent again as it was', async () => {
    let lost = 1;
    fake = await startFaultySolana(node, ({ method }) =>
      method === 'sendTransaction' && lost-- > 0 ? swallowed : undefined,
    );
    const args = payment();
    const signature = await sendTransaction(poolTo(fake.url), args);
    expect(await transactionsOf(node, args.to)).toEqual([signature]);
    expect(fake.counts.get('sendTransaction')).toBe(2);
  });

  it('that is asked for twice at once is one', async () => {
    const args = payment();
    const pool = poolTo(node.url);
    const [first, second] = await Promise.all([sendTransaction(pool, args), sendTransaction(pool, args)]);
    expect(first).toBe(second);
    expect(await balanceOf(args.to)).toBe(sol);
  });

  it('that an earlier run has signed and sent is found, not sent anew', async () => {
    const args = { ...payment(), key: 'pay once' };
    const pool = poolTo(node.url);
    const { blockhash, lastValidBlockHeight } = await pool.getLatestBlockhash();
    const { raw, signature } = signTransaction(args, blockhash);
    const entry = { key: args.key, item: 0, purpose: 'Pay', signature, raw, blockhash, lastValidBlockHeight };
    (await journalOf(pool)).record([entry]);
    await pool.send(raw);
    expect(await sendTransaction(pool, args)).toBe(signature);
    expect(await balanceOf(args.to)).toBe(sol);
  });

  it('that an earlier run has signed and not sent is sent as it was signed', async () => {
    const args = { ...payment(), key: 'pay later' };
    const pool = poolTo(node.url);
    const { blockhash, lastValidBlockHeight } = await pool.getLatestBlockhash();
    const { raw, signature } = signTransaction(args, blockhash);
    const entry = { key: args.key, item: 0, purpose: 'Pay', signature, raw, blockhash, lastValidBlockHeight };
    (await journalOf(pool)).record([entry]);
    expect(await sendTransaction(pool, args)).toBe(signature);
    expect(await transactionsOf(node, args.to)).toEqual([signature]);
  });

  it('that can never land any more is signed anew', async () => {
    const args = { ...payment(), key: 'pay anew' };
    const pool = poolTo(node.url);
    const old = '4vJ9JU1bJJE96FWSJKvHsmmFADCg4gpZQff4P3bkLKi';
    const { raw, signature } = signTransaction(args, old);
    const entry = {
      key: args.key,
      item: 0,
      purpose: 'Pay',
      signature,
      raw,
      blockhash: old,
      lastValidBlockHeight: 1,
    };
    (await journalOf(pool)).record([entry]);
    expect(await sendTransaction(pool, args)).not.toBe(signature);
    expect(await balanceOf(args.to)).toBe(sol);
  });

  it('that would fail is refused before it is sent, with what the program says', async () => {
    const before = await balanceOf(payer.address);
    const instructions = [
      close({ account: localSigner(55).address, recipient: payer.address, authority: payer.address }),
    ];
    const error = await refusal(
      sendTransaction(poolTo(node.url), { purpose: 'Close it', payer, instructions }),
    );
    expect(error.code).toBe('CUT-2444');
    expect(error.message).toContain(`instruction 1 of 1 (${loaders.upgradeable})`);
    expect(error.message).toContain('nothing was sent');
    expect(await balanceOf(payer.address)).toBe(before);
  });

  it('that no endpoint passes on is given up in the end, and found by the next run', async () => {
    let loses = true;
    fake = await startFaultySolana(node, ({ method }) =>
      method === 'sendTransaction' && loses ? swallowed : undefined,
    );
    const args = payment();
    const error = await refusal(sendTransaction(poolTo(fake.url), { ...args, timeoutMs: 800 }));
    expect(error.code).toBe('CUT-2445');
    expect(error.message).toContain('did not land');
    loses = false;
    expect(await sendTransaction(poolTo(fake.url), args)).toBe(error.details['signature']);
    expect(await balanceOf(args.to)).toBe(sol);
  });
});
