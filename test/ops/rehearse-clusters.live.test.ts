import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { processesWithEnvironment } from '@cutover/base/process-identity.ts';
import { transfer } from '@cutover/chain/plan/solana/loader-instructions.ts';
import type { SolanaNetworkRef } from '@cutover/chain/plan/solana/network.ts';
import { addressOfKeypair, localKeypair } from '@cutover/chain/plan/solana/signer.ts';
import { openSolana } from '@cutover/chain/solana/connection.ts';
import { openSolanaSigner } from '@cutover/chain/solana/keypairs.ts';
import { sendTransaction } from '@cutover/chain/solana/send.ts';
import { startCluster, type StandInClusterNode } from '../../ops/rehearse/clusters.ts';

// The node that stands in for Solana's devnet when staging is rehearsed.
const [payer, other] = [0, 1].map((account) => addressOfKeypair(localKeypair(account))) as [string, string];
const folder = mkdtempSync(join(tmpdir(), 'cluster ü '));
process.env['CUTOVER_JOURNAL'] ??= join(folder, 'journal');
const mark = { CUTOVER_TWIN: folder };
let node: StandInClusterNode;
beforeAll(async () => {
  node = await startCluster({ name: 'solana-devnet' }, { paying: [payer] }, folder, mark);
});
afterAll(async () => {
  await node.stop();
  rmSync(folder, { recursive: true, force: true });
});

it('has funded who pays, finalizes within seconds, and counts what was sent', async () => {
  expect(await node.transactions()).toBe(0);
  const network: SolanaNetworkRef = {
    ...{ name: node.name, cluster: 'localnet' as const, commitment: 'finalized' as const },
    endpoints: [{ url: node.url }],
  };
  const pool = openSolana(network);
  const signer = await openSolanaSigner({ kind: 'local', account: 0 }, network);
  const instructions = [transfer({ from: payer, to: other, lamports: 1_000_000_000n })];
  await sendTransaction(pool, { payer: signer, signers: [], instructions, purpose: 'a transfer' });
  expect([await pool.getBalance(other), await node.transactions()]).toEqual([1_000_000_000n, 1]);
});

it('lets the delay of a council pass at once', async () => {
  const pool = openSolana({ name: node.name, cluster: 'localnet', endpoints: [{ url: node.url }] });
  const before = await pool.getClock();
  await node.passTime(48 * 3600);
  const after = await pool.getClock();
  expect(Number(after.unixTimestamp) - Number(before.unixTimestamp)).toBeGreaterThanOrEqual(48 * 3600);
});

it('ends when it is told to, and is found by its mark until then', async () => {
  expect(await processesWithEnvironment('CUTOVER_TWIN', folder)).toHaveLength(1);
  await node.stop();
  expect(await processesWithEnvironment('CUTOVER_TWIN', folder)).toEqual([]);
});
