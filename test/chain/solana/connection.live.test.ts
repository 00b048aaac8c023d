import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { genesisHashes } from '@cutover/chain/plan/solana/network.ts';
import { transfer } from '@cutover/chain/plan/solana/loader-instructions.ts';
import { openSolana } from '@cutover/chain/solana/connection.ts';
import { openSolanaSigner } from '@cutover/chain/solana/keypairs.ts';
import { sendTransaction } from '@cutover/chain/solana/send.ts';
import type { FaultyNode, Question } from '../faulty-node.ts';
import { logbook } from '../kit.ts';
import { refusal } from '../refusal.ts';
import { localSigner, payer, poolTo, sol, startFaultySolana } from './kit.ts';
import { startLocalSolana, type LocalSolana } from './local-solana.ts';

let node: LocalSolana;
const fakes: FaultyNode[] = [];
beforeAll(async () => {
  node = await startLocalSolana();
  await node.fund(payer.address, 10n * sol);
});
afterEach(async () => {
  await Promise.all(fakes.splice(0).map((fake) => fake.stop()));
});
afterAll(() => node.stop());

async function faulty(fault: Parameters<typeof startFaultySolana>[1]): Promise<FaultyNode> {
  const fake = await startFaultySolana(node, fault);
  fakes.push(fake);
  return fake;
}

/** It says that it is mainnet-beta. */
const elsewhere = ({ method }: Question) =>
  method === 'getGenesisHash'
    ? ({ kind: 'swallow', answer: () => genesisHashes['mainnet-beta'] } as const)
    : undefined;

describe('an endpoint of another cluster', () => {
  it('is refused before anything is sent', async () => {
    const fake = await faulty(elsewhere);
    const to = localSigner(50).address;
    const instructions = [transfer({ from: payer.address, to, lamports: sol })];
    const error = await refusal(sendTransaction(poolTo(fake.url), { purpose: 'Pay', payer, instructions }));
    expect(error).toMatchObject({ code: 'CUT-2441', exit: 2 });
    expect(error.message).toContain('mainnet-beta');
    expect(fake.counts.get('sendTransaction')).toBe(undefined);
    expect(await poolTo(node.url).getAccount(to)).toBe(undefined);
  });

  it('is passed over where another is right, with a warning', async () => {
    const fake = await faulty(elsewhere);
    const { lines, log } = logbook();
    const endpoints = [{ url: fake.url, weight: 2 }, { url: node.url }];
    const pool = openSolana({ name: 'test', cluster: 'localnet', endpoints }, { tell: log });
    expect(await pool.getBalance(payer.address)).toBe(10n * sol);
    expect(lines.join()).toContain('is not used');
  });
});

describe('a pool', () => {
  it('asks the genesis hash of an endpoint once', async () => {
    const fake = await faulty(() => undefined);
    const pool = poolTo(fake.url);
    for (let turn = 0; turn < 5; turn++) await pool.getSlot();
    expect(fake.counts.get('getGenesisHash')).toBe(1);
  });

  it('reads many accounts at one moment in one request for each hundred', async () => {
    const fake = await faulty(() => undefined);
    const pool = poolTo(fake.url);
    await pool.getSlot();
    const before = fake.counts.get('getMultipleAccounts') ?? 0;
    const addresses = Array.from({ length: 90 }, (_, index) => localSigner(index).address);
    const found = await pool.getAccounts([...addresses, payer.address, ...addresses]);
    expect(found).toHaveLength(181);
    expect(found[90]).toMatchObject({ lamports: 10n * sol, space: 0 });
    expect((fake.counts.get('getMultipleAccounts') ?? 0) - before).toBe(2);
  });

  it('goes to the next endpoint when one answers with 429, half a JSON or not at all', async () => {
    for (const fault of [{ kind: 'status', status: 429 }, { kind: 'deaf' }, { kind: 'drop' }] as const) {
      const fake = await faulty(() => fault);
      const endpoints = [{ url: fake.url, weight: 2 }, { url: node.url }];
      const pool = openSolana({ name: 'test', cluster: 'localnet', endpoints }, { tell: () => undefined });
      expect(await pool.getBalance(payer.address)).toBe(10n * sol);
    }
  });

  it('tells what no endpoint answers, by origin and never with the key in the URL', async () => {
    const fake = await faulty(() => ({ kind: 'status', status: 401 }));
    const pool = openSolana(
      { name: 'test', cluster: 'localnet', endpoints: [{ url: `${fake.url}/?api-key=very-secret` }] },
      { tell: () => undefined, timeoutMs: 1_000 },
    );
    const error = await refusal(pool.getSlot());
    expect(error.code).toBe('CUT-2440');
    expect(error.message).toContain('127.0.0.1');
    expect(error.message).not.toContain('very-secret');
  });

  it.each([
    ['getBalance', { context: { slot: 1 }, value: 'much' }],
    ['getBalance', { context: { slot: 1 }, value: -1 }],
    ['getBalance', [1]],
    ['getBalance', { context: { slot: 1 } }],
  ])('does not take %s for what it is not: %j', async (wrong, value) => {
    const fake = await faulty(({ method }) =>
      method === wrong ? { kind: 'swallow', answer: () => value } : undefined,
    );
    const error = await refusal(poolTo(fake.url).getBalance(payer.address));
    expect(error).toMatchObject({ code: 'CUT-2443', details: { method: wrong } });
  });

  it('takes nothing older than what was told before, also from another node behind the same address', async () => {
    const slots = [10, 7, 8, 12];
    const genesisHash = String(await node.call('getGenesisHash'));
    const fake = await faulty(({ method }) =>
      method === 'getBalance'
        ? { kind: 'swallow', answer: () => ({ context: { slot: slots[0] }, value: slots.shift() }) }
        : undefined,
    );
    const endpoints = [{ url: fake.url }];
    const pool = openSolana(
      { name: 'far', cluster: 'devnet', genesisHash, endpoints },
      { tell: () => undefined },
    );
    expect(await pool.getBalance(payer.address)).toBe(10n);
    expect(await pool.getBalance(payer.address)).toBe(12n);
    expect(slots).toEqual([]);
  });

  it('does without what an endpoint refuses to tell: how it is, and what others pay', async () => {
    const genesisHash = String(await node.call('getGenesisHash'));
    const fake = await faulty(({ method }) =>
      ['getHealth', 'getRecentPrioritizationFees'].includes(method)
        ? { kind: 'refuse', message: `the method ${method} is not in your plan` }
        : undefined,
    );
    const network = {
      name: 'poor',
      cluster: 'testnet',
      genesisHash,
      endpoints: [{ url: fake.url }],
    } as const;
    const pool = openSolana(network, { tell: () => undefined });
    const to = localSigner(51).address;
    await sendTransaction(pool, {
      ...{ purpose: 'Pay', payer },
      instructions: [transfer({ from: payer.address, to, lamports: sol / 100n })],
    });
    expect(await pool.getBalance(to)).toBe(sol / 100n);
    expect(fake.counts.get('getRecentPrioritizationFees')).toBe(1);
  });

  it('of an endpoint that says that it is behind is not used', async () => {
    const genesisHash = String(await node.call('getGenesisHash'));
    const fake = await faulty(({ method }) =>
      method === 'getHealth' ? { kind: 'refuse', message: 'Node is behind by 300 slots' } : undefined,
    );
    const network = {
      name: 'late',
      cluster: 'testnet',
      genesisHash,
      endpoints: [{ url: fake.url }],
    } as const;
    const error = await refusal(openSolana(network, { tell: () => undefined, timeoutMs: 1_000 }).getSlot());
    expect(error.message).toContain('Node is behind by 300 slots');
  });

  it('keeps to the requests a second that an endpoint allows', async () => {
    const endpoints = [{ url: node.url, requestsPerSecond: 20 }];
    const pool = openSolana({ name: 'limited', cluster: 'localnet', endpoints }, { tell: () => undefined });
    await pool.getSlot();
    const began = performance.now();
    for (let turn = 0; turn < 10; turn++) await pool.getSlot();
    expect(performance.now() - began).toBeGreaterThan(400);
  });

  it('tells the cluster’s own time, which travels', async () => {
    const pool = poolTo(node.url);
    const before = await pool.getClock();
    await node.timeTravel(3_600);
    const after = await pool.getClock();
    expect(after.unixTimestamp - before.unixTimestamp).toBeGreaterThanOrEqual(3_600);
    expect(after.unixTimestamp - before.unixTimestamp).toBeLessThan(3_660);
    expect(after.slot).toBeGreaterThan(before.slot);
  });
});

describe('a key', () => {
  it('that everybody can compute signs on localnet only', async () => {
    const local = { kind: 'local', account: 0 } as const;
    expect((await openSolanaSigner(local, node.network)).address).toBe(payer.address);
    const error = await refusal(openSolanaSigner(local, { name: 'prod', cluster: 'mainnet-beta' }));
    expect(error.code).toBe('CUT-2402');
  });

  it('is in no property of whoever signs with it', () => {
    expect(JSON.stringify(payer)).toBe(JSON.stringify({ address: payer.address }));
  });
});
