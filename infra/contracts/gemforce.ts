import { Interface } from 'ethers/abi';
import { loadArtifact } from '@cutover/chain/evm/artifacts.ts';
import type { PreparedContract } from '@cutover/chain/evm/prepare.ts';
import { facetSetCuts } from '@cutover/chain/plan/cut/facet-set.ts';
import { Contract } from '@cutover/chain/resources/contract.ts';
import { Facet } from '@cutover/chain/resources/facet.ts';
import { Library } from '@cutover/chain/resources/library.ts';
import type { CutoverConfig } from '../config.ts';

const source = (folder: 'diamond' | 'gemforce', contract: string) =>
  ({ kind: 'source', source: `chain/contracts/${folder}/${contract}.sol`, contract }) as const;

/** Who has which right of Gemforce's contracts, as addresses. */
export type GemforceAccounts = Readonly<Record<'owner' | 'pauser' | 'treasurer', string>>;

/** The contracts of Gemforce, with their addresses. */
export type GemforceContracts = Awaited<ReturnType<typeof gemforceContracts>>;

/** The contracts of Gemforce: compiled and checked, with their addresses known, and nothing sent yet. */
export async function gemforceContracts(
  { diamond: settings }: CutoverConfig['systems']['gemforce'],
  { owner, pauser, treasurer }: GemforceAccounts,
) {
  const adminDelay = settings.adminDelayHours * 3600;
  const [feeMath, attributes] = await Promise.all([
    Library.prepare({ artifact: source('gemforce', 'FeeMath') }),
    Library.prepare({ artifact: source('gemforce', 'AttributeLib') }),
  ]);
  const fees = { libraries: { FeeMath: feeMath.address } };
  const [cut, loupe, ownership, access, pausable, minter, v1, v2, factory, treasury, setup] =
    await Promise.all([
      Facet.prepare({ artifact: source('diamond', 'DiamondCutFacet') }),
      Facet.prepare({ artifact: source('diamond', 'DiamondLoupeFacet') }),
      Facet.prepare({ artifact: source('diamond', 'OwnershipFacet') }),
      Facet.prepare({ artifact: source('diamond', 'AccessControlFacet') }),
      Facet.prepare({ artifact: source('diamond', 'PausableFacet') }),
      Facet.prepare({
        artifact: source('gemforce', 'GemforceMinterFacet'),
        libraries: { AttributeLib: attributes.address },
        // The loupe answers it for the whole diamond.
        exclude: ['supportsInterface(bytes4)'],
      }),
      Facet.prepare({ artifact: source('gemforce', 'MarketplaceFacet'), ...fees }),
      Facet.prepare({ artifact: source('gemforce', 'MarketplaceFacetV2'), ...fees }),
      Contract.prepare({
        artifact: source('diamond', 'DiamondFactory'),
        args: { admin: owner, adminDelay },
      }),
      Contract.prepare({
        artifact: source('gemforce', 'Treasury'),
        args: { admin: owner, adminDelay, withdrawer: treasurer, etherCap: 10n ** 18n },
      }),
      Contract.prepare({ artifact: source('gemforce', 'GemforceInit') }),
    ]);

  const { abi } = await loadArtifact(source('gemforce', 'GemforceInit'));
  const initializer = {
    address: setup.address,
    name: 'GemforceInit',
    abi,
    calldata: new Interface(abi).encodeFunctionData('init', [
      {
        name: 'Gemforce',
        symbol: 'GEM',
        baseURI: '',
        treasury: treasury.address,
        feeBps: basisPoints(settings.feePercent),
        royaltyReceiver: treasurer,
        royaltyBps: 0,
        minters: [],
        pausers: [pauser],
      },
    ]),
  };

  const base = [cut, loupe, ownership, access, pausable, minter];
  const libraries = [feeMath, attributes];
  const [serving, spare] = settings.marketplace === 'v1' ? [v1, v2] : [v2, v1];
  return {
    factory,
    treasury,
    initializer,
    initializerContract: setup,
    libraries,
    all: [...libraries, ...base, v1, v2, setup, factory, treasury],
    /** What the set of the factory has: every new diamond begins with it. */
    set: [...base, v1],
    /** What this stack's diamond serves. */
    facets: [...base, serving],
    /** Kept on the chain, so that the way there and back is one cut. */
    spare: [spare],
  };
}

/** Who has which role of the diamond. Its owner has them all, so that a check of roles shows what he may do. */
export function diamondRoles({
  owner,
  pauser,
}: GemforceAccounts): Readonly<Record<string, readonly string[]>> {
  return {
    DEFAULT_ADMIN_ROLE: [owner],
    CUTTER_ROLE: [owner],
    PAUSER_ROLE: [...new Set([owner, pauser])],
  };
}

/** A fee of the stack file as contracts have it. */
export function basisPoints(percent: number): number {
  return Math.round(percent * 100);
}

/** The diamond as the factory creates it, for explorers. Its address is the factory's affair. */
export function createdDiamond(
  { set, initializer }: Pick<GemforceContracts, 'set' | 'initializer'>,
  { owner }: GemforceAccounts,
): Promise<PreparedContract> {
  const cuts = facetSetCuts({ name: 'gemforce', facets: set });
  const { address: init, calldata: data } = initializer;
  return Contract.prepare({
    artifact: source('diamond', 'Diamond'),
    args: { admin: owner, cuts, init, data },
  });
}

/** The events of contracts, each once, as Solidity writes them. */
export async function eventsOf(contracts: readonly PreparedContract[]): Promise<readonly string[]> {
  const artifacts = await Promise.all(contracts.map(({ artifact }) => loadArtifact(artifact)));
  const events = artifacts.flatMap(({ abi }) =>
    new Interface(abi).fragments.flatMap((each) => (each.type === 'event' ? [each.format('full')] : [])),
  );
  return [...new Set(events)].toSorted();
}
