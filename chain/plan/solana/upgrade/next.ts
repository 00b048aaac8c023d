import type { Missing } from '../../authority/progress.ts';
import type { Announcement } from './announcement.ts';
import type { ProposalFacts } from './facts.ts';
import type { AwaitedStage } from './stages.ts';

/** Something to do about an upgrade. */
export type UpgradeStep =
  /** Write the build into a buffer, make room in the program, and hand the buffer over: nobody can write it then. */
  | { readonly kind: 'prepare buffer' }
  | { readonly kind: 'propose'; readonly buffer: string; readonly because: string }
  | { readonly kind: 'approve'; readonly proposal: ProposalFacts; readonly by: readonly string[] }
  /** Votes to take back a proposal that would bring other code, or none. */
  | { readonly kind: 'withdraw'; readonly proposal: ProposalFacts; readonly by: readonly string[] }
  | { readonly kind: 'execute'; readonly buffer: string; readonly proposal: ProposalFacts | undefined }
  | { readonly kind: 'announce'; readonly announcement: Announcement };

/** Why an upgrade does not go on. */
export type UpgradeRefusal =
  | { readonly reason: 'no program'; readonly found: string }
  | { readonly reason: 'immutable'; readonly found: string }
  | { readonly reason: 'handed away'; readonly authority: string; readonly wanted: string }
  | { readonly reason: 'changed elsewhere'; readonly from: string; readonly found: string }
  | { readonly reason: 'without effect'; readonly found: string; readonly how: string }
  | {
      readonly reason: 'buffer changed';
      readonly proposal: string;
      readonly buffer: string;
      readonly found: string;
      readonly authority: string;
    }
  | { readonly reason: 'delay too short'; readonly delay: number; readonly wanted: number }
  | { readonly reason: 'another upgrade'; readonly proposal: ProposalFacts }
  | {
      readonly reason: 'may not';
      readonly account: string;
      readonly what: 'propose' | 'execute';
      readonly holders: readonly string[];
    };

/** What an upgrade waits for, or how it ended. */
export type UpgradeRest =
  | { readonly kind: 'wait'; readonly stage: AwaitedStage; readonly missing: readonly Missing[] }
  /** The program runs the build, and nothing was under way. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'done' }
  | { readonly kind: 'executed elsewhere'; readonly reason: string }
  /** Members decided against it. It is proposed again only when told to. */
  | { readonly kind: 'rejected' | 'cancelled'; readonly reason: string }
  | { readonly kind: 'refuse'; readonly refusal: UpgradeRefusal };

/** What is decided about an upgrade: something to do, or that there is nothing to do now. */
export type UpgradeNext = { readonly kind: 'step'; readonly step: UpgradeStep } | UpgradeRest;

/** The next thing is a step. */
export function take(step: UpgradeStep): UpgradeNext {
  return { kind: 'step', step };
}

/** The upgrade does not go on. */
export function refuse(refusal: UpgradeRefusal): UpgradeRest {
  return { kind: 'refuse', refusal };
}
