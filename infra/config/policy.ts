import { z } from 'zod';
import { about, text } from './fields.ts';

const exception = z.strictObject({
  policy: text(
    /^[a-z]+(-[a-z]+)+$/,
    'the name of a policy, as docs/policy.md lists them',
    'The policy that is broken.',
    'pinned-images',
  ),
  resource: text(
    // The name at a URN's end must be told, at least a part of it: a star alone would switch the policy off.
    /^(urn:\S*::[^:\s]*[^*:\s]{3}[^:\s]*|[\w.-]+)$/,
    'the name of a resource, or a URN with a name or a part of one at its end, in which * stands for any letters',
    'What breaks it.',
    'coinestate-api-task-us-east-1',
  ),
  reason: text(
    /^\s*\S+(\s+\S+){2,}\s*$/,
    'a reason, in three words or more',
    'Why it may. The plan prints it each time.',
    'the new registry hands out digests from March on',
  ),
  until: text(
    /^\d{4}-\d{2}-\d{2}$/,
    'a day, as in 2027-03-31, in quotes',
    'The last day on which it may. Then the file is refused until the exception is gone.',
    '2027-03-31',
  ),
});

/** What may break a policy for a while. */
export const policyExceptionsSchema = about(
  z.array(exception),
  'What may break a policy for a while: named, with a reason and a last day. The plan prints those in force.',
);
