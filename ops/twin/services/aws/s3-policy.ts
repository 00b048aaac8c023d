import type { Fault, PolicyDocument, Statement } from '../../iam/document.ts';
import { isKnownAction } from '../../iam/actions.ts';
import { fits, fitsInAnyCase } from '../../iam/match.ts';
import { isPublic } from '../../iam/public.ts';
import type { Kind, Question, Refusal } from '../../kind.ts';
import { refusal, textAt } from '../values.ts';
import { checkPolicy } from './policy-arguments.ts';
import { bucketNamed, settingIn, settingOf } from './s3-buckets.ts';

const words: Partial<Record<Fault['kind'], string>> = {
  principal: 'Invalid principal in policy',
  'no-principal': 'Missing required field Principal',
  action: 'Policy has invalid action',
  'unknown-action': 'Policy has invalid action',
  'no-action': 'Statement is missing required element',
  resource: 'Policy has invalid resource',
  'no-resource': 'Statement is missing required element',
  legacy: 'Policy has invalid resource',
  syntax: "Policies must be valid JSON and the first byte must be '{'",
};

/** What a bucket lets others do. */
export const s3PolicyKind: Kind = {
  ...settingOf('BucketPolicy', {
    put: 'PutBucketPolicy',
    get: 'GetBucketPolicy',
    remove: 'DeleteBucketPolicy',
  }),
  updates: ['policy'],
  check(question) {
    const { document, refusals } = checkPolicy(question, 'policy', {
      code: 'MalformedPolicy',
      use: 'resource',
      words: ({ kind, message }) => words[kind] ?? message,
    });
    if (document === undefined || refusals.length > 0) return refusals;
    return [...scopeProblems(question, document), ...publicProblems(question, document)];
  },
};

/** Statements must be about this bucket, and each action about something that is named. */
function scopeProblems({ inputs }: Question, { statements }: PolicyDocument): readonly Refusal[] {
  const bucket = textAt(inputs, 'bucket');
  if (bucket === undefined) return [];
  for (const statement of statements) {
    const message = scopeProblem(statement, bucket);
    if (message !== undefined) return [refusal('MalformedPolicy', message, 'policy')];
  }
  return [];
}

function scopeProblem(statement: Statement, bucket: string): string | undefined {
  const own = (statement.resources ?? statement.notResources ?? []).map((each) => scopeOf(each, bucket));
  if (own.includes('elsewhere')) return 'Policy has invalid resource';
  const actions = statement.actions ?? [];
  if (actions.some((action) => action !== '*' && !/^s3:/i.test(action))) return 'Policy has invalid action';
  const reached = new Set(own.flatMap((each) => (each === 'both' ? ['bucket', 'objects'] : [each])));
  const lost = actions.find((action) => !levelsOf(action).some((level) => reached.has(level)));
  return lost === undefined || statement.resources === undefined
    ? undefined
    : 'Action does not apply to any resource(s) in statement';
}

function scopeOf(resource: string, bucket: string): 'bucket' | 'objects' | 'both' | 'elsewhere' {
  const [, name, key] = /^arn:aws[a-z-]*:s3:::([^/]+?)(\/.*)?$/.exec(resource) ?? [];
  if (name === undefined) return 'elsewhere';
  if (key !== undefined) return fits(name, bucket) ? 'objects' : 'elsewhere';
  if (name === bucket) return 'bucket';
  return name.endsWith('*') && fits(name, bucket) ? 'both' : 'elsewhere';
}

const onObjects =
  /^s3:(AbortMultipartUpload|BypassGovernanceRetention|InitiateReplication|ListMultipartUploadParts|ReplicateDelete|ReplicateTags|.*Object(?!LockConfiguration).*)$/i;
const samples = {
  bucket: ['s3:ListBucket', 's3:GetBucketAcl', 's3:PutBucketPolicy', 's3:DeleteBucket'],
  objects: [
    's3:GetObject',
    's3:PutObject',
    's3:DeleteObject',
    's3:ListMultipartUploadParts',
    's3:AbortMultipartUpload',
    's3:ReplicateObject',
    's3:RestoreObject',
  ],
} as const;

/** Whether an action is about the bucket or about objects in it; one with wildcards may be about both. */
function levelsOf(action: string): readonly ('bucket' | 'objects')[] {
  if (/[*?]/.test(action)) {
    const levels = (['bucket', 'objects'] as const).filter((level) =>
      samples[level].some((each) => fitsInAnyCase(action, each)),
    );
    return levels.length > 0 ? levels : ['bucket', 'objects'];
  }
  return [onObjects.test(action) && isKnownAction(action) ? 'objects' : 'bucket'];
}

// New buckets block public policies unless a public access block says otherwise, since April 2023.
function publicProblems(question: Question, document: PolicyDocument): readonly Refusal[] {
  const bucket = textAt(question.inputs, 'bucket') ?? '';
  const { account } = question.place;
  const block = settingIn(
    question,
    'aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock',
    bucket,
    account,
  );
  const there = block !== undefined || bucketNamed(question, bucket) !== undefined;
  const blocked = block === undefined ? true : block.inputs['blockPublicPolicy'] === true;
  return there && blocked && question.calling !== undefined && isPublic(document)
    ? [
        refusal(
          'AccessDenied',
          `User: arn:aws:iam::${account}:role/twin is not authorized to perform: s3:PutBucketPolicy on resource: "arn:aws:s3:::${bucket}" because public policies are blocked by the BlockPublicPolicy block public access setting.`,
          'policy',
        ),
      ]
    : [];
}
