import { systemSlugs } from './config/systems.ts';
import type { CutoverConfig } from './config.ts';

/** A contract that can be paused, and the value of the stack file that says whether it is to be. */
export interface PauseKey {
  /** Where the value stands below `cutover:`. */
  readonly path: readonly string[];
  /** What is paused, in words. */
  readonly what: string;
  /** The name of the Pause resource in the program. */
  readonly resource: string;
  /** What the stack says now. */
  readonly paused: boolean;
}

/** What of each system can be paused, by the system's name in commands. */
export function pauseKeys({ systems }: CutoverConfig): Readonly<Record<string, PauseKey>> {
  const { gemforce, metaAggregator, sop138, coinestate } = systems;
  return {
    [systemSlugs.gemforce]: {
      path: ['systems', 'gemforce', 'diamond', 'paused'],
      what: 'the diamond of Gemforce',
      resource: 'gemforce-pause',
      paused: gemforce.diamond.paused,
    },
    [systemSlugs.metaAggregator]: {
      path: ['systems', 'metaAggregator', 'escrow', 'paused'],
      what: 'the Escrow of Meta Aggregator',
      resource: 'escrow-pause',
      paused: metaAggregator.escrow.paused,
    },
    [systemSlugs.sop138]: {
      path: ['systems', 'sop138', 'operations', 'paused'],
      what: 'the SecuredOperations of 138',
      resource: 'secured-operations-pause',
      paused: sop138.operations.paused,
    },
    [systemSlugs.coinestate]: {
      path: ['systems', 'coinestate', 'token', 'paused'],
      what: 'the PropertyToken of CoinEstate',
      resource: 'property-token-pause',
      paused: coinestate.token.paused,
    },
  };
}
