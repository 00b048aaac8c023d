import type { CloudView, Kind, Question, Refusal, Thing } from '../../kind.ts';
import { onCall, refusal, textAt, textOf, textsAt } from '../values.ts';
import { parseArn } from './arn.ts';

export const metricAlarmType = 'aws:cloudwatch/metricAlarm:MetricAlarm';
const compositeAlarmType = 'aws:cloudwatch/compositeAlarm:CompositeAlarm';

/** The calls that all kinds of alarms share. */
export const alarmApi = { service: 'CloudWatch', read: 'DescribeAlarms', delete: 'DeleteAlarms' };
const actionLists = ['alarmActions', 'insufficientDataActions', 'okActions'];

const compositeAlarm: Kind = {
  type: compositeAlarmType,
  api: { ...alarmApi, create: 'PutCompositeAlarm', update: 'PutCompositeAlarm' },
  takes: { create: 1, update: 1, delete: 1 },
  replaces: ['alarmName'],
  defaults: () => ({ actionsEnabled: true }),
  check: (question) => [
    ...ruleProblems(question),
    ...actionProblems(question),
    ...onCall(question, () => namedAlarms(question)),
  ],
  id: ({ inputs }) => textAt(inputs, 'alarmName') ?? '',
  outputs: () => ({}),
  arn: (_question, id) => `alarm:${id}`,
  holds: (thing, cloud) => watched(thing, cloud),
};

export const compositeAlarmKinds: readonly Kind[] = [compositeAlarm];

/** Actions that are no ARNs, and topics of another region: https://github.com/hashicorp/terraform/issues/7371 */
export function actionProblems({ inputs, place }: Question): Refusal[] {
  return actionLists.flatMap((list) =>
    textsAt(inputs, list).flatMap((text, index) => {
      const at = `${list}[${index}]`;
      const parts = parseArn(text);
      if (parts === undefined) return [refusal('ValidationError', `Invalid arn syntax: ${text}`, at)];
      return parts.service === 'sns' && parts.region !== place.region
        ? [
            refusal(
              'ValidationError',
              `Invalid region ${parts.region} specified. Only ${place.region} is supported.`,
              at,
            ),
          ]
        : [];
    }),
  );
}

/** The alarms that a rule of a composite alarm names, by name or ARN. */
function alarmsIn(rule: string): readonly string[] {
  const named = rule.matchAll(
    /\b(?:ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?:"([^"]+)"|'([^']+)'|([^)\s]+))\s*\)/g,
  );
  return [...named]
    .map(([, double, single, bare]) => double ?? single ?? bare ?? '')
    .map((name) => name.replace(/^arn:.*:alarm:/, ''));
}

// https://github.com/aws/aws-cdk/issues/34662
function ruleProblems({ inputs }: Question): Refusal[] {
  const rule = textAt(inputs, 'alarmRule');
  if (rule === undefined) return [];
  const token =
    /\s*(?:(?:ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?:"[^"]+"|'[^']+'|[^)\s(]+)\s*\)|TRUE|FALSE|AND|OR|NOT|\(|\))\s*/y;
  let depth = 0;
  let wants: 'term' | 'operator' = 'term';
  const unsupported = (at: number, text: string) => [
    refusal('ValidationError', `Error in AlarmRule [Unsupported token '${text}' at char ${at}]`, 'alarmRule'),
  ];
  for (let at = 0; at < rule.length; at = token.lastIndex) {
    token.lastIndex = at;
    const found = token.exec(rule)?.[0];
    if (found === undefined) return unsupported(at, rule[at] ?? '');
    const text = found.trim();
    const fits = text === ')' || text === 'AND' || text === 'OR' ? wants === 'operator' : wants === 'term';
    depth += text === '(' ? 1 : text === ')' ? -1 : 0;
    if (!fits || depth < 0) return unsupported(at, text);
    wants = text === 'AND' || text === 'OR' || text === 'NOT' || text === '(' ? 'term' : 'operator';
  }
  return depth === 0 && wants === 'operator' ? [] : unsupported(rule.length, '');
}

// https://github.com/awsdocs/aws-cloudformation-user-guide/issues/911
function namedAlarms({ inputs, cloud, place }: Question): Refusal[] {
  const there = [metricAlarmType, compositeAlarmType]
    .flatMap((type) => cloud.all(type, place))
    .map(({ id }) => id);
  const missing = alarmsIn(textAt(inputs, 'alarmRule') ?? '').filter((name) => !there.includes(name));
  return missing.length === 0
    ? []
    : [
        refusal(
          'ValidationError',
          `Could not save the composite alarm as alarms [${missing.join(', ')}] in the alarm rule do not exist`,
          'alarmRule',
        ),
      ];
}

/** An alarm stays while a composite one names it. */
export function watched(thing: Thing, cloud: CloudView): Refusal | undefined {
  const used = cloud
    .all(compositeAlarmType, thing)
    .some((each) => each.id !== thing.id && alarmsIn(textOf(each, 'alarmRule') ?? '').includes(thing.id));
  return used
    ? refusal('ValidationError', `Cannot delete ${thing.id} as there are composite alarm(s) depending on it.`)
    : undefined;
}
