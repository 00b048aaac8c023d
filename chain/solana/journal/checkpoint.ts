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

let hook: (reached: Checkpoint) => void = () => undefined;

/** Has a function called at every checkpoint: a test of crashes ends the process in it. */
export function onCheckpoint(reach: (reached: Checkpoint) => void): void {
  hook = reach;
}

/** Marks a moment. */
export function checkpoint(reached: Checkpoint): void {
  hook(reached);
}
