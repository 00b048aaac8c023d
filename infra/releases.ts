import { systemSlugs } from './config/systems.ts';
import type { CutoverConfig } from './config.ts';

/** A value of the stack file that says which release of something a system serves. */
export interface ReleaseKey {
  /** Where it stands below `cutover:`. */
  readonly path: readonly string[];
  /** What it is the release of. */
  readonly what: string;
  /** The releases, each with the facet that it is. */
  readonly facets: Readonly<Record<string, string>>;
  /** The name of the Cut resource that routes to it. */
  readonly cut: string;
  /** What the stack says now. */
  readonly current: string;
}

/** What of each system can be taken back to another release, by the system's name in commands. */
export function releaseKeys({ systems }: CutoverConfig): Readonly<Record<string, ReleaseKey>> {
  return {
    [systemSlugs.gemforce]: {
      path: ['systems', 'gemforce', 'diamond', 'marketplace'],
      what: 'the marketplace facet of the diamond',
      facets: { v1: 'MarketplaceFacet', v2: 'MarketplaceFacetV2' },
      cut: 'gemforce-cut',
      current: systems.gemforce.diamond.marketplace,
    },
  };
}

/** The release whose facet is among the facets of routes (`MarketplaceFacet 0x…`); undefined where none is. */
export function releaseIn(
  routes: Readonly<Record<string, string>>,
  { facets }: Pick<ReleaseKey, 'facets'>,
): string | undefined {
  const served = new Set(Object.values(routes).map((route) => route.split(' ')[0]));
  return Object.keys(facets).find((release) => served.has(facets[release]));
}
