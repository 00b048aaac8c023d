import type { RecordArgs } from '@pulumi/aws/route53/record.js';

/**
 * Which of several records of one name answers.
 * - `simple`: the only one there is.
 * - `failover`: the primary as long as it is healthy, else the secondary.
 * - `weighted`: each by its share.
 * - `latency`: the one whose region is nearest.
 */
export type Routing =
  | { readonly kind: 'simple' }
  | { readonly kind: 'failover'; readonly role: 'primary' | 'secondary' }
  | { readonly kind: 'weighted'; readonly weight: number }
  | { readonly kind: 'latency'; readonly region: string };

type RoutingArgs = Pick<
  RecordArgs,
  'setIdentifier' | 'failoverRoutingPolicies' | 'weightedRoutingPolicies' | 'latencyRoutingPolicies'
>;

/** The arguments of a record that say how it is chosen; `identifier` tells it from others of its name. */
export function routingArgs(routing: Routing, identifier: string): RoutingArgs {
  switch (routing.kind) {
    case 'simple':
      return {};
    case 'failover':
      return {
        setIdentifier: identifier,
        failoverRoutingPolicies: [{ type: routing.role.toUpperCase() }],
      };
    case 'weighted':
      return { setIdentifier: identifier, weightedRoutingPolicies: [{ weight: routing.weight }] };
    case 'latency':
      return { setIdentifier: identifier, latencyRoutingPolicies: [{ region: routing.region }] };
  }
}

/** What is wrong with a routing, alone and together with whether its health is checked. */
export function routingProblems(routing: Routing, checked: boolean): readonly string[] {
  if (
    routing.kind === 'weighted' &&
    (!Number.isInteger(routing.weight) || routing.weight < 0 || routing.weight > 255)
  )
    return [`routing.weight: ${routing.weight} is not a whole number from 0 to 255`];
  if (routing.kind === 'failover' && routing.role === 'primary' && !checked)
    return ['health: a primary without a health check never fails over; say what to ask it'];
  return [];
}
