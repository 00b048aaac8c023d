import { z } from 'zod';
import type { Refusal, Values } from '../../kind.ts';
import { refusal } from '../values.ts';
import { policyText } from './policy-arguments.ts';

// https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
const selection = z.union([
  z.strictObject({
    tagStatus: z.enum(['tagged', 'untagged', 'any']),
    tagPrefixList: z.array(z.string()).min(1).optional(),
    tagPatternList: z.array(z.string()).min(1).optional(),
    storageClass: z.string().optional(),
    countType: z.literal('imageCountMoreThan'),
    countNumber: z.int().positive(),
  }),
  z.strictObject({
    tagStatus: z.enum(['tagged', 'untagged', 'any']),
    tagPrefixList: z.array(z.string()).min(1).optional(),
    tagPatternList: z.array(z.string()).min(1).optional(),
    storageClass: z.string().optional(),
    countType: z.enum(['sinceImagePushed', 'sinceImagePulled', 'sinceImageTransitioned']),
    countUnit: z.literal('days'),
    countNumber: z.int().positive(),
  }),
]);
const lifecycle = z.strictObject({
  rules: z
    .array(
      z.strictObject({
        rulePriority: z.int().positive(),
        description: z.string().max(256).optional(),
        selection,
        action: z.strictObject({
          type: z.enum(['expire', 'transition']),
          targetStorageClass: z.string().optional(),
        }),
      }),
    )
    .min(1)
    .max(50),
});

/** What ECR says of a lifecycle policy. */
export function lifecycleProblems(given: Values[string] | undefined): readonly Refusal[] {
  const text = policyText(given);
  if (text === undefined) return [];
  const say = (why: string): readonly Refusal[] => [
    refusal(
      'InvalidParameterException',
      `Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: 'Lifecycle policy validation failure: ${why}'`,
      'policy',
    ),
  ];
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return say('could not parse policy text');
  }
  const { data, error } = lifecycle.safeParse(value);
  if (error !== undefined) {
    const [first] = error.issues;
    return first?.code === 'unrecognized_keys'
      ? say(
          `object instance has properties which are not allowed by the schema: [${first.keys.map((key) => `"${key}"`).join(', ')}]`,
        )
      : say(
          first?.path.includes('selection')
            ? 'instance failed to match exactly one schema (matched 0 out of 2)'
            : `${first?.path.join('/') ?? ''}: ${first?.message ?? ''}`,
        );
  }
  const priorities = data.rules.map(({ rulePriority }) => rulePriority);
  if (new Set(priorities).size < priorities.length) return say('Rule priorities must be unique.');
  const named = data.rules.find(
    ({ selection: { tagStatus, tagPrefixList, tagPatternList } }) =>
      (tagStatus === 'tagged') !== (tagPrefixList !== undefined || tagPatternList !== undefined),
  );
  if (named !== undefined)
    return say('tagPrefixList or tagPatternList must be given for tagStatus tagged, and for it alone');
  const any = data.rules.find(({ selection: { tagStatus } }) => tagStatus === 'any');
  return any !== undefined && any.rulePriority < Math.max(...priorities)
    ? say('The rule with tagStatus any must have the largest rulePriority.')
    : [];
}
