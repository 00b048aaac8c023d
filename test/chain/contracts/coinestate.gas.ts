import type { Chain } from './chain-kit.ts';
import { openStage, recoveryDelay } from './coinestate-kit.ts';

/** Shares are made and sold, identity checks renewed and ended, a key is lost. */
export async function scenario(chain: Chain): Promise<void> {
  const stage = await openStage(chain);
  const { who, checkedUntil } = stage;
  const uri = 'ipfs://bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi/2.json';
  await stage.act('minter', 'mint', [who.buyer, 2n, uri]);
  await stage.act('minter', 'mint', [who.buyer, 3n, uri]);
  for (const people of [[who.stranger], [who.holder, who.buyer, who.newKey]]) {
    await stage.act('clerk', 'allow', [people, checkedUntil + 1]);
  }
  await stage.act('holder', 'transferFrom', [who.holder, who.buyer, 1n]);
  await stage.act('buyer', 'approve', [who.stranger, 1n]);
  await stage.act('stranger', 'transferFrom', [who.buyer, who.holder, 1n]);
  await stage.act('holder', 'setApprovalForAll', [who.stranger, true]);
  await stage.act('buyer', 'safeTransferFrom(address,address,uint256)', [who.buyer, who.holder, 2n]);
  await stage.act('admin', 'setRoyalty', [who.buyer, 100n]);
  for (const id of [1n, 2n]) await stage.act('recoverer', 'beginRecovery', [id, who.newKey]);
  await stage.act('holder', 'cancelRecovery', [2n]);
  await stage.act('clerk', 'disallow', [[who.holder]]);
  await stage.pass(recoveryDelay);
  await stage.act('recoverer', 'finishRecovery', [1n]);
  await stage.act('pauser', 'pause');
  await stage.act('admin', 'unpause');
}
