import { ZeroAddress, type Result } from 'ethers';
import type { Chain, Deployed, Mined } from './chain-kit.ts';
import { face, openStage as openDiamonds, type Person, type Stage as DiamondStage } from './diamond-kit.ts';

export const gemforceFixtures = 'test/chain/contracts/solidity/gemforce/Facets.sol';
export const meddlerSource = 'test/chain/contracts/solidity/Meddler.sol';
const gemforceSource = (contract: string): string => `chain/contracts/gemforce/${contract}.sol`;

export const feeBps = 250n;
export const royaltyBps = 500n;
export const dailyCap = 10n ** 18n;

/** Attributes as the contract takes them: 0 is text, 1 a number. */
export const metadata = [
  { key: 'name', attributeType: 0, value: 'Carbon Credit' },
  { key: 'amount', attributeType: 1, value: '100' },
];

/** A token that is for sale. */
export interface Listing {
  readonly seller: string;
  readonly feeBps: bigint;
  readonly price: bigint;
}

/** A Gemforce diamond on a real node, with its market, its treasury and its people. */
export interface Stage extends DiamondStage {
  readonly diamond: Deployed;
  readonly treasury: Deployed;
  /** Facets where they were deployed, for cuts. */
  readonly facets: Readonly<Record<'minter' | 'market' | 'marketV2', Deployed>>;
  /** The diamond as its facets are called. */
  readonly gems: Deployed;
  readonly market: Deployed;
  readonly marketV2: Deployed;
  readonly init: Deployed;
  /** What the diamond was initialised with. */
  readonly settings: Readonly<Record<string, unknown>>;
  act(as: Person, contract: Deployed, fn: string, args?: readonly unknown[], value?: bigint): Promise<Mined>;
  refused(
    as: Person,
    contract: Deployed,
    fn: string,
    args?: readonly unknown[],
    value?: bigint,
  ): Promise<string>;
  ask<T>(contract: Deployed, fn: string, ...args: readonly unknown[]): Promise<T>;
  /** Mints a token for somebody; gives its number. */
  mintTo(owner: string): Promise<bigint>;
  /** Mints a token for the seller and lists it. */
  listed(price: bigint): Promise<bigint>;
  listing(tokenId: bigint): Promise<Listing>;
  credit(account: string): Promise<bigint>;
  cut(entries: readonly object[], init?: string, data?: string): Promise<Mined>;
}

/** Deploys libraries, facets, treasury and diamond, in the order in which a stack does. */
export async function openStage(given?: Chain): Promise<Stage> {
  const base = await openDiamonds(given);
  const { chain, who } = base;
  const deploy = (contract: string, args: readonly unknown[] = [], libraries = {}): Promise<Deployed> =>
    chain.deploy(gemforceSource(contract), contract, args, 0n, libraries);
  const FeeMath = (await deploy('FeeMath')).address;
  const AttributeLib = (await deploy('AttributeLib')).address;
  const facets = {
    minter: await deploy('GemforceMinterFacet', [], { AttributeLib }),
    market: await deploy('MarketplaceFacet', [], { FeeMath }),
    marketV2: await deploy('MarketplaceFacetV2', [], { FeeMath }),
  };
  const init = await deploy('GemforceInit');
  const treasury = await deploy('Treasury', [who.admin, 0, who.cutter, dailyCap]);
  const settings = {
    ...{ name: 'Gemforce Token', symbol: 'GEM', baseURI: 'https://gems.example/' },
    ...{
      treasury: treasury.address,
      feeBps,
      royaltyReceiver: who.creator,
      royaltyBps,
      minters: [who.minter],
      pausers: [who.pauser],
    },
  };
  const diamond = await base.newDiamond({
    facets: [...Object.values(base.base), facets.minter, facets.market],
    init: init.address,
    data: init.abi.encodeFunctionData('init', [settings]),
  });
  const gems = face(diamond, facets.minter);
  const market = face(diamond, facets.market);

  const act: Stage['act'] = (as, contract, fn, args = [], value = 0n) =>
    chain.send(who[as], contract, fn, args, { value });
  const ask = async <T>(contract: Deployed, fn: string, ...args: readonly unknown[]): Promise<T> =>
    (await chain.read(contract, fn, ...args))[0] as T;
  async function mintTo(owner: string): Promise<bigint> {
    const tokenId = await ask<bigint>(gems, 'totalMinted');
    await act('minter', gems, 'gemforceMintTo', [owner, metadata]);
    return tokenId;
  }

  return {
    ...base,
    diamond,
    treasury,
    facets,
    gems,
    market,
    marketV2: face(diamond, facets.marketV2),
    init,
    settings,
    act,
    refused: (as, contract, fn, args = [], value = 0n) =>
      chain.refusal(who[as], contract, fn, args, { value }),
    ask,
    mintTo,
    async listed(price) {
      const tokenId = await mintTo(who.seller);
      await act('seller', market, 'listItem', [tokenId, price]);
      return tokenId;
    },
    listing: async (tokenId) =>
      (await ask<Result>(market, 'getListing', tokenId)).toObject() as unknown as Listing,
    credit: (account) => ask(market, 'creditOf', account),
    cut: (entries, to = ZeroAddress, data = '0x') =>
      chain.send(who.admin, face(diamond, base.base.cut), 'diamondCut', [entries, to, data]),
  };
}
