import type { SecretRef } from '@cutover/base/secrets.ts';

/** What operators can be told of. */
export const eventKinds = [
  /** A transaction is in no block after the time that the network gives it. */
  'stalled',
  /** It was sent again at a higher price. */
  'bumped',
  /** It was bumped as often, or as high, as is allowed. */
  'stuck',
  /** Its block was undone by a reorganisation. */
  'orphaned',
  /** The node lost it, and it was handed over again. */
  'put-back',
  /** Somebody else used its nonce. */
  'nonce-taken',
  /** A nonce that nobody holds was used up, since others wait behind it. */
  'gap-filled',
  /** The chain that the journal was about is gone. */
  'chain-restarted',
  /** The endpoints of a network do not say the same of what is final. */
  'disagreed',
  /** A change waits for approvals or for a delay. */
  'proposed',
  /** A program of Solana will be upgraded, or was. */
  'announced',
] as const;

export type EventKind = (typeof eventKinds)[number];

/** Where operators are told of what happens, beside the terminal. */
export interface Notifications {
  /** Where the URL of a webhook is kept; whoever has it can post there. */
  readonly webhook: SecretRef;
  /** @default all kinds */
  readonly events?: readonly EventKind[] | undefined;
}

/** Something that an operator should know. */
export interface OperatorEvent {
  readonly kind: EventKind;
  readonly network: string;
  /** Whose transaction it is, or which contract a change waits at. */
  readonly account: string;
  /** What the transaction is for; undefined where the event is about the whole chain. */
  readonly purpose?: string;
  readonly hash?: string;
  /** All of it in one sentence. */
  readonly text: string;
}

/** Whether an operator wants to be told of this. */
export function isWanted({ events }: Notifications, { kind }: OperatorEvent): boolean {
  return events === undefined || events.includes(kind);
}

/**
 * The message as incoming webhooks of Slack take it: `text` for people, the fields for programs in `metadata`
 * (https://docs.slack.dev/messaging/message-metadata). No part of a URL but its origin is told: the rest carries keys.
 */
export function webhookMessage(event: OperatorEvent): string {
  const { kind, text, ...fields } = event;
  const payload = Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, withoutKeys(String(value))]),
  );
  return JSON.stringify({
    text: `[${event.network}] ${kind}: ${withoutKeys(text)}`,
    metadata: { event_type: `cutover_${kind.replaceAll('-', '_')}`, event_payload: payload },
  });
}

/** What becomes of a message after an attempt to hand it over. */
export type Delivery =
  | { readonly kind: 'done' }
  | { readonly kind: 'again'; readonly afterMs: number }
  | { readonly kind: 'given up'; readonly reason: string };

const pausesMs = [500, 2_000] as const;

/** @param status the HTTP status; undefined when there was no answer @param attempt how many were made so far */
export function afterAttempt(status: number | undefined, attempt: number): Delivery {
  if (status !== undefined && status >= 200 && status < 300) return { kind: 'done' };
  const reason = status === undefined ? 'it does not answer' : `it answers with HTTP status ${status}`;
  const mayPass = status === undefined || status === 429 || status >= 500;
  const pause = pausesMs[attempt - 1];
  return mayPass && pause !== undefined ? { kind: 'again', afterMs: pause } : { kind: 'given up', reason };
}

function withoutKeys(text: string): string {
  return text.replaceAll(/\b(?:https?|wss?):\/\/[^\s"'<>]+/gi, (url) => {
    if (!URL.canParse(url)) return '(a URL)';
    const { protocol, host } = new URL(url);
    return `${protocol}//${host}`;
  });
}
