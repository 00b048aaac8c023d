import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '@cutover/base/errors.ts';
import { describeSecret, readSecret, type SecretRef } from '@cutover/base/secrets.ts';
import { afterAttempt, webhookMessage, type OperatorEvent } from '../plan/notifications.ts';
import { addressOf, type Address } from '../rpc/http.ts';

/** What waits to be told; beyond that the oldest go first. */
const mostWaiting = 100;
const attemptMs = 3_000;
/** A webhook that failed is left alone for so long: it must cost an update nothing. */
const restMs = 60_000;

/** What goes on and on is told so seldom: a transaction that an endpoint shows and hides with every look, say. */
const repeatMs = 600_000;

/** One webhook, as this process talks to it. */
interface Line {
  readonly waiting: OperatorEvent[];
  running: Promise<void> | undefined;
  restsUntil: number;
  /** When each was told last. */
  readonly told: Map<string, number>;
  lost: number;
  /** It was waited for once, in vain. */
  slow: boolean;
}

const lines = new Map<string, Line>();

/** Posts an event, after those that came before it. SIDE EFFECTS: HTTP requests in the background. */
export function post(webhook: SecretRef, event: OperatorEvent): void {
  const key = JSON.stringify(webhook);
  const line = lines.get(key) ?? newLine();
  lines.set(key, line);
  const what = `${event.kind} ${event.hash ?? event.text}`;
  const now = performance.now();
  if (now - (line.told.get(what) ?? -repeatMs) < repeatMs) return;
  line.told.set(what, now);
  if (now < line.restsUntil) {
    line.lost++;
    return;
  }
  if (line.waiting.push(event) > mostWaiting) {
    line.waiting.shift();
    line.lost++;
  }
  line.running ??= work(webhook, line);
}

function newLine(): Line {
  return { waiting: [], running: undefined, restsUntil: 0, told: new Map(), lost: 0, slow: false };
}

/**
 * Gives what was posted a moment to arrive: the engine ends this process right after its last call. At once where
 * nothing is on its way, and in vain only once: a webhook that hangs must not cost every resource that time.
 */
export async function posted(mostMs = 1_500): Promise<void> {
  const awaited = [...lines.values()].filter(({ slow }) => !slow);
  const running = awaited.flatMap((line) => line.running ?? []);
  if (running.length === 0) return;
  const timer = new AbortController();
  const late = sleep(mostMs, undefined, { signal: timer.signal }).catch(() => undefined);
  await Promise.race([Promise.all(running), late]);
  timer.abort();
  for (const line of awaited) line.slow = line.running !== undefined;
}

async function work(webhook: SecretRef, line: Line): Promise<void> {
  for (let event = line.waiting.shift(); event !== undefined; event = line.waiting.shift()) {
    const reason = await deliver(webhook, event).catch((error: unknown) => messageOf(error).split('\n')[0]);
    if (reason === undefined) {
      line.slow = false;
      continue;
    }
    line.lost += 1 + line.waiting.length;
    line.waiting.length = 0;
    line.restsUntil = performance.now() + restMs;
    // The reference, never the URL: whoever has that can post there.
    console.warn(
      `warning: the webhook ${describeSecret(webhook)} was not told of ${line.lost} ${line.lost === 1 ? 'event' : 'events'}: ${reason}; it is tried again in a minute`,
    );
    line.lost = 0;
  }
  line.running = undefined;
}

/** Why it could not be delivered; undefined when it was. */
async function deliver(webhook: SecretRef, event: OperatorEvent): Promise<string | undefined> {
  const url = (await readSecret(webhook)).trim();
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url))
    return 'what is kept there is no http:// or https:// URL';
  const address = addressOf(url);
  const body = webhookMessage(event);
  for (let attempt = 1; ; attempt++) {
    const delivery = afterAttempt(await attemptAt(address, body), attempt);
    if (delivery.kind === 'done') return undefined;
    if (delivery.kind === 'given up') return delivery.reason;
    await sleep(delivery.afterMs, undefined, { ref: false });
  }
}

/** The HTTP status; undefined where there was no answer. No redirect is followed: the message is for one place. */
async function attemptAt({ url, headers }: Address, body: string): Promise<number | undefined> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(attemptMs),
    });
    await response.body?.cancel();
    return response.status;
  } catch {
    return undefined;
  }
}
