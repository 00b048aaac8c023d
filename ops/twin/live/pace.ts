import type { Cloud } from '../cloud.ts';

/** What takes so many seconds in the real cloud, in milliseconds of the twin: times its scale, and so much at least. */
export function floored({ settings }: Cloud, seconds: number, leastMs: number): number {
  return Math.max(leastMs, seconds * settings.timeScale * 1000);
}
