import { describe, expect, it } from 'vitest';
import { areOurs, orphansOf, type Found, type Known } from '../../../ops/orphans/plan.ts';

const region = 'us-east-1';
const arnOf = (rest: string): string => `arn:aws:${rest}`;

function listed(type: string, arn: string): Found {
  return { type, arn, region, id: arn.split(/[/:]/).at(-1) ?? '' };
}

function known(type: string, id: string, outputs: Record<string, unknown> = { region }): Known {
  return { urn: `urn:pulumi:staging::cutover::${type}::x`, type, id, outputs };
}

describe('whose something is', () => {
  const tags = { ManagedBy: 'cutover', Environment: 'staging', System: 'coinestate' };
  it.each([
    ['ours', tags, true],
    ['of another environment', { ...tags, Environment: 'prod' }, false],
    ['made by another tool', { ...tags, ManagedBy: 'terraform' }, false],
    ['the foundation of the account', { ...tags, System: 'bootstrap' }, false],
    ['not tagged', {}, false],
  ])('%s', (_, given, answer) => {
    expect(areOurs(given, 'staging')).toBe(answer);
  });
});

describe('what the state does not know', () => {
  it('is all of it where the state is empty, in the order in which it was found', () => {
    const things = [listed('ec2/vpc', arnOf('ec2:us-east-1:1:vpc/b')), listed('s3/bucket', arnOf('s3:::a'))];
    expect(orphansOf(things, [])).toEqual(things);
  });

  it('is told by the ARN', () => {
    const [kept, lost] = ['vpc-1', 'vpc-2'].map((id) =>
      listed('ec2/vpc', arnOf(`ec2:us-east-1:1:vpc/${id}`)),
    );
    const state = [known('aws:ec2/vpc:Vpc', 'vpc-1', { region, arn: kept?.arn })];
    expect(orphansOf([kept, lost] as Found[], state)).toEqual([lost]);
  });

  it('is told by the id in its service and region where the state has no ARN', () => {
    const gateway = listed('ec2/natgateway', arnOf('ec2:us-east-1:1:natgateway/nat-1'));
    const type = 'aws:ec2/natGateway:NatGateway';
    expect(orphansOf([gateway], [known(type, 'nat-1')])).toEqual([]);
    expect(orphansOf([gateway], [known(type, 'nat-2')])).toEqual([gateway]);
    expect(orphansOf([gateway], [known(type, 'nat-1', { region: 'eu-west-1' })])).toEqual([gateway]);
    expect(orphansOf([gateway], [known('aws:rds/instance:Instance', 'nat-1')])).toEqual([gateway]);
  });

  it('is not hidden by another thing of the same name', () => {
    const role = listed('iam/role', arnOf('iam::1:role/cutover/staging/services/web'));
    const arn = arnOf('iam::1:instance-profile/web');
    expect(orphansOf([role], [known('aws:iam/instanceProfile:InstanceProfile', 'web', { arn })])).toEqual([
      role,
    ]);
  });

  it('takes older revisions of a task definition, and log groups however they are told, for known', () => {
    const revision = listed('ecs/task-definition', arnOf('ecs:us-east-1:1:task-definition/api:3'));
    const logs = listed('logs/log-group', arnOf('logs:us-east-1:1:log-group:/cutover/api:*'));
    const state = [
      known('aws:ecs/taskDefinition:TaskDefinition', 'api', {
        arn: arnOf('ecs:us-east-1:1:task-definition/api:4'),
      }),
      known('aws:cloudwatch/logGroup:LogGroup', '/cutover/api', {
        arn: arnOf('logs:us-east-1:1:log-group:/cutover/api'),
      }),
    ];
    expect(orphansOf([revision, logs], state)).toEqual([]);
    expect(orphansOf([revision, logs], [])).toHaveLength(2);
  });

  it('with a type of Pulumi is told by type and ARN, else by type, id and region', () => {
    const type = 'aws:s3/bucketVersioning:BucketVersioning';
    const settings: Found = { type, id: 'bucket', region };
    expect(
      orphansOf([settings], [known('aws:s3/bucket:Bucket', 'bucket', { arn: 'arn:aws:s3:::bucket' })]),
    ).toEqual([settings]);
    expect(orphansOf([settings], [known(type, 'bucket')])).toEqual([]);
    expect(orphansOf([settings], [known(type, 'bucket', {})])).toEqual([]);
    const task: Found = {
      type: 'aws:ecs/taskDefinition:TaskDefinition',
      id: 'api',
      arn: 'arn:api:2',
      region,
    };
    expect(orphansOf([task], [known(task.type, 'api', { region, arn: 'arn:api:1' })])).toEqual([task]);
  });
});
