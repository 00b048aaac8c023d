import { id as keccak } from 'ethers';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { testSource, type Deployed } from './chain-kit.ts';
import { adding, face, told } from './diamond-kit.ts';
import { feeBps, gemforceFixtures, meddlerSource, openStage, type Stage } from './gemforce-kit.ts';

const stage: Stage = await openStage();
const { chain, who, gems, market, diamond, treasury } = stage;
const meddler = await chain.deploy(meddlerSource, 'Meddler');
const actor = await chain.deploy(testSource('Actors'), 'Actor', [who.stranger]);
const reentered = keccak('ReentrancyGuardReentrantCall()').slice(0, 10);
await chain.rpc('anvil_autoImpersonateAccount', [true]);
for (const { address } of [meddler, actor]) await chain.rpc('anvil_setBalance', [address, 10n ** 20n]);
const rewind = await chain.checkpoint();
beforeEach(() => rewind());
afterAll(() => chain.stop());

const price = 10_000n;
const fee = (price * feeBps) / 10_000n;
const manners = { refuse: 1, burnGas: 3, returnBomb: 4, needGas: 5 } as const;

/** Has a contract buy, with the token's arrival as its chance. */
const buyAs = (contract: Deployed, tokenId: bigint) =>
  chain.send(contract.address, market, 'purchaseItem', [diamond.address, tokenId], { value: price });

/** Every guarded function of the market and the minter, as an attacker would call it in the middle of another. */
const inner = (tokenId: bigint): [string, string][] => {
  const calls: [Deployed, string, unknown[]][] = [
    [market, 'purchaseItem', [diamond.address, tokenId]],
    [market, 'listItem', [tokenId, 1n]],
    [market, 'cancelListing', [tokenId]],
    [market, 'withdraw', [who.stranger]],
    [market, 'withdrawFor', [who.seller]],
    [gems, 'gemforceMint', [[]]],
    [gems, 'gemforceMintTo', [who.stranger, []]],
  ];
  return calls.map(([{ abi }, fn, args]) => [fn, abi.encodeFunctionData(fn, args)]);
};

describe('a buyer that calls back when it gets its token', () => {
  it('gets nowhere in the market', async () => {
    const tokenId = await stage.listed(price);
    const other = await stage.listed(price);
    const start = await chain.checkpoint();
    for (const target of [tokenId, other]) {
      for (const [fn, payload] of inner(target)) {
        await start();
        await chain.send(who.deployer, meddler, 'arm', [diamond.address, payload]);
        await buyAs(meddler, tokenId);
        expect(await stage.ask(meddler, 'calls'), fn).toBe(1n);
        expect(await stage.ask(meddler, 'succeeded'), fn).toBe(false);
        expect(await stage.ask(meddler, 'answer'), fn).toBe(reentered);
        expect(await stage.ask(gems, 'ownerOf', tokenId)).toBe(meddler.address);
        expect(await stage.ask(gems, 'ownerOf', other)).toBe(who.seller);
        expect(await chain.balance(diamond.address)).toBe(price - fee);
      }
    }
  });

  it('may pass its token on, for it is its owner', async () => {
    const tokenId = await stage.listed(price);
    const onward = gems.abi.encodeFunctionData('transferFrom', [meddler.address, who.other, tokenId]);
    await chain.send(who.deployer, meddler, 'arm', [diamond.address, onward]);
    await buyAs(meddler, tokenId);
    expect(await stage.ask(gems, 'ownerOf', tokenId)).toBe(who.other);
  });

  it('that refuses the token keeps its money', async () => {
    const tokenId = await stage.listed(price);
    await chain.send(who.deployer, meddler, 'setRude', [true]);
    await expect(buyAs(meddler, tokenId)).rejects.toThrow();
    expect((await stage.listing(tokenId)).seller).toBe(who.seller);
    expect(await chain.balance(diamond.address)).toBe(0n);
  });
});

describe('a payee that calls back when it is paid', () => {
  it('is paid once', async () => {
    const tokenId = await stage.mintTo(meddler.address);
    await chain.send(meddler.address, market, 'listItem', [tokenId, price]);
    const honest = await stage.listed(price);
    for (const id of [tokenId, honest]) {
      await stage.act('buyer', market, 'purchaseItem', [diamond.address, id], price);
    }
    const due = await stage.credit(meddler.address);
    const start = await chain.checkpoint();
    for (const [fn, payload] of inner(honest)) {
      await start();
      await chain.send(who.deployer, meddler, 'arm', [diamond.address, payload]);
      const before = await chain.balance(meddler.address);
      await stage.act('stranger', market, 'withdrawFor', [meddler.address]);
      expect((await chain.balance(meddler.address)) - before).toBe(due);
      expect(await stage.ask(meddler, 'answer'), fn).toBe(reentered);
      expect(await stage.credit(meddler.address)).toBe(0n);
      expect(await stage.credit(who.seller)).toBe(due);
    }
  });

  it.each(['refuse', 'burnGas', 'returnBomb'] as const)(
    'and one that does not take its money (%s) keeps a claim to it and holds nobody up',
    async (manner) => {
      await stage.act('admin', gems, 'setRoyalty', [actor.address, 500]);
      const tokenId = await stage.listed(price);
      await chain.send(who.deployer, actor, 'behave', [manners[manner]]);
      await stage.act('buyer', market, 'purchaseItem', [diamond.address, tokenId], price);
      await stage.act('seller', market, 'withdraw', [who.seller]);
      await expect(stage.act('stranger', market, 'withdrawFor', [actor.address])).rejects.toThrow();
      expect(await stage.credit(actor.address)).toBe(500n);
      await chain.send(actor.address, market, 'withdraw', [who.other]);
      expect(await chain.balance(diamond.address)).toBe(0n);
    },
  );
});

describe('a treasury', () => {
  it.each(['refuse', 'burnGas', 'returnBomb'] as const)(
    'that does not take its fee (%s) stops no sale, and gets it later',
    async (manner) => {
      await stage.act('admin', market, 'setTreasury', [actor.address]);
      await chain.send(who.deployer, actor, 'behave', [manners[manner]]);
      const tokenId = await stage.listed(price);
      const sale = await stage.act('buyer', market, 'purchaseItem', [diamond.address, tokenId], price);
      expect(told(sale)).toContain(`Credited(${actor.address}, ${fee})`);
      expect(sale.gasUsed).toBeLessThan(300_000n);
      await chain.send(who.deployer, actor, 'behave', [0]);
      const before = await chain.balance(actor.address);
      await stage.act('stranger', market, 'withdrawFor', [actor.address]);
      expect((await chain.balance(actor.address)) - before).toBe(fee);
    },
  );

  it('that needs as much gas as a wallet and more is paid at once', async () => {
    await stage.act('admin', market, 'setTreasury', [actor.address]);
    await chain.send(who.deployer, actor, 'behave', [manners.needGas]);
    const before = await chain.balance(actor.address);
    await stage.act('buyer', market, 'purchaseItem', [diamond.address, await stage.listed(price)], price);
    expect((await chain.balance(actor.address)) - before).toBe(fee);
  });

  it('that calls back gets nowhere, also when it is the seller and moves the token away', async () => {
    await stage.act('admin', market, 'setTreasury', [actor.address]);
    const tokenId = await stage.mintTo(who.seller);
    await stage.act('seller', gems, 'transferFrom', [who.seller, actor.address, tokenId]);
    // Who has a token already gets another one for less gas: the treasury's has to do.
    await stage.mintTo(who.other);
    await chain.send(actor.address, market, 'listItem', [tokenId, price]);
    const start = await chain.checkpoint();
    for (const [fn, payload] of inner(tokenId)) {
      await start();
      await chain.send(who.deployer, actor, 'arm', [diamond.address, payload]);
      const sale = await stage.act('buyer', market, 'purchaseItem', [diamond.address, tokenId], price);
      expect(told(sale), fn).toContain(`Reentered(false, ${reentered})`);
    }
    await start();
    const away = gems.abi.encodeFunctionData('transferFrom', [actor.address, who.other, tokenId]);
    await chain.send(who.deployer, actor, 'arm', [diamond.address, away]);
    // The token is gone when the market wants to hand it over: all of the sale is undone.
    const refusal = stage.refused('buyer', market, 'purchaseItem', [diamond.address, tokenId], price);
    expect(await refusal).toBe(`ERC721InsufficientApproval(${diamond.address}, ${tokenId})`);
    expect(await stage.ask(gems, 'ownerOf', tokenId)).toBe(actor.address);
  });
});

describe('a facet that calls anything in the diamond’s name', () => {
  it('could take what is for sale, which is why there is none; what is not for sale it cannot take', async () => {
    const door = await chain.deploy(gemforceFixtures, 'OpenDoorFacet');
    await stage.cut([adding(door)]);
    const tokenId = await stage.mintTo(who.seller);
    const take = gems.abi.encodeFunctionData('transferFrom', [who.seller, who.stranger, tokenId]);
    expect(await stage.refused('stranger', face(diamond, door), 'callAs', [diamond.address, take])).toBe(
      `ERC721InsufficientApproval(${diamond.address}, ${tokenId})`,
    );
  });
});

describe('the sum of all claims', () => {
  it('is what the diamond has, and the treasury has the fees', async () => {
    for (let sale = 1n; sale <= 5n; sale++) {
      const tokenId = await stage.listed(sale * 997n);
      await stage.act('buyer', market, 'purchaseItem', [diamond.address, tokenId], sale * 997n);
    }
    const claims = (await stage.credit(who.seller)) + (await stage.credit(who.creator));
    expect(await chain.balance(diamond.address)).toBe(claims);
    expect(claims + (await stage.ask<bigint>(treasury, 'getBalance'))).toBe(15n * 997n);
  });
});
