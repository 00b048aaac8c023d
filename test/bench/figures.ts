import { cpus } from 'node:os';
import { table } from '../../ops/terminal.ts';

/** One row: what was measured, what ran beside it in the same minutes, and what is aimed at. */
export interface Figure {
  readonly what: string;
  readonly ours: string;
  readonly beside: string;
  readonly ratio: string;
  readonly aim: string;
}

/** Runs two things in turn, so that a machine whose speed drifts drifts for both. Returns seconds. */
export async function inTurn(
  runs: number,
  ours: () => Promise<number>,
  beside: () => Promise<number>,
): Promise<{ readonly ours: readonly number[]; readonly beside: readonly number[] }> {
  const times = { ours: [] as number[], beside: [] as number[] };
  for (let run = -1; run < runs; run++) {
    const pair = { ours: await ours(), beside: await beside() };
    // The first pair warms the caches and does not count.
    if (run < 0) continue;
    times.ours.push(pair.ours);
    times.beside.push(pair.beside);
  }
  return times;
}

/** A row that compares medians, with the spread in brackets. */
export function compared(
  what: string,
  besideWhat: string,
  times: { readonly ours: readonly number[]; readonly beside: readonly number[] },
  aim: string,
): Figure {
  const ratio = median(times.ours) / median(times.beside);
  return {
    what,
    ours: spread(times.ours),
    beside: `${spread(times.beside)} ${besideWhat}`,
    ratio: ratio.toFixed(2),
    aim,
  };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

function spread(values: readonly number[]): string {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return `${median(values).toFixed(2)} s (${low.toFixed(2)}-${high.toFixed(2)})`;
}

/** The rows as a table for people, with the machine above it. */
export function figureTable(figures: readonly Figure[]): string {
  const rows = figures.map(({ what, ours, beside, ratio, aim }) => [what, ours, beside, ratio, aim]);
  const machine = `${cpus().length} cores, ${cpus()[0]?.model.trim() ?? 'unknown'}, Node ${process.version}; medians (lowest-highest)`;
  return [machine, ...table([['what', 'ours', 'beside it, in the same run', 'ratio', 'aim'], ...rows])].join(
    '\n',
  );
}
