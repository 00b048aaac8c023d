import { z } from 'zod';
import { eventKinds } from '@cutover/chain/plan/notifications.ts';
import { about, oneOf } from './fields.ts';
import { reference } from './reference.ts';

const webhook = reference(
  'Where the URL of the webhook is kept; Slack calls it an incoming webhook.',
  '/cutover/prod/notify/webhook',
);

/** Where operators are told of what happens to transactions and changes. */
export const notificationsSchema = about(
  z.strictObject({
    webhook,
    events: about(
      z
        .array(oneOf(eventKinds, 'What an operator can be told of.', 'stuck'))
        .min(1, { error: 'at least one kind of event is needed' }),
      'What is told. Left out: everything.',
      ['stuck', 'disagreed', 'proposed'],
    ).optional(),
  }),
  'Where operators are told of what happens to transactions and changes, beside the terminal.',
);
