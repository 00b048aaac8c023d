import type { Kind, Question, Refusal, Thing, Values } from '../../kind.ts';
import { capitalsOf, flagAt, hexOf, numberAt, refusal, textAt, textOf, uuidOf } from '../values.ts';
import { arn } from './arn.ts';
import { keyArn } from './kms-lookup.ts';
import { subnetsOf, zonesOfSubnets } from './networks.ts';
import { engineOf, familyOf } from './rds-engines.ts';
import { parameterGroupType, rdsGroupKinds, subnetGroupType } from './rds-groups.ts';
import {
  credentialProblems,
  engineProblems,
  identifierProblems,
  instanceKeyProblems,
  instanceType,
  monitoringProblems,
  networkProblems,
  replicaProblems,
  sourceOf,
  nameProblems,
  windowProblems,
} from './rds-instance-checks.ts';
import { storageProblems, storageType } from './rds-storage.ts';
import { toSecurityGroup } from './references.ts';

const instance: Kind = {
  type: instanceType,
  api: {
    service: 'RDS',
    create: 'CreateDBInstance',
    read: 'DescribeDBInstances',
    update: 'ModifyDBInstance',
    delete: 'DeleteDBInstance',
  },
  naming: {
    property: 'identifier',
    maxLength: 63,
    lowercase: true,
    taken: { code: 'DBInstanceAlreadyExists', message: 'DB instance already exists' },
  },
  references: [
    {
      property: 'dbSubnetGroupName',
      to: subnetGroupType,
      missing: { code: 'DBSubnetGroupNotFoundFault', message: "DB subnet group '{value}' does not exist." },
      blocks: {
        code: 'InvalidDBSubnetGroupStateFault',
        message:
          "Cannot delete the subnet group '{id}' because at least one database instance is still using it.",
      },
    },
    toSecurityGroup('vpcSecurityGroupIds.*', 'InvalidParameterValue'),
    {
      property: 'monitoringRoleArn',
      to: 'aws:iam/role:Role',
      by: 'arn',
      where: 'anywhere',
      missing: {
        code: 'InvalidParameterValue',
        message:
          'IAM role ARN value is invalid or does not include the required permissions for: ENHANCED_MONITORING',
      },
    },
  ],
  quota: {
    count: 40,
    per: 'region',
    refusal: {
      code: 'InstanceQuotaExceeded',
      message: 'The request would result in the user exceeding the allowed number of DB instances.',
    },
  },
  takes: { create: 600, update: 300, delete: 300 },
  replaces: [
    'availabilityZone',
    'characterSetName',
    'dbName',
    'engine',
    'identifierPrefix',
    'kmsKeyId',
    'storageEncrypted',
    'timezone',
    'username',
  ],
  updates: [
    'allocatedStorage',
    'engineVersion',
    'identifier',
    'instanceClass',
    'multiAz',
    'parameterGroupName',
    'password',
    'replicateSourceDb',
  ],
  secret: ['password'],
  defaults: () => ({
    applyImmediately: false,
    autoMinorVersionUpgrade: true,
    copyTagsToSnapshot: false,
    deleteAutomatedBackups: true,
    monitoringInterval: 0,
    publiclyAccessible: false,
    skipFinalSnapshot: false,
  }),
  check: (question) => [
    ...identifierProblems(question),
    ...engineProblems(question),
    ...storageProblems(question),
    ...credentialProblems(question),
    ...networkProblems(question),
    ...nameProblems(question),
    ...windowProblems(question),
    ...monitoringProblems(question),
    ...instanceKeyProblems(question),
    ...replicaProblems(question),
    ...parameterGroupProblems(question),
  ],
  id: (_question, random) => `db-${capitalsOf(random, 26)}`,
  outputs: instanceOutputs,
  arn: ({ inputs }) => `db:${textAt(inputs, 'identifier') ?? ''}`,
  holds: holdsInstance,
};

/** Databases of RDS. */
export const rdsKinds: readonly Kind[] = [instance, ...rdsGroupKinds];

// Groups of RDS's own, `default.postgres16`, are always there.
function parameterGroupProblems({ inputs, cloud, place, calling }: Question): readonly Refusal[] {
  const name = textAt(inputs, 'parameterGroupName');
  const there =
    name === undefined || name.startsWith('default.') || cloud.get(parameterGroupType, name, place);
  return there || calling === undefined
    ? []
    : [refusal('DBParameterGroupNotFound', `DBParameterGroup not found: ${name}`, 'parameterGroupName')];
}

function instanceOutputs(question: Question, id: string): Values {
  const { inputs, place } = question;
  const source = sourceOf(question, textAt(inputs, 'replicateSourceDb') ?? '');
  const of = (name: string): string | undefined => textAt(inputs, name) ?? (source && textOf(source, name));
  const engine = engineOf(of('engine') ?? '');
  const version = of('engineVersion') ?? engine?.usual ?? '';
  const identifier = textAt(inputs, 'identifier') ?? '';
  // The same three letters for all of an account in a region, as RDS does it.
  const address = `${identifier}.${hexOf(`${place.account} ${place.region} rds`, 12)}.${place.region}.rds.amazonaws.com`;
  const port = numberAt(inputs, 'port') ?? engine?.port ?? 0;
  const insights = flagAt(inputs, 'performanceInsightsEnabled') === true;
  const key = textAt(inputs, 'kmsKeyId');
  return {
    identifier,
    resourceId: id,
    address,
    endpoint: `${address}:${port}`,
    port,
    status: 'available',
    engine: engine?.name ?? '',
    engineVersion: version,
    // The provider shows the whole version where the program names the family alone.
    engineVersionActual:
      engine?.majors.includes(version) === true && version.split('.').length < 2 ? `${version}.4` : version,
    hostedZoneId: hostedZones[place.region] ?? 'Z2R2ITUGPM61AM',
    latestRestorableTime: '',
    listenerEndpoints: [],
    masterUserSecrets: managedSecret(question, id),
    replicas: [],
    upgradeRolloutOrder: 'second',
    allocatedStorage:
      numberAt(inputs, 'allocatedStorage') ?? (source && numberAt(source.inputs, 'allocatedStorage')) ?? 0,
    availabilityZone: textAt(inputs, 'availabilityZone') ?? zoneOf(question),
    backupRetentionPeriod: 0,
    backupTarget: 'region',
    backupWindow: '07:06-07:36',
    characterSetName: '',
    domainFqdn: '',
    masterUserSecretKmsKeyId: '',
    ncharCharacterSetName: '',
    replicaMode: '',
    snapshotIdentifier: '',
    timezone: '',
    caCertIdentifier: 'rds-ca-rsa2048-g1',
    databaseInsightsMode: 'standard',
    dbName: (source && textOf(source, 'dbName')) ?? '',
    dedicatedLogVolume: false,
    engineLifecycleSupport: 'open-source-rds-extended-support',
    iops: storageType(inputs) === 'gp3' ? 3000 : 0,
    kmsKeyId: key !== undefined ? keyArn(question, key) : ((source && textOf(source, 'kmsKeyId')) ?? ''),
    licenseModel: engine?.license ?? '',
    maintenanceWindow: 'sun:09:03-sun:09:33',
    monitoringRoleArn: '',
    multiAz: false,
    networkType: 'IPV4',
    optionGroupName:
      engine === undefined
        ? ''
        : `default:${familyOf(engine, version)
            .replace(/^([a-z]+)/, '$1-')
            .replace('.', '-')}`,
    parameterGroupName: engine === undefined ? '' : `default.${familyOf(engine, version)}`,
    performanceInsightsKmsKeyId: insights
      ? arn('kms', place, `key/${uuidOf(`${place.account} aws/rds`)}`)
      : '',
    performanceInsightsRetentionPeriod: insights ? 7 : 0,
    storageEncrypted: source?.inputs['storageEncrypted'] === true,
    storageThroughput: storageType(inputs) === 'gp3' ? 125 : 0,
    storageType: storageType(inputs),
    username: (source && textOf(source, 'username')) ?? '',
    vpcSecurityGroupIds: [],
  };
}

// https://docs.aws.amazon.com/general/latest/gr/rds-service.html
const hostedZones: Readonly<Record<string, string>> = {
  'us-east-1': 'Z2R2ITUGPM61AM',
  'us-east-2': 'Z2XHWR1WZ565X2',
  'us-west-1': 'Z10WI91S59XXQN',
  'us-west-2': 'Z1PVIF0B656C1W',
  'eu-central-1': 'Z1RLNUO7B9Q6NB',
  'eu-west-1': 'Z29XKXDKYMONMX',
  'eu-west-2': 'ZTTUWIPDGWWLT',
  'ap-southeast-1': 'Z2G0U3KFCY8NZ5',
};

function managedSecret(question: Question, id: string): readonly Values[] {
  const { inputs, place } = question;
  if (flagAt(inputs, 'manageMasterUserPassword') !== true) return [];
  const key = textAt(inputs, 'masterUserSecretKmsKeyId');
  return [
    {
      kmsKeyId:
        key === undefined
          ? arn('kms', place, `key/${uuidOf(`${place.account} aws/secretsmanager`)}`)
          : keyArn(question, key),
      secretArn: arn('secretsmanager', place, `secret:rds!${id.toLowerCase()}-${hexOf(id, 6)}`),
      secretStatus: 'active',
    },
  ];
}

function zoneOf(question: Question): string {
  const group = question.cloud.get(
    subnetGroupType,
    textAt(question.inputs, 'dbSubnetGroupName') ?? '',
    question.place,
  );
  const ids = (group?.inputs['subnetIds'] ?? []) as readonly string[];
  return zonesOfSubnets(subnetsOf(question, ids))[0] ?? `${question.place.region}a`;
}

function holdsInstance({ inputs }: Thing): Refusal | undefined {
  if (flagAt(inputs, 'deletionProtection') === true)
    return refusal(
      'InvalidParameterCombination',
      'Cannot delete protected DB Instance, please disable deletion protection and try again.',
    );
  const final = textAt(inputs, 'finalSnapshotIdentifier');
  const skips = flagAt(inputs, 'skipFinalSnapshot') === true;
  if (!skips && final === undefined)
    return refusal(
      'InvalidParameterCombination',
      'final_snapshot_identifier is required when skip_final_snapshot is false',
    );
  return !skips && textAt(inputs, 'replicateSourceDb') !== undefined
    ? refusal(
        'InvalidParameterCombination',
        'FinalDBSnapshotIdentifier can not be specified when deleting a replica instance',
      )
    : undefined;
}
