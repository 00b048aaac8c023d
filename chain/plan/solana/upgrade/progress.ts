import { describeMissing, type Missing } from '../../authority/progress.ts';
import type { UpgradeRecord } from './record.ts';
import type { AwaitedStage } from './stages.ts';

interface Trail {
  readonly record: UpgradeRecord | undefined;
}

/**
 * How far an upgrade has come. Plain JSON: it is kept in the state of the resource that wants the upgrade, and its record
 * is given back with the next update.
 */
export type UpgradeProgress =
  /** The program runs the build; `nothing` when no upgrade was under way. */
  | (Trail & { readonly kind: 'nothing' | 'done' })
  /** `stage` is the one that is waited for. */
  | (Trail & {
      readonly kind: 'proposed';
      readonly stage: AwaitedStage;
      readonly missing: readonly Missing[];
    })
  /** The program runs the build, and it was not this upgrade that did it. */
  | (Trail & { readonly kind: 'executed elsewhere'; readonly reason: string })
  /** Members decided against it. It is proposed again only when told to. */
  | (Trail & { readonly kind: 'rejected' | 'cancelled'; readonly reason: string });

/** The progress in one line for people. */
export function describeUpgrade(progress: UpgradeProgress): string {
  switch (progress.kind) {
    case 'nothing':
      return 'the program runs this build';
    case 'done': {
      const transaction = progress.record?.milestones.executed?.transaction;
      return transaction === undefined ? 'done' : `done in ${transaction}`;
    }
    case 'proposed':
      return `${describeWait(progress.stage)}: waits for ${progress.missing.map(describeMissing).join('; ')}`;
    case 'executed elsewhere':
    case 'rejected':
    case 'cancelled':
      return `${progress.kind}: ${progress.reason}`;
  }
}

function describeWait(stage: AwaitedStage): string {
  switch (stage) {
    case 'approved':
      return 'proposed, not yet approved';
    case 'delay over':
      return 'proposed and approved';
    case 'proposed':
      return 'an older proposal has to be taken back first';
  }
}
