import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { withAges } from '../../../ops/orphans/aws-age.ts';
import type { Found } from '../../../ops/orphans/plan.ts';
import { awsEnvironment } from '../moto.ts';
import { startFakeCloudTrail, type FakeCloudTrail, type TrailEvent } from './fake-cloud-trail.ts';

let trail: FakeCloudTrail | undefined;
beforeEach(() => {
  for (const [name, value] of Object.entries(awsEnvironment('http://127.0.0.1:9'))) vi.stubEnv(name, value);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await trail?.stop();
});

async function tell(events: Readonly<Record<string, readonly TrailEvent[]>>, refuse = false): Promise<void> {
  trail = await startFakeCloudTrail(events, refuse);
  vi.stubEnv('AWS_ENDPOINT_URL_CLOUDTRAIL', trail.url);
}

const at = (text: string): Date => new Date(`${text}T12:00:00Z`);

function thing(type: string, rest: string): Found {
  const arn = `arn:aws:${type.split('/')[0]}:us-east-1:123456789012:${rest}`;
  return { type, arn, id: rest.split(/[/:]/).at(-1) ?? '', region: 'us-east-1' };
}

const agesOf = async (...things: readonly Found[]): Promise<readonly (string | undefined)[]> =>
  (await withAges(things)).map(({ createdMs }) =>
    createdMs === undefined ? undefined : new Date(createdMs).toISOString().slice(0, 10),
  );

it('takes the call that made it, the newest where a name was used before, the first where it is put again', async () => {
  await tell({
    'vpc-1': [
      { name: 'CreateSubnet', at: at('2026-11-20') },
      { name: 'CreateTags', at: at('2026-11-19') },
      { name: 'CreateVpc', at: at('2026-11-18') },
    ],
    '/cutover/api': [
      { name: 'CreateLogGroup', at: at('2026-11-10') },
      { name: 'DeleteLogGroup', at: at('2026-11-09') },
      { name: 'CreateLogGroup', at: at('2026-11-01') },
    ],
    slow: [
      { name: 'PutMetricAlarm', at: at('2026-11-12') },
      { name: 'PutMetricAlarm', at: at('2026-11-03') },
    ],
  });
  const things = [
    thing('ec2/vpc', 'vpc/vpc-1'),
    thing('logs/log-group', 'log-group:/cutover/api'),
    thing('cloudwatch/alarm', 'alarm:slow'),
  ];
  expect(await agesOf(...things)).toEqual(['2026-11-18', '2026-11-10', '2026-11-03']);
});

it('asks by the ARN where the id says nothing, and leaves alone what it cannot tell or knows', async () => {
  const key = thing('kms/key', 'key/1-2');
  await tell({ [key.arn ?? '']: [{ name: 'CreateKey', at: at('2026-11-05') }] });
  const role = { ...thing('iam/role', 'role/x'), createdMs: at('2026-01-01').getTime() };
  expect(await agesOf(key, thing('eks/cluster', 'cluster/x'), role, thing('ec2/vpc', 'vpc/vpc-9'))).toEqual([
    '2026-11-05',
    undefined,
    '2026-01-01',
    undefined,
  ]);
  expect(trail?.asked.map(({ name }) => name)).toEqual([
    '1-2',
    key.arn,
    'vpc-9',
    thing('ec2/vpc', 'vpc/vpc-9').arn,
  ]);
});

it('asks no faster than CloudTrail answers', async () => {
  await tell({});
  const things = Array.from({ length: 2 }, (_, i) => thing('ec2/vpc', `vpc/vpc-${i}`));
  await withAges(things);
  const times = trail?.asked.map(({ ms }) => ms) ?? [];
  expect(times).toHaveLength(4);
  times.slice(1).forEach((ms, i) => expect(ms - (times[i] ?? 0)).toBeGreaterThan(450));
});

it('says nothing, and asks no more, where it is refused or nobody answers', async () => {
  await tell({}, true);
  const things = [thing('ec2/vpc', 'vpc/vpc-1'), thing('ec2/vpc', 'vpc/vpc-2')];
  expect(await agesOf(...things)).toEqual([undefined, undefined]);
  expect(trail?.asked).toHaveLength(1);
  vi.stubEnv('AWS_ENDPOINT_URL_CLOUDTRAIL', 'http://127.0.0.1:9');
  expect(await agesOf(...things)).toEqual([undefined, undefined]);
});
