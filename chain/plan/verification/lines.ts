import { isGivenUp } from './standing.ts';
import type { Report, Reports } from './tasks.ts';

/** What an update, a refresh or a status command tells of explorers. Contracts with one fate share a line. */
export function printReports(reports: readonly Report[]): readonly string[] {
  const groups = Map.groupBy(reports, groupOf);
  return [...groups.values()].map((group) => {
    const [first] = group;
    return first === undefined ? '' : printGroup(first, group);
  });
}

/** What an update has brought: another status, or one more attempt. */
export function changedReports(before: Reports, after: Reports): readonly Report[] {
  return Object.entries(after).flatMap(([key, report]) => {
    const old = before[key];
    const same =
      old?.status === report.status && old.attempts === report.attempts && reasonOf(old) === reasonOf(report);
    return same ? [] : [report];
  });
}

/** What a refresh found: sources that an explorer showed before and shows no more. */
export function lostReports(before: Reports, after: Reports): readonly string[] {
  return Object.entries(after).flatMap(([key, { status, contract, address, explorer, what }]) =>
    before[key]?.status === 'verified' && status === 'unknown'
      ? [`drift: ${explorer} no longer shows ${thing(what)} of ${contract} at ${address}`]
      : [],
  );
}

function groupOf(report: Report): string {
  const alone = report.status === 'verified' || report.status === 'failed' ? report.address : '';
  return JSON.stringify([report.status, report.explorer, report.what, reasonOf(report), alone]);
}

function printGroup(first: Report, group: readonly Report[]): string {
  const { status, explorer, what, url } = first;
  const subjects = group.map(({ contract, address }) => `${contract} at ${address}`);
  const whose = `${thing(what)} of ${shortList(subjects)}`;
  const reason = reasonOf(first) ?? '';
  switch (status) {
    case 'verified': {
      const match = first.match === undefined ? '' : ` (${first.match} match)`;
      return `verified by ${explorer}${match}: ${whose}: ${url}`;
    }
    case 'skipped':
      return `not verified by ${explorer}: ${whose}: ${reason}`;
    case 'unknown':
      return `not yet asked of ${explorer}: ${whose}; the next update does it`;
    case 'submitted':
    case 'pending': {
      const why = reason === '' ? '' : `: ${reason}`;
      return `pending with ${explorer}: ${whose}${why}; ${again(group)}`;
    }
    case 'unreachable':
    case 'failed':
      return `warning: not verified by ${explorer}: ${whose}: ${reason}; ${again(group)}`;
  }
}

function again(group: readonly Report[]): string {
  const [soonest] = group.flatMap(({ retryAt }) => (retryAt === undefined ? [] : [retryAt])).toSorted();
  if (soonest !== undefined) return `an update after ${soonest} tries again`;
  const [first] = group;
  return first !== undefined && isGivenUp(first)
    ? 'it is not tried again by itself'
    : 'the next update tries again';
}

function thing(what: Report['what']): string {
  return what === 'source' ? 'the sources' : 'the implementation';
}

function shortList(subjects: readonly string[]): string {
  const more = subjects.length - 4;
  return more > 0 ? `${subjects.slice(0, 4).join(', ')} and ${more} more` : subjects.join(', ');
}

function reasonOf(report: Report): string | undefined {
  return 'reason' in report ? report.reason : undefined;
}
