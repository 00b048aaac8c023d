import type { Severity } from './alarm-routes.ts';

/** Something in an account that somebody must hear of at once. */
export interface AuditEvent {
  /** Part of names. */
  readonly name: string;
  readonly severity: Severity;
  /** What happened and what to do, for who is woken by it. */
  readonly message: string;
  /** What matches it, in CloudWatch's language of filters. */
  readonly pattern: string;
}

/** What an account's audit trail is watched for. `breakGlassRole` is the ARN of the role for emergencies. */
export function auditEvents(breakGlassRole: string | undefined): readonly AuditEvent[] {
  return [
    ...(breakGlassRole === undefined
      ? []
      : [
          {
            name: 'break-glass',
            severity: 'P0',
            message:
              'Somebody took on the break-glass role. Ask who and why; if nobody says, revoke its sessions in IAM.',
            pattern: `{ ($.eventName = "AssumeRole*") && ($.requestParameters.roleArn = "${breakGlassRole}") }`,
          } as const,
        ]),
    {
      name: 'root-use',
      severity: 'P0',
      message:
        "Somebody uses the account's root. Ask who and why; if nobody says, change its password and keys.",
      // CIS AWS Foundations Benchmark 4.3; what AWS does on root's behalf is no use of it.
      pattern:
        '{ ($.userIdentity.type = "Root") && ($.userIdentity.invokedBy NOT EXISTS) && ($.eventType != "AwsServiceEvent") }',
    },
    {
      name: 'trail-changed',
      severity: 'P0',
      message: 'The audit trail was stopped, changed or removed. Start it again, then find out who it was.',
      // CIS 4.5.
      pattern: anyOf([
        'StopLogging',
        'DeleteTrail',
        'UpdateTrail',
        'PutEventSelectors',
        'PutInsightSelectors',
      ]),
    },
    {
      name: 'key-lost',
      severity: 'P1',
      message:
        'A key was disabled or is to be deleted; what it encrypts cannot be read then. Cancel it if it is not meant.',
      // CIS 4.7.
      pattern: `{ ($.eventSource = "kms.amazonaws.com") && (${either(['DisableKey', 'ScheduleKeyDeletion'])}) }`,
    },
    {
      name: 'no-second-factor',
      severity: 'P1',
      message:
        'Somebody signed in to the console without a second factor. Give that user one, or take the user away.',
      // CIS 4.2; sign-ins by single sign-on have their factor elsewhere.
      pattern:
        '{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") && ($.userIdentity.type = "IAMUser") && ($.responseElements.ConsoleLogin = "Success") }',
    },
  ];
}

function anyOf(names: readonly string[]): string {
  return `{ ${either(names)} }`;
}

function either(names: readonly string[]): string {
  return names.map((name) => `($.eventName = "${name}")`).join(' || ');
}
