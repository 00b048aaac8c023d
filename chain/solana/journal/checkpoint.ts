import { checkpointsOf } from '../../journal/checkpoints.ts';

/** The moments of a transaction's life after which a crash leaves something else behind, in their order. */
export const checkpoints = [
  'opened',
  'claimed',
  'signed',
  'recorded',
  'handed-over',
  'seen-landed',
  'settled',
  'released',
] as const;

export type Checkpoint = (typeof checkpoints)[number];

export const { onCheckpoint, checkpoint } = checkpointsOf<Checkpoint>();
