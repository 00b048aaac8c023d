import type { HeadSeen, PoolState, Trouble } from './endpoint-state.ts';

/** What to do next with a question that is not answered yet. */
export type Step =
  | { readonly kind: 'try'; readonly index: number }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'give up' };

interface Patience {
  /** Tried again by the same question. */
  readonly again: boolean;
  /** Tried before its time when nothing else is left. */
  readonly lastResort: boolean;
}

// A silent one would hold up every question for its whole time, and one that has not caught up answers with the past.
const patience: Readonly<Record<Trouble, Patience>> = {
  absent: { again: false, lastResort: true },
  silent: { again: false, lastResort: false },
  busy: { again: true, lastResort: false },
  broken: { again: true, lastResort: true },
  denied: { again: false, lastResort: true },
  syncing: { again: false, lastResort: false },
  lonely: { again: false, lastResort: true },
  'another chain': { again: false, lastResort: false },
};

const triesPerQuestion = 3;
// Both must be exceeded: five blocks are a minute on Ethereum and a second on Base.
const blocksBehind = 5;
const secondsBehind = 30;
const checkEveryMs = 60_000;
const laggingEveryMs = 5_000;

/** Whether questions go to an endpoint without hesitation. */
export function isUsable(pool: PoolState, index: number): boolean {
  return pool[index]?.condition.kind === 'well' && lagOf(pool, index) === undefined;
}

/** The endpoints that are well, the heaviest first. */
export function usable(pool: PoolState): readonly number[] {
  return byWeight(pool).filter((index) => isUsable(pool, index));
}

/** The endpoints that were never asked. */
export function unknown(pool: PoolState): readonly number[] {
  return byWeight(pool).filter((index) => pool[index]?.condition.kind === 'unknown');
}

/**
 * Where a question goes next: to the heaviest endpoint that is well; when none is, to those that may have come back,
 * each once; then again to those of which it is worth it, when their time has come and the question's has not run out.
 */
export function nextStep(pool: PoolState, tries: readonly number[], now: number, deadline: number): Step {
  const untried = byWeight(pool).filter((index) => (tries[index] ?? 0) === 0);
  const next =
    untried.find((index) => isUsable(pool, index)) ??
    untried.find((index) => pool[index]?.condition.kind === 'unknown') ??
    untried.find((index) => mayHaveComeBack(pool, index, now));
  if (next !== undefined) return { kind: 'try', index: next };

  const [soonest] = byWeight(pool)
    .filter((index) => (tries[index] ?? 0) < triesPerQuestion && isWorthAnother(pool, index))
    .map((index) => ({ index, at: Math.max(now, retryAt(pool, index)) }))
    .filter(({ at }) => at <= deadline)
    .toSorted((a, b) => a.at - b.at);
  if (soonest === undefined) return { kind: 'give up' };
  return soonest.at <= now ? { kind: 'try', index: soonest.index } : { kind: 'wait', ms: soonest.at - now };
}

/**
 * How much longer a first look waits for the checks that are still under way; 0 when it need not. A lagging endpoint
 * shows only beside another, and a slow one must not hold up the rest.
 */
export function patienceOfFirstLook(pool: PoolState, underWay: readonly number[], elapsedMs: number): number {
  const [best] = usable(pool);
  if (underWay.length === 0) return 0;
  if (best === undefined) return Infinity;
  const heavier = underWay.some((index) => weightOf(pool, index) > weightOf(pool, best));
  return Math.max(0, (heavier ? 1_000 : 250) - elapsedMs);
}

/** Endpoints whose health is to be checked again: those whose rest is over, and now and then those that are well. */
export function dueForCheck(pool: PoolState, now: number): readonly number[] {
  return byWeight(pool).filter((index) => {
    const endpoint = pool[index];
    if (endpoint === undefined || endpoint.condition.kind === 'unknown') return false;
    if (endpoint.condition.kind === 'well') {
      const every = lagOf(pool, index) === undefined ? checkEveryMs : laggingEveryMs;
      return now - (endpoint.checkedAt ?? 0) >= every;
    }
    return endpoint.condition.trouble !== 'another chain' && endpoint.condition.retryAt <= now;
  });
}

/** What is the matter with an endpoint, in words; undefined when it is well or was not asked yet. */
export function troubleOf(pool: PoolState, index: number): string | undefined {
  const condition = pool[index]?.condition;
  return condition?.kind === 'unwell' ? condition.reason : lagOf(pool, index);
}

/** Whether an endpoint's health must be asked before it gets a question. */
export function mustBeChecked(pool: PoolState, index: number): boolean {
  const endpoint = pool[index];
  if (endpoint === undefined || !endpoint.verified) return true;
  const { condition } = endpoint;
  return (condition.kind === 'unwell' && condition.trouble === 'syncing') || lagOf(pool, index) !== undefined;
}

/** Whether an endpoint may answer right after its check: it is well, or only lonely. */
export function mayAnswer(pool: PoolState, index: number): boolean {
  const condition = pool[index]?.condition;
  return isUsable(pool, index) || (condition?.kind === 'unwell' && condition.trouble === 'lonely');
}

/**
 * How far an endpoint's newest block is behind the best one of the pool, in words; undefined when it keeps up. Ages are
 * compared as they were when each was seen, so that it does not matter when that was, nor what this machine's clock says.
 */
function lagOf(pool: PoolState, index: number): string | undefined {
  const own = pool[index]?.head;
  if (own === undefined) return undefined;
  const others = pool
    .filter(({ condition }) => !(condition.kind === 'unwell' && condition.trouble === 'another chain'))
    .flatMap(({ head }) => (head === undefined ? [] : [head]));
  const ageOf = (head: HeadSeen): number => head.seenAt / 1000 - head.time;
  const best = others.find(
    (head) => head.number - own.number > blocksBehind && ageOf(own) - ageOf(head) > secondsBehind,
  );
  if (best === undefined) return undefined;
  return `it is ${best.number - own.number} blocks behind: its newest is ${own.number}`;
}

function mayHaveComeBack(pool: PoolState, index: number, now: number): boolean {
  const condition = pool[index]?.condition;
  if (condition?.kind === 'well') return now - (pool[index]?.checkedAt ?? 0) >= 1_000;
  if (condition?.kind !== 'unwell' || condition.trouble === 'another chain') return false;
  return patience[condition.trouble].lastResort || condition.retryAt <= now;
}

function isWorthAnother(pool: PoolState, index: number): boolean {
  const condition = pool[index]?.condition;
  return condition?.kind === 'unwell' && patience[condition.trouble].again;
}

function retryAt(pool: PoolState, index: number): number {
  const condition = pool[index]?.condition;
  return condition?.kind === 'unwell' ? condition.retryAt : 0;
}

/** Heaviest first, as written where weights are equal. */
function byWeight(pool: PoolState): readonly number[] {
  return [...pool.keys()].toSorted((a, b) => weightOf(pool, b) - weightOf(pool, a));
}

function weightOf(pool: PoolState, index: number): number {
  return pool[index]?.weight ?? 0;
}
