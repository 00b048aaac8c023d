import { isGiven, isNotTrue, isOneOf, isTrue, ofEach, where } from '../demands.ts';
import { everyOf, someOf, statementsOf, type Statement } from '../documents.ts';
import { isForAll, isForAllOfAnIssuer } from '../everybody.ts';
import { allOf, anyOf, not, type Fact } from '../facts.ts';
import { judgeTypes, notKnown, wrong, type Demand, type ResourceRule } from '../rule.ts';
import { at, isThere, listOf, textOf, unknown } from '../values.ts';

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
    'aws:ec2/launchTemplate:LaunchTemplate': ofEach(
      'networkInterfaces',
      isNotTrue('associatePublicIpAddress'),
    ),
    'aws:ec2/subnet:Subnet': isNotTrue('mapPublicIpOnLaunch'),
    'aws:cloudwatch/eventTarget:EventTarget': isNotTrue('ecsTarget.networkConfiguration.assignPublicIp'),
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

// Groups that S3 has for everybody, and for everybody with an account of AWS, whosever it is.
const notToAll = (path: string): Demand => {
  return (grant) =>
    /\/global\/(AllUsers|AuthenticatedUsers)$/.test(textOf(at(grant, path)))
      ? [wrong(`it is granted to ${textOf(at(grant, path)).split('/').at(-1) ?? ''}`, 'take that grant away')]
      : [];
};

export const noPublicBucket: ResourceRule = {
  id: 'no-public-bucket',
  looksAt: 'resource',
  wants: 'Nobody outside can read or write a bucket.',
  judge: judgeTypes({
    'aws:s3/bucket:Bucket': [notPublic, ofEach('grants', notToAll('uri'))],
    'aws:s3/bucketAcl:BucketAcl': [notPublic, ofEach('accessControlPolicy.grants', notToAll('grantee.uri'))],
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

/** A demand of every statement of a document. */
const noStatement = (
  path: string,
  isWrong: (statement: Statement) => Fact,
  what: string,
  remedy: string,
): Demand => {
  return (props) => {
    const statements = statementsOf(at(props, path));
    if (statements === unknown) return [notKnown(path)];
    return statements.map(isWrong).flatMap((fact) => {
      if (fact === unknown) return [notKnown(path)];
      return fact ? [wrong(`${path} ${what}`, remedy)] : [];
    });
  };
};

const nobodyAtLarge = (path: string): Demand =>
  noStatement(
    path,
    isForAll,
    'allows everybody',
    'name who is meant as the Principal, or limit the statement to an account or organisation by a Condition',
  );

const nobodyOfTheIssuer = noStatement(
  'assumeRolePolicy',
  isForAllOfAnIssuer,
  'lets in whoever has an account with the issuer of its tokens',
  "say whose by a Condition: { StringLike: { 'token.actions.githubusercontent.com:sub': 'repo:owner/name:*' } }",
);

const sharedWithAll = (path: string): Demand => {
  return (props) =>
    listOf(at(props, path)).includes('all')
      ? [wrong('every account of AWS can read it', 'name the accounts that may')]
      : [];
};

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
    'aws:iam/role:Role': [nobodyAtLarge('assumeRolePolicy'), nobodyOfTheIssuer],
    // These take their policy among their own arguments as well.
    'aws:s3/bucket:Bucket': nobodyAtLarge('policy'),
    'aws:kms/keyPolicy:KeyPolicy': nobodyAtLarge('policy'),
    'aws:sns/topic:Topic': nobodyAtLarge('policy'),
    'aws:sqs/queue:Queue': nobodyAtLarge('policy'),
    'aws:secretsmanager/secret:Secret': nobodyAtLarge('policy'),
    'aws:backup/vaultPolicy:VaultPolicy': nobodyAtLarge('policy'),
    'aws:lambda/permission:Permission': where(
      (props) => !isThere(at(props, 'sourceAccount')) && !isThere(at(props, 'principalOrgId')),
      (props) =>
        at(props, 'principal') === '*'
          ? [
              wrong(
                'everybody may invoke it',
                'name the service or account, or set sourceAccount or principalOrgId',
              ),
            ]
          : [],
    ),
    'aws:rds/snapshot:Snapshot': sharedWithAll('sharedAccounts'),
    'aws:rds/clusterSnapshot:ClusterSnapshot': sharedWithAll('sharedAccounts'),
    'aws:ec2/amiLaunchPermission:AmiLaunchPermission': sharedWithAll('group'),
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
      const refuses = anyOf(...statements.map(refusesWithoutTls));
      if (refuses === unknown) return [notKnown('policy')];
      return refuses
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

function refusesWithoutTls({ allows, actions, principals, conditions }: Statement): Fact {
  const asked = conditions === unknown ? [] : conditions;
  return allOf(
    not(allows),
    someOf(principals, (each) => each === '*'),
    someOf(actions, (action) => action === '*' || action === 's3:*'),
    conditions === unknown ? unknown : asked.length === 1,
    ...asked.map(({ operator, key, values }) =>
      allOf(
        operator === 'Bool' && /^aws:SecureTransport$/i.test(key),
        everyOf(values, (value) => /^false$/i.test(value)),
      ),
    ),
  );
}
