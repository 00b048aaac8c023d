import type { CutoverConfig } from './config.ts';

/** A value of the stack file that says which release of something a system serves. */
export interface ReleaseKey {
  /** Where it stands below `cutover:`. */
  readonly path: readonly string[];
  /** What it is the release of. */
  readonly what: string;
  readonly choices: readonly string[];
  /** What the stack says now. */
  readonly current: string;
}

/** What of each system can be taken back to another release, by the system's name in commands. */
export function releaseKeys(config: CutoverConfig): Readonly<Record<string, ReleaseKey>> {
  return {
    gemforce: {
      path: ['systems', 'gemforce', 'diamond', 'marketplace'],
      what: 'the marketplace facet of the diamond',
      choices: ['v1', 'v2'],
      current: config.systems.gemforce.diamond.marketplace,
    },
  };
}
