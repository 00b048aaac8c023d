import { managedPolicies } from '../../iam/known.ts';
import { slipOf } from '../../iam/match.ts';
import type { Question, Refusal } from '../../kind.ts';
import { refusal } from '../values.ts';
import { parseArn } from './arn.ts';

/** What IAM says of a policy that is to be attached. */
export function managedPolicyProblems(
  { cloud, place, calling }: Question,
  policyArn: string,
  property: string,
): readonly Refusal[] {
  const parts = parseArn(policyArn);
  if (parts === undefined || parts.service !== 'iam' || !parts.resource.startsWith('policy/'))
    return [refusal('ValidationError', `ARN ${policyArn} is not valid.`, property)];
  const missing = refusal(
    'NoSuchEntity',
    `Policy ${policyArn} does not exist or is not attachable.`,
    property,
  );
  // AWS has more than a thousand of its own; one letter beside a common one is a slip.
  if (parts.account === 'aws')
    return slipOf(parts.resource.slice('policy/'.length), managedPolicies) === undefined ? [] : [missing];
  if (parts.account !== place.account) return [missing];
  return calling !== undefined && cloud.byArn(policyArn) === undefined ? [missing] : [];
}
