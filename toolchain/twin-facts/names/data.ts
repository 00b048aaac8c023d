import type { Origin } from '../names.ts';

/** Databases, caches and their backups. */
export const dataOrigins = {
  'backup.Plan': {
    cloudFormation: 'AWS::Backup::BackupPlan/BackupPlan',
    api: 'backup.CreateBackupPlan/BackupPlan',
    names: {
      name: 'BackupPlanName',
      rules: 'BackupPlanRule',
      'rules.*.completionWindow': 'BackupPlanRule.*.CompletionWindowMinutes',
      'rules.*.schedule': 'BackupPlanRule.*.ScheduleExpression',
      'rules.*.startWindow': 'BackupPlanRule.*.StartWindowMinutes',
      'rules.*.targetVaultName': 'BackupPlanRule.*.TargetBackupVault',
    },
    replaces: ['name'],
  },
  'backup.Selection': {
    cloudFormation: 'AWS::Backup::BackupSelection/BackupSelection',
    api: 'backup.CreateBackupSelection/BackupSelection',
    names: { name: 'SelectionName', conditions: false },
    replaces: ['conditions', 'iamRoleArn', 'name', 'notResources', 'planId', 'resources', 'selectionTags'],
  },
  'backup.Vault': {
    cloudFormation: 'AWS::Backup::BackupVault',
    api: 'backup.CreateBackupVault',
    names: { kmsKeyArn: 'EncryptionKeyArn', name: 'BackupVaultName' },
  },
  'backup.VaultLockConfiguration': {
    cloudFormation: 'AWS::Backup::BackupVault/LockConfiguration',
    api: 'backup.PutBackupVaultLockConfiguration',
    replaces: ['backupVaultName', 'changeableForDays', 'maxRetentionDays', 'minRetentionDays'],
  },
  'elasticache.GlobalReplicationGroup': {
    cloudFormation: 'AWS::ElastiCache::GlobalReplicationGroup',
    api: 'elasticache.CreateGlobalReplicationGroup',
    names: { numNodeGroups: 'GlobalNodeGroupCount', parameterGroupName: 'CacheParameterGroupName' },
    replaces: ['globalReplicationGroupIdSuffix', 'primaryReplicationGroupId'],
  },
  'elasticache.ParameterGroup': {
    cloudFormation: 'AWS::ElastiCache::ParameterGroup',
    api: 'elasticache.CreateCacheParameterGroup',
    names: { family: 'CacheParameterGroupFamily', name: 'CacheParameterGroupName' },
    replaces: ['description', 'name'],
  },
  'elasticache.ReplicationGroup': {
    cloudFormation: 'AWS::ElastiCache::ReplicationGroup',
    api: 'elasticache.CreateReplicationGroup',
    names: {
      description: 'ReplicationGroupDescription',
      maintenanceWindow: 'PreferredMaintenanceWindow',
      nodeType: 'CacheNodeType',
      parameterGroupName: 'CacheParameterGroupName',
      subnetGroupName: 'CacheSubnetGroupName',
    },
    replaces: ['nodeGroupConfigurations', 'securityGroupNames'],
    updates: ['preferredCacheClusterAzs', 'replicasPerNodeGroup'],
  },
  'elasticache.SubnetGroup': {
    cloudFormation: 'AWS::ElastiCache::SubnetGroup',
    api: 'elasticache.CreateCacheSubnetGroup',
    names: { name: 'CacheSubnetGroupName' },
  },
  'elasticache.User': {
    cloudFormation: 'AWS::ElastiCache::User',
    api: 'elasticache.CreateUser',
    // CloudFormation wants small letters, the API takes capitals too.
    names: { userId: false },
    replaces: ['userId'],
  },
  'elasticache.UserGroup': {
    cloudFormation: 'AWS::ElastiCache::UserGroup',
    api: 'elasticache.CreateUserGroup',
    names: { userGroupId: false },
    replaces: ['userGroupId'],
  },
  'rds.Cluster': {
    cloudFormation: 'AWS::RDS::DBCluster',
    api: 'rds.CreateDBCluster',
    names: {
      clusterIdentifier: 'DBClusterIdentifier',
      iamDatabaseAuthenticationEnabled: 'EnableIAMDatabaseAuthentication',
    },
    replaces: ['clusterIdentifierPrefix', 'engine', 'masterUsername', 'restoreToPointInTime', 's3Import'],
  },
  'rds.ClusterInstance': {
    cloudFormation: 'AWS::RDS::DBInstance',
    api: 'rds.CreateDBInstance',
    names: { clusterIdentifier: 'DBClusterIdentifier', identifier: 'DBInstanceIdentifier' },
    replaces: ['availabilityZone', 'engine', 'identifierPrefix'],
    also: { performanceInsightsRetentionPeriod: [0] },
  },
  'rds.Instance': {
    cloudFormation: 'AWS::RDS::DBInstance',
    api: 'rds.CreateDBInstance',
    names: {
      backupWindow: 'PreferredBackupWindow',
      caCertIdentifier: 'CACertificateIdentifier',
      identifier: 'DBInstanceIdentifier',
      instanceClass: 'DBInstanceClass',
      maintenanceWindow: 'PreferredMaintenanceWindow',
      parameterGroupName: 'DBParameterGroupName',
      username: 'MasterUsername',
    },
    replaces: [
      'availabilityZone',
      'engine',
      'identifierPrefix',
      'restoreToPointInTime',
      's3Import',
      'snapshotIdentifier',
    ],
    updates: ['dbSubnetGroupName', 'identifier'],
    also: { performanceInsightsRetentionPeriod: [0] },
  },
  'rds.ParameterGroup': {
    cloudFormation: 'AWS::RDS::DBParameterGroup',
    api: 'rds.CreateDBParameterGroup',
    names: { name: 'DBParameterGroupName' },
    replaces: ['namePrefix'],
  },
  'rds.SubnetGroup': {
    cloudFormation: 'AWS::RDS::DBSubnetGroup',
    api: 'rds.CreateDBSubnetGroup',
    names: { description: 'DBSubnetGroupDescription', name: 'DBSubnetGroupName' },
    replaces: ['namePrefix'],
  },
} as const satisfies Readonly<Record<string, Origin>>;
