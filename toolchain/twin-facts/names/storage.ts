import type { Origin } from '../names.ts';

/** Buckets and images. */
export const storageOrigins = {
  'ecr.LifecyclePolicy': {
    api: 'ecr.PutLifecyclePolicy',
    names: { policy: 'lifecyclePolicyText', repository: 'repositoryName' },
    replaces: ['policy', 'repository'],
  },
  'ecr.ReplicationConfiguration': {
    cloudFormation: 'AWS::ECR::ReplicationConfiguration',
    api: 'ecr.PutReplicationConfiguration',
  },
  'ecr.Repository': {
    cloudFormation: 'AWS::ECR::Repository',
    api: 'ecr.CreateRepository',
    names: { name: 'RepositoryName' },
  },
  'ecr.RepositoryPolicy': {
    api: 'ecr.SetRepositoryPolicy',
    names: { policy: 'policyText', repository: 'repositoryName' },
    replaces: ['repository'],
  },
  's3.Bucket': {
    cloudFormation: 'AWS::S3::Bucket',
    api: 's3.CreateBucket',
    // The API's model knows four of the seven canned lists.
    names: { acl: false, bucket: 'BucketName' },
    replaces: ['bucketPrefix', 'objectLockEnabled'],
  },
  's3.BucketLifecycleConfiguration': {
    cloudFormation: 'AWS::S3::Bucket/LifecycleConfiguration',
    api: 's3.PutBucketLifecycleConfiguration/LifecycleConfiguration',
    replaces: ['bucket', 'expectedBucketOwner'],
  },
  's3.BucketLogging': {
    cloudFormation: 'AWS::S3::Bucket/LoggingConfiguration',
    api: 's3.PutBucketLogging/BucketLoggingStatus.LoggingEnabled',
    replaces: ['bucket', 'expectedBucketOwner'],
  },
  's3.BucketNotification': {
    cloudFormation: 'AWS::S3::Bucket/NotificationConfiguration',
    api: 's3.PutBucketNotificationConfiguration/NotificationConfiguration',
    names: {
      lambdaFunctions: 'LambdaFunctionConfigurations',
      queues: 'QueueConfigurations',
      topics: 'TopicConfigurations',
    },
    replaces: ['bucket'],
  },
  's3.BucketObjectLockConfiguration': {
    cloudFormation: 'AWS::S3::Bucket/ObjectLockConfiguration',
    api: 's3.PutObjectLockConfiguration/ObjectLockConfiguration',
    replaces: ['bucket', 'expectedBucketOwner', 'objectLockEnabled'],
  },
  's3.BucketOwnershipControls': {
    cloudFormation: 'AWS::S3::Bucket/OwnershipControls',
    names: { 'rule.objectOwnership': 'Rules.*.ObjectOwnership' },
    replaces: ['bucket'],
  },
  's3.BucketPolicy': { cloudFormation: 'AWS::S3::BucketPolicy' },
  's3.BucketPublicAccessBlock': {
    cloudFormation: 'AWS::S3::Bucket/PublicAccessBlockConfiguration',
    replaces: ['bucket'],
  },
  's3.BucketReplicationConfig': {
    cloudFormation: 'AWS::S3::Bucket/ReplicationConfiguration',
    api: 's3.PutBucketReplication/ReplicationConfiguration',
    replaces: ['bucket'],
  },
  's3.BucketServerSideEncryptionConfiguration': {
    cloudFormation: 'AWS::S3::Bucket/BucketEncryption',
    api: 's3.PutBucketEncryption/ServerSideEncryptionConfiguration',
    names: {
      rules: 'ServerSideEncryptionConfiguration',
      'rules.*.applyServerSideEncryptionByDefault':
        'ServerSideEncryptionConfiguration.*.ServerSideEncryptionByDefault',
    },
    replaces: ['bucket', 'expectedBucketOwner'],
  },
  's3.BucketVersioning': {
    cloudFormation: 'AWS::S3::Bucket',
    replaces: ['bucket', 'expectedBucketOwner'],
    also: { 'versioningConfiguration.status': ['Disabled'] },
  },
} as const satisfies Readonly<Record<string, Origin>>;
