import { MetricAlarm, type MetricAlarmArgs } from '@pulumi/aws/cloudwatch/metricAlarm.js';
import * as pulumi from '@pulumi/pulumi';
import { conditionArgs, conditionProblems, type AlarmCondition } from './alarm-condition.ts';
import type { AlarmReceivers } from './alarm-receivers.ts';
import { routes, type Severity, type Team } from './alarm-routes.ts';
import { describer, refuseWrong, regionalName, tagsOf, type AwsArgs } from './transform.ts';

/** The child of an alarm and its arguments, for `transform`. */
export interface AlarmChildren {
  alarm: MetricAlarmArgs;
}

export interface AlarmArgs extends AwsArgs<AlarmChildren> {
  /** Who hears of it. */
  readonly receivers: AlarmReceivers;
  readonly severity: Severity;
  /** Teams that hear of it whatever its severity. @default those of its severity alone */
  readonly teams?: readonly Team[];
  /** What is wrong and what to do, for who is woken by it. */
  readonly message: string;
  readonly condition: AlarmCondition;
}

/**
 * An alarm, with the severity that decides who hears of it; they hear when it is over as well.
 *
 * @example
 * new Alarm('coinestate-api-cpu', {
 *   site, receivers, severity: 'P2',
 *   message: 'The API of CoinEstate is short of CPU: raise task.cpus in the stack file.',
 *   condition: {
 *     metrics: { cpu: { namespace: 'AWS/ECS', name: 'CPUUtilization', statistic: 'Average', dimensions: { ClusterName: cluster.name, ServiceName: api.service.name } } },
 *     is: 'above', threshold: 85, minutes: 15,
 *   },
 * });
 */
export class Alarm extends pulumi.ComponentResource {
  /** What a release names to be taken back by. */
  readonly name: pulumi.Output<string>;
  readonly arn: pulumi.Output<string>;

  constructor(name: string, args: AlarmArgs, opts?: pulumi.ComponentResourceOptions) {
    const { site, receivers, severity, teams = [], message, condition } = args;
    refuseWrong('alarm', name, [
      message.trim() === '' ? 'message: say what is wrong and what to do' : undefined,
      ...conditionProblems(condition),
    ]);
    super('cutover:aws:Alarm', regionalName(name, site), {}, opts);
    const more = teams.filter((team) => !routes[severity].includes(team));
    const topics = [receivers.topics[severity], ...more.map(receivers.topicOf)].map(({ arn }) => arn);
    const alarm = describer(
      this,
      name,
      args,
      opts,
    )('alarm', MetricAlarm, {
      region: site.region,
      alarmDescription: `${severity} ${message}`,
      ...conditionArgs(condition),
      alarmActions: topics,
      okActions: topics,
      tags: { ...tagsOf(site, name), Severity: severity },
    });
    this.name = alarm.name;
    this.arn = alarm.arn;
    this.registerOutputs({ name: this.name, arn: this.arn });
  }
}
