import * as pulumi from '@pulumi/pulumi';
import { beforeEach, describe, expect, it } from 'vitest';
import { ServiceRole } from '../../../components/aws/service-role.ts';
import { decide, type Caller } from '../../../ops/twin/iam/decide.ts';
import { account, ask, readPolicy } from './access.ts';
import { allOf, describeWithoutCloud, inputsOf, refusal, someSite, valueOf } from './described.ts';

beforeEach(describeWithoutCloud);

const task = { description: 'The API', service: 'ecs-tasks.amazonaws.com' };
const read = [
  { sid: 'Read', actions: ['s3:GetObject'], resources: [pulumi.output('arn:aws:s3:::orders/*')] },
];

describe('a role of a service', () => {
  it('may do what it is given, and nothing else', async () => {
    const role = new ServiceRole('api-task', { site: someSite(), ...task, grants: [read, read] });
    const { policy } = (await inputsOf('api-task-policy-us-east-1')) as { policy: string };
    expect(ask([policy], 's3:GetObject', 'arn:aws:s3:::orders/1')).toBe('allowed');
    expect(ask([policy], 's3:PutObject', 'arn:aws:s3:::orders/1')).toBe('implicit-deny');
    expect(ask([policy], 's3:GetObject', 'arn:aws:s3:::other/1')).toBe('implicit-deny');
    expect(await valueOf(role.arn)).toBe(
      `arn:aws:iam::${account}:role/cutover/staging/services/staging-api-task-us-east-1`,
    );
  });

  it('has no policy when it is given nothing', async () => {
    new ServiceRole('api-task', { site: someSite(), ...task });
    expect(await allOf('iam/rolePolicy:RolePolicy')).toEqual([]);
  });

  it.each<[string, Caller, Readonly<Record<string, string>>, boolean]>([
    [
      'its service for this account',
      { kind: 'service', name: 'ecs-tasks.amazonaws.com' },
      { 'aws:SourceAccount': account, 'aws:SourceArn': `arn:aws:ecs:us-east-1:${account}:task/1` },
      true,
    ],
    [
      'its service for another account',
      { kind: 'service', name: 'ecs-tasks.amazonaws.com' },
      { 'aws:SourceAccount': '999999999999', 'aws:SourceArn': 'arn:aws:ecs:us-east-1:999999999999:task/1' },
      false,
    ],
    [
      'its service for another thing',
      { kind: 'service', name: 'ecs-tasks.amazonaws.com' },
      { 'aws:SourceAccount': account, 'aws:SourceArn': `arn:aws:rds:us-east-1:${account}:db:1` },
      false,
    ],
    [
      'another service',
      { kind: 'service', name: 'lambda.amazonaws.com' },
      { 'aws:SourceAccount': account },
      false,
    ],
    [
      'a role',
      { kind: 'role', arn: `arn:aws:iam::${account}:role/x`, account },
      { 'aws:SourceAccount': account },
      false,
    ],
  ])('is taken on by %s: %o', async (_, caller, context, expected) => {
    new ServiceRole('api-task', {
      site: someSite(),
      ...task,
      onBehalfOf: `arn:aws:ecs:us-east-1:${account}:*`,
    });
    const { assumeRolePolicy } = (await inputsOf('api-task-role-us-east-1')) as { assumeRolePolicy: string };
    const decision = decide(
      { resource: readPolicy(assumeRolePolicy, 'trust') },
      { caller, action: 'sts:AssumeRole', resource: 'arn', account, context },
    );
    expect(decision === 'allowed').toBe(expected);
  });

  it('is taken on for this account only, also where nothing more is said', async () => {
    new ServiceRole('api-task', { site: someSite(), ...task });
    const { assumeRolePolicy } = (await inputsOf('api-task-role-us-east-1')) as { assumeRolePolicy: string };
    const forAccount = (source: string): string =>
      decide(
        { resource: readPolicy(assumeRolePolicy, 'trust') },
        {
          caller: { kind: 'service', name: task.service },
          action: 'sts:AssumeRole',
          resource: 'arn',
          account,
          context: { 'aws:SourceAccount': source },
        },
      );
    expect([forAccount(account), forAccount('999999999999')]).toEqual(['allowed', 'implicit-deny']);
  });

  it('is limited by the boundary of its site', async () => {
    const boundary = `arn:aws:iam::${account}:policy/cutover/staging/service-boundary`;
    new ServiceRole('api-task', { site: someSite({ boundary }), ...task });
    expect(await inputsOf('api-task-role-us-east-1')).toMatchObject({ permissionsBoundary: boundary });
  });

  it('refuses what is wider than it says why, before anything is registered', async () => {
    const wide = [{ sid: 'Write', actions: ['s3:PutObject'], resources: ['*'] }];
    expect(
      refusal('CUT-5430', () => new ServiceRole('api-task', { site: someSite(), ...task, grants: [wide] })),
    ).toContain('Write: s3:PutObject on *');
    expect(await allOf('iam/role:Role')).toEqual([]);
    expect(
      refusal('CUT-5400', () => new ServiceRole('api-task', { site: someSite(), ...task, service: 'ecs' })),
    ).toContain('service: "ecs"');
  });
});
