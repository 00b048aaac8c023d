import type { CatalogueEntry } from '../errors.ts';

/** CUT-1100 to 1199: keys and secrets by reference. */
export const secretErrors = {
  'CUT-1100': {
    what: 'The secret {reference} is empty or cannot be read.',
    why: '{why}',
    remedy: '{fix}',
  },
  'CUT-1101': {
    what: 'The secret {reference} is not there: {service} in {region} has none of that name.',
    remedy:
      'Write it ({write} {name}), or see that name, region and AWS account are those that are meant: aws sts get-caller-identity',
  },
  'CUT-1102': {
    what: 'The secret {reference} may not be read by this account.',
    why: '{message}',
    remedy: 'Allow it {action} on {name}, and kms:Decrypt on the key that it is encrypted with.',
  },
  'CUT-1103': {
    what: 'The secret {reference} cannot be read: there are no credentials for AWS, or it does not take them.',
    why: '{message}',
    remedy:
      'Sign in as for every AWS tool (aws sso login, AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY), and run the command again.',
  },
  'CUT-1104': {
    what: 'The secret {reference} cannot be read: nobody says in which AWS region it is.',
    remedy: 'export AWS_REGION=us-east-1, or name it in the reference: region: us-east-1.',
  },
  'CUT-1105': {
    what: 'The secret {reference} did not come from {service} in {region} within {seconds} s.',
    remedy:
      'See that AWS can be reached from here (network, proxy, AWS_ENDPOINT_URL), and run the command again.',
  },
  'CUT-1106': {
    what: '{service} in {region} could not be asked for the secret {reference}.',
    why: '{message}',
    remedy:
      'See that AWS can be reached from here (network, proxy, AWS_ENDPOINT_URL), and run the command again.',
  },
} as const satisfies Record<`CUT-${number}`, CatalogueEntry>;
