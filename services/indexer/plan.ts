import type { BlockRef } from './blocks.ts';

/** Local nodes have this chain id; such a chain begins anew whenever its node does. */
export const LOCAL_CHAIN = 31337;

/** What is known of the chain: the last final block and all after it, each the parent of the next. */
export type BlockWindow = readonly BlockRef[];

/** What to do next, told by the node's newest block. */
export type Step =
  | { readonly kind: 'wait'; readonly why: 'at the head' | 'not begun' | 'node is behind' | 'asks twice' }
  /** Final blocks, by range. */
  | { readonly kind: 'range'; readonly from: number; readonly to: number }
  /** Blocks that may still be undone, one by one. */
  | { readonly kind: 'blocks'; readonly from: number; readonly to: number }
  /** The head is on another fork than what is known, and not above it. */
  | { readonly kind: 'fork' }
  /** What was final is gone. */
  | { readonly kind: 'deep fork' };

export interface StepFacts {
  readonly window: BlockWindow;
  /** The first block that is followed. */
  readonly start: number;
  readonly head: BlockRef;
  /** Blocks under this many others are final. */
  readonly confirmations: number;
  /** A chain of one node on this machine: what it says is so at once. */
  readonly local: boolean;
  /** The same head was the newest when it was asked last. */
  readonly headSeenBefore: boolean;
}

// Blocks in one transaction; a bound for memory, not a limit of the chain.
const MOST_BLOCKS = 64;

/** Decides the next step. */
export function nextStep({ window, start, head, confirmations, local, headSeenBefore }: StepFacts): Step {
  const tip = window.at(-1);
  const next = tip === undefined ? start : tip.number + 1;
  if (head.number >= next) {
    const final = head.number - confirmations;
    if (next <= final) return { kind: 'range', from: next, to: final };
    return { kind: 'blocks', from: next, to: Math.min(head.number, next + MOST_BLOCKS - 1) };
  }
  if (tip === undefined) return { kind: 'wait', why: 'not begun' };
  const known = window.find(({ number }) => number === head.number);
  if (known?.hash === head.hash) {
    return { kind: 'wait', why: head.number === tip.number ? 'at the head' : 'node is behind' };
  }
  // One of several nodes may be on a fork that the others have left: only what is said twice counts.
  if (!local && !headSeenBefore) return { kind: 'wait', why: 'asks twice' };
  if (known !== undefined) return { kind: 'fork' };
  return local ? { kind: 'deep fork' } : { kind: 'wait', why: 'node is behind' };
}

/** Where a block hangs on what is known. */
export type Attachment =
  /** Its parent is known; everything above that parent is lost. */
  | { readonly kind: 'known'; readonly parent: number }
  /** It is the first block that is followed, or before it: everything is lost, and nothing else is needed. */
  | { readonly kind: 'start' }
  /** Its parent has to be looked at. */
  | { readonly kind: 'unknown' }
  /** Its parent would be a final block, and is another. */
  | { readonly kind: 'below' };

/** Finds where a block hangs on what is known. */
export function attachmentOf(block: BlockRef, window: BlockWindow, start: number): Attachment {
  const parent = window.find(({ hash }) => hash === block.parentHash);
  if (parent !== undefined) return { kind: 'known', parent: parent.number };
  if (block.number <= start) return { kind: 'start' };
  const lowest = window[0];
  if (lowest === undefined || block.number - 1 > lowest.number) return { kind: 'unknown' };
  return { kind: 'below' };
}

/** The longest beginning of blocks of which each is the parent of the next. */
export function chained<Block extends BlockRef>(blocks: readonly Block[]): readonly Block[] {
  const breaks = blocks.findIndex(
    (block, index) => index > 0 && blocks[index - 1]?.hash !== block.parentHash,
  );
  return breaks === -1 ? blocks : blocks.slice(0, breaks);
}

/** What stays known: the blocks up to `undoAbove`, then the new ones; of these the last final one and those after it. */
export function advanced(
  window: BlockWindow,
  change: { readonly undoAbove?: number; readonly blocks: readonly BlockRef[] },
  final: number,
): BlockWindow {
  const { undoAbove = Number.POSITIVE_INFINITY, blocks } = change;
  const all = [...window.filter(({ number }) => number <= undoAbove), ...blocks];
  const lastFinal = all.findLastIndex(({ number }) => number <= final);
  return all.slice(Math.max(0, lastFinal));
}
