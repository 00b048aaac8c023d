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

const person = text(
  /^arn:aws:(iam::\d{12}:(user|role)\/[\w+=,.@/-]+|sts::\d{12}:assumed-role\/[\w+=,.@/-]+)$/,
  'the ARN of a user or of a role that somebody signs in with',
  'Somebody.',
  'arn:aws:iam::123456789012:user/ada',
);

const access = about(
  z.strictObject({
    repository: text(
      /^[\w.-]+\/[\w.-]+$/,
      'the owner and the name of a repository on GitHub, owner/name',
      'Whose workflows may deploy.',
      'coinestate/platform',
    ),
    breakGlass: about(
      z.array(person).min(1, { error: 'nobody could act in an emergency; name somebody' }),
      'Who may do everything for an hour, in an emergency, with a second factor.',
      ['arn:aws:iam::123456789012:user/ada'],
    ),
    region: about(
      z.string(),
      'Where bootstrap keeps the state and the audit trail, among `cutover:regions`. Left out: us-east-1, or the first by the alphabet where that is none of them.',
      'us-west-2',
    ).optional(),
    readers: about(z.array(person), 'Who may look, with a second factor.', []).optional(),
  }),
  'Who may do what in the account: what `./cutover bootstrap` makes roles for.',
);

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
    access: access.optional(),
  }),
  'The AWS account, and what systems share there. Without it a stack has contracts alone.',
);
