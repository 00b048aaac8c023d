import type { FacetCut } from './change.ts';
import type { Routing } from './loupe.ts';
import { readAddress, readSelector, zeroAddress } from './selector.ts';

/** What a model of a diamond knows beside its routing. */
export interface DiamondModel {
  /** The diamond's own address: functions routed there are part of its code. */
  readonly diamond?: string | undefined;
  /** Bytes of code by address. Left out, every facet is taken to have code. */
  readonly codeSizes?: Readonly<Record<string, number>>;
}

export type CutOutcome =
  | { readonly kind: 'applied'; readonly routing: Routing }
  /** As on the chain: nothing is changed, and the first reason counts. */
  | { readonly kind: 'reverted'; readonly reason: string };

/** Applies a cut as EIP-2535 demands, in the order given. */
export function applyCut(routing: Routing, cuts: readonly FacetCut[], model: DiamondModel = {}): CutOutcome {
  const followed = followCut(routing, cuts, model);
  const [first] = followed.reasons;
  return first === undefined
    ? { kind: 'applied', routing: followed.routing }
    : { kind: 'reverted', reason: first };
}

/** The same without stopping at the first reason to revert: all of them, with what else the cut would do. */
export function followCut(
  routing: Routing,
  cuts: readonly FacetCut[],
  model: DiamondModel = {},
): { readonly routing: Routing; readonly reasons: readonly string[] } {
  const diamond = readAddress(model.diamond);
  const sizes = new Map(
    Object.entries(model.codeSizes ?? {}).map(([address, size]) => [readAddress(address), size]),
  );
  const after = new Map(routing);
  const reasons: string[] = [];
  for (const { facetAddress, action, functionSelectors } of cuts) {
    const facet = readAddress(facetAddress);
    const wrong = entryFault(facet, facetAddress, action, functionSelectors);
    if (wrong !== undefined || facet === undefined) {
      reasons.push(wrong ?? `${facetAddress} is no address`);
      continue;
    }
    if (action !== 2 && model.codeSizes !== undefined && (sizes.get(facet) ?? 0) === 0) {
      reasons.push(`the facet ${facet} has no code`);
      continue;
    }
    for (const given of functionSelectors) {
      const selector = readSelector(given);
      const fault =
        selector === undefined
          ? `${given} is no selector`
          : selectorFault(selector, action, facet, after.get(selector), diamond);
      if (fault !== undefined) reasons.push(fault);
      else if (selector !== undefined && action === 2) after.delete(selector);
      else if (selector !== undefined) after.set(selector, facet);
    }
  }
  return { routing: after, reasons };
}

function entryFault(
  facet: string | undefined,
  given: string,
  action: number,
  selectors: readonly string[],
): string | undefined {
  if (facet === undefined) return `${given} is no address`;
  if (action !== 0 && action !== 1 && action !== 2) return `${String(action)} is no action: 0, 1 or 2`;
  if (selectors.length === 0) return `an entry for ${facet} has no selectors`;
  if (action === 2 && facet !== zeroAddress) return `removing goes with the zero address, not with ${facet}`;
  if (action !== 2 && facet === zeroAddress) return 'functions cannot go to the zero address';
  return undefined;
}

function selectorFault(
  selector: string,
  action: number,
  facet: string,
  at: string | undefined,
  diamond: string | undefined,
): string | undefined {
  if (action === 0) return at === undefined ? undefined : `${selector} cannot be added: ${at} has it already`;
  const verb = action === 1 ? 'replaced' : 'removed';
  if (at === undefined) return `${selector} cannot be ${verb}: the diamond does not have it`;
  if (at === diamond) return `${selector} cannot be ${verb}: it is part of the diamond itself`;
  return action === 1 && at === facet ? `${selector} cannot be replaced: ${at} has it already` : undefined;
}
