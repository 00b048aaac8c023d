import { isIPv6 } from 'node:net';

/** Whether one more request is let through, and what the client is told. */
export interface RateDecision {
  readonly allowed: boolean;
  /** Requests that are left now. */
  readonly remaining: number;
  /** Seconds until another request is let through, or until the window starts anew. */
  readonly resetSeconds: number;
}

export interface RateLimitOptions {
  readonly windowMs: number;
  readonly maxRequests: number;
  /** Clients that are remembered; the one not seen for longest goes first. @default 10000 */
  readonly maxClients?: number;
}

interface Count {
  window: number;
  current: number;
  previous: number;
}

/**
 * A sliding window for each client: the count of the present window, and of the one before it as much as it still
 * reaches into the last `windowMs`. A fixed window would let twice the number through around its border.
 */
export function rateLimiter(options: RateLimitOptions): (client: string, now: number) => RateDecision {
  const { windowMs, maxRequests, maxClients = 10_000 } = options;
  const counts = new Map<string, Count>();

  return (client, now) => {
    const window = Math.floor(now / windowMs);
    const count = advance(counts.get(client), window);
    // Taken out and put back: a Map keeps its order, so the first one is the one not seen for longest.
    counts.delete(client);
    counts.set(client, count);
    const oldest = counts.size > maxClients ? counts.keys().next().value : undefined;
    if (oldest !== undefined) counts.delete(oldest);

    const elapsed = (now % windowMs) / windowMs;
    const used = count.previous * (1 - elapsed) + count.current;
    const allowed = used + 1 <= maxRequests;
    if (allowed) count.current++;
    return {
      allowed,
      remaining: Math.max(0, Math.floor(maxRequests - used - (allowed ? 1 : 0))),
      resetSeconds: Math.max(1, Math.ceil(((1 - elapsed) * windowMs) / 1000)),
    };
  };
}

/** Who a request counts for. An IPv6 client owns at least a /64, so its addresses count together. */
export function clientKey(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/, '');
  if (!isIPv6(plain)) return plain;
  const [head = '', tail] = plain.split('%')[0]?.split('::') ?? [];
  const groups = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const missing = tail === undefined ? 0 : 8 - groups.length - after.length;
  const full = [...groups, ...Array<string>(Math.max(0, missing)).fill('0'), ...after];
  return `${full
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}

/**
 * The address of the client behind proxies that are ours. Each proxy appends the address that it saw, so with n of
 * them the nth from the right is the client; anything further left may be made up.
 */
export function clientAddress(
  socketAddress: string | undefined,
  forwardedFor: string | undefined,
  trustedProxies: number,
): string {
  const hops = (forwardedFor ?? '').split(',').map((hop) => hop.trim());
  const claimed = trustedProxies > 0 ? hops.at(-trustedProxies) : undefined;
  return claimed === undefined || claimed === '' ? (socketAddress ?? 'unknown') : claimed;
}

function advance(count: Count | undefined, window: number): Count {
  if (count === undefined || window > count.window + 1) return { window, current: 0, previous: 0 };
  return window === count.window ? count : { window, current: 0, previous: count.current };
}
