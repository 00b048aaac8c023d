/** How much an alarm matters, and with that who hears of it. */
export const severities = ['P0', 'P1', 'P2', 'P3'] as const;
export type Severity = (typeof severities)[number];

/** Who can be told. */
export const teams = [
  'on-call-lead',
  'operations',
  'security',
  'development',
  'product',
  'business',
] as const;
export type Team = (typeof teams)[number];

/** Who is told of what. */
export const routes: Readonly<Record<Severity, readonly Team[]>> = {
  P0: ['on-call-lead', 'operations', 'security'],
  P1: ['development', 'operations'],
  P2: ['development'],
  P3: ['product', 'business'],
};

/** Where a team hears it. A URL must carry no key: it is kept in the state, and everybody who reads that could use it. */
export type Receiver =
  { readonly kind: 'email'; readonly address: string } | { readonly kind: 'https'; readonly url: string };

/** Every receiver of a severity, each once, even where it serves several teams. */
export function receiversOf(
  severity: Severity,
  byTeam: Readonly<Record<Team, readonly Receiver[]>>,
): readonly Receiver[] {
  return eachOnce(routes[severity].flatMap((team) => byTeam[team]));
}

/** Receivers, each once. */
export function eachOnce(receivers: readonly Receiver[]): readonly Receiver[] {
  return [...new Map(receivers.map((receiver) => [endpointOf(receiver), receiver])).values()];
}

/** The address or URL of a receiver. */
export function endpointOf(receiver: Receiver): string {
  return receiver.kind === 'email' ? receiver.address : receiver.url;
}
