import { LogGroup, type LogGroupArgs } from '@pulumi/aws/cloudwatch/logGroup.js';
import { SecurityGroup, type SecurityGroupArgs } from '@pulumi/aws/ec2/securityGroup.js';
import { RolePolicyAttachment, type RolePolicyAttachmentArgs } from '@pulumi/aws/iam/rolePolicyAttachment.js';
import { Instance, type InstanceArgs } from '@pulumi/aws/rds/instance.js';
import { ParameterGroup, type ParameterGroupArgs } from '@pulumi/aws/rds/parameterGroup.js';
import { SubnetGroup, type SubnetGroupArgs } from '@pulumi/aws/rds/subnetGroup.js';
import {
  SecurityGroupIngressRule,
  type SecurityGroupIngressRuleArgs,
} from '@pulumi/aws/vpc/securityGroupIngressRule.js';
import * as pulumi from '@pulumi/pulumi';
import { EncryptionKey, type EncryptionKeyArgs } from './encryption-key.ts';
import type { Grant } from './policy-output.ts';
import { postgresClass, type PostgresSize } from './postgres-classes.ts';
import { postgresParameters, type PostgresVersion } from './postgres-parameters.ts';
import { mostStorage, postgresProblems } from './postgres-problems.ts';
import { ServiceRole, type ServiceRoleArgs } from './service-role.ts';
import { arnOf, logDays, statefulOptions, type Site } from './site.ts';
import { describer, refuseWrong, regionalName, tagsOf, type AwsArgs, type Describe } from './transform.ts';

/** The children of a database and their arguments, for `transform`. */
export interface PostgresChildren {
  key: EncryptionKeyArgs;
  securityGroup: SecurityGroupArgs;
  client: SecurityGroupIngressRuleArgs;
  subnetGroup: SubnetGroupArgs;
  parameterGroup: ParameterGroupArgs;
  logGroup: LogGroupArgs;
  monitoringRole: ServiceRoleArgs;
  monitoringPolicy: RolePolicyAttachmentArgs;
  instance: InstanceArgs;
}

/** The part of a network that a database is put into: two data subnets or more, each in another zone. */
export interface DataNetwork {
  readonly vpc: { readonly id: pulumi.Input<string> };
  readonly subnets: { readonly data: readonly { readonly id: pulumi.Input<string> }[] };
}

export interface PostgresArgs extends AwsArgs<PostgresChildren> {
  readonly network: DataNetwork;
  /** The database that is made with it: small letters, digits and underscores. */
  readonly database: string;
  /** The cheapest instance that has as much is taken; `storageGb` grows by itself. */
  readonly size: PostgresSize & { readonly storageGb: number };
  /** What the storage may grow to. @default five times what it begins with, 65536 at most */
  readonly mostStorageGb?: number;
  /** Whether another zone has a standby that takes over by itself. @default true */
  readonly standby?: boolean;
  /** Days to any moment of which it can be restored, 1 to 35; 0 only where nothing is kept. */
  readonly backupDays: number;
  /** @default '18', as on dev */
  readonly version?: PostgresVersion;
  /** The user who owns the database. RDS makes his password and changes it every week. @default 'owner' */
  readonly user?: string;
  /** The daily hour (UTC) of the backup, and the weekly one of maintenance. They must not overlap. @default 03:00-04:00, sun:05:00-sun:06:00 */
  readonly windows?: { readonly backup: string; readonly maintenance: string };
  /** Whether changes that restart it happen at once, or in the next window of maintenance. @default 'in-window' where the site keeps, else 'at-once' */
  readonly changes?: 'at-once' | 'in-window';
  /** Days that its log is kept. @default 365 where the site keeps, else 30 */
  readonly logDays?: number;
}

/** How a database is reached. TLS is forced; its certificate is signed by the authority of RDS. */
export interface RdsConnection {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
}

/**
 * PostgreSQL on RDS: encrypted with a key of its own, reached with TLS and only by security groups that are named,
 * restored to any second of its backups, watched and logged. RDS makes the owner's password, keeps it in Secrets
 * Manager and changes it; neither the program nor its state ever has it.
 *
 * Since the password changes every week, give `passwordFrom` to what starts anew each time (migrations). A service that
 * runs for longer is given `secretArn` and `grants.readPassword` and reads the password whenever it connects; or it
 * signs in with its role (`grants.signIn`).
 *
 * @example
 * const database = new Postgres('coinestate-postgres', {
 *   site,
 *   network,
 *   database: 'coinestate',
 *   size: { cpus: 2, memoryGb: 4, storageGb: 20 },
 *   backupDays: 7,
 * });
 * database.allow('api', api.securityGroup);
 */
export class Postgres extends pulumi.ComponentResource {
  readonly instance: Instance;
  readonly key: EncryptionKey;
  readonly securityGroup: SecurityGroup;
  readonly host: pulumi.Output<string>;
  readonly port = 5432;
  readonly connection: pulumi.Output<RdsConnection>;
  /** Without the password: `postgres://owner@host:5432/coinestate`. */
  readonly url: pulumi.Output<string>;
  /** The secret of the owner in Secrets Manager; its ARN says nothing of what is in it. */
  readonly secretArn: pulumi.Output<string>;
  /** The password in that secret, as a container's `secrets` take it. */
  readonly passwordFrom: pulumi.Output<string>;
  /** What roles can be allowed: to read the owner's password, or to sign in as a user of the database with a token. */
  readonly grants: { readonly readPassword: Grant; readonly signIn: (user: string) => Grant };
  private readonly describeBelow: (parent: pulumi.ComponentResource) => Describe<PostgresChildren>;
  private readonly site: Site;

  constructor(name: string, args: PostgresArgs, opts?: pulumi.ComponentResourceOptions) {
    const { site, network, database, size, backupDays, version = '18', user = 'owner' } = args;
    const { standby = true, changes = site.keeps ? 'in-window' : 'at-once' } = args;
    // Its key and its role carry its name and six letters more.
    refuseWrong('database', name, postgresProblems(args), 26);
    const instanceClass = postgresClass(size);
    const mostGb = mostStorage(args);

    super('cutover:aws:Postgres', regionalName(name, site), {}, opts);
    this.site = site;
    this.describeBelow = (parent) => describer<PostgresChildren>(parent, name, args, opts);
    const describe = this.describeBelow(this);
    const { region } = site;
    const tags = tagsOf(site, name);
    // A name of our own: what a crash leaves behind is found by it, and its log group is there before it is.
    const identifier = `${site.environment}-${name}`;

    this.key = describe('key', EncryptionKey, {
      site,
      description: `Database ${identifier}`,
      uses: ['rds', 'secretsmanager', 'logs'],
    });
    this.securityGroup = describe(
      'securityGroup',
      SecurityGroup,
      { region, vpcId: network.vpc.id, description: `Database ${identifier}`, ingress: [], egress: [], tags },
      { part: 'clients' },
    );
    const subnets = describe(
      'subnetGroup',
      SubnetGroup,
      { region, name: identifier, subnetIds: network.subnets.data.map(({ id }) => id), tags },
      { part: 'subnets' },
    );
    const parameters = describe(
      'parameterGroup',
      ParameterGroup,
      {
        region,
        // A new major version needs another group while the old one is still in use.
        name: `${identifier}-${version}`,
        family: `postgres${version}`,
        parameters: postgresParameters(version),
        tags,
      },
      { part: `parameters-${version}` },
    );
    const logs = ['postgresql', 'upgrade'].map((log) =>
      describe(
        'logGroup',
        LogGroup,
        {
          region,
          name: `/aws/rds/instance/${identifier}/${log}`,
          kmsKeyId: this.key.arn,
          retentionInDays: args.logDays ?? logDays(site),
          tags,
        },
        { part: `log-${log}` },
      ),
    );
    const monitoring = describe(
      'monitoringRole',
      ServiceRole,
      {
        site,
        description: `Sends figures of the machine of ${identifier} to CloudWatch`,
        service: 'monitoring.rds.amazonaws.com',
        onBehalfOf: arnOf(site, 'rds', `db:${identifier}`),
      },
      { part: 'watch' },
    );
    const mayMonitor = describe('monitoringPolicy', RolePolicyAttachment, {
      role: monitoring.role.name,
      policyArn: 'arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole',
    });

    this.instance = describe(
      'instance',
      Instance,
      {
        region,
        identifier,
        engine: 'postgres',
        engineVersion: version,
        autoMinorVersionUpgrade: true,
        instanceClass,
        multiAz: standby,
        dbName: database,
        port: this.port,
        username: user,
        manageMasterUserPassword: true,
        masterUserSecretKmsKeyId: this.key.arn,
        iamDatabaseAuthenticationEnabled: true,
        storageType: 'gp3',
        allocatedStorage: size.storageGb,
        ...(mostGb === undefined ? {} : { maxAllocatedStorage: mostGb }),
        storageEncrypted: true,
        kmsKeyId: this.key.arn,
        dbSubnetGroupName: subnets.name,
        vpcSecurityGroupIds: [this.securityGroup.id],
        publiclyAccessible: false,
        parameterGroupName: parameters.name,
        caCertIdentifier: 'rds-ca-rsa2048-g1',
        backupRetentionPeriod: backupDays,
        backupWindow: args.windows?.backup ?? '03:00-04:00',
        maintenanceWindow: args.windows?.maintenance ?? 'sun:05:00-sun:06:00',
        copyTagsToSnapshot: true,
        applyImmediately: changes === 'at-once',
        deletionProtection: site.keeps,
        deleteAutomatedBackups: !site.keeps,
        skipFinalSnapshot: !site.keeps,
        ...(site.keeps ? { finalSnapshotIdentifier: `${identifier}-final` } : {}),
        enabledCloudwatchLogsExports: ['postgresql', 'upgrade'],
        monitoringInterval: 60,
        monitoringRoleArn: monitoring.arn,
        performanceInsightsEnabled: true,
        performanceInsightsKmsKeyId: this.key.arn,
        performanceInsightsRetentionPeriod: 7,
        tags,
      },
      {
        opts: {
          ...statefulOptions(site),
          dependsOn: [...logs, mayMonitor],
          customTimeouts: { create: '60m', update: '120m', delete: '60m' },
        },
      },
    );
    this.host = this.instance.address;
    this.connection = this.host.apply((host) => ({ host, port: this.port, database, user }));
    this.url = this.host.apply((host) => `postgres://${user}@${host}:${this.port}/${database}`);
    // Once there is an instance RDS has made its secret; only a preview does not know it.
    this.secretArn = this.instance.masterUserSecrets.apply(([secret]) => secret?.secretArn ?? '');
    this.passwordFrom = pulumi.interpolate`${this.secretArn}:password::`;
    this.grants = {
      readPassword: [
        { sid: 'ReadPassword', actions: ['secretsmanager:GetSecretValue'], resources: [this.secretArn] },
        ...this.key.grant('read', 'secretsmanager'),
      ],
      signIn: (as) => [
        {
          sid: 'SignIn',
          actions: ['rds-db:connect'],
          resources: [
            pulumi.interpolate`${arnOf(site, 'rds-db', 'dbuser')}:${this.instance.resourceId}/${as}`,
          ],
        },
      ],
    };
    this.registerOutputs({ connection: this.connection, secretArn: this.secretArn });
  }

  /**
   * Lets a security group reach it; nobody else does. `client` is for people: `api`. A client that waits for the database
   * is the rule's `parent`: below the database the rule would be waited for by what it waits for.
   */
  allow(
    client: string,
    from: { readonly id: pulumi.Input<string> },
    parent: pulumi.ComponentResource = this,
  ): SecurityGroupIngressRule {
    refuseWrong('client of a database', client);
    return this.describeBelow(parent)(
      'client',
      SecurityGroupIngressRule,
      {
        region: this.site.region,
        securityGroupId: this.securityGroup.id,
        referencedSecurityGroupId: from.id,
        ipProtocol: 'tcp',
        fromPort: this.port,
        toPort: this.port,
        description: client,
        tags: tagsOf(this.site, client),
      },
      { part: `client-${client}` },
    );
  }
}
