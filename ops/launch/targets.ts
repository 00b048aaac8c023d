import type { LaunchSample } from './plan.ts';

/** What GoDark wants to have reached by when, after its launch. */
export const launchTargets = [
  { by: 'day 1', users: 100, trades: 500, volumeUsd: 50_000, uptime: 0.99 },
  { by: 'week 1', users: 500, trades: 5_000, volumeUsd: 500_000, uptime: 0.995 },
  { by: 'month 1', users: 2_000, trades: 50_000, volumeUsd: 5_000_000, uptime: 0.999 },
] as const;

/** When it counts as a success: p95 of answers below this, and more than this share of settlements gone through. */
export const launchCriteria = { p95Ms: 100, settled: 0.99 } as const;

/** A figure beside what is wanted of it. */
export interface Figure {
  readonly what: string;
  readonly wanted: string;
  readonly found: string;
  readonly state: 'reached' | 'not yet' | 'not measured';
}

/** The criteria, by the last look of the watch. */
export function criteriaFigures(samples: readonly LaunchSample[]): readonly Figure[] {
  const last = samples.at(-1);
  const { p95Ms, settled } = launchCriteria;
  return [
    figure(
      'p95 of answers',
      `< ${p95Ms} ms`,
      last?.p95Ms,
      (value) => value < p95Ms,
      (value) => `${value} ms`,
    ),
    figure('settlements', `> ${percent(settled)}`, last?.settled, (value) => value > settled, percent),
  ];
}

/** The targets, by the looks of the watch so far: of uptime nothing is known but how many of them were healthy. */
export function targetFigures(
  samples: readonly LaunchSample[],
): readonly { readonly by: string; readonly figures: readonly Figure[] }[] {
  const last = samples.at(-1);
  const up = samples.filter(({ healthy }) => healthy).length;
  const uptime = samples.length === 0 ? undefined : up / samples.length;
  return launchTargets.map((target) => ({
    by: target.by,
    figures: [
      atLeast('users', target.users, last?.users, String),
      atLeast('trades', target.trades, last?.trades, String),
      atLeast('volume in USD', target.volumeUsd, last?.volumeUsd, String),
      atLeast('healthy looks', target.uptime, uptime, percent),
    ],
  }));
}

function atLeast(
  what: string,
  wanted: number,
  found: number | undefined,
  shown: (value: number) => string,
): Figure {
  return figure(what, shown(wanted), found, (value) => value >= wanted, shown);
}

function figure(
  what: string,
  wanted: string,
  found: number | undefined,
  holds: (value: number) => boolean,
  shown: (value: number) => string,
): Figure {
  if (found === undefined) return { what, wanted, found: '', state: 'not measured' };
  return { what, wanted, found: shown(found), state: holds(found) ? 'reached' : 'not yet' };
}

function percent(share: number): string {
  return `${Math.round(share * 100_000) / 1000} %`;
}
