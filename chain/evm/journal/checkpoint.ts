import { checkpointsOf } from '../../journal/checkpoints.ts';

/** The moments of a transaction's life after which a crash leaves something else behind, in their order. */
export const checkpoints = [
  'opened',
  'admitted',
  'signed',
  'recorded',
  'answered',
  'handed-over',
  'seen-mined',
  'mined',
  'told',
  'settled',
] as const;

export type Checkpoint = (typeof checkpoints)[number];

export const { onCheckpoint, checkpoint } = checkpointsOf<Checkpoint>();
