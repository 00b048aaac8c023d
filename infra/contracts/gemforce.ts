import { Interface } from 'ethers/abi';
import { loadArtifact } from '@cutover/chain/evm/artifacts.ts';
import { Contract } from '@cutover/chain/resources/contract.ts';
import { Facet } from '@cutover/chain/resources/facet.ts';
import { Library } from '@cutover/chain/resources/library.ts';
import type { CutoverConfig } from '../config.ts';

const source = (folder: 'diamond' | 'gemforce', contract: string) =>
  ({ kind: 'source', source: `chain/contracts/${folder}/${contract}.sol`, contract }) as const;

/** Who has which right of Gemforce's contracts, as addresses. */
export interface GemforceAccounts {
  readonly owner: string;
  readonly treasurer: string;
}

/** The contracts of Gemforce: compiled and checked, with their addresses known, and nothing sent yet. */
export async function gemforceContracts(
  { diamond: settings }: CutoverConfig['systems']['gemforce'],
  { owner, treasurer }: GemforceAccounts,
) {
  const [feeMath, attributes] = await Promise.all([
    Library.prepare({ artifact: source('gemforce', 'FeeMath') }),
    Library.prepare({ artifact: source('gemforce', 'AttributeLib') }),
  ]);
  const fees = { libraries: { FeeMath: feeMath.address } };
  const [cut, loupe, ownership, pausable, minter, v1, v2, factory, treasury, setup] = await Promise.all([
    Facet.prepare({ artifact: source('diamond', 'DiamondCutFacet') }),
    Facet.prepare({ artifact: source('diamond', 'DiamondLoupeFacet') }),
    Facet.prepare({ artifact: source('diamond', 'OwnershipFacet') }),
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
      args: { admin: owner, adminDelay: 0 },
    }),
    Contract.prepare({
      artifact: source('gemforce', 'Treasury'),
      args: { admin: owner, adminDelay: 0, withdrawer: treasurer, etherCap: 10n ** 18n },
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
        feeBps: Math.round(settings.feePercent * 100),
        royaltyReceiver: treasurer,
        royaltyBps: 0,
        minters: [],
      },
    ]),
  };

  const base = [cut, loupe, ownership, pausable, minter];
  const [serving, spare] = settings.marketplace === 'v1' ? [v1, v2] : [v2, v1];
  return {
    factory,
    treasury,
    initializer,
    initializerContract: setup,
    libraries: [feeMath, attributes],
    /** What the set of the factory has: every new diamond begins with it. */
    set: [...base, v1],
    /** What this stack's diamond serves. */
    facets: [...base, serving],
    /** Kept on the chain, so that the way there and back is one cut. */
    spare: [spare],
  };
}
