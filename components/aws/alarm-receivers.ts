import { createHash } from 'node:crypto';
import { Topic, type TopicArgs } from '@pulumi/aws/sns/topic.js';
import { TopicPolicy, type TopicPolicyArgs } from '@pulumi/aws/sns/topicPolicy.js';
import { TopicSubscription, type TopicSubscriptionArgs } from '@pulumi/aws/sns/topicSubscription.js';
import { byName } from '@cutover/base/once.ts';
import { findSecret } from '@cutover/base/secret-looking.ts';
import * as pulumi from '@pulumi/pulumi';
import {
  eachOnce,
  endpointOf,
  receiversOf,
  teams,
  type Receiver,
  type Severity,
  type Team,
} from './alarm-routes.ts';
import { policyOutput } from './policy-output.ts';
import type { Site } from './site.ts';
import { describer, refuseWrong, regionalName, tagsOf, type AwsArgs } from './transform.ts';

/** The children of receivers and their arguments, for `transform`. */
export interface AlarmReceiversChildren {
  topic: TopicArgs;
  policy: TopicPolicyArgs;
  subscription: TopicSubscriptionArgs;
}

export interface AlarmReceiversArgs extends AwsArgs<AlarmReceiversChildren> {
  /** Where each team hears of alarms. Everybody needs one at least: an alarm that nobody hears is none. */
  readonly teams: Readonly<Record<Team, readonly Receiver[]>>;
  /** What messages are encrypted with; its policy lets CloudWatch use it. */
  readonly key: { readonly arn: pulumi.Input<string> };
}

/**
 * Who hears of alarms: an encrypted topic for each severity, P0 to P3, with the teams that it concerns. Only this
 * account's alarms can write to them. A receiver by email has to confirm once.
 *
 * @example
 * const receivers = new AlarmReceivers('coinestate', { site, key, teams: { operations: [{ kind: 'email', address: 'ops@coinestate.io' }], … } });
 * new Alarm('coinestate-wallet', { site, receivers, severity: 'P1', … });
 */
export class AlarmReceivers extends pulumi.ComponentResource {
  readonly topics: Readonly<Record<Severity, Topic>>;
  /** What one team alone hears. A topic is made for the team when the first alarm asks for it. */
  readonly topicOf: (team: Team) => Topic;

  constructor(name: string, args: AlarmReceiversArgs, opts?: pulumi.ComponentResourceOptions) {
    const { site, key } = args;
    refuseWrong('alarm receivers', name, [
      ...teams.map((team) =>
        args.teams[team].length === 0 ? `teams.${team}: nobody hears its alarms; name an address` : undefined,
      ),
      ...teams.flatMap((team) =>
        args.teams[team].map((receiver, place) => receiverProblem(`teams.${team}[${place}]`, receiver)),
      ),
    ]);
    super('cutover:aws:AlarmReceivers', regionalName(name, site), {}, opts);
    const describe = describer(this, name, args, opts);
    const { region } = site;

    const topicFor = (who: Severity | Team, heardBy: readonly Receiver[]): Topic => {
      const part = who.toLowerCase();
      const topic = describe(
        'topic',
        Topic,
        {
          region,
          displayName: `${who} ${site.system} ${site.environment}`,
          kmsMasterKeyId: key.arn,
          tags: tagsOf(site, name, part),
        },
        { part },
      );
      const policy = topicPolicy(`${name}-${part}`, site, topic.arn);
      describe('policy', TopicPolicy, { region, arn: topic.arn, policy }, { part: `${part}-policy` });
      for (const receiver of heardBy) {
        describe(
          'subscription',
          TopicSubscription,
          { region, topic: topic.arn, protocol: receiver.kind, endpoint: endpointOf(receiver) },
          { part: `${part}-${fingerprint(endpointOf(receiver))}` },
        );
      }
      return topic;
    };
    const topicOf = (severity: Severity): Topic => topicFor(severity, receiversOf(severity, args.teams));
    this.topics = {
      P0: topicOf('P0'),
      P1: topicOf('P1'),
      P2: topicOf('P2'),
      P3: topicOf('P3'),
    };
    this.topicOf = byName((team: Team) => topicFor(team, eachOnce(args.teams[team])));
    this.registerOutputs({});
  }
}

/** Only this account's alarms write to a topic, and nobody without TLS. */
function topicPolicy(name: string, { account }: Site, topic: pulumi.Input<string>): pulumi.Output<string> {
  return policyOutput(name, 'topic', [
    {
      sid: 'AlarmsWrite',
      principals: { Service: ['cloudwatch.amazonaws.com', 'events.amazonaws.com'] },
      actions: ['sns:Publish'],
      resources: [topic],
      conditions: { StringEquals: { 'aws:SourceAccount': [account] } },
    },
    {
      sid: 'NothingWithoutTls',
      effect: 'Deny',
      principals: 'anyone',
      actions: ['sns:Publish'],
      resources: [topic],
      conditions: { Bool: { 'aws:SecureTransport': ['false'] } },
    },
  ]);
}

function receiverProblem(argument: string, receiver: Receiver): string | undefined {
  if (receiver.kind === 'email')
    return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(receiver.address)
      ? undefined
      : `${argument}.address: "${receiver.address}" is no address`;
  const secret = findSecret(receiver.url);
  if (secret !== undefined)
    return `${argument}.url: it seems to carry ${secret}, which the state would keep; let a team hear it by email`;
  return URL.canParse(receiver.url) && receiver.url.startsWith('https://')
    ? undefined
    : `${argument}.url: it must begin with https://`;
}

/** Tells receivers apart in names without spelling them out. */
function fingerprint(endpoint: string): string {
  return createHash('sha256').update(endpoint).digest('hex').slice(0, 8);
}
