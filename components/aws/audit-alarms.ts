import { LogMetricFilter, type LogMetricFilterArgs } from '@pulumi/aws/cloudwatch/logMetricFilter.js';
import * as pulumi from '@pulumi/pulumi';
import { Alarm, type AlarmArgs } from './alarm.ts';
import type { AlarmReceivers } from './alarm-receivers.ts';
import { auditEvents } from './audit-events.ts';
import { describer, refuseWrong, regionalName, type AwsArgs } from './transform.ts';

/** The children of the alarms on an audit trail and their arguments, for `transform`. */
export interface AuditAlarmsChildren {
  filter: LogMetricFilterArgs;
  alarm: AlarmArgs;
}

export interface AuditAlarmsArgs extends AwsArgs<AuditAlarmsChildren> {
  /** Who hears of what nobody may do unseen. */
  readonly receivers: AlarmReceivers;
  /** The name of the log group that the trail writes to, in the site's region. */
  readonly logGroup: pulumi.Input<string>;
  /** ARN of the role for emergencies: whoever takes it on is heard of. @default none */
  readonly breakGlassRole?: string;
}

/**
 * Rings when the break-glass role or root is used, when the trail is touched, when a key goes, and when somebody signs in
 * without a second factor. The security team hears each of them.
 *
 * @example
 * new AuditAlarms('audit', { site, receivers, logGroup: '/cutover/trail/prod', breakGlassRole: roles.breakGlass.arn });
 */
export class AuditAlarms extends pulumi.ComponentResource {
  constructor(name: string, args: AuditAlarmsArgs, opts?: pulumi.ComponentResourceOptions) {
    const { site, receivers, logGroup, breakGlassRole } = args;
    // Its alarms carry its name and seventeen letters more.
    refuseWrong('audit alarms', name, [], 15);
    super('cutover:aws:AuditAlarms', regionalName(name, site), {}, opts);
    const describe = describer<AuditAlarmsChildren>(this, name, args, opts);
    const { region } = site;
    const namespace = `Cutover/${site.environment}-${name}`;
    for (const event of auditEvents(breakGlassRole)) {
      const filter = describe(
        'filter',
        LogMetricFilter,
        {
          region,
          name: event.name,
          logGroupName: logGroup,
          pattern: event.pattern,
          metricTransformation: { name: event.name, namespace, value: '1', defaultValue: '0' },
        },
        { part: `filter-${event.name}` },
      );
      describe(
        'alarm',
        Alarm,
        {
          site,
          receivers,
          severity: event.severity,
          teams: ['security'],
          message: event.message,
          condition: {
            metrics: { events: { namespace, name: event.name, dimensions: {}, statistic: 'Sum' } },
            is: 'above',
            threshold: 0,
            minutes: 1,
          },
        },
        { part: event.name, opts: { dependsOn: [filter] } },
      );
    }
    this.registerOutputs({});
  }
}
