import { CutoverError } from '@cutover/base/errors.ts';

/** A size that Fargate has, as a task definition wants it: CPU units (1024 are one CPU) and MiB. */
export interface FargateSize {
  readonly cpu: number;
  readonly memory: number;
}

interface Row {
  readonly cpu: number;
  /** In GiB. */
  readonly least: number;
  readonly most: number;
  readonly step: number;
}

// docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html, "Task CPU and memory"
const rows: readonly Row[] = [
  { cpu: 256, least: 0.5, most: 2, step: 0.5 },
  { cpu: 512, least: 1, most: 4, step: 1 },
  { cpu: 1024, least: 2, most: 8, step: 1 },
  { cpu: 2048, least: 4, most: 16, step: 1 },
  { cpu: 4096, least: 8, most: 30, step: 1 },
  { cpu: 8192, least: 16, most: 60, step: 4 },
  { cpu: 16_384, least: 32, most: 120, step: 8 },
];
const largest = { cpus: 16, memoryGb: 120 };

/** Every size of a row: 0.25 CPUs come with 0.5, 1, 1.5 (no) or 2 GiB. */
function sizesOf({ cpu, least, most, step }: Row): readonly FargateSize[] {
  const count = Math.round((most - least) / step) + 1;
  return (
    Array.from({ length: count }, (_, index) => least + index * step)
      // The smallest row doubles instead of counting.
      .filter((gb) => cpu !== 256 || gb !== 1.5)
      .map((gb) => ({ cpu, memory: gb * 1024 }))
  );
}

/** All sizes, the smallest first. */
export const fargateSizes: readonly FargateSize[] = rows.flatMap(sizesOf);

/** The smallest size that has as much: least CPU first, since that costs nine times as much as memory. */
export function fargateSize(cpus: number, memoryGb: number): FargateSize {
  const found =
    cpus > 0 && memoryGb > 0
      ? fargateSizes.find(({ cpu, memory }) => cpu >= cpus * 1024 && memory >= memoryGb * 1024)
      : undefined;
  if (found !== undefined) return found;
  throw new CutoverError('CUT-5402', {
    cpus,
    memoryGb,
    mostCpus: largest.cpus,
    mostMemoryGb: largest.memoryGb,
  });
}
