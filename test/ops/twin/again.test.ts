import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadPart } from '../../../ops/twin/providers.ts';
import { makeWorlds, type Worlds } from './mistakes/world.ts';

let worlds: Worlds;
beforeAll(async () => {
  worlds = await makeWorlds(await loadPart('aws'), async (world) => {
    await world.make('aws:s3/bucket:Bucket', 'bucket', { bucket: 'again-123456789012' });
  });
});
afterAll(() => worlds.close());

const enabled = { bucket: 'again-123456789012', versioningConfiguration: { status: 'Enabled' } };
const alarm = {
  ...{ name: 'errors', comparisonOperator: 'GreaterThanThreshold', evaluationPeriods: 1, threshold: 1 },
  ...{ metricName: 'Errors', namespace: 'AWS/Lambda', period: 60, statistic: 'Sum' },
};

describe('creating what is there already', () => {
  it.each([
    ['a setting of a bucket', 'aws:s3/bucketVersioning:BucketVersioning', enabled],
    ['an alarm', 'aws:cloudwatch/metricAlarm:MetricAlarm', alarm],
  ])('takes %s over, as the API does', async (_, type, args) => {
    const world = worlds.copy();
    const first = await world.make(type, 'lost', args);
    const things = world.cloud.things().length;
    const second = await world.make(type, 'again', args);
    expect(second.id).toBe(first.id);
    expect(world.cloud.things()).toHaveLength(things);
  });

  it('puts what is asked for now in the place of what was there', async () => {
    const world = worlds.copy();
    await world.make('aws:cloudwatch/metricAlarm:MetricAlarm', 'lost', alarm);
    await world.make('aws:cloudwatch/metricAlarm:MetricAlarm', 'again', { ...alarm, threshold: 7 });
    const [kept] = world.cloud.things().filter(({ type }) => type.includes('metricAlarm'));
    expect(kept?.inputs['threshold']).toBe(7);
  });

  it.each([
    ['aws:s3/bucket:Bucket', { bucket: 'again-123456789012' }, 'Bucket'],
    ['aws:ssm/parameter:Parameter', { name: '/a/b', type: 'String', value: 'v' }, 'ParameterAlreadyExists'],
  ])('is refused for %s', async (type, args, said) => {
    const world = worlds.copy();
    if (type.includes('ssm')) await world.make(type, 'lost', args);
    await expect(world.make(type, 'again', args)).rejects.toThrow(said);
  });
});
