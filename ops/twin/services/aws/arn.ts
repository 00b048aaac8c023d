import type { Place } from '../../kind.ts';

/** The parts of an ARN. */
export interface ArnParts {
  readonly partition: string;
  readonly service: string;
  /** Empty for services without regions. */
  readonly region: string;
  /** Empty where names are unique in the world, as buckets are. */
  readonly account: string;
  readonly resource: string;
}

/** The ARN of a thing. Services without regions leave the region out. */
export function arn(service: string, place: Place, resource: string): string {
  const region = place.region === 'global' ? '' : place.region;
  return `arn:${partitionOf(place.region)}:${service}:${region}:${place.account}:${resource}`;
}

/** The parts of an ARN; undefined for text that is none. */
export function parseArn(text: string): ArnParts | undefined {
  const found = /^arn:(aws|aws-cn|aws-us-gov):([a-z0-9-]+):([a-z0-9-]*):(\d{12}|aws)?:(\S+)$/.exec(text);
  if (found === null) return undefined;
  const [, partition = '', service = '', region = '', account = '', resource = ''] = found;
  return { partition, service, region, account, resource };
}

/** The partition that a region belongs to. */
export function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}
