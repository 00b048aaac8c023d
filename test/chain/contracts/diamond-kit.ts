import { getAddress, Interface, ZeroAddress, type Result } from 'ethers';
import { startChain, type Chain, type Deployed, type Mined } from './chain-kit.ts';

export const fixtures = 'test/chain/contracts/solidity/diamond/Facets.sol';
export const diamondSource = 'chain/contracts/diamond/Diamond.sol';
export const sourceOf = (contract: string): string => `chain/contracts/diamond/${contract}.sol`;

const cast = [
  'deployer',
  'admin',
  'cutter',
  'pauser',
  'minter',
  'seller',
  'buyer',
  'creator',
  'stranger',
  'other',
] as const;

/** Who takes part; each is one of the node's funded accounts. */
export type Person = (typeof cast)[number];

export const action = { add: 0, replace: 1, remove: 2 } as const;

/** One entry of a cut, as the contracts take it. */
export interface Entry {
  readonly facetAddress: string;
  readonly action: number;
  readonly functionSelectors: readonly string[];
}

/** What a new diamond is made of. */
export interface DiamondParts {
  readonly facets?: readonly Deployed[];
  readonly admin?: Person;
  readonly init?: string;
  readonly data?: string;
}

/** The facets that every diamond of the tests is made of. */
export type BaseFacets = Readonly<Record<'cut' | 'loupe' | 'ownership' | 'roles' | 'pause', Deployed>>;

/** A node with the base facets and people. */
export interface Stage {
  readonly chain: Chain;
  readonly who: Readonly<Record<Person, string>>;
  readonly base: BaseFacets;
  /** Contracts with initialisers of the tests. */
  readonly inits: Deployed;
  /** Facets that serve whatever they are asked, told apart by their number. */
  readonly echoes: readonly Deployed[];
  /** A diamond with these facets. @default cut, loupe, ownership and pause; for the admin */
  readonly newDiamond: (parts?: DiamondParts) => Promise<Deployed>;
}

/** Deploys the base facets, on a node of its own unless one is given. */
export async function openStage(given?: Chain): Promise<Stage> {
  const chain = given ?? (await startChain());
  const accounts = await chain.rpc<string[]>('eth_accounts');
  const named = cast.map((person, index) => [person, getAddress(accounts[index] ?? '')]);
  const who = Object.fromEntries(named) as Record<Person, string>;
  const facet = (contract: string): Promise<Deployed> => chain.deploy(sourceOf(contract), contract);
  const base = {
    cut: await facet('DiamondCutFacet'),
    loupe: await facet('DiamondLoupeFacet'),
    ownership: await facet('OwnershipFacet'),
    roles: await facet('AccessControlFacet'),
    pause: await facet('PausableFacet'),
  };
  const inits = await chain.deploy(fixtures, 'Inits');
  const echoes: Deployed[] = [];
  for (const number of [1, 2, 3, 4]) echoes.push(await chain.deploy(fixtures, 'Echo', [number]));
  return {
    chain,
    who,
    base,
    inits,
    echoes,
    async newDiamond({ facets, admin = 'admin', init = ZeroAddress, data = '0x' } = {}) {
      const { cut, loupe, ownership, pause } = base;
      const cuts = (facets ?? [cut, loupe, ownership, pause]).map((each) => adding(each));
      return chain.deploy(diamondSource, 'Diamond', [who[admin], cuts, init, data]);
    },
  };
}

/** The diamond as one of its facets is called. */
export function face(diamond: Deployed, facet: Deployed): Deployed {
  return { address: diamond.address, abi: facet.abi };
}

/** The functions of a facet, by selector; what the loupe serves for all of them is left out. */
export function selectorsOf(facet: Deployed): string[] {
  const selectors: string[] = [];
  const loupe = facet.abi.getFunction('facets') !== null;
  facet.abi.forEachFunction(({ selector, name }) => {
    if (loupe || name !== 'supportsInterface') selectors.push(selector);
  });
  return selectors;
}

export const selectorOf = (facet: Deployed, fn: string): string => facet.abi.getFunction(fn)?.selector ?? '';

export const adding = (facet: Deployed, selectors: readonly string[] = selectorsOf(facet)): Entry => ({
  facetAddress: facet.address,
  action: action.add,
  functionSelectors: selectors,
});

export const replacing = (facet: Deployed, selectors: readonly string[] = selectorsOf(facet)): Entry => ({
  facetAddress: facet.address,
  action: action.replace,
  functionSelectors: selectors,
});

export const removing = (selectors: readonly string[]): Entry => ({
  facetAddress: ZeroAddress,
  action: action.remove,
  functionSelectors: selectors,
});

/** What a diamond serves by its loupe, checked against the other functions of the loupe. */
export async function routingOf(
  chain: Chain,
  loupe: Deployed,
): Promise<{ address: string; selectors: string[] }[]> {
  const [facets] = (await chain.read(loupe, 'facets')) as unknown as [readonly (readonly [string, Result])[]];
  return facets.map(([address, selectors]) => ({ address, selectors: selectors.toArray() as string[] }));
}

/** A call of a diamond with bytes of one's own; what it answers, or how it refuses. */
export async function rawCall(
  chain: Chain,
  to: string,
  data: string,
  more: { readonly from?: string; readonly value?: bigint } = {},
): Promise<string> {
  return chain
    .rpc<string>('eth_call', [{ to, data, ...more }, 'latest'])
    .catch((error: unknown) => (error as Error).message.replace('eth_call: ', ''));
}

/** What an Echo said. */
export function heard(answer: string): { number: bigint; caller: string; value: bigint; input: string } {
  const [number, caller, value, input] = new Interface([
    'function f() view returns (uint256, address, uint256, bytes)',
  ]).decodeFunctionResult('f', answer) as unknown as [bigint, string, bigint, string];
  return { number, caller, value, input };
}

/** What events of a transaction say, as `Name(arguments)`. */
export function told(mined: Mined): string[] {
  return mined.events.map((event) => `${event.name}(${event.args.map(String).join(', ')})`);
}
