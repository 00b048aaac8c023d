import type { CloudView } from '../../kind.ts';
import { loadBalancerType } from '../../services/aws/elbv2.ts';
import type { BodyRecord } from '../body.ts';
import { placeOfServer, type NetworkPlace } from './places.ts';
import { obstacle } from './ways.ts';

/** A name of the cloud to which there is no way from somewhere, and why. */
export interface Barred {
  readonly host: string;
  readonly port: number;
  readonly why: string;
}

/** The databases and caches that cannot be reached from a place in the network. Pure. */
export function barredFrom(
  view: CloudView,
  from: NetworkPlace,
  bodies: readonly BodyRecord[],
): readonly Barred[] {
  return bodies.flatMap((body) => {
    const thing = view.get(body.type, body.id, body);
    // A load balancer is asked by its public address too, through gateways that hide who asks.
    const isJudged = thing !== undefined && thing.type !== loadBalancerType;
    const to = isJudged ? placeOfServer(view, thing) : undefined;
    if (to === undefined) return [];
    return body.addresses.flatMap(({ host, port }) => {
      const why = obstacle(view, from, to, port);
      return why === undefined ? [] : [{ host, port, why }];
    });
  });
}
