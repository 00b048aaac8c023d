import { expect, it } from 'vitest';
import { connect } from '@cutover/chain/evm/rpc.ts';
import { gasCaps } from '@cutover/chain/evm/sender.ts';
import { localAddresses } from '@cutover/chain/plan/signer.ts';
import { networkOf } from '../kit.ts';
import { startLocalNode } from '../local-node.ts';

it.each([
  ['Sepolia, which has Amsterdam', 11155111, 4_294_967_295n],
  ['Base Sepolia', 84532, 16_777_216n],
  ['a local chain', 31337, 16_777_216n],
])('one transaction may use what the rules of %s allow', async (_, chainId, transaction) => {
  const node = await startLocalNode({
    chainId,
    flags: ['--gas-limit', '40000000', '--timestamp', '1795000000'],
  });
  try {
    const rpc = await connect({ ...networkOf(node), chainId });
    expect(await gasCaps(rpc, localAddresses[0] ?? '')).toEqual({ block: 40_000_000n, transaction });
  } finally {
    await node.stop();
  }
});
