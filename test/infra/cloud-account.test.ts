import { beforeEach, expect, it } from 'vitest';
import { routes } from '../../components/aws/alarm-routes.ts';
import { auditEvents } from '../../components/aws/audit-events.ts';
import { cloudFoundations } from '../../infra/cloud.ts';
import { readConfig, type CutoverConfig } from '../../infra/config.ts';
import { homeRegion } from '../../infra/config/home-region.ts';
import { foundation, foundationNames } from '../../ops/bootstrap/foundation.ts';
import { placeOf } from '../../ops/bootstrap.ts';
import { allOf, describeWithoutCloud, everything } from '../components/aws/described.ts';
import { edited, REMOVED } from './config-kit.ts';

beforeEach(describeWithoutCloud);

/** Watches the account of a stack as the program does. */
function watched(environment: 'staging' | 'prod', edits: Readonly<Record<string, unknown>> = {}) {
  const config = readConfig(edited(environment, edits), { stack: environment });
  cloudFoundations(config)?.watchAccount();
  return placeOf(environment, config, {});
}

it.each(['staging', 'prod'] as const)(
  'the account of %s is watched in the log that bootstrap makes, and the security team hears of everything',
  async (environment) => {
    const place = watched(environment, { 'aws.alarms.security': ['guards@example.com'] });
    const breakGlass = `arn:aws:iam::${place.account}:role/cutover/cutover-${environment}-break-glass`;
    expect(foundation(place, {}).map(({ name }) => name)).toContain(
      `/cutover/cutover-${environment}-break-glass`,
    );
    const events = auditEvents(breakGlass);
    const filters = await allOf('cloudwatch/logMetricFilter:LogMetricFilter');
    expect(filters.map(({ inputs }) => [inputs['logGroupName'], inputs['name'], inputs['pattern']])).toEqual(
      events.map(({ name, pattern }) => [foundationNames(place).trailLog, name, pattern]),
    );
    const subscriptions = await allOf('sns/topicSubscription:TopicSubscription');
    const heard = subscriptions
      .filter(({ inputs }) => inputs['endpoint'] === 'guards@example.com')
      .map(({ inputs }) => inputs['topic']);
    const alarms = await allOf('cloudwatch/metricAlarm:MetricAlarm');
    expect(alarms).toHaveLength(events.length);
    for (const { name, inputs } of alarms) {
      const topics = inputs['alarmActions'] as unknown[];
      expect(
        topics.filter((topic) => heard.includes(topic)),
        name,
      ).toHaveLength(1);
      const severity = String(inputs['alarmDescription']).slice(0, 2) as keyof typeof routes;
      expect(topics).toHaveLength(routes[severity].includes('security') ? 1 : 2);
      const filter = filters.find((each) => each.inputs['name'] === inputs['metricName']);
      expect(filter?.inputs['metricTransformation']).toMatchObject({
        namespace: inputs['namespace'],
        name: inputs['metricName'],
      });
    }
  },
);

it('it is watched where the stack file says that the trail is', async () => {
  const { region } = watched('prod', { 'aws.access.region': 'us-west-2' });
  expect(region).toBe('us-west-2');
  for (const { inputs } of await allOf('cloudwatch/logMetricFilter:LogMetricFilter'))
    expect(inputs['region']).toBe('us-west-2');
  expect(() => watched('prod', { 'aws.access.region': 'mars-1' })).toThrow(/access\.region.*mars-1/s);
});

it('the order in which regions are listed moves nothing', () => {
  const regions = { 'ap-southeast-1': {}, 'us-east-1': {} } as unknown as CutoverConfig['regions'];
  expect(homeRegion({ aws: undefined, regions })).toBe('us-east-1');
  const [one, other] = [
    { 'eu-west-1': {}, 'eu-central-1': {} },
    { 'eu-central-1': {}, 'eu-west-1': {} },
  ];
  for (const listed of [one, other] as unknown as (typeof regions)[])
    expect(homeRegion({ aws: undefined, regions: listed })).toBe('eu-central-1');
});

it('nothing is watched where nobody was told to make a trail', async () => {
  const config = readConfig(edited('staging', { 'aws.access': REMOVED }), { stack: 'staging' });
  cloudFoundations(config)?.watchAccount();
  expect(await everything()).toEqual([]);
});
