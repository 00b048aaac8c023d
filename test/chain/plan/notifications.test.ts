import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  afterAttempt,
  isWanted,
  webhookMessage,
  type OperatorEvent,
} from '@cutover/chain/plan/notifications.ts';

const event: OperatorEvent = {
  kind: 'put-back',
  network: 'base (chain 8453)',
  account: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
  purpose: 'cut of Gemforce',
  hash: '0xaa',
  text: 'cut of Gemforce: the node does not have 0xaa any more; handed over again',
};
const webhook = { kind: 'env', name: 'HOOK' } as const;

interface Message {
  readonly text: string;
  readonly metadata: { readonly event_type: string; readonly event_payload: Record<string, string> };
}
const messageOf = (given: OperatorEvent): Message => JSON.parse(webhookMessage(given)) as Message;

describe('a message for a webhook', () => {
  it('says it to people in one text, and to programs in fields', () => {
    expect(messageOf(event)).toEqual({
      text: `[base (chain 8453)] put-back: ${event.text}`,
      metadata: {
        event_type: 'cutover_put_back',
        event_payload: {
          network: event.network,
          account: event.account,
          purpose: event.purpose,
          hash: event.hash,
        },
      },
    });
  });

  it('tells no more of a URL than its origin: the rest carries keys', () => {
    const text =
      'https://user:pass@base.example.com:8443/v2/s3cret?key=s3cret said no, and wss://x.io/s3cret too';
    const message = webhookMessage({ ...event, text, purpose: 'see http://127.0.0.1:8545/s3cret' });
    expect(message).not.toMatch(/s3cret|pass/);
    expect(message).toContain('https://base.example.com:8443 said no, and wss://x.io too');
    expect(message).toContain('see http://127.0.0.1:8545"');
  });

  it('is JSON whatever it says', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (text, purpose) => {
        const message = messageOf({ ...event, text, purpose });
        fc.pre(!`${text}${purpose}`.includes('://'));
        expect([message.text, message.metadata.event_payload['purpose']]).toEqual([
          `[${event.network}] put-back: ${text}`,
          purpose,
        ]);
      }),
    );
  });
});

describe('what an operator is told of', () => {
  it('is everything, or the kinds that are named', () => {
    expect(isWanted({ webhook }, event)).toBe(true);
    expect(isWanted({ webhook, events: ['stuck', 'put-back'] }, event)).toBe(true);
    expect(isWanted({ webhook, events: ['stuck'] }, event)).toBe(false);
  });
});

describe('after an attempt', () => {
  it.each([
    [204, 1, { kind: 'done' }],
    [undefined, 1, { kind: 'again', afterMs: 500 }],
    [500, 2, { kind: 'again', afterMs: 2_000 }],
    [429, 1, { kind: 'again', afterMs: 500 }],
    [503, 3, { kind: 'given up', reason: 'it answers with HTTP status 503' }],
    [undefined, 3, { kind: 'given up', reason: 'it does not answer' }],
    [404, 1, { kind: 'given up', reason: 'it answers with HTTP status 404' }],
    [302, 1, { kind: 'given up', reason: 'it answers with HTTP status 302' }],
  ] as const)('with status %s, the %s., it goes on so', (status, attempt, next) => {
    expect(afterAttempt(status, attempt)).toEqual(next);
  });
});
