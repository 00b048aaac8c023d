/** A part of a load: requests a second at its beginning and its end, in a straight line between them. */
export interface Stage {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly seconds: number;
}

/** Warm-up, a long middle and a peak. */
export const profile: readonly Stage[] = [
  { name: 'warm-up', from: 5, to: 50, seconds: 60 },
  { name: 'sustained', from: 50, to: 50, seconds: 120 },
  { name: 'peak', from: 50, to: 100, seconds: 60 },
];

/** The same load in a part of its time, for a quick look. */
export function shortened(stages: readonly Stage[], share: number): readonly Stage[] {
  return stages.map((stage) => ({ ...stage, seconds: stage.seconds * share }));
}

/** One request: when it is due, counted from the beginning, and in which stage. */
export interface Arrival {
  readonly atMs: number;
  readonly stage: string;
}

/** When each request of a load is due. They come when they are due, however long the answers before them take. */
export function arrivals(stages: readonly Stage[]): readonly Arrival[] {
  const due: Arrival[] = [];
  let before = 0;
  for (const { name, from, to, seconds } of stages) {
    const total = Math.round(((from + to) / 2) * seconds);
    for (let index = 0; index < total; index++) {
      due.push({ atMs: (before + timeOf(index, from, to, seconds)) * 1000, stage: name });
    }
    before += seconds;
  }
  return due;
}

/** After how many seconds so many requests have come: from t + (to - from) t² / 2 seconds = count, solved for t. */
function timeOf(count: number, from: number, to: number, seconds: number): number {
  const growth = (to - from) / seconds;
  if (growth === 0) return count / from;
  return (-from + Math.sqrt(from * from + 2 * growth * count)) / growth;
}

/** What became of one request. */
export interface Answered extends Arrival {
  /** From when it was due, not from when it was sent: a client that is late must not hide a server that is slow. */
  readonly tookMs: number;
  /** Undefined when it was well. */
  readonly wrong: string | undefined;
}

/** The figures of a stage. */
export interface StageFigures {
  readonly stage: string;
  readonly requests: number;
  readonly failed: number;
  readonly medianMs: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly mostMs: number;
}

/** Figures by stage, in the order of the stages. */
export function figuresOf(stages: readonly Stage[], answers: readonly Answered[]): readonly StageFigures[] {
  return stages.map(({ name }) => {
    const own = answers.filter(({ stage }) => stage === name);
    const times = own.map(({ tookMs }) => tookMs).toSorted((a, b) => a - b);
    const at = (share: number): number =>
      times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
    return {
      stage: name,
      requests: own.length,
      failed: own.filter(({ wrong }) => wrong !== undefined).length,
      medianMs: at(0.5),
      p95Ms: at(0.95),
      p99Ms: at(0.99),
      mostMs: times.at(-1) ?? 0,
    };
  });
}
