import { describe, expect, it } from 'vitest';
import { iamIdentityKinds } from '../../../../../ops/twin/services/aws/iam-identities.ts';
import { iamPolicyKinds } from '../../../../../ops/twin/services/aws/iam-policies.ts';
import { iamRoleKinds } from '../../../../../ops/twin/services/aws/iam-roles.ts';
import { ask, fakeCloud, kindOf, made, said, thing } from '../fake-cloud.ts';

const kinds = [...iamRoleKinds, ...iamPolicyKinds, ...iamIdentityKinds];
const role = kindOf(kinds, 'aws:iam/role:Role');
const policy = kindOf(kinds, 'aws:iam/policy:Policy');
const rolePolicy = kindOf(kinds, 'aws:iam/rolePolicy:RolePolicy');
const attachment = kindOf(kinds, 'aws:iam/rolePolicyAttachment:RolePolicyAttachment');
const oidc = kindOf(kinds, 'aws:iam/openIdConnectProvider:OpenIdConnectProvider');
const linked = kindOf(kinds, 'aws:iam/serviceLinkedRole:ServiceLinkedRole');

const account = '123456789012';
const trust = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: { Service: 'ecs-tasks.amazonaws.com' }, Action: 'sts:AssumeRole' },
  ],
});
const document = (size: number): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: `arn:aws:s3:::${'b'.repeat(size)}` }],
  });

describe('a role', () => {
  it('comes to be, with an ARN that has its path', () => {
    const question = ask({ name: 'api', path: '/services/', assumeRolePolicy: trust });
    expect(said(role, question)).toEqual([]);
    expect(made(role, question)).toMatchObject({
      id: 'api',
      outputs: { arn: `arn:aws:iam::${account}:role/services/api` },
    });
  });

  it.each([
    [{ name: 'a b' }, 'ValidationError: The specified value for roleName is invalid.'],
    [{ name: 'a'.repeat(65) }, 'ValidationError: 1 validation error detected'],
    [{ path: 'services' }, 'ValidationError: The specified value for path is invalid.'],
    [
      { maxSessionDuration: 900 },
      "ValidationError: 1 validation error detected: Value '900' at 'maxSessionDuration'",
    ],
    [{ maxSessionDuration: 43_201 }, "ValidationError: 1 validation error detected: Value '43201'"],
    [{ assumeRolePolicy: '{}' }, 'MalformedPolicyDocument: Syntax errors in policy.'],
    [{ assumeRolePolicy: document(1) }, 'MalformedPolicyDocument: Missing required field Principal'],
    [{ permissionsBoundary: `arn:aws:iam::${account}:policy/none` }, 'NoSuchEntity: Scope ARN:'],
    [
      { inlinePolicies: [{ name: 'x', policy: document(10_300) }] },
      'LimitExceeded: Maximum policy size of 10240 bytes exceeded for role api',
    ],
    [
      { managedPolicyArns: ['arn:aws:iam::aws:policy/ReadOnlyAcces'] },
      'NoSuchEntity: Policy arn:aws:iam::aws:policy/ReadOnlyAcces does not exist',
    ],
  ])('with %j is refused', (wrong, message) => {
    expect(said(role, ask({ name: 'api', assumeRolePolicy: trust, ...wrong }))[0]).toContain(message);
  });

  it('takes its trust as an object too, and at most 2,048 letters of it', () => {
    const object = JSON.parse(trust) as { Statement: object[] };
    expect(said(role, ask({ name: 'api', assumeRolePolicy: object as never }))).toEqual([]);
    const many = { ...object, Statement: Array.from({ length: 30 }, () => object.Statement[0]) };
    expect(said(role, ask({ name: 'api', assumeRolePolicy: many as never }))).toEqual([
      'LimitExceeded: Cannot exceed quota for ACLSizePerRole: 2048',
    ]);
  });

  it('trusts only roles that are there, when it is made', () => {
    const other = `arn:aws:iam::${account}:role/other`;
    const byOther = trust.replace('{"Service":"ecs-tasks.amazonaws.com"}', JSON.stringify({ AWS: other }));
    const inputs = { name: 'api', assumeRolePolicy: byOther };
    const message = `MalformedPolicyDocument: Invalid principal in policy: "AWS":"${other}"`;
    expect(said(role, ask(inputs))).toEqual([message]);
    expect(said(role, ask(inputs, { preview: true }))).toEqual([]);
    const there = { type: role.type, id: 'other', region: 'global', outputs: { arn: other } };
    expect(said(role, ask(inputs, { things: [there] }))).toEqual([]);
  });
});

describe('policies', () => {
  it('have room for 6,144 letters, inline ones of a role for 10,240 together', () => {
    expect(said(policy, ask({ name: 'p', policy: document(6000) }))).toEqual([]);
    expect(said(policy, ask({ name: 'p', policy: document(6144) }))).toEqual([
      'LimitExceeded: Cannot exceed quota for PolicySize: 6144',
    ]);
    const first = { type: rolePolicy.type, id: 'api:a', inputs: { role: 'api', policy: document(6000) } };
    const second = ask({ role: 'api', name: 'b', policy: document(6000) }, { things: [first] });
    expect(said(rolePolicy, second)).toEqual([
      'LimitExceeded: Maximum policy size of 10240 bytes exceeded for role api',
    ]);
  });

  it('stay while they are attached', () => {
    const id = `arn:aws:iam::${account}:policy/p`;
    const attached = {
      type: attachment.type,
      id: 'x',
      region: 'global',
      inputs: { role: 'api', policyArn: id },
    };
    const own = thing({ type: policy.type, id, region: 'global' });
    expect(policy.holds?.(own, fakeCloud([attached]))?.message).toBe(
      'Cannot delete a policy attached to entities.',
    );
    expect(
      policy.holds?.(own, fakeCloud([{ ...attached, inputs: { policyArn: 'another' } }])),
    ).toBeUndefined();
  });

  it('are attached where they exist, ten to a role', () => {
    const policyArn = `arn:aws:iam::${account}:policy/p`;
    const there = { type: policy.type, id: policyArn };
    expect(said(attachment, ask({ role: 'api', policyArn }))).toEqual([
      `NoSuchEntity: Policy ${policyArn} does not exist or is not attachable.`,
    ]);
    expect(said(attachment, ask({ role: 'api', policyArn }, { things: [there] }))).toEqual([]);
    const ten = Array.from({ length: 10 }, (_, index) => ({
      type: attachment.type,
      id: String(index),
      inputs: { role: 'api' },
    }));
    expect(said(attachment, ask({ role: 'api', policyArn }, { things: [there, ...ten] }))).toEqual([
      'LimitExceeded: Cannot exceed quota for PoliciesPerRole: 10',
    ]);
    expect(said(attachment, ask({ role: 'api', policyArn: 'ReadOnlyAccess' }))).toEqual([
      'ValidationError: ARN ReadOnlyAccess is not valid.',
    ]);
  });
});

describe('identities from outside', () => {
  const url = 'https://token.actions.githubusercontent.com';

  it('have the ARN of their host', () => {
    const question = ask({ url, clientIdLists: ['sts.amazonaws.com'] });
    expect(said(oidc, question)).toEqual([]);
    expect(made(oidc, question).id).toBe(
      `arn:aws:iam::${account}:oidc-provider/token.actions.githubusercontent.com`,
    );
  });

  it.each([
    [{ url: 'http://example.com' }, 'ValidationError: Invalid Open ID Connect Provider URL'],
    [
      { thumbprintLists: ['abc'] },
      "ValidationError: 1 validation error detected: Value '[abc]' at 'thumbprintList'",
    ],
    [{ thumbprintLists: ['z'.repeat(40)] }, 'InvalidInput: Thumbprint contains invalid characters.'],
  ])('with %j are refused', (wrong, message) => {
    expect(said(oidc, ask({ url, clientIdLists: [], ...wrong }))[0]).toContain(message);
  });

  it('are there once', () => {
    const there = { type: oidc.type, id: 'x', inputs: { url } };
    expect(said(oidc, ask({ url, clientIdLists: [] }, { things: [there] }))).toEqual([
      `EntityAlreadyExists: Provider with url ${url} already exists.`,
    ]);
  });

  it('of services have one role an account', () => {
    const question = ask({ awsServiceName: 'ecs.amazonaws.com' });
    const first = made(linked, question);
    expect(first.outputs['name']).toBe('AWSServiceRoleForECS');
    expect(said(linked, ask({ awsServiceName: 'ecs.amazonaws.com' }, { things: [first] }))).toEqual([
      'InvalidInput: Service role name AWSServiceRoleForECS has been taken in this account, please try a different suffix.',
    ]);
  });
});
