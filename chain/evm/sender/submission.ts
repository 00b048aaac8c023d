import type { FeeLevel } from '../../plan/fees.ts';

/** A transaction as its author thinks of it: who pays, nonces and fees are the sender's business. */
export interface Submission {
  readonly to: string;
  readonly data: string;
  readonly value?: bigint;
  /** Or how to find it out: asked only when it is not on its way already. */
  readonly gasLimit: bigint | (() => Promise<bigint>);
  /** For errors and progress: what this transaction does. */
  readonly purpose: string;
  /**
   * Names the need, so that a run after a crash finds what an earlier one sent: `deploy:<address>`. One need, one key.
   * @default known by its content: what an ended process has sent is found, a second one of this process is sent
   */
  readonly key?: string;
  /** How urgent it is. @default medium */
  readonly level?: FeeLevel;
}

export interface Receipt {
  readonly transactionHash: string;
  readonly blockNumber: number;
  readonly succeeded: boolean;
}

/** Told what goes on, one line at a time. */
export type Log = (line: string) => void;
