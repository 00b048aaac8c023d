import type { BufferFacts } from '../upgrade/facts.ts';
import type { TimelockReading } from '../upgrade/from-timelock.ts';
import type { ProposedAction } from './accounts.ts';
import { proposalAddress, timelockVault } from './addresses.ts';
import { approversOf, standingOf } from './standing.ts';

/** A build that a stack wants, as its members know it. */
export interface WantedBuild {
  /** The program's name for people. */
  readonly title: string;
  readonly program: string;
  /** SHA-256 of the build's file, as hex. */
  readonly fileHash: string;
  /** What people call the build. */
  readonly version: string | undefined;
}

/** A proposal that lacks approvals. */
export interface WaitingForMembers {
  readonly proposal: string;
  readonly index: bigint;
  readonly proposer: string;
  /** Seconds of the cluster's clock. */
  readonly proposedAt: number;
  /** What it would do, in words. */
  readonly does: readonly string[];
  /** Why nobody may approve it: what is found in place of the proposed buffer. */
  readonly changed: { readonly buffer: string; readonly found: string; readonly wanted: string } | undefined;
  readonly threshold: number;
  readonly approved: readonly string[];
  /** Members who may still approve. */
  readonly waitsFor: readonly string[];
}

/** The proposals of a time lock that lack approvals, oldest first. */
export function waitingForMembers(
  reading: TimelockReading,
  buffers: ReadonlyMap<string, BufferFacts>,
  wanted: readonly WantedBuild[],
): readonly WaitingForMembers[] {
  const { program, address, timelock, now } = reading;
  const vault = timelockVault(program, address);
  return reading.proposals.flatMap((each) => {
    const standing = standingOf(timelock, each, now);
    if (standing.state !== 'open') return [];
    const { index, proposer, proposedAt, action } = each;
    const changed = action.kind === 'upgrade' ? changedBuffer(action, vault, buffers) : undefined;
    return [
      {
        ...{ proposal: proposalAddress(program, address, index), index, proposer, proposedAt, changed },
        does: [
          ...actionWords(action, wanted),
          ...(changed === undefined
            ? []
            : [`WARNING: the buffer is not what was proposed: ${changed.found}`]),
        ],
        threshold: timelock.rules.threshold,
        approved: approversOf(timelock, each),
        waitsFor: standing.from,
      },
    ];
  });
}

type Upgrade = Extract<ProposedAction, { readonly kind: 'upgrade' }>;

function changedBuffer(
  { buffer, hash }: Upgrade,
  vault: string,
  buffers: ReadonlyMap<string, BufferFacts>,
): WaitingForMembers['changed'] {
  const wanted = hexOf(hash);
  const now = buffers.get(buffer);
  if (now?.fileHash === wanted && now.authority === vault) return undefined;
  if (now === undefined) return { buffer, wanted, found: 'it is gone' };
  return now.authority === vault
    ? { buffer, wanted, found: `its hash is ${now.fileHash}` }
    : { buffer, wanted, found: `its authority is ${now.authority ?? 'nobody'}` };
}

/** What a proposal does, for those who approve it: read from its account, not from what is said of it. */
function actionWords(action: ProposedAction, wanted: readonly WantedBuild[]): readonly string[] {
  switch (action.kind) {
    case 'upgrade': {
      const { program, buffer, spill } = action;
      const hash = hexOf(action.hash);
      const known = wanted.filter((each) => each.program === program);
      const build = known.find(({ fileHash }) => fileHash === hash);
      const title = known[0] === undefined ? program : `${known[0].title} (${program})`;
      return [
        `upgrade ${title} to ${build?.version ?? 'a build'} with the hash ${hash}`,
        `out of the buffer ${buffer}, whose lamports go to ${spill}`,
        ...(build === undefined ? ['WARNING: this stack does not want that build'] : []),
      ];
    }
    case 'handOver':
      return [`hand the authority over ${action.account} to ${action.authority}`];
    case 'changeRules': {
      const { members, threshold, delaySeconds, graceSeconds } = action.rules;
      return [
        `change the rules: ${threshold} of ${members.join(', ')}`,
        `a delay of ${delaySeconds} s, then ${graceSeconds} s to execute in; all earlier proposals become stale`,
      ];
    }
  }
}

function hexOf(hash: Uint8Array): string {
  return Buffer.from(hash).toString('hex');
}
