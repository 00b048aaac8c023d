/** A way to mark moments, and to have a function called at each of them. */
interface Checkpoints<Moment extends string> {
  /** Has a function called at every checkpoint: a test of crashes ends the process in it. */
  readonly onCheckpoint: (reach: (reached: Moment) => void) => void;
  /** Marks a moment. */
  readonly checkpoint: (reached: Moment) => void;
}

/** Makes the checkpoints of a journal: the moments after which a crash leaves something else behind. */
export function checkpointsOf<Moment extends string>(): Checkpoints<Moment> {
  let hook: (reached: Moment) => void = () => undefined;
  return {
    onCheckpoint: (reach) => {
      hook = reach;
    },
    checkpoint: (reached) => hook(reached),
  };
}
