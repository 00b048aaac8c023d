import { z } from 'zod';
import { about, amount } from './fields.ts';

/** How patient the health gates between tiers are. */
export const gatesSchema = about(
  z.strictObject({
    timeoutSeconds: amount(1, 86_400, 'How long a gate waits for good answers before the update stops.', 300),
    holdSeconds: amount(0, 86_400, 'For how long every check must stay good without a miss.', 30),
    intervalSeconds: amount(0.05, 3600, 'Time from one round of checks to the next.', 5),
    requestTimeoutSeconds: amount(0.05, 600, 'How long one check may take to answer.', 5),
  }),
  'How long the health gates between tiers wait and what they wait for.',
);
