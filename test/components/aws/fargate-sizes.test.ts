import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fargateSize, fargateSizes } from '../../../components/aws/fargate-sizes.ts';
import { refusal } from './described.ts';

describe('the sizes of Fargate', () => {
  it.each([
    [0.25, 0.5, 256, 512],
    [0.25, 1.5, 256, 2048],
    [0.25, 4, 512, 4096],
    [0.5, 1, 512, 1024],
    [1, 2, 1024, 2048],
    [1, 8.5, 2048, 9216],
    [2, 4, 2048, 4096],
    [3, 4, 4096, 8192],
    [4, 31, 8192, 32_768],
    [8, 17, 8192, 20_480],
    [16, 120, 16_384, 122_880],
    [0.1, 0.1, 256, 512],
  ])('for %d CPUs and %d GB it takes %d units and %d MiB', (cpus, memoryGb, cpu, memory) => {
    expect(fargateSize(cpus, memoryGb)).toEqual({ cpu, memory });
  });

  it('are as many as AWS has, and none twice', () => {
    // 3 + 4 + 7 + 13 + 23 + 12 + 12, from the table of AWS.
    expect(fargateSizes).toHaveLength(74);
    expect(new Set(fargateSizes.map(({ cpu, memory }) => `${cpu}/${memory}`)).size).toBe(74);
  });

  it('always has enough, and nothing smaller would have', () => {
    const figures = [
      fc.double({ min: 0.01, max: 16, noNaN: true }),
      fc.double({ min: 0.01, max: 120, noNaN: true }),
    ] as const;
    fc.assert(
      fc.property(...figures, (cpus, memoryGb) => {
        const enough = ({ cpu, memory }: { cpu: number; memory: number }) =>
          cpu >= cpus * 1024 && memory >= memoryGb * 1024;
        const size = fargateSize(cpus, memoryGb);
        expect(enough(size)).toBe(true);
        for (const other of fargateSizes.filter(enough)) {
          expect(other.cpu >= size.cpu && other.memory >= size.memory).toBe(true);
        }
      }),
    );
  });

  it.each([
    [17, 32],
    [1, 121],
    [0, 1],
    [1, -2],
    [Number.NaN, 1],
  ])('refuse %d CPUs with %d GB', (cpus, memoryGb) => {
    expect(refusal('CUT-5402', () => fargateSize(cpus, memoryGb))).toContain('at most 16 CPUs and 120 GB');
  });
});
