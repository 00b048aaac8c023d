import type { CliPlace } from './cli.ts';
import type { Found, Known } from './plan.ts';

/** What the state of a stack knows. */
export interface KnownState {
  readonly resources: readonly Known[];
  /** Operations that were under way when it was written last: an update is at work, or was killed. */
  readonly pending: number;
}

/** A cloud in which a stack may have left something, and the state that goes with it. */
export interface Source {
  readonly kind: 'twin' | 'aws';
  /** For people: where it is looked. */
  readonly place: string;
  /** What is there of the stack's. Asked before the state: what is made meanwhile is then in both, or in the state. */
  ours(): Promise<readonly Found[]>;
  state(): Promise<KnownState>;
  /** Orphans with the time when they were made, as far as that can be told. */
  aged(orphans: readonly Found[]): Promise<readonly Found[]>;
  /** How the program is asked, and imported into. SIDE EFFECTS: on the twin, releases the lock of an engine that was killed. */
  program(): Promise<CliPlace>;
  /** Deletes what can go, others' references first. SIDE EFFECTS: deletes. */
  delete(orphans: readonly Found[]): Promise<Deletion>;
  close(): void;
}

/** What came of a deletion. */
export interface Deletion {
  readonly gone: readonly Found[];
  readonly stays: readonly { readonly orphan: Found; readonly why: string }[];
}
