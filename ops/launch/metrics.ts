import type { LaunchSample } from './plan.ts';

/** One line of a page of metrics. */
interface Metric {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What a page of metrics says of trading. What it does not have is absent: nothing is made up. */
export type Measured = Pick<LaunchSample, 'p95Ms' | 'settled' | 'trades' | 'volumeUsd'>;

/** Whoever asks for these is a probe, no user. */
const probes: readonly string[] = ['/livez', '/readyz', '/health', '/metrics'];

/** Reads metrics in the text format of Prometheus. docs/godark.md names those that a trading API has to have. */
export function measuredIn(page: string): Measured {
  const metrics = page.split('\n').flatMap(metricIn);
  const p95 = percentile(metrics, 'api_response_time_seconds', 0.95);
  const settled = sumOf(metrics, 'settlements_total', 'settled');
  const failed = sumOf(metrics, 'settlements_total', 'failed') ?? 0;
  const trades = sumOf(metrics, 'trades_total');
  const volumeUsd = sumOf(metrics, 'trade_volume_usd_total');
  return {
    ...(p95 === undefined ? {} : { p95Ms: Math.round(p95 * 1e6) / 1000 }),
    ...(settled === undefined || settled + failed === 0 ? {} : { settled: settled / (settled + failed) }),
    ...(trades === undefined ? {} : { trades }),
    ...(volumeUsd === undefined ? {} : { volumeUsd }),
  };
}

/** The value below which a share of what users asked was answered, as Prometheus' histogram_quantile computes it. */
function percentile(metrics: readonly Metric[], name: string, share: number): number | undefined {
  const buckets = new Map<number, number>();
  for (const { name: each, labels, value } of metrics) {
    if (each !== `${name}_bucket` || probes.includes(labels['route'] ?? '')) continue;
    const upTo = labels['le'] === '+Inf' ? Infinity : Number(labels['le']);
    buckets.set(upTo, (buckets.get(upTo) ?? 0) + value);
  }
  const sorted = [...buckets].toSorted(([a], [b]) => a - b);
  const total = sorted.at(-1)?.[1] ?? 0;
  if (total === 0) return undefined;
  let [below, counted] = [0, 0];
  for (const [upTo, count] of sorted) {
    if (count >= share * total) {
      if (upTo === Infinity) return below;
      return below + ((upTo - below) * (share * total - counted)) / (count - counted);
    }
    [below, counted] = [upTo, count];
  }
  return undefined;
}

function sumOf(metrics: readonly Metric[], name: string, result?: string): number | undefined {
  const found = metrics.filter(
    (each) => each.name === name && (result === undefined || each.labels['result'] === result),
  );
  return found.length === 0 ? undefined : found.reduce((sum, { value }) => sum + value, 0);
}

function metricIn(line: string): readonly Metric[] {
  const [, name, labels = '', value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/.exec(line) ?? [];
  if (name === undefined || !Number.isFinite(Number(value))) return [];
  const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key = '', text = '']) => [
    key,
    text,
  ]);
  return [{ name, value: Number(value), labels: Object.fromEntries(pairs) as Record<string, string> }];
}
