import { z } from 'zod';
import { about, oneOf, text, whole } from './fields.ts';

/** What stands for a region on dev: everything runs on this machine. */
export const THIS_MACHINE = 'local';

const regionPattern = /^[a-z]{2}(-[a-z]+)+-\d$/;
const form = 'an AWS region';

/** A region of AWS. */
export function awsRegion(description: string): z.ZodString {
  return text(regionPattern, form, description, 'us-east-1');
}

/** A region that `cutover:regions` describes, or `local` on dev. */
export function regionName(description = 'A region of cutover:regions; `local` on dev.'): z.ZodString {
  return text(/^local$|^[a-z]{2}(-[a-z]+)+-\d$/, `${form}, or local on dev`, description, 'us-east-1');
}

/** Which part a region plays. */
export const role = oneOf(
  ['primary', 'secondary', 'tertiary'],
  'The primary serves; the others take over, in this order.',
);

const regionSchema = z.strictObject({
  cidr: text(
    /^10\.\d{1,3}\.0\.0\/16$/,
    'a /16 of 10.0.0.0/8, such as 10.20.0.0/16',
    'Addresses of the private network. No two regions overlap, so that they can be joined.',
    '10.20.0.0/16',
  ),
  zones: whole(2, 6, 'Availability zones to spread over.', 3),
});

/** The regions of a stack; none on dev. */
export const regionsSchema = about(
  z.record(z.string().regex(regionPattern, { error: `it must be ${form}` }), regionSchema),
  'The AWS regions that systems of this stack may name. None on dev.',
  { 'us-east-1': { cidr: '10.20.0.0/16', zones: 3 } },
);
