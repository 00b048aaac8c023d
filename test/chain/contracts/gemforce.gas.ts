import { id as keccak, ZeroAddress } from 'ethers';
import type { Chain, Deployed } from './chain-kit.ts';
import { adding, face, removing, replacing, selectorsOf, sourceOf } from './diamond-kit.ts';
import { metadata, openStage, type Stage } from './gemforce-kit.ts';

/** What a diamond and its factory need, and what goes on in one of Gemforce. */
export async function scenario(chain: Chain): Promise<void> {
  const stage = await openStage(chain);
  await cutAndGovern(stage);
  await createFromSets(stage);
  await mintAndSell(stage);
}

/** A diamond is cut, handed on, governed by roles and paused. */
async function cutAndGovern({ chain, who, base, echoes, newDiamond }: Stage): Promise<void> {
  const [one, two] = echoes as [Deployed, Deployed];
  const { cut, ownership, roles, pause } = base;
  const diamond = await newDiamond();
  const act = (as: 'admin' | 'other', facet: Deployed, fn: string, args: readonly unknown[] = []) =>
    chain.send(who[as], face(diamond, facet), fn, args);
  const ten = Array.from({ length: 10 }, (_, index) => `0x000000${(index + 16).toString(16)}`);
  for (const selectors of [ten.slice(0, 1), ten]) {
    for (const entry of [adding(one, selectors), replacing(two, selectors), removing(selectors)]) {
      await act('admin', cut, 'diamondCut', [[entry], ZeroAddress, '0x']);
    }
  }
  await act('admin', cut, 'diamondCut', [[adding(roles)], ZeroAddress, '0x']);
  await act('admin', roles, 'grantRole', [keccak('PAUSER_ROLE'), who.pauser]);
  await act('admin', roles, 'revokeRole', [keccak('PAUSER_ROLE'), who.pauser]);
  await act('admin', pause, 'setWorksWhilePaused', [selectorsOf(pause).slice(0, 1), true]);
  await act('admin', pause, 'pause');
  await act('admin', pause, 'unpause');
  await act('admin', ownership, 'transferOwnership', [who.other]);
  await act('other', ownership, 'acceptOwnership');
}

/** A factory writes sets and creates from them: a small one, and one of the largest. */
async function createFromSets({ chain, who, base, echoes }: Stage): Promise<void> {
  const [one] = echoes as [Deployed];
  const factory = await chain.deploy(sourceOf('DiamondFactory'), 'DiamondFactory', [who.admin, 0]);
  const small = [base.cut, base.loupe, base.ownership, base.pause].map((facet) => adding(facet));
  const taken = small.flatMap(({ functionSelectors }) => functionSelectors).length;
  const rest = Array.from({ length: 400 - taken }, (_, i) => `0x01${(i + 1).toString(16).padStart(6, '0')}`);
  for (const [name, cuts] of Object.entries({ small, large: [...small, adding(one, rest)] })) {
    const order = { name, version: 0, admin: who.admin, salt: keccak(name), init: ZeroAddress, data: '0x' };
    await chain.send(who.admin, factory, 'setFacets', [name, cuts], { gas: 16_000_000n });
    await chain.send(who.admin, factory, 'createFromSet', [order], { gas: 16_000_000n });
  }
  await chain.send(who.admin, factory, 'rollbackFacets', ['small', 1]);
}

/** Tokens are minted, offered, sold and paid for; the treasury pays out. */
async function mintAndSell(stage: Stage): Promise<void> {
  const { diamond, gems, market, treasury, who } = stage;
  const price = 10n ** 18n;
  for (const attributes of [[], metadata]) await stage.act('minter', gems, 'gemforceMint', [attributes]);
  for (let sale = 0; sale < 3; sale++) {
    const tokenId = await stage.listed(price);
    await stage.act('buyer', market, 'purchaseItem', [diamond.address, tokenId], price);
  }
  await stage.act('seller', market, 'cancelListing', [await stage.listed(price)]);
  const tokenId = await stage.mintTo(who.seller);
  await stage.act('seller', gems, 'transferFrom', [who.seller, who.buyer, tokenId]);
  await stage.act('seller', market, 'withdraw', [who.seller]);
  await stage.act('stranger', market, 'withdrawFor', [who.creator]);
  await stage.act('admin', market, 'setFee', [300]);
  await stage.act('cutter', treasury, 'withdraw', [ZeroAddress, who.other, 1_000n]);
}
