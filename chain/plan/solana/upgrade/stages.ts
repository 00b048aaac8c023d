import type { AuthorityFacts } from './facts.ts';

/** The way of an upgrade, in its order. */
export const upgradeStages = [
  'buffer written',
  'buffer handed over',
  'proposed',
  'approved',
  'delay over',
  'executed',
  'verified',
  'announced',
] as const;

export type UpgradeStage = (typeof upgradeStages)[number];

/** The stages that others, or the clock, have to bring about. */
const awaited = ['proposed', 'approved', 'delay over'] as const satisfies readonly UpgradeStage[];

export type AwaitedStage = (typeof awaited)[number];

/** The stages that an upgrade by this kind of authority goes through. */
export function stagesOf(kind: AuthorityFacts['kind']): readonly UpgradeStage[] {
  return kind === 'key'
    ? upgradeStages.filter((stage) => !awaited.some((each) => each === stage))
    : upgradeStages;
}
