import type { Announcement } from '../../plan/solana/upgrade/announcement.ts';
import type { DesiredUpgrade } from '../../plan/solana/upgrade/facts.ts';
import type { UpgradeStep } from '../../plan/solana/upgrade/next.ts';
import { reached, withoutProposal, type UpgradeRecord } from '../../plan/solana/upgrade/record.ts';
import type { UpgradeStage } from '../../plan/solana/upgrade/stages.ts';
import type { AuthorityPort } from './port.ts';

/** With what a step is taken. */
export interface StepTools {
  readonly port: AuthorityPort;
  readonly desired: DesiredUpgrade;
  /** Writes the build into a buffer and hands it over. Goes on with what is begun. */
  readonly prepareBuffer: () => Promise<PreparedBuffer>;
  /** Tells those who use the program. */
  readonly announce: (announcement: Announcement) => void | Promise<void>;
}

/** A buffer in the hands of an authority. */
export interface PreparedBuffer {
  readonly address: string;
  /** The transaction that handed it over; undefined where an earlier run did. */
  readonly handedOver: string | undefined;
}

/** Takes one step and returns the record with what it did. SIDE EFFECTS: sends transactions, or announces. */
export async function takeStep(
  { port, desired, prepareBuffer, announce }: StepTools,
  step: UpgradeStep,
  record: UpgradeRecord,
  now: number,
): Promise<UpgradeRecord> {
  switch (step.kind) {
    case 'prepare buffer': {
      const { address, handedOver } = await prepareBuffer();
      const begun = { ...record, buffer: address };
      return handedOver === undefined ? begun : sent(begun, handedOver, now, 'buffer handed over');
    }
    case 'propose': {
      const transaction = await port.propose({ desired, buffer: step.buffer });
      return sent(withoutProposal(record), transaction, now, 'proposed');
    }
    case 'approve':
    case 'withdraw': {
      let noted = record;
      for (const member of step.by) {
        const transaction =
          step.kind === 'approve'
            ? await port.approve(step.proposal, member)
            : await port.withdraw(step.proposal, member);
        noted = sent(noted, transaction, now);
      }
      return noted;
    }
    case 'execute': {
      const { buffer, proposal } = step;
      return sent(record, await port.execute({ desired, buffer }, proposal), now, 'executed');
    }
    case 'announce':
      await announce(step.announcement);
      return { ...record, told: [...record.told, step.announcement.key] };
  }
}

/** The record with a transaction, and the stage that it reached where it reached one. */
function sent(record: UpgradeRecord, transaction: string, at: number, stage?: UpgradeStage): UpgradeRecord {
  const transactions = [...new Set([...record.transactions, transaction])];
  const noted = { ...record, transactions };
  return stage === undefined ? noted : reached(noted, stage, { at, transaction });
}
