import { beforeEach, describe, expect, it } from 'vitest';
import { AlarmReceivers } from '../../../components/aws/alarm-receivers.ts';
import { teams } from '../../../components/aws/alarm-routes.ts';
import { auditEvents } from '../../../components/aws/audit-events.ts';
import { AuditTrail, type AuditTrailArgs } from '../../../components/aws/audit-trail.ts';
import { EncryptionKey } from '../../../components/aws/encryption-key.ts';
import { PrivateBucket } from '../../../components/aws/private-bucket.ts';
import type { Site } from '../../../components/aws/site.ts';
import { decide } from '../../../ops/twin/iam/decide.ts';
import { account, readPolicy } from './access.ts';
import { allOf, describeWithoutCloud, inputsOf, namesOf, refusal, someSite } from './described.ts';

beforeEach(describeWithoutCloud);

const breakGlassRole = `arn:aws:iam::${account}:role/cutover/cutover-staging-break-glass`;

function someTrail(more: Partial<AuditTrailArgs> = {}, site: Site = someSite(), name = 'audit'): AuditTrail {
  const key = new EncryptionKey('alarms-key', { site, description: 'Alarms', uses: ['sns', 'alarms'] });
  const everybody = Object.fromEntries(
    teams.map((team) => [team, [{ kind: 'email', address: `${team}@example.com` }]]),
  ) as unknown as AlarmReceivers extends never
    ? never
    : ConstructorParameters<typeof AlarmReceivers>[1]['teams'];
  const receivers = new AlarmReceivers('alarms', { site, key, teams: everybody });
  const accessLogs = new PrivateBucket('logs', {
    site,
    writers: [{ kind: 'access-logs' }],
    days: { expire: 365 },
  });
  return new AuditTrail(name, { site, accessLogs, receivers, breakGlassRole, ...more });
}

describe('an audit trail', () => {
  it('is about all regions, encrypted, signed, and kept in a locked bucket', async () => {
    someTrail({}, someSite({ environment: 'prod' }));
    expect(await inputsOf('audit-trail-us-east-1')).toMatchObject({
      name: 'prod-audit',
      isMultiRegionTrail: true,
      includeGlobalServiceEvents: true,
      enableLogFileValidation: true,
      enableLogging: true,
      kmsKeyId: expect.stringContaining('audit-key') as string,
      s3BucketName: `audit-bucket-prod-${account}-us-east-1`,
    });
    expect(await inputsOf('audit-bucket-lock-us-east-1')).toMatchObject({
      rule: { defaultRetention: { mode: 'COMPLIANCE', days: 365 } },
    });
  });

  it('can be taken down with the rest of staging', async () => {
    someTrail();
    expect(await inputsOf('audit-bucket-lock-us-east-1')).toMatchObject({
      rule: { defaultRetention: { mode: 'GOVERNANCE', days: 1 } },
    });
  });

  it('is the only one that may write into its bucket', async () => {
    someTrail();
    const { policy } = (await inputsOf('audit-bucket-policy-us-east-1')) as { policy: string };
    const put = (trail: string, acl = 'bucket-owner-full-control'): string =>
      decide(
        { resource: readPolicy(policy, 'resource') },
        {
          caller: { kind: 'service', name: 'cloudtrail.amazonaws.com' },
          action: 's3:PutObject',
          resource: `arn:aws:s3:::audit-bucket-staging-${account}-us-east-1/AWSLogs/${account}/CloudTrail/1`,
          account,
          context: { 'aws:SourceArn': trail, 's3:x-amz-acl': acl, 'aws:SecureTransport': 'true' },
        },
      );
    const trail = `arn:aws:cloudtrail:us-east-1:${account}:trail/staging-audit`;
    expect(put(trail)).toBe('allowed');
    expect(put(`${trail}2`)).toBe('implicit-deny');
    expect(put('arn:aws:cloudtrail:us-east-1:999999999999:trail/staging-audit')).toBe('implicit-deny');
    expect(put(trail, 'private')).toBe('implicit-deny');
  });

  it('is written to its log group by a role that CloudTrail can take on, though it does not say for whom', async () => {
    someTrail();
    const { assumeRolePolicy } = (await inputsOf('audit-role-role-us-east-1')) as {
      assumeRolePolicy: string;
    };
    const trust = readPolicy(assumeRolePolicy, 'trust');
    const takesOn = (name: string): string =>
      decide(
        { resource: trust },
        { caller: { kind: 'service', name }, action: 'sts:AssumeRole', resource: '*' },
      );
    expect(takesOn('cloudtrail.amazonaws.com')).toBe('allowed');
    expect(takesOn('ec2.amazonaws.com')).toBe('implicit-deny');
  });

  it('rings for each event once it was seen a single time, and somebody hears it', async () => {
    someTrail();
    const events = auditEvents(breakGlassRole).map(({ name }) => name);
    expect(events).toEqual(['break-glass', 'root-use', 'trail-changed', 'key-lost', 'no-second-factor']);
    expect(await namesOf('cloudwatch/metricAlarm:MetricAlarm')).toEqual(
      events.map((event) => `audit-${event}-alarm-us-east-1`).sort(),
    );
    for (const { inputs } of await allOf('cloudwatch/metricAlarm:MetricAlarm')) {
      expect(inputs).toMatchObject({
        threshold: 0,
        comparisonOperator: 'GreaterThanThreshold',
        statistic: 'Sum',
      });
      expect((inputs['alarmActions'] as string[]).some((topic) => /-(p0|security)-/.test(topic))).toBe(true);
      expect(inputs['namespace']).toBe('Cutover/staging-audit');
      expect(events).toContain(inputs['metricName']);
    }
    expect(await inputsOf('audit-filter-break-glass-us-east-1')).toMatchObject({
      pattern: `{ ($.eventName = "AssumeRole*") && ($.requestParameters.roleArn = "${breakGlassRole}") }`,
      metricTransformation: { name: 'break-glass', namespace: 'Cutover/staging-audit', value: '1' },
    });
  });

  it('asks who is on call in the words of the one to be woken', () => {
    for (const { message, pattern, severity } of auditEvents(breakGlassRole)) {
      expect(message).toMatch(/\. /);
      // CloudWatch takes 1024 characters, in braces that close.
      expect(pattern.length).toBeLessThan(1024);
      expect(pattern).toMatch(/^\{ .* \}$/);
      expect([...pattern].filter((each) => each === '(').length).toBe(
        [...pattern].filter((each) => each === ')').length,
      );
      expect(['P0', 'P1']).toContain(severity);
    }
    expect(auditEvents(undefined).map(({ name }) => name)).not.toContain('break-glass');
  });

  it('sees objects of the buckets that are watched', async () => {
    const site = someSite();
    const key = new EncryptionKey('kyc-key', { site, description: 'Documents', uses: ['s3'] });
    const accessLogs = new PrivateBucket('more-logs', {
      site,
      writers: [{ kind: 'access-logs' }],
      days: { expire: 1 },
    });
    const documents = new PrivateBucket('kyc', { site, key, accessLogs });
    someTrail({ watchedBuckets: [documents] });
    expect(await inputsOf('audit-trail-us-east-1')).toMatchObject({
      advancedEventSelectors: [
        { name: 'management' },
        {
          name: 'objects',
          fieldSelectors: expect.arrayContaining([
            { field: 'resources.ARN', startsWiths: [`arn:aws:s3:::kyc-staging-${account}-us-east-1/`] },
          ]) as unknown[],
        },
      ],
    });
  });

  it('leaves room for the names of its alarms', () => {
    const longest = Math.max(...auditEvents(breakGlassRole).map(({ name }) => name.length));
    expect(longest + 1 + 15).toBeLessThanOrEqual(32);
    expect(
      refusal('CUT-5400', () => someTrail({}, someSite(), 'sixteen-letters-'.slice(0, 15) + 's')),
    ).toContain('at most 15');
  });
});
