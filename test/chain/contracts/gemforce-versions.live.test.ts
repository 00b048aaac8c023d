import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import {
  adding,
  face,
  rawCall,
  removing,
  replacing,
  routingOf,
  selectorOf,
  selectorsOf,
  told,
} from './diamond-kit.ts';
import { openStage, type Stage } from './gemforce-kit.ts';

const stage: Stage = await openStage();
const { chain, who, facets, market, marketV2, diamond, base } = stage;
const rewind = await chain.checkpoint();
beforeEach(() => rewind());
afterAll(() => chain.stop());

const price = 10_000n;
const inBoth = selectorsOf(facets.market).filter((selector) =>
  selectorsOf(facets.marketV2).includes(selector),
);
const added = selectorsOf(facets.marketV2).filter((selector) => !inBoth.includes(selector));
const removed = selectorsOf(facets.market).filter((selector) => !inBoth.includes(selector));
const there = [replacing(facets.marketV2, inBoth), adding(facets.marketV2, added), removing(removed)];
const back = [replacing(facets.market, inBoth), adding(facets.market, removed), removing(added)];
const served = async (): Promise<unknown> =>
  (await routingOf(chain, face(diamond, base.loupe)))
    .map(({ address, selectors }) => ({ address, selectors: selectors.sort() }))
    .sort((a, b) => (a.address < b.address ? -1 : 1));

describe('version 2 of the market', () => {
  it('adds two functions and removes one', () => {
    expect(added).toEqual(['quote', 'updatePrice'].map((fn) => selectorOf(facets.marketV2, fn)));
    expect(removed).toEqual([selectorOf(facets.market, 'feeOf')]);
  });

  it('goes on with the listings and credits of version 1, and version 1 with those of version 2', async () => {
    const sold = await stage.listed(price);
    const open = await stage.listed(price);
    await stage.act('buyer', market, 'purchaseItem', [diamond.address, sold], price);
    const before = await served();

    await stage.cut(there);
    expect(await rawCall(chain, diamond.address, removed[0] ?? '')).toContain('FunctionNotFound');
    expect(await stage.credit(who.seller)).toBe(9_250n);
    expect((await chain.read(marketV2, 'quote', open)).toArray()).toEqual([price, 250n, 500n, 9_250n]);
    await stage.act('seller', marketV2, 'updatePrice', [open, 8_000n]);
    expect(await stage.listing(open)).toEqual({ seller: who.seller, feeBps: 250n, price: 8_000n });

    await stage.cut(back);
    expect(await served()).toEqual(before);
    expect(await rawCall(chain, diamond.address, added[0] ?? '')).toContain('FunctionNotFound');
    await stage.act('buyer', market, 'purchaseItem', [diamond.address, open], 8_000n);
    expect(await stage.ask(stage.gems, 'ownerOf', open)).toBe(who.buyer);
  });

  it('keeps for the buyer what is above the price', async () => {
    await stage.cut(there);
    const tokenId = await stage.listed(price);
    const args = [diamond.address, tokenId];
    expect(await stage.refused('buyer', marketV2, 'purchaseItem', args, price - 1n)).toBe(
      `WrongPayment(${price - 1n}, ${price})`,
    );
    const sale = await stage.act('buyer', marketV2, 'purchaseItem', args, price + 7n);
    expect(told(sale)).toContain(`Credited(${who.buyer}, 7)`);
    expect(await stage.credit(who.buyer)).toBe(7n);
    expect(await stage.credit(who.seller)).toBe(9_250n);
  });

  it('lets only the seller change a price, and not to nothing', async () => {
    await stage.cut(there);
    const tokenId = await stage.listed(price);
    expect(await stage.refused('stranger', marketV2, 'updatePrice', [tokenId, 1n])).toBe(
      `NotTheSeller(${tokenId}, ${who.stranger})`,
    );
    expect(await stage.refused('seller', marketV2, 'updatePrice', [tokenId, 0n])).toContain('BadPrice(0');
    expect(await stage.refused('seller', marketV2, 'updatePrice', [9n, 1n])).toBe('NotListed(9)');
    expect(await stage.refused('seller', marketV2, 'quote', [9n])).toBe('NotListed(9)');
  });
});
