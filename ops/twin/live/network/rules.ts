import type { CloudView, Place, Values } from '../../kind.ts';
import { parseCidr, type Cidr } from '../../services/aws/cidr.ts';
import { defaultGroupType, groupType } from '../../services/aws/ec2-security-groups.ts';
import { defaultGroupOf } from '../../services/aws/ec2.ts';
import { protocolName } from '../../services/aws/security-group-rules.ts';
import { egressType, ingressType } from '../../services/aws/vpc.ts';
import { flagAt, numberAt, objectsAt, textAt, textOf, textsAt } from '../../services/values.ts';

/** A way that a security group leaves open for TCP, in or out. */
export interface OpenWay {
  readonly from: number;
  readonly to: number;
  readonly peer:
    { readonly kind: 'group'; readonly id: string } | { readonly kind: 'block'; readonly block: Cidr };
}

/** In: who may connect. Out: where one may connect to. */
export type Direction = 'in' | 'out';

const ruleTypes: Readonly<Record<Direction, string>> = { in: ingressType, out: egressType };
const anywhere: Cidr = { address: 0, length: 0 };
const allPorts = { from: 0, to: 65_535 };

/** What a security group leaves open in a direction, by rules of their own and by those that are written in the group. */
export function openWays(
  view: CloudView,
  group: string,
  direction: Direction,
  place: Place & { readonly vpc: string },
): readonly OpenWay[] {
  const written = view.get(groupType, group, place) ?? view.get(defaultGroupType, group, place);
  const inline = objectsAt(written?.inputs ?? {}, direction === 'in' ? 'ingress' : 'egress');
  const separate = view
    .all(ruleTypes[direction], place)
    .filter((rule) => textOf(rule, 'securityGroupId') === group);
  return [
    // That of a network itself, as AWS makes it.
    ...(written === undefined && group === defaultGroupOf(place.vpc) ? [usual(group, direction)] : []),
    ...inline.flatMap((rule) => waysOf(rule, textAt(rule, 'protocol'), inlinePeers(rule, group))),
    ...separate.flatMap(({ inputs }) => waysOf(inputs, textAt(inputs, 'ipProtocol'), separatePeers(inputs))),
  ];
}

/** How people call a security group. */
export function groupText(view: CloudView, group: string, place: Place): string {
  const thing = view.get(groupType, group, place);
  const name = thing === undefined ? undefined : (textAt(thing.inputs, 'tags.Name') ?? textOf(thing, 'name'));
  return name === undefined ? group : `${group} (${name})`;
}

function usual(group: string, direction: Direction): OpenWay {
  return {
    ...allPorts,
    peer: direction === 'in' ? { kind: 'group', id: group } : { kind: 'block', block: anywhere },
  };
}

function waysOf(
  rule: Values,
  protocol: string | undefined,
  peers: readonly OpenWay['peer'][],
): readonly OpenWay[] {
  const name = protocolName(protocol ?? '-1');
  if (name !== 'tcp' && name !== '-1') return [];
  const ports =
    name === '-1'
      ? allPorts
      : { from: numberAt(rule, 'fromPort') ?? 0, to: numberAt(rule, 'toPort') ?? 65_535 };
  return peers.map((peer) => ({ ...ports, peer }));
}

function inlinePeers(rule: Values, group: string): readonly OpenWay['peer'][] {
  const groups = [...textsAt(rule, 'securityGroups'), ...(flagAt(rule, 'self') === true ? [group] : [])];
  return [...groups.map(groupPeer), ...textsAt(rule, 'cidrBlocks').flatMap(blockPeers)];
}

// What a prefix list holds are addresses of AWS's services, none of this network.
function separatePeers(rule: Values): readonly OpenWay['peer'][] {
  const group = textAt(rule, 'referencedSecurityGroupId');
  return [...(group === undefined ? [] : [groupPeer(group)]), ...blockPeers(textAt(rule, 'cidrIpv4') ?? '')];
}

function groupPeer(id: string): OpenWay['peer'] {
  return { kind: 'group', id };
}

function blockPeers(text: string): readonly OpenWay['peer'][] {
  const block = parseCidr(text);
  return block === undefined ? [] : [{ kind: 'block', block }];
}
