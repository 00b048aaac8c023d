import type { Question, Refusal, Thing } from '../../kind.ts';
import { flagAt, isGiven, isUnknown, numberAt, refusal, textAt, textOf, textsAt } from '../values.ts';
import { parseArn } from './arn.ts';
import { keyProblems, keyRefusal } from './kms-lookup.ts';
import { strayGroup } from './networks.ts';
import { compareVersions, engineOf, familyOf, hasVersion, runsOn } from './rds-engines.ts';
import type { Engine } from './rds-engines.ts';
import { parameterGroupType, subnetGroupType } from './rds-groups.ts';
import { windowLength, windowsOverlap } from './windows.ts';

export const instanceType = 'aws:rds/instance:Instance';

const combination = (message: string, property: string): readonly Refusal[] => [
  refusal('InvalidParameterCombination', message, property),
];
const value = (message: string, property: string): readonly Refusal[] => [
  refusal('InvalidParameterValue', message, property),
];

/** Letters, digits and single hyphens, a letter first. */
export function identifierProblems({ inputs }: Question): readonly Refusal[] {
  const name = textAt(inputs, 'identifier');
  if (name === undefined) return [];
  const bad = (why: string): readonly Refusal[] => value(why, 'identifier');
  if (!/^[0-9a-z-]+$/.test(name))
    return bad('only lowercase alphanumeric characters and hyphens allowed in "identifier"');
  if (!/^[a-z]/.test(name)) return bad('first character of "identifier" must be a letter');
  if (name.includes('--')) return bad('"identifier" cannot contain two consecutive hyphens');
  if (name.endsWith('-')) return bad('"identifier" cannot end with a hyphen');
  return name.length > 63 ? bad('"identifier" cannot be longer than 63 characters') : [];
}

/** The name of the database, the port, and the name of the last snapshot. */
export function nameProblems({ inputs }: Question): readonly Refusal[] {
  const database = textAt(inputs, 'dbName');
  const port = numberAt(inputs, 'port');
  const snapshot = textAt(inputs, 'finalSnapshotIdentifier');
  return [
    // https://github.com/hashicorp/terraform-provider-aws/issues/1137; underscores are taken.
    ...(database !== undefined && !/^([A-Za-z]\w{0,63})?$/.test(database)
      ? value('DBName must begin with a letter and contain only alphanumeric characters.', 'dbName')
      : []),
    // https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html; a paraphrase.
    ...(port !== undefined && (port < 1150 || port > 65_535)
      ? value(`Invalid database port ${port}: valid values are 1150-65535.`, 'port')
      : []),
    // The provider's own checks.
    ...(snapshot !== undefined && !/^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$/.test(snapshot)
      ? value(
          'only alphanumeric characters and hyphens allowed in "final_snapshot_identifier", no two hyphens in a row and none at the end',
          'finalSnapshotIdentifier',
        )
      : []),
  ];
}

/** Engine, version, class and parameter group must go together. */
export function engineProblems(question: Question): readonly Refusal[] {
  const { inputs, before, cloud, place, calling } = question;
  const name = textAt(inputs, 'engine');
  if (isGiven(question, 'replicateSourceDb')) return [];
  if (name === undefined)
    return isGiven(question, 'engine') || isGiven(question, 'snapshotIdentifier')
      ? []
      : value('The parameter Engine must be provided and must not be blank.', 'engine');
  const engine = engineOf(name);
  if (engine === undefined) return value(`Invalid DB engine: ${name}`, 'engine');
  const version = textAt(inputs, 'engineVersion') ?? engine.usual;
  if (!hasVersion(engine, version))
    return combination(`Cannot find version ${version} for ${name}`, 'engineVersion');
  const instanceClass = textAt(inputs, 'instanceClass');
  if (instanceClass !== undefined && !runsOn(engine, version, instanceClass))
    return combination(
      `RDS does not support creating a DB instance with the following combination: DBInstanceClass=${instanceClass}, Engine=${name}, EngineVersion=${version}, LicenseModel=${engine.license}. For supported combinations of instance class and database engine version, see the documentation.`,
      'instanceClass',
    );
  const group = cloud.get(parameterGroupType, textAt(inputs, 'parameterGroupName') ?? '', place);
  const family = group === undefined ? undefined : textOf(group, 'family');
  const wanted = familyOf(engine, version);
  // In preview the group may be about to change. https://github.com/aws-quickstart/quickstart-r3-corda/issues/25
  if (family !== undefined && family !== wanted && calling !== undefined)
    return combination(
      `The Parameter Group ${textAt(inputs, 'parameterGroupName') ?? ''} with DBParameterGroupFamily ${family} cannot be used for this instance. Please use a Parameter Group with DBParameterGroupFamily ${wanted}`,
      'parameterGroupName',
    );
  const log = textsAt(inputs, 'enabledCloudwatchLogsExports').find((each) => !engine.logs.includes(each));
  if (log !== undefined)
    return combination(
      `You cannot use the log types '${log}' with engine version ${name} ${version}. For supported log types, see the documentation.`,
      'enabledCloudwatchLogsExports',
    );
  return before === undefined ? [] : upgradeProblems(engine, before, version, inputs);
}

function upgradeProblems(
  engine: Engine,
  before: Thing,
  version: string,
  inputs: Question['inputs'],
): readonly Refusal[] {
  const old = textOf(before, 'engineVersionActual') ?? textOf(before, 'engineVersion') ?? version;
  const named = textAt(inputs, 'engineVersion');
  if (named === undefined) return [];
  const same = old === version || old.startsWith(`${version}.`);
  if (!same && compareVersions(version, old) < 0)
    return combination(`Cannot upgrade ${engine.name} from ${old} to ${version}`, 'engineVersion');
  return familyOf(engine, old) !== familyOf(engine, version) &&
    flagAt(inputs, 'allowMajorVersionUpgrade') !== true
    ? combination(
        'The AllowMajorVersionUpgrade flag must be present when upgrading to a new major version.',
        'engineVersion',
      )
    : [];
}

/** Who the first user is, and who keeps the password. */
export function credentialProblems(question: Question): readonly Refusal[] {
  const { inputs, before } = question;
  const copied = ['replicateSourceDb', 'snapshotIdentifier', 'restoreToPointInTime'].some((each) =>
    isGiven(question, each),
  );
  const engine = engineOf(textAt(inputs, 'engine') ?? '');
  if (copied || engine === undefined) return [];
  const username = textAt(inputs, 'username');
  const managed = flagAt(inputs, 'manageMasterUserPassword') === true;
  const given = isGiven(question, 'password') || isGiven(question, 'passwordWo');
  // The provider says this one itself, before anything is sent.
  if (managed && given)
    return combination('"manage_master_user_password": conflicts with password', 'manageMasterUserPassword');
  if (username === undefined && !isUnknown(question, 'username'))
    return value('The parameter MasterUsername must be provided and must not be blank.', 'username');
  if (!managed && !given && before === undefined && !isUnknown(question, 'manageMasterUserPassword'))
    return value('The parameter MasterUserPassword must be provided and must not be blank.', 'password');
  if (!managed && isGiven(question, 'masterUserSecretKmsKeyId'))
    return combination(
      'You can only specify MasterUserSecretKmsKeyId when ManageMasterUserPassword is true.',
      'masterUserSecretKmsKeyId',
    );
  return [...usernameProblems(username, engine), ...passwordProblems(textAt(inputs, 'password'), engine)];
}

function usernameProblems(username: string | undefined, engine: Engine): readonly Refusal[] {
  if (username === undefined) return [];
  if (engine.reserved.includes(username.toLowerCase()))
    return value(
      `MasterUsername ${username} cannot be used as it is a reserved word used by the engine`,
      'username',
    );
  return /^[a-zA-Z][a-zA-Z0-9_]*$/.test(username) && username.length <= engine.maxUsername
    ? []
    : value(
        'MasterUsername must begin with a letter and contain only alphanumeric characters or underscores.',
        'username',
      );
}

function passwordProblems(password: string | undefined, engine: Engine): readonly Refusal[] {
  if (password === undefined) return [];
  const bad = (why: string): readonly Refusal[] =>
    value(`The parameter MasterUserPassword is not a valid password${why}`, 'password');
  if (password.length < 8) return bad(' because it is shorter than 8 characters.');
  if (password.length > engine.maxPassword)
    return bad(` because it is longer than ${engine.maxPassword} characters.`);
  return /^[!-~]*$/.test(password) && !/[/@" ]/.test(password)
    ? []
    : bad(`. Only printable ASCII characters besides '/', '@', '"', ' ' may be used.`);
}

/** Groups of the network: all in one VPC. Accounts of the twin have no default VPC. */
export function networkProblems(question: Question): readonly Refusal[] {
  const { inputs, cloud, place } = question;
  const name = textAt(inputs, 'dbSubnetGroupName');
  if (name === undefined)
    return isGiven(question, 'dbSubnetGroupName') || isGiven(question, 'replicateSourceDb')
      ? []
      : [
          refusal(
            'InvalidSubnet',
            'No default subnet detected in VPC. Please contact AWS Support to recreate the default Subnets.',
            'dbSubnetGroupName',
          ),
        ];
  const group = cloud.get(subnetGroupType, name, place);
  const vpcId = group === undefined ? undefined : textOf(group, 'vpcId');
  const stray = strayGroup(question, textsAt(inputs, 'vpcSecurityGroupIds'), vpcId);
  const zone = textAt(inputs, 'availabilityZone');
  return [
    ...(stray === undefined
      ? []
      : combination(
          `The DB instance and EC2 security group are in different VPCs. The DB instance is in ${vpcId ?? ''} and the EC2 security group is in ${stray.vpcId}`,
          'vpcSecurityGroupIds',
        )),
    ...(zone !== undefined && flagAt(inputs, 'multiAz') === true
      ? combination(
          'Requesting a specific availability zone is not valid for Multi-AZ instances.',
          'availabilityZone',
        )
      : []),
    ...(zone !== undefined && !zone.startsWith(place.region)
      ? [refusal('InvalidVPCNetworkStateFault', `Invalid availability zone: ${zone}`, 'availabilityZone')]
      : []),
  ];
}

/** Backups and maintenance: days kept, and windows that must not meet. */
export function windowProblems({ inputs }: Question): readonly Refusal[] {
  const days = numberAt(inputs, 'backupRetentionPeriod');
  const backup = textAt(inputs, 'backupWindow');
  const maintenance = textAt(inputs, 'maintenanceWindow');
  if (days !== undefined && (days < 0 || days > 35 || !Number.isInteger(days)))
    return value(
      `expected backup_retention_period to be in the range (0 - 35), got ${days}`,
      'backupRetentionPeriod',
    );
  if (backup !== undefined && (!/^\d/.test(backup) || windowLength(backup) === undefined))
    return value('"backup_window" must satisfy the format of "hh24:mi-hh24:mi".', 'backupWindow');
  if (maintenance !== undefined && (/^\d/.test(maintenance) || windowLength(maintenance) === undefined))
    return value(
      '"maintenance_window" must satisfy the format of "ddd:hh24:mi-ddd:hh24:mi".',
      'maintenanceWindow',
    );
  const short = [backup, maintenance].find((each) => each !== undefined && (windowLength(each) ?? 0) < 30);
  if (short !== undefined)
    return value(
      `The ${short === backup ? 'backup' : 'maintenance'} window must be at least 30 minutes.`,
      short === backup ? 'backupWindow' : 'maintenanceWindow',
    );
  return backup !== undefined && maintenance !== undefined && windowsOverlap(backup, maintenance)
    ? value('The backup window and maintenance window must not overlap.', 'backupWindow')
    : [];
}

/** Enhanced Monitoring writes as a role; Performance Insights keeps certain numbers of days. */
export function monitoringProblems(question: Question): readonly Refusal[] {
  const { inputs } = question;
  const interval = numberAt(inputs, 'monitoringInterval') ?? 0;
  const days = numberAt(inputs, 'performanceInsightsRetentionPeriod');
  const insights = flagAt(inputs, 'performanceInsightsEnabled') === true;
  if (![0, 1, 5, 10, 15, 30, 60].includes(interval))
    return value(
      `expected monitoring_interval to be one of [0 1 5 10 15 30 60], got ${interval}`,
      'monitoringInterval',
    );
  if (interval !== 0 && !isGiven(question, 'monitoringRoleArn'))
    return combination(
      'A MonitoringRoleARN value is required if you specify a MonitoringInterval value other than 0.',
      'monitoringRoleArn',
    );
  if (interval === 0 && isGiven(question, 'monitoringRoleArn') && !isUnknown(question, 'monitoringInterval'))
    return combination(
      'You must specify a MonitoringInterval value other than 0 when you specify a MonitoringRoleARN value.',
      'monitoringInterval',
    );
  if (days !== undefined && days !== 0 && !insights)
    return combination(
      'To set the Performance Insights retention period, you must enable Performance Insights.',
      'performanceInsightsRetentionPeriod',
    );
  return days === undefined ||
    days === 0 ||
    days === 7 ||
    days === 731 ||
    (days > 0 && days <= 713 && days % 31 === 0)
    ? []
    : value(
        `Invalid Performance Insights retention period: ${days}. Valid values are 7, month * 31 with 1 to 23 months, and 731.`,
        'performanceInsightsRetentionPeriod',
      );
}

/** Keys that the instance, its password and its insights are encrypted with. */
export function instanceKeyProblems(question: Question): readonly Refusal[] {
  return ['kmsKeyId', 'masterUserSecretKmsKeyId', 'performanceInsightsKmsKeyId'].flatMap((property) =>
    keyProblems(question, property, keyRefusal('KMSKeyNotAccessibleFault', property)),
  );
}

/** The instance that a replica copies: by its name in the same region, by its ARN in another. */
export function sourceOf(
  { cloud, place }: Pick<Question, 'cloud' | 'place'>,
  name: string,
): Thing | undefined {
  if (parseArn(name) !== undefined) return cloud.byArn(name);
  return cloud.all(instanceType, place).find((each) => textOf(each, 'identifier') === name);
}

/** What a replica needs of its source. */
export function replicaProblems(question: Question): readonly Refusal[] {
  const { inputs, place, calling, before } = question;
  const name = textAt(inputs, 'replicateSourceDb');
  if (name === undefined || before !== undefined) return [];
  const source = sourceOf(question, name);
  const region = parseArn(name)?.region ?? place.region;
  if (source === undefined)
    return calling === undefined
      ? []
      : [refusal('DBInstanceNotFound', `DBInstance ${name} not found.`, 'replicateSourceDb')];
  if ((numberAt(source.inputs, 'backupRetentionPeriod') ?? 0) === 0)
    return [
      refusal(
        'InvalidDBInstanceState',
        'Automated backups are not enabled for this database instance. To enable automated backups, use ModifyDBInstance to set the backup retention period to a non-zero value.',
        'replicateSourceDb',
      ),
    ];
  const encrypted = flagAt(source.inputs, 'storageEncrypted') === true;
  return encrypted && region !== place.region && !isGiven(question, 'kmsKeyId')
    ? combination('Cannot create a cross region unencrypted read replica from encrypted source.', 'kmsKeyId')
    : [];
}
