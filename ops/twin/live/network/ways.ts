import type { CloudView } from '../../kind.ts';
import { cidrText, contains, parseCidr, type Cidr } from '../../services/aws/cidr.ts';
import { textOf } from '../../services/values.ts';
import type { NetworkPlace } from './places.ts';
import { groupText, openWays, type Direction, type OpenWay } from './rules.ts';

/**
 * Why nothing in one place of the network can connect to a port in another; undefined where it can. Within a VPC every
 * subnet has a route to every other: security groups decide. Pure.
 */
export function obstacle(
  view: CloudView,
  from: NetworkPlace,
  to: NetworkPlace,
  port: number,
): string | undefined {
  if (from.vpc !== to.vpc) {
    const apart = `they are in different networks, ${from.vpc} and ${to.vpc}`;
    return to.isPublic ? undefined : apart;
  }
  return hindrance(view, from, to, 'out', port) ?? hindrance(view, to, from, 'in', port);
}

/** Whether security groups let anybody in on a port. Pure. */
export function letsAnybodyIn(view: CloudView, place: NetworkPlace, port: number): boolean {
  return waysOf(view, place, 'in', port).length > 0;
}

/** Whether what is somewhere may connect to the whole internet on a port. Pure. */
export function letsOutToInternet(view: CloudView, place: NetworkPlace, port: number): boolean {
  return waysOf(view, place, 'out', port).some(
    ({ peer }) => peer.kind === 'block' && peer.block.length === 0,
  );
}

/** What the groups of a place have against another, in a direction. */
function hindrance(
  view: CloudView,
  place: NetworkPlace,
  other: NetworkPlace,
  direction: Direction,
  port: number,
): string | undefined {
  const ways = waysOf(view, place, direction, port);
  if (ways.some(({ peer }) => peer.kind === 'group' && other.groups.includes(peer.id))) return undefined;
  const blocks = ways.flatMap(({ peer }) => (peer.kind === 'block' ? [peer.block] : []));
  // It may get an address of any of its subnets.
  const outside = other.subnets.flatMap((subnet) => {
    const block = parseCidr(textOf(subnet, 'cidrBlock') ?? '');
    return block === undefined || blocks.some((each) => contains(each, block)) ? [] : [block];
  });
  if (outside.length === 0) return undefined;
  const groups = (those: readonly string[], at: NetworkPlace): string =>
    those.map((group) => groupText(view, group, at)).join(', ');
  const peers = `${groups(other.groups, other)} ${insideOf(blocks, outside)}`.trimEnd();
  const own = groups(place.groups, place);
  return direction === 'out'
    ? `no rule of ${own} lets it out to ${peers} on port ${port}`
    : `no rule of ${own} lets ${peers} in on port ${port}`;
}

/** Names the subnets that are left out, where blocks let some in. */
function insideOf(blocks: readonly Cidr[], outside: readonly Cidr[]): string {
  return blocks.length === 0 ? '' : `with addresses of ${outside.map(cidrText).join(', ')}`;
}

function waysOf(
  view: CloudView,
  place: NetworkPlace,
  direction: Direction,
  port: number,
): readonly OpenWay[] {
  return place.groups
    .flatMap((group) => openWays(view, group, direction, place))
    .filter(({ from, to }) => from <= port && port <= to);
}
