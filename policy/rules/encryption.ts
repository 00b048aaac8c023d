import { isGiven, isOneOf, isTrue, ofEach, where } from '../demands.ts';
import { allOf, is, type Fact } from '../facts.ts';
import { judgeTypes, notKnown, wrong, type Demand, type ResourceRule } from '../rule.ts';
import { at, isThere, listOf, or, textOf, unknown, type Value, type Values } from '../values.ts';

const key = 'the ARN of a KMS key';

/** Buckets are always encrypted by S3; which key, their configuration tells. */
export const encryptedAtRest: ResourceRule = {
  id: 'encrypted-at-rest',
  looksAt: 'resource',
  wants: 'Whatever keeps data is encrypted where it lies.',
  judge: judgeTypes({
    'aws:rds/instance:Instance': isTrue('storageEncrypted'),
    'aws:rds/cluster:Cluster': isTrue('storageEncrypted'),
    'aws:docdb/cluster:Cluster': isTrue('storageEncrypted'),
    'aws:neptune/cluster:Cluster': isTrue('storageEncrypted'),
    'aws:elasticache/replicationGroup:ReplicationGroup': isTrue('atRestEncryptionEnabled'),
    'aws:memorydb/cluster:Cluster': isGiven('kmsKeyArn', key),
    'aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration': ofEach(
      'rules',
      isOneOf('applyServerSideEncryptionByDefault.sseAlgorithm', ['aws:kms', 'aws:kms:dsse', 'AES256']),
    ),
    'aws:ebs/volume:Volume': isTrue('encrypted'),
    'aws:ec2/instance:Instance': [
      isTrue('rootBlockDevice.encrypted'),
      ofEach('ebsBlockDevices', isTrue('encrypted')),
    ],
    'aws:ec2/launchTemplate:LaunchTemplate': ofEach('blockDeviceMappings', isTrue('ebs.encrypted')),
    'aws:efs/fileSystem:FileSystem': isTrue('encrypted'),
    'aws:dynamodb/table:Table': isTrue('serverSideEncryption.enabled'),
    'aws:opensearch/domain:Domain': isTrue('encryptAtRest.enabled'),
    'aws:kinesis/stream:Stream': isOneOf('encryptionType', ['KMS']),
    'aws:sqs/queue:Queue': (props) =>
      at(props, 'sqsManagedSseEnabled') === true
        ? []
        : isGiven('kmsMasterKeyId', `${key}, or sqsManagedSseEnabled: true`)(props),
    'aws:sns/topic:Topic': isGiven('kmsMasterKeyId', key),
    'aws:cloudwatch/logGroup:LogGroup': isGiven('kmsKeyId', key),
    'aws:cloudtrail/trail:Trail': isGiven('kmsKeyId', key),
    'aws:ecr/repository:Repository': isOneOf('encryptionConfigurations.0.encryptionType', [
      'KMS',
      'KMS_DSSE',
    ]),
    'aws:secretsmanager/secret:Secret': isGiven('kmsKeyId', key),
    'aws:backup/vault:Vault': isGiven('kmsKeyArn', key),
  }),
  passes: { type: 'aws:rds/instance:Instance', props: { storageEncrypted: true } },
  fails: { type: 'aws:rds/instance:Instance', props: { storageEncrypted: false } },
};

// From 15 on it is what PostgreSQL on RDS does unless it is told otherwise:
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/PostgreSQL.Concepts.General.SSL.html
const forcedSince = 15;

const postgresForcesTls: Demand = (props) => {
  const family = at(props, 'family');
  const version =
    typeof family === 'string' ? /^(?:aurora-)?postgres(?:ql)?(\d+)/.exec(family)?.[1] : undefined;
  if (version === undefined) return [];
  const all = listOf(at(props, 'parameters'));
  if (all.includes(unknown)) return [notKnown('parameters')];
  const parameters = all.filter((each) => at(each, 'name') === 'rds.force_ssl');
  const value = parameters.length === 0 ? Number(Number(version) >= forcedSince) : at(parameters[0], 'value');
  if (value === unknown) return [notKnown('parameters')];
  return textOf(value) === '1'
    ? []
    : [wrong('rds.force_ssl is off', "set the parameter { name: 'rds.force_ssl', value: '1' }")];
};

const encryptedDisks: Demand = ofEach(
  'volumes',
  where(
    (volume) => isThere(at(volume, 'efsVolumeConfiguration')),
    isOneOf('efsVolumeConfiguration.transitEncryption', ['ENABLED']),
  ),
);

/** Between a service and what it keeps its data in. */
export const encryptedInTransit: ResourceRule = {
  id: 'encrypted-in-transit',
  looksAt: 'resource',
  wants: 'Databases, caches, search, streams and shared disks are reached with TLS only.',
  judge: judgeTypes({
    'aws:rds/parameterGroup:ParameterGroup': postgresForcesTls,
    'aws:rds/clusterParameterGroup:ClusterParameterGroup': postgresForcesTls,
    'aws:elasticache/replicationGroup:ReplicationGroup': [
      isTrue('transitEncryptionEnabled'),
      isOneOf('transitEncryptionMode', ['required'], 'required'),
    ],
    'aws:memorydb/cluster:Cluster': isOneOf('tlsEnabled', [true], true),
    'aws:opensearch/domain:Domain': [
      isTrue('nodeToNodeEncryption.enabled'),
      isTrue('domainEndpointOptions.enforceHttps'),
    ],
    'aws:msk/cluster:Cluster': isOneOf('encryptionInfo.encryptionInTransit.clientBroker', ['TLS'], 'TLS'),
    'aws:ecs/taskDefinition:TaskDefinition': encryptedDisks,
  }),
  passes: {
    type: 'aws:elasticache/replicationGroup:ReplicationGroup',
    props: { transitEncryptionEnabled: true },
  },
  fails: {
    type: 'aws:elasticache/replicationGroup:ReplicationGroup',
    props: { transitEncryptionEnabled: true, transitEncryptionMode: 'preferred' },
  },
};

/** Policies of load balancers that speak TLS 1.2 and 1.3 with forward secrecy, and nothing older. */
const strongPolicy = /^ELBSecurityPolicy-(TLS13-1-3|TLS13-1-2-Res|FS-1-2-Res)-(FIPS-)?(PQ-)?\d{4}-\d{2}$/;

const strongListener: Demand = (props) => {
  const [protocol, policy] = [at(props, 'protocol'), at(props, 'sslPolicy')];
  if (protocol === unknown) return [notKnown('protocol')];
  if (protocol !== 'HTTPS' && protocol !== 'TLS') return [];
  if (policy === unknown) return [notKnown('sslPolicy')];
  if (typeof policy === 'string' && strongPolicy.test(policy)) return [];
  const given = typeof policy === 'string' ? policy : 'not given, which is one of 2016';
  return [wrong(`sslPolicy is ${given}`, 'set sslPolicy: "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"')];
};

export const strongTls: ResourceRule = {
  id: 'strong-tls',
  looksAt: 'resource',
  wants: 'Listeners and distributions offer TLS 1.2 or newer, and no old ciphers.',
  judge: judgeTypes({
    'aws:lb/listener:Listener': strongListener,
    'aws:cloudfront/distribution:Distribution': isOneOf('viewerCertificate.minimumProtocolVersion', [
      'TLSv1.2_2021',
      'TLSv1.2_2025',
      'TLSv1.3_2025',
    ]),
    'aws:opensearch/domain:Domain': isOneOf('domainEndpointOptions.tlsSecurityPolicy', [
      'Policy-Min-TLS-1-2-PFS-2023-10',
      'Policy-Min-TLS-1-2-RFC9151-FIPS-2024-08',
    ]),
    'aws:apigateway/domainName:DomainName': isOneOf('securityPolicy', ['TLS_1_2']),
  }),
  passes: {
    type: 'aws:lb/listener:Listener',
    props: { protocol: 'HTTPS', sslPolicy: 'ELBSecurityPolicy-TLS13-1-2-Res-2021-06' },
  },
  fails: {
    type: 'aws:lb/listener:Listener',
    props: { protocol: 'HTTPS', sslPolicy: 'ELBSecurityPolicy-2016-08' },
  },
};

/** What a listener speaks: a load balancer takes HTTP where nothing is said, one that is a gateway has no port either. */
export function protocolOf(listener: Values): Value {
  return or(at(listener, 'protocol'), isThere(at(listener, 'port')) ? 'HTTP' : undefined);
}

/** Whether actions of a listener do nothing but send to HTTPS. */
export function onlySendsToHttps(actions: readonly Value[]): Fact {
  return allOf(
    actions.length > 0,
    ...actions.map((action) =>
      allOf(is(at(action, 'type'), 'redirect'), is(at(action, 'redirect.protocol'), 'HTTPS')),
    ),
  );
}

const onlyRedirects: Demand = (props) => {
  const protocol = protocolOf(props);
  if (protocol === unknown) return [notKnown('protocol')];
  if (protocol !== 'HTTP') return [];
  const sends = onlySendsToHttps(listOf(at(props, 'defaultActions')));
  if (sends === unknown) return [notKnown('defaultActions')];
  return sends
    ? []
    : [
        wrong(
          'it answers HTTP, which anybody on the way can read and change',
          "set defaultActions: [{ type: 'redirect', redirect: { protocol: 'HTTPS', port: '443', statusCode: 'HTTP_301' } }]",
        ),
      ];
};

export const httpOnlyRedirects: ResourceRule = {
  id: 'http-only-redirects',
  looksAt: 'resource',
  wants: 'HTTP does nothing but send to HTTPS.',
  judge: judgeTypes({
    'aws:lb/listener:Listener': onlyRedirects,
    'aws:cloudfront/distribution:Distribution': [
      isOneOf('defaultCacheBehavior.viewerProtocolPolicy', ['redirect-to-https', 'https-only']),
      ofEach('orderedCacheBehaviors', isOneOf('viewerProtocolPolicy', ['redirect-to-https', 'https-only'])),
    ],
  }),
  passes: {
    type: 'aws:lb/listener:Listener',
    props: { protocol: 'HTTP', defaultActions: [{ type: 'redirect', redirect: { protocol: 'HTTPS' } }] },
  },
  fails: {
    type: 'aws:lb/listener:Listener',
    props: { protocol: 'HTTP', defaultActions: [{ type: 'forward' }] },
  },
};
