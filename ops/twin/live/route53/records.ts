import type { Thing } from '../../kind.ts';
import { plainName } from '../../services/aws/route53.ts';
import { numberAt, objectsAt, textAt, textOf, textsAt, flagAt } from '../../services/values.ts';

/** Which of several records of a name answers. */
export type Policy =
  | { readonly kind: 'simple' }
  | { readonly kind: 'weighted'; readonly weight: number }
  | { readonly kind: 'failover'; readonly role: 'PRIMARY' | 'SECONDARY' }
  /** Each that is well, eight at most. */
  | { readonly kind: 'several' }
  /** By where the asker is: here the first that is well. */
  | { readonly kind: 'nearest' };

/** A record of a zone. */
export interface DnsRecord {
  readonly name: string;
  readonly type: string;
  readonly ttl: number;
  readonly values: readonly string[];
  /** The name that it leads to, and whether it counts as ill where that is ill. */
  readonly alias?: { readonly name: string; readonly asksTarget: boolean };
  readonly healthCheck?: string;
  readonly policy: Policy;
}

/** Reads a record as Route 53 keeps it. */
export function readRecord(thing: Thing): DnsRecord {
  const { inputs } = thing;
  const [alias] = objectsAt(inputs, 'aliases');
  const healthCheck = textAt(inputs, 'healthCheckId');
  return {
    name: plainName(textOf(thing, 'fqdn') ?? ''),
    type: textAt(inputs, 'type') ?? 'A',
    ttl: numberAt(inputs, 'ttl') ?? 60,
    values: textsAt(inputs, 'records'),
    ...(alias !== undefined && {
      alias: {
        name: plainName(textAt(alias, 'name') ?? '').replace(/^dualstack\./, ''),
        asksTarget: flagAt(alias, 'evaluateTargetHealth') ?? false,
      },
    }),
    ...(healthCheck !== undefined && { healthCheck }),
    policy: policyOf(thing),
  };
}

function policyOf({ inputs }: Thing): Policy {
  const [weighted] = objectsAt(inputs, 'weightedRoutingPolicies');
  if (weighted !== undefined) return { kind: 'weighted', weight: numberAt(weighted, 'weight') ?? 0 };
  const [failover] = objectsAt(inputs, 'failoverRoutingPolicies');
  if (failover !== undefined) {
    return { kind: 'failover', role: textAt(failover, 'type') === 'SECONDARY' ? 'SECONDARY' : 'PRIMARY' };
  }
  if (flagAt(inputs, 'multivalueAnswerRoutingPolicy') === true) return { kind: 'several' };
  const near = [
    ...[
      'latencyRoutingPolicies',
      'geolocationRoutingPolicies',
      'geoproximityRoutingPolicy',
      'cidrRoutingPolicy',
    ],
  ].some((name) => objectsAt(inputs, name).length > 0);
  return near ? { kind: 'nearest' } : { kind: 'simple' };
}

/**
 * The records of a name that answer now, as Route 53 chooses them: where none is well, as if all were. `share` from 0 to 1
 * draws among weights. Pure. https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-how-route-53-chooses-records.html
 */
export function chosenRecords(
  records: readonly DnsRecord[],
  name: string,
  type: string,
  isWell: (record: DnsRecord) => boolean,
  share: number,
): readonly DnsRecord[] {
  const found = named(records, name).filter((each) => each.type === type);
  const [first] = found;
  if (first === undefined) return [];
  if (first.policy.kind === 'simple') return [first];
  const weighs = ({ policy }: DnsRecord): boolean => policy.kind !== 'weighted' || policy.weight > 0;
  const can = found.some(weighs) ? found.filter(weighs) : found;
  const well = can.filter(isWell);
  const from = well.length > 0 ? well : can;
  switch (first.policy.kind) {
    case 'several':
      return from.slice(0, 8);
    case 'failover': {
      const primary = from.find(({ policy }) => policy.kind === 'failover' && policy.role === 'PRIMARY');
      return [primary ?? from[0]].flatMap((each) => each ?? []);
    }
    case 'weighted':
      return [byWeight(from, share)].flatMap((each) => each ?? []);
    case 'nearest':
      return from.slice(0, 1);
  }
}

/** The records of a name; of a wildcard where there are none. Pure. */
export function named(records: readonly DnsRecord[], name: string): readonly DnsRecord[] {
  const exact = records.filter((each) => each.name === name);
  if (exact.length > 0) return exact;
  for (let rest = name; rest.includes('.');) {
    rest = rest.slice(rest.indexOf('.') + 1);
    // Route 53 writes a star as \052 in some answers, and takes both.
    const wild = records.filter((each) => each.name.replace('\\052', '*') === `*.${rest}`);
    if (wild.length > 0) return wild;
  }
  return [];
}

function byWeight(records: readonly DnsRecord[], share: number): DnsRecord | undefined {
  const weightOf = ({ policy }: DnsRecord): number => (policy.kind === 'weighted' ? policy.weight || 1 : 1);
  let left = share * records.reduce((sum, each) => sum + weightOf(each), 0);
  return records.find((each) => (left -= weightOf(each)) < 0) ?? records.at(-1);
}
