import { Trail, type TrailArgs } from '@pulumi/aws/cloudtrail/trail.js';
import { LogGroup, type LogGroupArgs } from '@pulumi/aws/cloudwatch/logGroup.js';
import type { LogMetricFilterArgs } from '@pulumi/aws/cloudwatch/logMetricFilter.js';
import * as pulumi from '@pulumi/pulumi';
import type { AlarmArgs } from './alarm.ts';
import type { AlarmReceivers } from './alarm-receivers.ts';
import { AuditAlarms } from './audit-alarms.ts';
import { EncryptionKey, type EncryptionKeyArgs } from './encryption-key.ts';
import { knownOnce } from './policy-output.ts';
import { PrivateBucket, type PrivateBucketArgs } from './private-bucket.ts';
import { ServiceRole, type ServiceRoleArgs } from './service-role.ts';
import { arnOf, logDays, statefulOptions } from './site.ts';
import { describer, refuseWrong, regionalName, tagsOf, type AwsArgs } from './transform.ts';

/** The children of an audit trail and their arguments, for `transform`. */
export interface AuditTrailChildren {
  key: EncryptionKeyArgs;
  bucket: PrivateBucketArgs;
  logGroup: LogGroupArgs;
  role: ServiceRoleArgs;
  trail: TrailArgs;
  filter: LogMetricFilterArgs;
  alarm: AlarmArgs;
}

export interface AuditTrailArgs extends AwsArgs<AuditTrailChildren> {
  /** Where it is written down who reads the trail. */
  readonly accessLogs: PrivateBucket;
  /** Who hears of what nobody may do unseen. */
  readonly receivers: AlarmReceivers;
  /** ARN of the role for emergencies: whoever takes it on is heard of. @default none */
  readonly breakGlassRole?: string;
  /** Buckets of which each read and write of an object is in the trail as well. @default none */
  readonly watchedBuckets?: readonly PrivateBucket[];
  /** Days in which nobody can delete a record. @default 365 where the site keeps, else 1 */
  readonly lockDays?: number;
  /** How binding that is; `compliance` binds the account's root too, for good. @default 'compliance' where the site keeps, else 'governance' */
  readonly lockMode?: 'governance' | 'compliance';
}

/**
 * Who did what in an account, in all of its regions: encrypted, signed so that a change shows, in a bucket where nobody
 * can delete it. Alarms ring when the break-glass role or root is used, when the trail is touched, when a key goes, and
 * when somebody signs in without a second factor. An administrator makes it: the deploy role can touch no trail, and
 * where `./cutover bootstrap` has made the account ready, there is one.
 *
 * @example
 * new AuditTrail('cutover-audit', { site, accessLogs, receivers, breakGlassRole: roles.breakGlass.arn });
 */
export class AuditTrail extends pulumi.ComponentResource {
  readonly trail: Trail;
  readonly bucket: PrivateBucket;
  readonly logGroup: LogGroup;

  constructor(name: string, args: AuditTrailArgs, opts?: pulumi.ComponentResourceOptions) {
    const { site, watchedBuckets = [], receivers } = args;
    const { lockDays = site.keeps ? 365 : 1 } = args;
    const { lockMode = site.keeps ? 'compliance' : 'governance' } = args;
    // Its alarms carry its name and seventeen letters more.
    refuseWrong('audit trail', name, [], 15);
    super('cutover:aws:AuditTrail', regionalName(name, site), {}, opts);
    const describe = describer<AuditTrailChildren>(this, name, args, opts);
    const { region } = site;
    const tags = tagsOf(site, name);
    const trailName = `${site.environment}-${name}`;
    const trailArn = arnOf(site, 'cloudtrail', `trail/${trailName}`);

    const key = describe('key', EncryptionKey, {
      site,
      description: `Audit trail ${trailName}`,
      uses: ['cloudtrail', 's3', 'logs'],
    });
    this.bucket = describe('bucket', PrivateBucket, {
      site,
      key,
      accessLogs: args.accessLogs,
      writers: [{ kind: 'trail', arn: trailArn }],
      lock: { mode: lockMode, days: lockDays },
      days: { warm: 90, oldVersions: Math.max(90, lockDays) },
    });
    this.logGroup = describe('logGroup', LogGroup, {
      region,
      name: `/cutover/${trailName}`,
      kmsKeyId: key.arn,
      retentionInDays: logDays(site),
      tags,
    });
    const streams = pulumi.interpolate`${this.logGroup.arn}:*`;
    const role = describe('role', ServiceRole, {
      site,
      description: `Writes the audit trail ${trailName} to its log group`,
      service: 'cloudtrail.amazonaws.com',
      // With a condition CloudTrail could not take it on: "The role policy doesn't support the use of aws:SourceArn and
      // aws:SourceAccount", https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-required-policy-for-cloudwatch-logs.html
      onBehalfOf: 'untold',
      grants: [
        [
          {
            sid: 'WriteTrail',
            actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
            resources: [streams],
          },
        ],
      ],
    });
    this.trail = describe(
      'trail',
      Trail,
      {
        region,
        name: trailName,
        s3BucketName: this.bucket.bucketName,
        kmsKeyId: key.arn,
        isMultiRegionTrail: true,
        includeGlobalServiceEvents: true,
        enableLogFileValidation: true,
        enableLogging: true,
        cloudWatchLogsGroupArn: streams,
        cloudWatchLogsRoleArn: role.arn,
        advancedEventSelectors: eventSelectors(watchedBuckets),
        tags,
      },
      { opts: { ...statefulOptions(site), dependsOn: [this.bucket] } },
    );
    const { breakGlassRole, transform } = args;
    new AuditAlarms(
      name,
      {
        site,
        receivers,
        logGroup: this.logGroup.name,
        ...(breakGlassRole === undefined ? {} : { breakGlassRole }),
        ...(transform === undefined ? {} : { transform }),
      },
      { parent: this, ...(opts?.dependsOn === undefined ? {} : { dependsOn: opts.dependsOn }) },
    );
    this.registerOutputs({ trail: knownOnce(this.trail, trailArn), bucket: this.bucket.bucketName });
  }
}

/** All that manages something, and what happens to objects of the watched buckets. */
function eventSelectors(buckets: readonly PrivateBucket[]): NonNullable<TrailArgs['advancedEventSelectors']> {
  const management = { field: 'eventCategory', equals: ['Management'] };
  return [
    { name: 'management', fieldSelectors: [management] },
    ...(buckets.length === 0
      ? []
      : [
          {
            name: 'objects',
            fieldSelectors: [
              { field: 'eventCategory', equals: ['Data'] },
              { field: 'resources.type', equals: ['AWS::S3::Object'] },
              {
                field: 'resources.ARN',
                startsWiths: buckets.map(({ arn }) => pulumi.interpolate`${arn}/`),
              },
            ],
          },
        ]),
  ];
}
