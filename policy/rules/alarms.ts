import { wrong, type PolicyResource, type StackRule } from '../rule.ts';
import { at, listOf, unknown, type Value } from '../values.ts';

const alarm = 'aws:cloudwatch/metricAlarm:MetricAlarm';
const composite = 'aws:cloudwatch/compositeAlarm:CompositeAlarm';
const topicType = 'aws:sns/topic:Topic';
const subscription = 'aws:sns/topicSubscription:TopicSubscription';

export const alarmsAreHeard: StackRule = {
  id: 'alarms-are-heard',
  looksAt: 'stack',
  wants:
    'Every alarm tells a topic, itself or through an alarm that is made of it; every such topic has a subscriber.',
  judge: (resources) => {
    const alarms = resources.filter(({ type }) => type === alarm || type === composite);
    const heard = new Set(
      resources.filter(({ type }) => type === subscription).flatMap(({ from }) => from['topic'] ?? []),
    );
    const subscribed = new Set(
      resources.filter(({ type }) => type === subscription).map(({ props }) => at(props, 'topic')),
    );
    const deaf = resources.filter(
      ({ type, urn, props }) =>
        type === topicType && !heard.has(urn) && !subscribed.has(at(props, 'arn') ?? ''),
    );
    return alarms.flatMap((each) => {
      if (tells(each).length === 0 && !alarms.some((other) => isMadeOf(other, each))) {
        return [
          wrong('it rings and tells nobody', 'set alarmActions: [topic], and actionsEnabled: true', each.urn),
        ];
      }
      return deaf
        .filter((topic) =>
          tells(each).some((action) => action === topic.urn || action === at(topic.props, 'arn')),
        )
        .map(({ name }) =>
          wrong(
            `it tells the topic ${name}, to which nobody listens`,
            'add a TopicSubscription of that topic',
            each.urn,
          ),
        );
    });
  },
  passes: [
    { type: topicType, name: 'on-call', props: {} },
    { type: subscription, name: 'mail', props: {}, from: { topic: ['on-call'] } },
    { type: alarm, name: 'errors', props: { alarmActions: ['arn:…'] }, from: { alarmActions: ['on-call'] } },
  ],
  fails: [
    { type: topicType, name: 'on-call', props: {} },
    { type: alarm, name: 'errors', props: { alarmActions: ['arn:…'] }, from: { alarmActions: ['on-call'] } },
  ],
};

/** What an alarm tells: resources by their URNs and whatever is written out. */
function tells({ props, from }: PolicyResource): readonly Value[] {
  if (at(props, 'actionsEnabled') === false) return [];
  const written = at(props, 'alarmActions');
  if (written === unknown) return from['alarmActions'] ?? [unknown];
  const actions = listOf(written);
  return actions.length === 0 ? [] : [...actions, ...(from['alarmActions'] ?? [])];
}

function isMadeOf(other: PolicyResource, part: PolicyResource): boolean {
  if (other.type !== composite || tells(other).length === 0) return false;
  if ((other.from['alarmRule'] ?? []).includes(part.urn)) return true;
  const [rule, name] = [at(other.props, 'alarmRule'), at(part.props, 'name')];
  return typeof rule === 'string' && typeof name === 'string' && rule.includes(`ALARM("${name}")`);
}
