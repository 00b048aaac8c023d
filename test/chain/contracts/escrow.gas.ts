import type { Chain } from './chain-kit.ts';
import { testSource } from './chain-kit.ts';
import { day, ether, openStage } from './escrow-kit.ts';

/** Deposits of ether and of a token go each of their ways. */
export async function scenario(chain: Chain): Promise<void> {
  const stage = await openStage({ chain });
  const { token, who } = stage;
  const pay = [() => stage.payEther(500n), () => stage.payToken(token, 500n)];
  for (const deposit of [...pay, ...pay]) {
    const released = await deposit();
    await stage.act('payer', 'extend', [released, (await chain.now()) + 2 * day]);
    await stage.act('arbiter', 'cancelSignatures', [released]);
    await stage.act('relay', 'release', [released, await stage.sign('payer', 'Release', released)]);
    const refunded = await deposit();
    await stage.act('relay', 'refund', [refunded, await stage.sign('payee', 'Refund', refunded)]);
    const [reclaimed, ...rescued] = [await deposit(), await deposit(), await deposit(), await deposit()];
    await chain.mineAt((await chain.now()) + 2 * day);
    await stage.act('payer', 'reclaim', [reclaimed]);
    await stage.act('pauser', 'pause', []);
    await stage.act('admin', 'emergencyWithdraw', [rescued.slice(0, 1)]);
    await stage.act('admin', 'emergencyWithdraw', [rescued.slice(1)]);
    await stage.act('admin', 'unpause', []);
  }
  // A payee that does not take ether fetches it later.
  const shop = await chain.deploy(testSource('Actors'), 'Actor', [who.stranger]);
  await chain.send(who.deployer, shop, 'behave', [1]);
  const id = await stage.payEther(500n, { payee: shop.address });
  await stage.act('relay', 'release', [id, await stage.sign('payer', 'Release', id)]);
  await chain.rpc('anvil_autoImpersonateAccount', [true]);
  await chain.rpc('anvil_setBalance', [shop.address, 10n ** 18n]);
  await chain.send(shop.address, stage.escrow, 'withdrawCredit', [who.payee]);
  await chain.deploy(testSource('Actors'), 'Feeder', [stage.escrow.address], 70n);
  await stage.act('admin', 'recoverSurplus', [ether, who.admin, 70n]);
}
