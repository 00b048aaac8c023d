import type { Thing } from '../../kind.ts';
import { targetGroupsOf } from '../../services/aws/elbv2-actions.ts';
import { ruleType } from '../../services/aws/elbv2-targets.ts';
import { loadBalancerType } from '../../services/aws/elbv2.ts';
import { plainName, recordType, zoneName, zoneType } from '../../services/aws/route53.ts';
import { textOf } from '../../services/values.ts';
import type { Address, Ground } from '../body.ts';
import { computeOf } from '../compute.ts';
import { listenersOf } from '../load-balancer/balancer.ts';
import { chosenRecords, named, readRecord, type DnsRecord } from './records.ts';

/** What a name is answered with. */
export type Answers =
  | { readonly kind: 'found'; readonly answers: readonly DnsAnswer[] }
  /** The name is there, and has nothing of the type; or it is not there. */
  | { readonly kind: 'no data' | 'no name' }
  /** Nobody here knows of it. */
  | { readonly kind: 'elsewhere' };

export interface DnsAnswer {
  readonly name: string;
  readonly type: string;
  readonly ttl: number;
  readonly value: string;
}

const here = '127.0.0.1';
// More than that is a ring.
const longestChain = 8;

/** Answers a question as the name servers of the zones in the cloud would now. `share` draws among weights. */
export function answersFor(ground: Ground, question: string, type: string, share = Math.random()): Answers {
  const name = plainName(question);
  const zones = ground.cloud.view().everywhere(zoneType);
  const zone = zoneOf(zones, name);
  if (zone === undefined) {
    const known = ground.addresses().some(({ host }) => plainName(host) === name);
    if (!known) return { kind: 'elsewhere' };
    return type === 'A'
      ? { kind: 'found', answers: [{ name, type, ttl: 60, value: here }] }
      : { kind: 'no data' };
  }
  const records = recordsOf(ground, zone);
  const answers = follow(ground, records, name, type, share, 0);
  if (answers.length > 0) return { kind: 'found', answers };
  return { kind: named(records, name).length > 0 || name === zoneName(zone) ? 'no data' : 'no name' };
}

/** The addresses behind a zone's names as they lead now: a name with the ports of the load balancer that it leads to. */
export function addressesOfZone(ground: Ground, zone: Thing): readonly Address[] {
  const records = recordsOf(ground, zone);
  const names = new Set(
    records.filter(({ type }) => type === 'A' || type === 'CNAME').map(({ name }) => name),
  );
  const addresses = ground.addresses();
  return [...names].flatMap((host) => {
    const target = targetOf(ground, records, host, 0);
    return addresses
      .filter((each) => target !== undefined && plainName(each.host) === target)
      .map(({ port, localPort }) => ({ host, port, localPort }));
  });
}

/** The name outside of the zone that a name leads to in the end. */
function targetOf(
  ground: Ground,
  records: readonly DnsRecord[],
  name: string,
  depth: number,
): string | undefined {
  if (depth > longestChain) return undefined;
  const isWell = (record: DnsRecord): boolean => well(ground, record);
  const [record] = [
    ...chosenRecords(records, name, 'A', isWell, 0),
    ...chosenRecords(records, name, 'CNAME', isWell, 0),
  ];
  const next =
    record?.alias?.name ?? (record?.type === 'CNAME' ? plainName(record.values[0] ?? '') : undefined);
  if (next === undefined) return undefined;
  return named(records, next).length > 0 ? targetOf(ground, records, next, depth + 1) : next;
}

function follow(
  ground: Ground,
  records: readonly DnsRecord[],
  name: string,
  type: string,
  share: number,
  depth: number,
): readonly DnsAnswer[] {
  if (depth > longestChain) return [];
  const isWell = (record: DnsRecord): boolean => well(ground, record);
  const chosen = chosenRecords(records, name, type, isWell, share);
  if (chosen.length === 0 && type !== 'CNAME') {
    const [link] = chosenRecords(records, name, 'CNAME', isWell, share);
    if (link === undefined) return [];
    const value = plainName(link.values[0] ?? '');
    const behind = answersFor(ground, value, type, share);
    return [
      { name, type: 'CNAME', ttl: link.ttl, value },
      ...(behind.kind === 'found' ? behind.answers : []),
    ];
  }
  return chosen.flatMap((record): readonly DnsAnswer[] => {
    if (record.alias === undefined)
      return record.values.map((value) => ({ name, type, ttl: record.ttl, value }));
    const inside = named(records, record.alias.name).length > 0;
    if (inside) {
      const found = follow(ground, records, record.alias.name, type, share, depth + 1);
      // An alias answers in its own name.
      return found.map((each) => ({ ...each, name }));
    }
    return type === 'A' ? [{ name, type, ttl: 60, value: here }] : [];
  });
}

/** Whether a record may answer: its health check is well, and what it leads to where it asks for that. */
function well(ground: Ground, { healthCheck, alias }: DnsRecord): boolean {
  const { askers } = computeOf(ground);
  if (healthCheck !== undefined && askers.get(healthCheck)?.isWell() === false) return false;
  return alias?.asksTarget !== true || balancerIsWell(ground, alias.name);
}

/** A load balancer is well while each group of targets that has any has one that is well. */
function balancerIsWell(ground: Ground, name: string): boolean {
  const { targets } = computeOf(ground);
  const view = ground.cloud.view();
  const balancer = view
    .everywhere(loadBalancerType)
    .find((each) => plainName(textOf(each, 'dnsName') ?? '') === name);
  if (balancer === undefined) return true;
  const listeners = listenersOf(balancer, view);
  const rules = view
    .all(ruleType, balancer)
    .filter((rule) => listeners.some(({ id }) => id === textOf(rule, 'listenerArn')));
  const groups = [
    ...listeners.flatMap(({ inputs }) => targetGroupsOf(inputs, 'defaultActions')),
    ...rules.flatMap(({ inputs }) => targetGroupsOf(inputs, 'actions')),
  ];
  const filled = [...new Set(groups)].map((group) => targets.of(group)).filter((each) => each.length > 0);
  return filled.length > 0 && filled.every((each) => each.some(({ state }) => state === 'healthy'));
}

function recordsOf({ cloud }: Ground, zone: Thing): readonly DnsRecord[] {
  return cloud
    .view()
    .everywhere(recordType)
    .filter((each) => textOf(each, 'zoneId') === zone.id)
    .map(readRecord);
}

/** The zone of a name: the one with the longest name. */
function zoneOf(zones: readonly Thing[], name: string): Thing | undefined {
  return zones
    .filter((zone) => name === zoneName(zone) || name.endsWith(`.${zoneName(zone)}`))
    .toSorted((one, other) => zoneName(other).length - zoneName(one).length)[0];
}
