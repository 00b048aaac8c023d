// CPU units and MiB: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html
const sizes: Readonly<Record<number, { readonly from: number; readonly to: number; readonly step: number }>> =
  {
    512: { from: 1024, to: 4096, step: 1024 },
    1024: { from: 2048, to: 8192, step: 1024 },
    2048: { from: 4096, to: 16_384, step: 1024 },
    4096: { from: 8192, to: 30_720, step: 1024 },
    8192: { from: 16_384, to: 61_440, step: 4096 },
    16_384: { from: 32_768, to: 122_880, step: 8192 },
  };

/** Whether Fargate has tasks of this size, in CPU units and MiB. */
export function isFargateSize(cpu: number, memory: number): boolean {
  if (cpu === 256) return [512, 1024, 2048].includes(memory);
  const size = sizes[cpu];
  return (
    size !== undefined && memory >= size.from && memory <= size.to && (memory - size.from) % size.step === 0
  );
}

/** CPU units of `512` or `.5 vCPU`; undefined for other text. */
export function cpuUnits(text: string): number | undefined {
  const vcpu = /^(\d*\.?\d+)\s*vcpu$/i.exec(text)?.[1];
  if (vcpu !== undefined) return Number(vcpu) * 1024;
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

/** MiB of `1024` or `1 GB`; undefined for other text. */
export function mebibytes(text: string): number | undefined {
  const gigabytes = /^(\d*\.?\d+)\s*gb$/i.exec(text)?.[1];
  if (gigabytes !== undefined) return Number(gigabytes) * 1024;
  return /^\d+$/.test(text) ? Number(text) : undefined;
}
