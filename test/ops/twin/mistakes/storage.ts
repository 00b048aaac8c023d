import type { HeldMap } from '../../../../ops/twin/held.ts';
import { policy } from './base.ts';
import type { Chapter } from './mistake.ts';
import { account } from './world.ts';

const read = (resource: string, principal: unknown): HeldMap => ({
  policy: policy({ Effect: 'Allow', Principal: principal, Action: 's3:GetObject', Resource: resource }),
});
const lifecycle = (transition: number, expiration: number): HeldMap => ({
  rules: [
    {
      ...{ id: 'old', status: 'Enabled', filter: { prefix: '' } },
      transitions: [{ days: transition, storageClass: 'STANDARD_IA' }],
      expiration: { days: expiration },
    },
  ],
});

/** Mistakes about buckets. */
export const buckets: Chapter = {
  service: 'S3',
  mistakes: [
    {
      what: 'A name with capitals',
      doing: 'create',
      type: 'aws:s3/bucket:Bucket',
      right: () => ({ bucket: 'sam-tutorial-test-12345' }),
      wrong: () => ({ bucket: 'SAM-tutorial-test-12345' }),
      quote:
        'An error occurred (InvalidBucketName) when calling the CreateBucket operation: The specified bucket is not valid.',
      source: 'https://github.com/chenr2/AWS-SAM-Tutorial/issues/2',
      at: 'preview',
      says: 'invalid value for bucket (must match ([a-z0-9][a-z0-9.-]*[a-z0-9])?), got SAM-tutorial-test-12345',
    },
    {
      what: 'A name that somebody has',
      doing: 'create',
      type: 'aws:s3/bucket:Bucket',
      right: () => ({ bucket: 'kubernetes-aws-io-2' }),
      wrong: () => ({ bucket: 'coinestate-documents' }),
      quote:
        'An error occurred (BucketAlreadyExists) when calling the CreateBucket operation: The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.',
      source: 'https://github.com/aws-samples/aws-workshop-for-kubernetes/issues/107',
      at: 'preview',
      says: 'BucketAlreadyExists: The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.',
    },
    {
      what: 'A policy about another bucket',
      doing: 'create',
      type: 'aws:s3/bucketPolicy:BucketPolicy',
      right: ({ of }) => ({
        ...{ bucket: of('documents') },
        ...read(`${of('documents', 'arn')}/*`, { AWS: `arn:aws:iam::${account}:root` }),
      }),
      wrong: () => read('arn:aws:s3:::myinputbucketname/*', { AWS: `arn:aws:iam::${account}:root` }),
      quote:
        'An error occurred (MalformedPolicy) when calling the PutBucketPolicy operation: Policy has invalid resource',
      source: 'https://github.com/aws-samples/aws-serverless-appsync-app/issues/4',
      at: 'preview',
      says: 'MalformedPolicy: Policy has invalid resource',
    },
    {
      what: 'An action on objects for the bucket itself',
      doing: 'create',
      type: 'aws:s3/bucketPolicy:BucketPolicy',
      right: ({ of }) => ({
        ...{ bucket: of('documents') },
        ...read(`${of('documents', 'arn')}/*`, { AWS: `arn:aws:iam::${account}:root` }),
      }),
      wrong: ({ of }) => read(of('documents', 'arn'), { AWS: `arn:aws:iam::${account}:root` }),
      quote:
        'An error occurred (MalformedPolicy) when calling the PutBucketPolicy operation: Action does not apply to any resource(s) in statement',
      source: 'https://github.com/versity/versitygw/issues/645',
      at: 'preview',
      says: 'MalformedPolicy: Action does not apply to any resource(s) in statement',
    },
    {
      what: 'A policy for everybody, on a bucket that blocks such',
      doing: 'create',
      type: 'aws:s3/bucketPolicy:BucketPolicy',
      right: ({ of }) => ({
        ...{ bucket: of('documents') },
        ...read(`${of('documents', 'arn')}/*`, { AWS: `arn:aws:iam::${account}:root` }),
      }),
      wrong: ({ of }) => read(`${of('documents', 'arn')}/*`, '*'),
      quote: 'An error occurred (AccessDenied) when calling the PutBucketPolicy operation: Access Denied',
      source: 'https://github.com/torchbox/buckup/pull/18',
      at: 'update',
      says: `AccessDenied: User: arn:aws:iam::${account}:role/twin is not authorized to perform: s3:PutBucketPolicy on resource: "arn:aws:s3:::coinestate-documents" because public policies are blocked by the BlockPublicPolicy block public access setting.`,
    },
    {
      what: 'To a cheaper class after 15 days',
      doing: 'create',
      type: 'aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration',
      right: ({ of }) => ({ bucket: of('documents'), ...lifecycle(30, 365) }),
      wrong: () => lifecycle(15, 365),
      quote: "`days = 15` isn't valid, AWS requires at least 30.",
      source: 'https://github.com/hashicorp/terraform-provider-aws/pull/6201',
      at: 'preview',
      says: "InvalidArgument: 'Days' in Transition action must be greater than or equal to 30 for storageClass 'STANDARD_IA'. Examine values at 'asked.rules[0].transitions'.",
    },
    {
      what: 'Gone before it is moved',
      doing: 'create',
      type: 'aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration',
      right: ({ of }) => ({ bucket: of('documents'), ...lifecycle(90, 365) }),
      wrong: () => lifecycle(90, 90),
      quote:
        "'Days' in the Expiration action for filter '(prefix=)' must be greater than 'Days' in the Transition action",
      source: 'https://zenn.dev/digitalcube/articles/c746ed5e726cc9',
      at: 'preview',
      says: "InvalidArgument: 'Days' in the Expiration action for filter '(prefix=)' must be greater than 'Days' in the Transition action. Examine values at 'asked.rules[0].transitions'.",
    },
    {
      what: 'A copy into a bucket without versions',
      doing: 'create',
      type: 'aws:s3/bucketReplicationConfig:BucketReplicationConfig',
      right: ({ of }) => ({
        ...{ bucket: of('documents'), role: of('role', 'arn') },
        rules: [{ status: 'Enabled', destination: { bucket: of('replica', 'arn') } }],
      }),
      wrong: ({ of }) => ({
        rules: [{ status: 'Enabled', destination: { bucket: of('trail-logs', 'arn') } }],
      }),
      quote: 'InvalidRequest: Destination bucket must have versioning enabled.',
      source: 'https://github.com/nozaq/terraform-aws-remote-state-s3-backend/issues/107',
      at: 'update',
      says: 'InvalidRequest: Destination bucket must have versioning enabled.',
    },
  ],
};

/** Mistakes about secrets and about what keeps watch. */
export const secrets: Chapter = {
  service: 'Systems Manager, Secrets Manager and CloudTrail',
  mistakes: [
    {
      what: 'A parameter with an @ in its name',
      doing: 'create',
      type: 'aws:ssm/parameter:Parameter',
      right: () => ({ name: '/myPrefix/xmpt/support', type: 'String', value: '12345' }),
      wrong: () => ({ name: '/myPrefix/xmpt/support@gmail.com' }),
      quote:
        'Parameter name: can\'t be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_',
      source: 'https://github.com/aws/aws-sdk-php/issues/1952',
      at: 'preview',
      says: 'ValidationException: Parameter name: can\'t be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_',
    },
    {
      what: 'A parameter of 5000 letters',
      doing: 'create',
      type: 'aws:ssm/parameter:Parameter',
      right: () => ({ name: '/coinestate/abi', type: 'String', value: 'x'.repeat(5000), tier: 'Advanced' }),
      wrong: () => ({ tier: 'Standard' }),
      quote:
        'Standard tier parameters support a maximum parameter value of 4096 characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier. For more information, see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html',
      source: 'https://github.com/aws/aws-sdk-net/issues/3157',
      at: 'preview',
      says: 'ValidationException: Standard tier parameters support a maximum parameter value of 4096 characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier. For more information, see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html',
    },
    {
      what: 'A secret with the name of one that waits to be deleted',
      doing: 'create',
      type: 'aws:secretsmanager/secret:Secret',
      right: () => ({ name: 'api/other-token' }),
      wrong: () => ({ name: 'api/token' }),
      before: ({ remove }) => remove('secret'),
      quote:
        "InvalidRequestException: You can't create this secret because a secret with this name is already scheduled for deletion.",
      source: 'https://github.com/aws-ia/terraform-aws-eks-blueprints/issues/1733',
      at: 'preview',
      says: "InvalidRequestException: You can't create this secret because a secret with this name is already scheduled for deletion.",
    },
    {
      what: 'A trail into a bucket that does not let it in',
      doing: 'create',
      type: 'aws:cloudtrail/trail:Trail',
      right: ({ of }) => ({ name: 'audit', s3BucketName: of('trail-logs') }),
      wrong: ({ of }) => ({ s3BucketName: of('closed-logs') }),
      quote:
        'InsufficientS3BucketPolicyException: Incorrect S3 bucket policy is detected for bucket: cloudtrail-demotrail-bucket',
      source: 'https://github.com/hashicorp/terraform/issues/29991',
      at: 'update',
      says: 'InsufficientS3BucketPolicyException: Incorrect S3 bucket policy is detected for bucket: coinestate-closed-logs',
    },
  ],
};
