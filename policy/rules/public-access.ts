import { isGiven, isNotTrue, isOneOf, isTrue } from '../demands.ts';
import { statementsOf, type Statement } from '../documents.ts';
import { judgeTypes, notKnown, wrong, type Demand, type ResourceRule } from '../rule.ts';
import { at, unknown } from '../values.ts';

export const noPublicDatabase: ResourceRule = {
  id: 'no-public-database',
  looksAt: 'resource',
  wants: 'No database, cache or search has an address on the internet.',
  judge: judgeTypes({
    'aws:rds/instance:Instance': isNotTrue('publiclyAccessible'),
    'aws:rds/cluster:Cluster': isNotTrue('publiclyAccessible'),
    'aws:rds/clusterInstance:ClusterInstance': isNotTrue('publiclyAccessible'),
    'aws:redshift/cluster:Cluster': isNotTrue('publiclyAccessible'),
    'aws:dms/replicationInstance:ReplicationInstance': isNotTrue('publiclyAccessible'),
    'aws:opensearch/domain:Domain': isGiven('vpcOptions', '{ subnetIds, securityGroupIds }'),
    'aws:msk/cluster:Cluster': isOneOf(
      'brokerNodeGroupInfo.connectivityInfo.publicAccess.type',
      ['DISABLED'],
      'DISABLED',
    ),
  }),
  passes: { type: 'aws:rds/instance:Instance', props: { publiclyAccessible: false } },
  fails: { type: 'aws:rds/instance:Instance', props: { publiclyAccessible: true } },
};

export const noPublicAddress: ResourceRule = {
  id: 'no-public-address',
  looksAt: 'resource',
  wants: 'Tasks and machines have no address on the internet; what comes in comes through a load balancer.',
  judge: judgeTypes({
    'aws:ecs/service:Service': isNotTrue('networkConfiguration.assignPublicIp'),
    'aws:ec2/instance:Instance': isNotTrue('associatePublicIpAddress'),
    'aws:ec2/subnet:Subnet': isNotTrue('mapPublicIpOnLaunch'),
  }),
  passes: {
    type: 'aws:ecs/service:Service',
    props: { networkConfiguration: { assignPublicIp: false } },
  },
  fails: {
    type: 'aws:ecs/service:Service',
    props: { networkConfiguration: { assignPublicIp: true } },
  },
};

const notPublic = isOneOf('acl', ['private', 'log-delivery-write', 'bucket-owner-full-control'], 'private');

export const noPublicBucket: ResourceRule = {
  id: 'no-public-bucket',
  looksAt: 'resource',
  wants: 'Nobody outside can read or write a bucket.',
  judge: judgeTypes({
    'aws:s3/bucket:Bucket': notPublic,
    'aws:s3/bucketAcl:BucketAcl': notPublic,
    'aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock': [
      isTrue('blockPublicAcls'),
      isTrue('blockPublicPolicy'),
      isTrue('ignorePublicAcls'),
      isTrue('restrictPublicBuckets'),
    ],
  }),
  passes: {
    type: 'aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock',
    props: {
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    },
  },
  fails: {
    type: 'aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock',
    props: { blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true },
  },
};

const nobodyAtLarge = (path: string): Demand => {
  return (props) => {
    const statements = statementsOf(at(props, path));
    if (statements === unknown) return [notKnown(path)];
    return statements
      .filter(isForAll)
      .map(() =>
        wrong(
          `${path} allows everybody`,
          'name who is meant as the Principal, or limit the statement to an account or organisation by a Condition',
        ),
      );
  };
};

// Conditions that say who; others, as on TLS, leave it open to the world.
const saysWho =
  /"(aws:(SourceAccount|SourceArn|SourceOrgID|PrincipalOrgID|PrincipalAccount|PrincipalArn|SourceVpc|SourceVpce)|kms:CallerAccount)"/i;

function isForAll({ effect, principals, conditions }: Statement): boolean {
  return effect === 'Allow' && principals.includes('*') && !saysWho.test(JSON.stringify(conditions) ?? '');
}

export const noOpenResourcePolicy: ResourceRule = {
  id: 'no-open-resource-policy',
  looksAt: 'resource',
  wants:
    'No policy of a bucket, key, topic, queue, secret, repository or role allows everybody in the world.',
  judge: judgeTypes({
    'aws:s3/bucketPolicy:BucketPolicy': nobodyAtLarge('policy'),
    'aws:kms/key:Key': nobodyAtLarge('policy'),
    'aws:kms/replicaKey:ReplicaKey': nobodyAtLarge('policy'),
    'aws:sns/topicPolicy:TopicPolicy': nobodyAtLarge('policy'),
    'aws:sqs/queuePolicy:QueuePolicy': nobodyAtLarge('policy'),
    'aws:secretsmanager/secretPolicy:SecretPolicy': nobodyAtLarge('policy'),
    'aws:ecr/repositoryPolicy:RepositoryPolicy': nobodyAtLarge('policy'),
    'aws:iam/role:Role': nobodyAtLarge('assumeRolePolicy'),
  }),
  passes: {
    type: 'aws:s3/bucketPolicy:BucketPolicy',
    props: { policy: { Statement: [{ Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: '*' }] } },
  },
  fails: {
    type: 'aws:s3/bucketPolicy:BucketPolicy',
    props: {
      policy: { Statement: [{ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: '*' }] },
    },
  },
};

/** TLS to buckets is asked for by their policies alone. */
export const bucketsWithTls: ResourceRule = {
  id: 'buckets-with-tls',
  looksAt: 'resource',
  wants: 'A bucket answers nobody without TLS.',
  judge: judgeTypes({
    'aws:s3/bucketPolicy:BucketPolicy': (props) => {
      const statements = statementsOf(at(props, 'policy'));
      if (statements === unknown) return [notKnown('policy')];
      return statements.some(refusesWithoutTls)
        ? []
        : [
            wrong(
              'its policy lets it be read without TLS',
              "add { Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: [bucket, bucket/*], Condition: { Bool: { 'aws:SecureTransport': 'false' } } }",
            ),
          ];
    },
  }),
  passes: {
    type: 'aws:s3/bucketPolicy:BucketPolicy',
    props: {
      policy: {
        Statement: [
          {
            Effect: 'Deny',
            Principal: '*',
            Action: 's3:*',
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          },
        ],
      },
    },
  },
  fails: {
    type: 'aws:s3/bucketPolicy:BucketPolicy',
    props: { policy: { Statement: [] } },
  },
};

function refusesWithoutTls({ effect, actions, principals, conditions }: Statement): boolean {
  return (
    effect === 'Deny' &&
    principals.includes('*') &&
    actions.some((action) => action === '*' || action === 's3:*') &&
    /^\{"Bool":\{"aws:SecureTransport":\[?"?false"?\]?\}\}$/i.test(JSON.stringify(conditions) ?? '')
  );
}
