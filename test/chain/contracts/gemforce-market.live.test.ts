import { ZeroAddress } from 'ethers';
import * as fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { replacing, selectorOf, told } from './diamond-kit.ts';
import {
  feeBps,
  gemforceFixtures,
  meddlerSource,
  openStage,
  royaltyBps,
  type Stage,
} from './gemforce-kit.ts';

const stage: Stage = await openStage();
const { chain, who, gems, market, diamond, treasury, facets } = stage;
const deaf = await chain.deploy(meddlerSource, 'Thing', [1]);
const rewind = await chain.checkpoint();
beforeEach(() => rewind());
afterAll(() => chain.stop());

const price = 10n ** 18n;
const largest = 2n ** 80n - 1n;
const buy = (tokenId: bigint, value: bigint): Promise<unknown> =>
  stage.act('buyer', market, 'purchaseItem', [diamond.address, tokenId], value);
const buyRefused = (tokenId: bigint, value: bigint): Promise<string> =>
  stage.refused('buyer', market, 'purchaseItem', [diamond.address, tokenId], value);
const ownerOf = (tokenId: bigint): Promise<string> => stage.ask(gems, 'ownerOf', tokenId);
const nothing = { seller: ZeroAddress, feeBps: 0n, price: 0n };

describe('a sale', () => {
  it('goes from minting to the treasury', async () => {
    const tokenId = await stage.mintTo(who.seller);
    const offer = await stage.act('seller', market, 'listItem', [tokenId, price]);
    expect(told(offer)).toEqual([`ItemListed(0, ${who.seller}, ${price}, ${feeBps})`]);
    expect(await stage.listing(tokenId)).toEqual({ seller: who.seller, feeBps, price });
    expect(await ownerOf(tokenId)).toBe(who.seller);

    const [fee, royalty] = [(price * feeBps) / 10_000n, (price * royaltyBps) / 10_000n];
    const sale = await stage.act('buyer', market, 'purchaseItem', [diamond.address, tokenId], price);
    expect(told(sale)).toEqual([
      `ItemSold(0, ${who.seller}, ${who.buyer}, ${price}, ${fee}, ${who.creator}, ${royalty})`,
      `Credited(${who.creator}, ${royalty})`,
      `Credited(${who.seller}, ${price - fee - royalty})`,
      `Received(${diamond.address}, ${fee})`,
      `Transfer(${who.seller}, ${who.buyer}, 0)`,
      'ListingEnded(0)',
    ]);
    expect(await ownerOf(tokenId)).toBe(who.buyer);
    expect(await stage.ask(treasury, 'getBalance')).toBe(fee);
    expect(await stage.listing(tokenId)).toEqual(nothing);

    const before = await chain.balance(who.other);
    await stage.act('seller', market, 'withdraw', [who.other]);
    expect((await chain.balance(who.other)) - before).toBe(price - fee - royalty);
    await stage.act('stranger', market, 'withdrawFor', [who.creator]);
    expect(await chain.balance(diamond.address)).toBe(0n);
  });

  it('takes the price exactly', async () => {
    const tokenId = await stage.listed(price);
    for (const value of [0n, price - 1n, price + 1n]) {
      expect(await buyRefused(tokenId, value)).toBe(`WrongPayment(${value}, ${price})`);
    }
    await buy(tokenId, price);
  });

  it('happens once', async () => {
    const tokenId = await stage.listed(price);
    await buy(tokenId, price);
    expect(await buyRefused(tokenId, price)).toBe(`NotListed(${tokenId})`);
  });

  it('is of this diamond’s tokens', async () => {
    const tokenId = await stage.listed(price);
    const args = [who.other, tokenId];
    expect(await stage.refused('buyer', market, 'purchaseItem', args, price)).toBe(
      `NotSoldHere(${who.other})`,
    );
  });

  it('is shared out to the last wei, whatever price, fee and royalty', async () => {
    const start = await chain.checkpoint();
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.bigInt(1n, 20_000n), fc.bigInt(1n, 10n ** 20n)),
        fc.integer({ min: 0, max: 1_000 }),
        fc.integer({ min: 0, max: 9_000 }),
        async (amount, fee, royalty) => {
          await start();
          await stage.act('admin', market, 'setFee', [fee]);
          await stage.act('admin', gems, 'setRoyalty', [royalty === 0 ? ZeroAddress : who.creator, royalty]);
          await buy(await stage.listed(amount), amount);
          const shares = {
            fee: await stage.ask<bigint>(treasury, 'getBalance'),
            royalty: await stage.credit(who.creator),
            proceeds: await stage.credit(who.seller),
          };
          expect(shares.fee).toBe((amount * BigInt(fee)) / 10_000n);
          expect(shares.royalty).toBe((amount * BigInt(royalty)) / 10_000n);
          expect(shares.fee + shares.royalty + shares.proceeds).toBe(amount);
          expect(await chain.balance(diamond.address)).toBe(shares.royalty + shares.proceeds);
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('an offer', () => {
  it('is the owner’s to make', async () => {
    const tokenId = await stage.mintTo(who.seller);
    await stage.act('seller', gems, 'approve', [who.other, tokenId]);
    expect(await stage.refused('other', market, 'listItem', [tokenId, price])).toBe(
      `NotTheOwner(0, ${who.other})`,
    );
    expect(await stage.refused('seller', market, 'listItem', [7n, price])).toBe('ERC721NonexistentToken(7)');
  });

  it.each([0n, largest + 1n])('does not ask for %d wei', async (asked) => {
    const tokenId = await stage.mintTo(who.seller);
    expect(await stage.refused('seller', market, 'listItem', [tokenId, asked])).toBe(
      `BadPrice(${asked}, ${largest})`,
    );
  });

  it('may ask for the largest price', async () => {
    const tokenId = await stage.listed(largest);
    expect((await stage.listing(tokenId)).price).toBe(largest);
  });

  it('is made once', async () => {
    const tokenId = await stage.listed(price);
    expect(await stage.refused('seller', market, 'listItem', [tokenId, 1n])).toBe(
      `AlreadyListed(${tokenId})`,
    );
  });

  it('is the seller’s to take back, and no sale is made of it then', async () => {
    const tokenId = await stage.listed(price);
    expect(await stage.refused('stranger', market, 'cancelListing', [tokenId])).toBe(
      `NotTheSeller(${tokenId}, ${who.stranger})`,
    );
    expect(told(await stage.act('seller', market, 'cancelListing', [tokenId]))).toEqual(['ListingEnded(0)']);
    expect(await buyRefused(tokenId, price)).toBe(`NotListed(${tokenId})`);
    expect(await stage.refused('seller', market, 'cancelListing', [tokenId])).toBe(`NotListed(${tokenId})`);
    await stage.act('seller', market, 'listItem', [tokenId, 5n]);
    await buy(tokenId, 5n);
  });

  it('ends when its token moves, and does not come back with it', async () => {
    const tokenId = await stage.listed(price);
    const moved = await stage.act('seller', gems, 'transferFrom', [who.seller, who.other, tokenId]);
    expect(told(moved)).toEqual([`Transfer(${who.seller}, ${who.other}, 0)`, 'ListingEnded(0)']);
    expect(await buyRefused(tokenId, price)).toBe(`NotListed(${tokenId})`);
    await stage.act('other', gems, 'transferFrom', [who.other, who.seller, tokenId]);
    expect(await buyRefused(tokenId, price)).toBe(`NotListed(${tokenId})`);
  });

  it('keeps the fee that it was made with', async () => {
    const tokenId = await stage.listed(price);
    await stage.act('admin', market, 'setFee', [1_000]);
    await buy(tokenId, price);
    expect(await stage.ask(treasury, 'getBalance')).toBe((price * feeBps) / 10_000n);
    expect((await stage.listing(await stage.listed(price))).feeBps).toBe(1_000n);
  });

  it('lets the diamond move that token and no other, and nobody else', async () => {
    const tokenId = await stage.listed(price);
    const other = await stage.mintTo(who.seller);
    const move = (id: bigint): readonly unknown[] => [who.seller, who.stranger, id];
    expect(await stage.refused('stranger', gems, 'transferFrom', move(tokenId))).toContain(
      'InsufficientApproval',
    );
    expect(await chain.refusal(diamond.address, gems, 'transferFrom', move(other))).toBe(
      `ERC721InsufficientApproval(${diamond.address}, ${other})`,
    );
  });
});

describe('a royalty', () => {
  const withRoyalty = async (receiver: string, amount: bigint): Promise<void> => {
    const any = await chain.deploy(gemforceFixtures, 'AnyRoyaltyFacet', [receiver, amount]);
    await stage.cut([replacing(any, [selectorOf(facets.minter, 'royaltyInfo')])]);
  };

  it.each([
    ['above the price', price + 1n],
    ['that leaves no room for the fee', price],
    ['beyond all numbers', 2n ** 256n - 1n],
  ])('%s is refused', async (_, amount) => {
    const tokenId = await stage.listed(price);
    await withRoyalty(who.creator, amount);
    const fee = (price * feeBps) / 10_000n;
    expect(await buyRefused(tokenId, price)).toBe(`SharesAbovePrice(${fee}, ${amount}, ${price})`);
  });

  it('that leaves the seller nothing is paid all the same', async () => {
    const tokenId = await stage.listed(price);
    const fee = (price * feeBps) / 10_000n;
    await withRoyalty(who.creator, price - fee);
    await buy(tokenId, price);
    expect([await stage.credit(who.creator), await stage.credit(who.seller)]).toEqual([price - fee, 0n]);
  });

  it('of nobody is the seller’s', async () => {
    const tokenId = await stage.listed(price);
    await withRoyalty(ZeroAddress, price / 2n);
    await buy(tokenId, price);
    expect(await stage.credit(who.seller)).toBe(price - (price * feeBps) / 10_000n);
  });
});

describe('what the admin sets', () => {
  it('is a fee up to a tenth and a treasury', async () => {
    expect(told(await stage.act('admin', market, 'setFee', [1_000]))).toEqual(['FeeSet(1000)']);
    expect(await stage.ask(market, 'feeBps')).toBe(1_000n);
    expect(await stage.ask(market, 'feeOf', 12_345n)).toBe(1_234n);
    expect(await stage.refused('admin', market, 'setFee', [1_001])).toBe('FeeTooHigh(1001, 1000)');
    expect(told(await stage.act('admin', market, 'setTreasury', [who.other]))).toEqual([
      `TreasurySet(${who.other})`,
    ]);
    expect(await stage.refused('admin', market, 'setTreasury', [ZeroAddress])).toBe('ZeroAddress()');
    for (const [fn, value] of [
      ['setFee', 1],
      ['setTreasury', who.stranger],
    ] as const) {
      expect(await stage.refused('stranger', market, fn, [value])).toContain(
        'AccessControlUnauthorizedAccount',
      );
    }
  });
});

describe('money that waits', () => {
  it('is paid to its owner, once, wherever the owner says', async () => {
    await buy(await stage.listed(price), price);
    expect(await stage.refused('stranger', market, 'withdraw', [who.stranger])).toBe('ZeroAmount()');
    expect(await stage.refused('seller', market, 'withdraw', [ZeroAddress])).toBe('ZeroAddress()');
    expect(await stage.refused('stranger', market, 'withdrawFor', [who.stranger])).toBe('ZeroAmount()');
    // A contract that takes no ether does not lose its credit.
    expect(await stage.refused('seller', market, 'withdraw', [deaf.address])).toBe('FailedCall()');
    const paid = await stage.act('seller', market, 'withdraw', [who.seller]);
    expect(told(paid)[0]).toContain(`CreditWithdrawn(${who.seller}, ${who.seller}`);
    expect(await stage.refused('seller', market, 'withdraw', [who.seller])).toBe('ZeroAmount()');
  });
});
