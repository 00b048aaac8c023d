import { Interface } from 'ethers/abi';
import type { FacetCut, FacetCutAction } from './change.ts';
import { zeroAddress } from './selector.ts';

/** `diamondCut` of EIP-2535, and its event. */
export const diamondCutAbi = [
  'function diamondCut((address facetAddress, uint8 action, bytes4[] functionSelectors)[] diamondCut, address init, bytes calldata_)',
  'event DiamondCut((address facetAddress, uint8 action, bytes4[] functionSelectors)[] diamondCut, address init, bytes calldata_)',
] as const;

/** A call of `diamondCut`, taken apart. */
export interface DiamondCutCall {
  readonly facetCuts: readonly FacetCut[];
  readonly initializer: { readonly address: string; readonly calldata: string } | undefined;
}

/** What is sent to a diamond. */
export function encodeDiamondCut({ facetCuts, initializer }: DiamondCutCall): string {
  return coder().encodeFunctionData('diamondCut', [
    facetCuts,
    initializer?.address ?? zeroAddress,
    initializer?.calldata ?? '0x',
  ]);
}

/** What a call says, for example one that waits in a multisig; undefined when it is no call of `diamondCut`. */
export function decodeDiamondCut(calldata: string): DiamondCutCall | undefined {
  try {
    const [cuts, address, data] = coder().decodeFunctionData('diamondCut', calldata) as unknown as [
      readonly (readonly [string, bigint, readonly string[]])[],
      string,
      string,
    ];
    const facetCuts = cuts.map(([facetAddress, action, selectors]) => ({
      facetAddress,
      action: actionOf(action),
      functionSelectors: [...selectors],
    }));
    return {
      facetCuts,
      initializer: address === zeroAddress ? undefined : { address, calldata: data },
    };
  } catch {
    return undefined;
  }
}

function actionOf(given: bigint): FacetCutAction {
  if (given === 0n || given === 1n || given === 2n) return Number(given) as FacetCutAction;
  throw new RangeError(`no action ${given}`);
}

// Parsing the ABI costs a hash; only those who send or read a cut pay for it.
let parsed: Interface | undefined;
function coder(): Interface {
  return (parsed ??= new Interface(diamondCutAbi));
}
