/**
 * Why an endpoint is passed over: `absent` nothing listens there, `silent` no answer in time, `busy` it asks for
 * patience, `broken` what it answers is no answer, `denied` it wants another key, `syncing` it has not caught up,
 * `lonely` it has no peers, `another chain` its chain id is wrong.
 */
export type Trouble =
  'absent' | 'silent' | 'busy' | 'broken' | 'denied' | 'syncing' | 'lonely' | 'another chain';

/** The newest block that an endpoint told of, and when, in milliseconds. */
export interface HeadSeen {
  readonly number: number;
  /** Seconds since 1970. */
  readonly time: number;
  readonly seenAt: number;
}

/** What is known of one endpoint. */
export interface EndpointState {
  readonly weight: number;
  readonly condition:
    | { readonly kind: 'unknown' }
    | { readonly kind: 'well' }
    | {
        readonly kind: 'unwell';
        readonly trouble: Trouble;
        readonly reason: string;
        readonly retryAt: number;
      };
  /** Its chain id was asked since it last went away. */
  readonly verified: boolean;
  /** Without an answer in between. */
  readonly failures: number;
  readonly checkedAt: number | undefined;
  readonly head: HeadSeen | undefined;
  /** How many questions it takes at once. */
  readonly batchSize: number;
}

/** All endpoints of a chain, in the order in which they are written. */
export type PoolState = readonly EndpointState[];

/** What a health check found. */
export interface Probe {
  readonly chainId: bigint;
  /** How far it is, when it says that it has not caught up. */
  readonly syncing: string | undefined;
  /** Undefined where it does not say; many public endpoints do not. */
  readonly peers: number | undefined;
  readonly head: Omit<HeadSeen, 'seenAt'> | undefined;
}

/** Something that an endpoint did. `jitter` is a random number from 0 to 1, so that many do not come back at once. */
export type EndpointEvent =
  | { readonly kind: 'answered' }
  | {
      readonly kind: 'failed';
      readonly trouble: Trouble;
      readonly reason: string;
      readonly retryAfterMs?: number | undefined;
      readonly jitter: number;
    }
  | { readonly kind: 'probed'; readonly probe: Probe; readonly chainId: number; readonly jitter: number }
  | { readonly kind: 'refused a batch'; readonly length: number };

// When such a one comes back, it may be another chain.
const forgets: ReadonlySet<Trouble> = new Set(['absent', 'silent']);
const batchSizes = [100, 10, 1] as const;

/** A pool of which nothing is known but the weights. */
export function newPool(weights: readonly number[]): PoolState {
  return weights.map((weight) => ({
    weight,
    condition: { kind: 'unknown' },
    verified: false,
    failures: 0,
    checkedAt: undefined,
    head: undefined,
    batchSize: batchSizes[0],
  }));
}

/** The pool after one of its endpoints did something. */
export function afterEvent(pool: PoolState, index: number, event: EndpointEvent, now: number): PoolState {
  return pool.map((endpoint, each) => (each === index ? endpointAfter(endpoint, event, now) : endpoint));
}

/** How long an endpoint rests after so many failures: a quarter of a second, doubled each time, up to half a minute. */
export function backOffMs(failures: number, jitter: number): number {
  const whole = Math.min(30_000, 250 * 2 ** Math.min(failures - 1, 10));
  return Math.round(whole * (0.5 + jitter / 2));
}

/** A Retry-After header, seconds or a date, in milliseconds from now; an hour at most. */
export function retryAfterMs(header: string | null, now: number): number | undefined {
  if (header === null || header.trim() === '') return undefined;
  const ms = /^\s*\d+\s*$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), 3_600_000);
}

/** When so many calls may be sent to an endpoint that allows `perSecond`, and when the next ones may. */
export function reserve(
  freeAt: number,
  calls: number,
  perSecond: number | undefined,
  now: number,
): { readonly waitMs: number; readonly freeAt: number } {
  if (perSecond === undefined) return { waitMs: 0, freeAt: now };
  const start = Math.max(freeAt, now);
  return { waitMs: start - now, freeAt: start + (calls * 1000) / perSecond };
}

function endpointAfter(endpoint: EndpointState, event: EndpointEvent, now: number): EndpointState {
  if (endpoint.condition.kind === 'unwell' && endpoint.condition.trouble === 'another chain') return endpoint;
  switch (event.kind) {
    case 'answered':
      return answered(endpoint);
    case 'failed':
      return failed(endpoint, event.trouble, event.reason, now, event.jitter, event.retryAfterMs);
    case 'probed':
      return probed(endpoint, event.probe, event.chainId, event.jitter, now);
    case 'refused a batch': {
      const refused = Math.min(endpoint.batchSize, event.length);
      return { ...endpoint, batchSize: batchSizes.find((size) => size < refused) ?? 1 };
    }
  }
}

/** An answer shows that the endpoint is there, not that it has caught up. */
function answered(endpoint: EndpointState): EndpointState {
  if (!endpoint.verified) return endpoint;
  const { condition } = endpoint;
  const stays = condition.kind === 'unwell' && ['syncing', 'lonely'].includes(condition.trouble);
  return stays ? endpoint : { ...endpoint, condition: { kind: 'well' }, failures: 0 };
}

function failed(
  endpoint: EndpointState,
  trouble: Trouble,
  reason: string,
  now: number,
  jitter: number,
  retryAfterMs?: number,
): EndpointState {
  const failures = endpoint.failures + 1;
  // One that was silent gets at least a second.
  const rest = retryAfterMs ?? backOffMs(trouble === 'silent' ? failures + 2 : failures, jitter);
  return {
    ...endpoint,
    failures,
    verified: endpoint.verified && !forgets.has(trouble),
    condition: { kind: 'unwell', trouble, reason, retryAt: now + rest },
  };
}

function probed(
  endpoint: EndpointState,
  probe: Probe,
  chainId: number,
  jitter: number,
  now: number,
): EndpointState {
  const head = probe.head === undefined ? undefined : { ...probe.head, seenAt: now };
  const checked = { ...endpoint, checkedAt: now, head, verified: true };
  if (probe.chainId !== BigInt(chainId)) {
    const reason = `it is another chain, ${probe.chainId}`;
    return { ...failed(checked, 'another chain', reason, now, jitter), verified: false };
  }
  if (probe.syncing !== undefined) {
    return failed(checked, 'syncing', `it has not caught up${probe.syncing}`, now, jitter);
  }
  if (probe.peers === 0) return failed(checked, 'lonely', 'it has no peers', now, jitter);
  return { ...checked, condition: { kind: 'well' }, failures: 0 };
}
