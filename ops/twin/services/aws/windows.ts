/** Minutes of the week from Monday; a daily window is seven of them. */
interface Span {
  readonly from: number;
  readonly to: number;
}

const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const day = 24 * 60;
const week = 7 * day;

/** Minutes that a window lasts, `02:00-03:00` or `sun:04:00-sun:05:00`; undefined for other text. */
export function windowLength(window: string): number | undefined {
  const span = spansOf(window)[0];
  return span === undefined ? undefined : span.to - span.from;
}

/** Whether two windows share a minute of some week. */
export function windowsOverlap(one: string, other: string): boolean {
  const shifted = spansOf(other).flatMap(({ from, to }) =>
    [-week, 0, week].map((by) => ({ from: from + by, to: to + by })),
  );
  return spansOf(one).some((a) => shifted.some((b) => a.from < b.to && b.from < a.to));
}

function spansOf(window: string): readonly Span[] {
  const daily = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$/.exec(window);
  if (daily !== null) {
    const [from, to] = [minutes(daily[1], daily[2]), minutes(daily[3], daily[4])];
    const length = (to - from + day) % day;
    return days.map((_, index) => ({ from: index * day + from, to: index * day + from + length }));
  }
  const weekly =
    /^(mon|tue|wed|thu|fri|sat|sun):([01]\d|2[0-3]):([0-5]\d)-(mon|tue|wed|thu|fri|sat|sun):([01]\d|2[0-3]):([0-5]\d)$/.exec(
      window.toLowerCase(),
    );
  if (weekly === null) return [];
  const from = days.indexOf(weekly[1] ?? '') * day + minutes(weekly[2], weekly[3]);
  const to = days.indexOf(weekly[4] ?? '') * day + minutes(weekly[5], weekly[6]);
  return [{ from, to: from + ((to - from + week) % week) }];
}

function minutes(hours = '0', rest = '0'): number {
  return Number(hours) * 60 + Number(rest);
}
