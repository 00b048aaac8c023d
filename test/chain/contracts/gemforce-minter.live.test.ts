import { id as keccak, ZeroAddress } from 'ethers';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { face, rawCall, selectorOf, told } from './diamond-kit.ts';
import { feeBps, meddlerSource, metadata, openStage, royaltyBps, type Stage } from './gemforce-kit.ts';

const stage: Stage = await openStage();
const { chain, who, gems, base, diamond, init, settings } = stage;
const rude = await chain.deploy(meddlerSource, 'Meddler');
const rewind = await chain.checkpoint();
beforeEach(() => rewind());
afterAll(() => chain.stop());

const minterRole = keccak('MINTER_ROLE');
const shown = (attributes: readonly (readonly unknown[])[]): unknown =>
  attributes.map(([key, attributeType, value]) => ({ key, attributeType: Number(attributeType), value }));
const number = (value: string) => [{ key: 'n', attributeType: 1, value }];

describe('minting', () => {
  it('makes tokens from 0 on, with their attributes, for whoever mints', async () => {
    const mined = await stage.act('minter', gems, 'gemforceMint', [metadata]);
    expect(told(mined)).toEqual([
      `GemforceMinted(0, ${who.minter}, name,0,Carbon Credit,amount,1,100)`,
      `Transfer(${ZeroAddress}, ${who.minter}, 0)`,
    ]);
    await stage.act('admin', gems, 'gemforceMintTo', [who.buyer, []]);
    expect(await stage.ask(gems, 'ownerOf', 0)).toBe(who.minter);
    expect(await stage.ask(gems, 'ownerOf', 1)).toBe(who.buyer);
    expect(await stage.ask(gems, 'totalMinted')).toBe(2n);
    expect(shown(await stage.ask(gems, 'attributesOf', 0))).toEqual(metadata);
    expect(shown([await stage.ask(gems, 'attributeOf', 0, 'amount')])).toEqual([metadata[1]]);
    expect(await stage.ask(gems, 'attributesOf', 1)).toEqual([]);
    expect(await stage.refused('buyer', gems, 'attributeOf', [1, 'amount'])).toBe(
      'NoSuchAttribute(1, amount)',
    );
    expect(await stage.refused('buyer', gems, 'attributesOf', [2])).toBe('ERC721NonexistentToken(2)');
  });

  it('is for minters and the owner', async () => {
    for (const fn of ['gemforceMint', 'gemforceMintTo']) {
      const args = fn === 'gemforceMint' ? [metadata] : [who.buyer, metadata];
      expect(await stage.refused('stranger', gems, fn, args)).toBe(
        `AccessControlUnauthorizedAccount(${who.stranger}, ${minterRole})`,
      );
    }
    await stage.act('admin', face(diamond, base.roles), 'revokeRole', [minterRole, who.minter]);
    expect(await stage.refused('minter', gems, 'gemforceMint', [metadata])).toContain('Unauthorized');
  });

  it('hands no token to a contract that cannot hold it', async () => {
    const deaf = stage.treasury.address;
    expect(await stage.refused('minter', gems, 'gemforceMintTo', [deaf, []])).toBe(
      `ERC721InvalidReceiver(${deaf})`,
    );
  });

  it.each<[string, object[], string]>([
    [
      'too many attributes',
      Array.from({ length: 33 }, (_, i) => ({ ...metadata[0], key: `k${i}` })),
      'TooManyAttributes(33, 32)',
    ],
    ['no key', [{ key: '', attributeType: 0, value: 'x' }], 'BadKey()'],
    ['a long key', [{ key: 'k'.repeat(65), attributeType: 0, value: 'x' }], 'BadKey('],
    ['a long value', [{ key: 'k', attributeType: 0, value: 'x'.repeat(257) }], 'ValueTooLong(k)'],
    ['a key twice', [...metadata, { key: 'name', attributeType: 0, value: 'x' }], 'DuplicateKey(name)'],
  ])('refuses %s', async (_, attributes, error) => {
    expect(await stage.refused('minter', gems, 'gemforceMint', [attributes])).toContain(error);
  });

  it('takes 32 attributes of the longest kind', async () => {
    const longest = Array.from({ length: 32 }, (_, i) => ({
      ...{ key: `${'k'.repeat(62)}${String(i).padStart(2, '0')}`, attributeType: 0, value: 'v'.repeat(256) },
    }));
    const mined = await chain.send(who.minter, gems, 'gemforceMint', [longest], { gas: 16_000_000n });
    expect(mined.gasUsed).toBeLessThan(16_000_000n);
    expect(shown(await stage.ask(gems, 'attributesOf', 0))).toEqual(longest);
  });

  it.each(['0', '100', '-1', '12.5', '-0.25', '007'])('takes %j for a number', async (value) => {
    await stage.act('minter', gems, 'gemforceMint', [number(value)]);
  });

  it.each(['', '-', '.', '.5', '5.', '1.2.3', '1e3', ' 1', '1-', '--1', '0x10', '+1'])(
    'does not take %j for a number',
    async (value) => {
      const refusal = await stage.refused('minter', gems, 'gemforceMint', [number(value)]);
      expect(refusal).toBe(`NotANumber(n, ${value})`);
    },
  );

  it('is not entered again by who receives a token', async () => {
    await stage.act('admin', face(diamond, base.roles), 'grantRole', [minterRole, rude.address]);
    const again = gems.abi.encodeFunctionData('gemforceMintTo', [rude.address, []]);
    await chain.send(who.deployer, rude, 'arm', [diamond.address, again]);
    await stage.act('minter', gems, 'gemforceMintTo', [rude.address, []]);
    expect(await stage.ask(rude, 'calls')).toBe(1n);
    expect(await stage.ask(rude, 'succeeded')).toBe(false);
    expect(await stage.ask(rude, 'answer')).toBe(keccak('ReentrancyGuardReentrantCall()').slice(0, 10));
    expect(await stage.ask(gems, 'totalMinted')).toBe(1n);
  });

  it('of fifty tokens in one block by one sender loses none', async () => {
    await chain.rpc('evm_setAutomine', [false]);
    const data = gems.abi.encodeFunctionData('gemforceMint', [metadata]);
    const hashes: string[] = [];
    for (let count = 0; count < 50; count++) {
      const transaction = { from: who.minter, to: diamond.address, data, gas: '0x80000' };
      hashes.push(await chain.rpc<string>('eth_sendTransaction', [transaction]));
    }
    await chain.rpc('evm_mine');
    await chain.rpc('evm_setAutomine', [true]);
    expect(await stage.ask(gems, 'balanceOf', who.minter)).toBe(50n);
    expect(new Set(hashes).size).toBe(50);
  });
});

describe('tokens', () => {
  it('are ERC-721 as everybody knows it', async () => {
    const tokenId = await stage.mintTo(who.seller);
    expect(await stage.ask(gems, 'name')).toBe('Gemforce Token');
    expect(await stage.ask(gems, 'symbol')).toBe('GEM');
    expect(await stage.ask(gems, 'tokenURI', tokenId)).toBe('https://gems.example/0');
    expect(await stage.refused('buyer', gems, 'transferFrom', [who.seller, who.buyer, tokenId])).toBe(
      `ERC721InsufficientApproval(${who.buyer}, 0)`,
    );
    await stage.act('seller', gems, 'approve', [who.buyer, tokenId]);
    await stage.act('buyer', gems, 'transferFrom', [who.seller, who.buyer, tokenId]);
    expect(await stage.ask(gems, 'ownerOf', tokenId)).toBe(who.buyer);
  });

  it.each([
    ['ERC-721', '0x80ac58cd', true],
    ['ERC-721 Metadata', '0x5b5e139f', true],
    ['ERC-2981', '0x2a55205a', true],
    ['ERC-721 Enumerable', '0x780e9d63', false],
  ])('say by ERC-165 whether they are %s', async (_, interfaceId, says) => {
    expect(await stage.ask(face(diamond, base.loupe), 'supportsInterface', interfaceId)).toBe(says);
  });

  it('have a royalty and a base address that the admin sets', async () => {
    expect(await chain.read(gems, 'royaltyInfo', 0, 10_000n)).toEqual([who.creator, royaltyBps]);
    expect(told(await stage.act('admin', gems, 'setRoyalty', [who.other, 1_000]))).toEqual([
      `RoyaltySet(${who.other}, 1000)`,
    ]);
    expect(await chain.read(gems, 'royaltyInfo', 0, 10_000n)).toEqual([who.other, 1_000n]);
    await stage.act('admin', gems, 'setRoyalty', [ZeroAddress, 0]);
    expect(await chain.read(gems, 'royaltyInfo', 0, 10_000n)).toEqual([ZeroAddress, 0n]);
    expect(await stage.refused('admin', gems, 'setRoyalty', [who.other, 10_001])).toContain(
      'InvalidDefaultRoyalty',
    );
    await stage.act('admin', gems, 'setBaseURI', ['ipfs://gems/']);
    expect(await stage.ask(gems, 'baseURI')).toBe('ipfs://gems/');
    for (const [fn, args] of [
      ['setRoyalty', [who.stranger, 1]],
      ['setBaseURI', ['x']],
    ] as const) {
      expect(await stage.refused('minter', gems, fn, args)).toContain('AccessControlUnauthorizedAccount');
    }
  });
});

describe('the initialiser', () => {
  it('runs once', async () => {
    const data = init.abi.encodeFunctionData('init', [{ ...settings, treasury: who.stranger }]);
    await expect(stage.cut([], init.address, data)).rejects.toThrow('InvalidInitialization()');
    expect(await stage.ask(stage.market, 'treasury')).toBe(stage.treasury.address);
  });

  it('is nothing by itself', async () => {
    expect(await stage.refused('stranger', init, 'init', [settings])).toBe('InvalidInitialization()');
  });

  it.each<[string, object, string]>([
    ['no treasury', { treasury: ZeroAddress }, 'ZeroAddress()'],
    ['a fee above a tenth', { feeBps: 1_001 }, 'FeeTooHigh(1001, 1000)'],
    ['a royalty above the price', { royaltyBps: 10_001 }, 'ERC2981InvalidDefaultRoyalty(10001, 10000)'],
    [
      'a royalty for nobody',
      { royaltyReceiver: ZeroAddress },
      `ERC2981InvalidDefaultRoyaltyReceiver(${ZeroAddress})`,
    ],
  ])('refuses %s', async (_, change, error) => {
    const data = init.abi.encodeFunctionData('init', [{ ...settings, ...change }]);
    const args = [who.admin, [], init.address, data];
    expect(await chain.deployRefusal('chain/contracts/diamond/Diamond.sol', 'Diamond', args)).toBe(error);
  });
});

describe('a paused Gemforce', () => {
  it('is still read by wallets and indexers, and changed by nobody', async () => {
    const tokenId = await stage.listed(100n);
    await stage.act('admin', face(diamond, base.pause), 'pause');
    expect(await stage.ask(gems, 'ownerOf', tokenId)).toBe(who.seller);
    expect(await stage.ask(gems, 'tokenURI', tokenId)).toBe('https://gems.example/0');
    expect((await stage.listing(tokenId)).feeBps).toBe(feeBps);
    const changing: string[] = [];
    for (const facet of [stage.facets.minter, stage.facets.market]) {
      facet.abi.forEachFunction((fragment) => {
        if (!fragment.constant) changing.push(selectorOf(facet, fragment.selector));
      });
    }
    expect(changing.length).toBeGreaterThan(15);
    for (const selector of changing) {
      const answer = await rawCall(chain, diamond.address, selector, { from: who.admin });
      expect(answer).toBe(`FunctionPaused(${selector})`);
    }
  });
});
