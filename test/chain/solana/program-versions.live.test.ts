import { afterAll, beforeAll, expect, it } from 'vitest';
import { featureGates } from '@cutover/chain/plan/solana/elf-versions.ts';
import type { SolanaPool } from '@cutover/chain/solana/connection.ts';
import { previewProgram } from '@cutover/chain/solana/loader.ts';
import { localSigner, orderOf, payer, poolTo, sol } from './kit.ts';
import { startLocalSolana, type LocalSolana } from './local-solana.ts';

// Of sBPF v3, as the loader of public clusters takes them.
const order = orderOf(localSigner(2));

let node: LocalSolana;
let pool: SolanaPool;
beforeAll(async () => {
  node = await startLocalSolana();
  pool = poolTo(node.url);
  await node.fund(payer.address, 100n * sol);
});
afterAll(() => node.stop());

/** Puts the account of a feature there, active since a slot or only proposed. */
function putGate(gate: keyof typeof featureGates, isActive: boolean): Promise<void> {
  const data = new Uint8Array(9);
  data[0] = isActive ? 1 : 0;
  const owner = 'Feature111111111111111111111111111111111111';
  return node.setAccount(featureGates[gate], { lamports: 1_000_000n, data, owner });
}

it('a build of a version that the cluster does not take is refused before anything is sent, with one question', async () => {
  expect((await previewProgram(pool, order)).kind).toBe('deploy');
  await putGate('v2', true);
  await putGate('v3', false);
  const { calls } = await pool.counts();
  const plan = await previewProgram(pool, order);
  expect((await pool.counts()).calls - calls).toBe(1);
  const error = plan.kind === 'refuse' ? plan.error : undefined;
  expect(error?.code).toBe('CUT-2410');
  expect(error?.message).toContain('It is sBPF v3; the cluster takes v0, v1, v2');
  await putGate('v3', true);
  expect((await previewProgram(pool, order)).kind).toBe('deploy');
});
