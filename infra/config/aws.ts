import { z } from 'zod';
import { about, text } from './fields.ts';

const receiver = text(
  /^(https:\/\/\S+|[^\s@]+@[^\s@]+\.[^\s@]+)$/,
  'an address of email, or a URL that begins with https:// and carries no key',
  'Where a team is told.',
  'operations@example.com',
);

const heardBy = (who: string): z.ZodType<string[], string[]> =>
  about(z.array(receiver).min(1, { error: 'an alarm that nobody hears is none; name an address' }), who, [
    'operations@example.com',
  ]);

const alarms = z.strictObject({
  'on-call-lead': heardBy('Who is called at night: P0.'),
  operations: heardBy('P0 and P1.'),
  security: heardBy('P0.'),
  development: heardBy('P1 and P2.'),
  product: heardBy('P3.'),
  business: heardBy('P3.'),
});

const zone = z.strictObject({
  id: about(
    text(
      /^Z[A-Z0-9]{5,31}$/,
      'the id of a hosted zone, a Z and capitals and digits',
      'A zone that exists.',
      'Z0123456789ABCDEFGHIJ',
    ).optional(),
    'The zone that exists already. Left out: this stack makes it, and its name servers are entered at the registrar.',
  ),
});

/** The AWS account of a stack, and what its systems share there. */
export const awsSchema = about(
  z.strictObject({
    account: text(
      /^\d{12}$/,
      'the twelve digits of an account, in quotes',
      'The account. Credentials of any other are refused.',
      '123456789012',
    ),
    zones: about(
      z.record(
        z.string().regex(/^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}$/, {
          error: 'a zone is named by its domain, in small letters',
        }),
        zone,
      ),
      'DNS zones by their domains.',
      { 'coinestate.io': {} },
    ),
    alarms: about(alarms, 'Who hears of alarms.'),
  }),
  'The AWS account, and what systems share there. Without it a stack has contracts alone.',
);
