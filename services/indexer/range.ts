/** How many blocks to ask for at once: as many as the node takes, found by trying. */
export interface RangeSize {
  readonly size: number;
  readonly most: number;
  /** The smallest size that was refused, while it is remembered. */
  readonly refused: number | undefined;
  /** Questions that were answered since then. */
  readonly answered: number;
}

// Then a larger size is tried again: nodes are moved, and blocks are not equally full.
const REMEMBERED_ANSWERS = 50;
// An answer of so many logs is large enough: a larger one saves no time and costs memory.
const MANY_LOGS = 5000;

export function rangeSize(most: number): RangeSize {
  return { size: Math.min(most, 500), most, refused: undefined, answered: 0 };
}

/** After an answer it grows by half, up to just below what was refused lately. */
export function grown(range: RangeSize, logs: number): RangeSize {
  const forgets = range.answered + 1 >= REMEMBERED_ANSWERS;
  const refused = forgets ? undefined : range.refused;
  const ceiling =
    refused === undefined ? range.most : Math.min(range.most, Math.max(1, Math.floor(refused * 0.9)));
  return {
    ...range,
    refused,
    answered: forgets ? 0 : range.answered + 1,
    size: Math.max(1, Math.min(ceiling, Math.ceil(range.size * (logs < MANY_LOGS ? 1.5 : 1)))),
  };
}

/** After a question of `asked` blocks that was too much, half of that. */
export function halved(range: RangeSize, asked: number): RangeSize {
  return { ...range, refused: asked, answered: 0, size: Math.max(1, Math.floor(asked / 2)) };
}
