import type { CloudView, Thing } from '../../kind.ts';
import { natGatewayType } from '../../services/aws/ec2-addresses.ts';
import { endpointType } from '../../services/aws/ec2-endpoints.ts';
import { associationType, routeTableType, routeType } from '../../services/aws/ec2-routes.ts';
import { internetGatewayType, vpcType } from '../../services/aws/ec2.ts';
import { flagAt, objectsAt, textAt, textOf } from '../../services/values.ts';
import { placeOfServer, type NetworkPlace } from './places.ts';
import { letsOutToInternet, obstacle } from './ways.ts';

const tlsPort = 443;

/**
 * Why nothing in a place of the network can ask a service of AWS (`ecr.api`, `ssm`); undefined where it can: through an
 * endpoint of the service in its network, else over the internet. Pure.
 */
export function obstacleToService(view: CloudView, from: NetworkPlace, service: string): string | undefined {
  const inside = view.all(endpointType, from).find(
    ({ inputs }) =>
      textAt(inputs, 'serviceName') === `com.amazonaws.${from.region}.${service}` &&
      textAt(inputs, 'vpcId') === from.vpc &&
      // Its name leads elsewhere else.
      flagAt(inputs, 'privateDnsEnabled') === true,
  );
  const place = inside === undefined ? undefined : placeOfServer(view, inside);
  if (inside === undefined || place === undefined) return obstacleToInternet(view, from);
  const why = obstacle(view, from, place, tlsPort);
  return why === undefined ? undefined : `${why} (its endpoint ${inside.id})`;
}

/** Why nothing in a place of the network gets to the internet by TLS; undefined where it does. Pure. */
export function obstacleToInternet(view: CloudView, from: NetworkPlace): string | undefined {
  const without = from.subnets.find((subnet) => !leadsOut(view, subnet, from));
  if (without !== undefined) return `the subnet ${without.id} has no route to the internet`;
  return letsOutToInternet(view, from, tlsPort)
    ? undefined
    : `no rule of ${from.groups.join(', ')} lets it out to 0.0.0.0/0 on port ${tlsPort}`;
}

/** Whether a subnet has a route out that serves an address of its kind. */
function leadsOut(view: CloudView, subnet: Thing, { vpc, isPublic }: NetworkPlace): boolean {
  const table = tableOf(view, subnet, vpc);
  const inline = view.get(routeTableType, table, subnet)?.inputs ?? {};
  const routes = [
    ...objectsAt(inline, 'routes').filter((route) => textAt(route, 'cidrBlock') === '0.0.0.0/0'),
    ...view
      .all(routeType, subnet)
      .map(({ inputs }) => inputs)
      .filter((route) => textAt(route, 'routeTableId') === table)
      .filter((route) => textAt(route, 'destinationCidrBlock') === '0.0.0.0/0'),
  ];
  const exists = (type: string, id: string | undefined): boolean =>
    id !== undefined && view.get(type, id, subnet) !== undefined;
  return routes.some((route) => {
    if (exists(internetGatewayType, textAt(route, 'gatewayId'))) return isPublic;
    if (textAt(route, 'natGatewayId') !== undefined)
      return exists(natGatewayType, textAt(route, 'natGatewayId'));
    // Through a gateway of transit or a firewall: what is behind it is not known here.
    return textAt(route, 'gatewayId') === undefined;
  });
}

function tableOf(view: CloudView, subnet: Thing, vpc: string): string {
  const own = view.all(associationType, subnet).find((each) => textOf(each, 'subnetId') === subnet.id);
  const network = view.get(vpcType, vpc, subnet);
  return (own && textOf(own, 'routeTableId')) ?? (network && textOf(network, 'mainRouteTableId')) ?? '';
}
