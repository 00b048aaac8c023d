import { CutoverError } from '@cutover/base/errors.ts';

/** What a database instance is to have. */
export interface PostgresSize {
  readonly cpus: number;
  readonly memoryGb: number;
}

/** A class of instances. */
export interface PostgresClass extends PostgresSize {
  readonly name: string;
}

/**
 * From the cheapest on, for one instance in us-east-1; what has less than 8 GB is only made with shared CPUs
 * (aws.amazon.com/rds/instance-types, aws.amazon.com/rds/postgresql/pricing).
 */
export const postgresClasses: readonly PostgresClass[] = [
  { name: 'db.t4g.micro', cpus: 2, memoryGb: 1 },
  { name: 'db.t4g.small', cpus: 2, memoryGb: 2 },
  { name: 'db.t4g.medium', cpus: 2, memoryGb: 4 },
  { name: 'db.m7g.large', cpus: 2, memoryGb: 8 },
  { name: 'db.r7g.large', cpus: 2, memoryGb: 16 },
  { name: 'db.m7g.xlarge', cpus: 4, memoryGb: 16 },
  { name: 'db.r7g.xlarge', cpus: 4, memoryGb: 32 },
  { name: 'db.m7g.2xlarge', cpus: 8, memoryGb: 32 },
  { name: 'db.r7g.2xlarge', cpus: 8, memoryGb: 64 },
  { name: 'db.m7g.4xlarge', cpus: 16, memoryGb: 64 },
  { name: 'db.r7g.4xlarge', cpus: 16, memoryGb: 128 },
  { name: 'db.m7g.8xlarge', cpus: 32, memoryGb: 128 },
  { name: 'db.r7g.8xlarge', cpus: 32, memoryGb: 256 },
  { name: 'db.m7g.12xlarge', cpus: 48, memoryGb: 192 },
  { name: 'db.r7g.12xlarge', cpus: 48, memoryGb: 384 },
  { name: 'db.m7g.16xlarge', cpus: 64, memoryGb: 256 },
  { name: 'db.r7g.16xlarge', cpus: 64, memoryGb: 512 },
];

/** The cheapest class of instance that has as much as is asked for. */
export function postgresClass({ cpus, memoryGb }: PostgresSize): string {
  const found = postgresClasses.find((each) => each.cpus >= cpus && each.memoryGb >= memoryGb);
  if (found !== undefined && cpus > 0 && memoryGb > 0) return found.name;
  throw new CutoverError('CUT-5432', {
    cpus,
    memoryGb,
    mostCpus: Math.max(...postgresClasses.map((each) => each.cpus)),
    mostMemoryGb: Math.max(...postgresClasses.map((each) => each.memoryGb)),
  });
}
