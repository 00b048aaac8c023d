import { beforeEach, describe, expect, it } from 'vitest';
import { DeployRoles, type DeployRolesArgs } from '../../../components/aws/deploy-roles.ts';
import { account } from './access.ts';
import { allOf, describeWithoutCloud, inputsOf, namesOf, refusal, someSite, valueOf } from './described.ts';

beforeEach(describeWithoutCloud);

function someRoles(more: Partial<DeployRolesArgs> = {}): DeployRoles {
  return new DeployRoles('roles', {
    site: someSite(),
    regions: ['us-east-1'],
    repository: 'coinestate/platform',
    people: { read: [], breakGlass: [`arn:aws:iam::${account}:user/grace`] },
    state: { bucket: 'cutover-state', key: 'alias/cutover-staging-state' },
    ...more,
  });
}

describe('the deploy roles', () => {
  it('are three, with a limit for all others, where the deploy role cannot reach them', async () => {
    const roles = someRoles();
    expect(await namesOf('iam/role:Role')).toEqual(['roles-break-glass', 'roles-deploy', 'roles-read-only']);
    for (const { inputs } of await allOf('iam/role:Role')) expect(inputs['path']).toBe('/cutover/');
    expect(await valueOf(roles.deploy.arn)).toBe(
      `arn:aws:iam::${account}:role/cutover/cutover-staging-deploy`,
    );
    expect(await valueOf(roles.boundary)).toBe(
      `arn:aws:iam::${account}:policy/cutover/staging/service-boundary`,
    );
    expect(await inputsOf('roles-boundary')).toMatchObject({
      name: 'service-boundary',
      path: '/cutover/staging/',
    });
  });

  it('have each of their policies attached to themselves', async () => {
    someRoles();
    const attached = (await allOf('iam/rolePolicyAttachment:RolePolicyAttachment')).map(
      ({ name, inputs }) => [name, inputs['role']],
    );
    expect(attached).toEqual([
      ...['infrastructure', 'data', 'roles', 'update', 'guard'].map((policy) => [
        `roles-deploy-${policy}-attachment`,
        'cutover-staging-deploy',
      ]),
      ['roles-read-only-read-attachment', 'cutover-staging-read-only'],
      ['roles-break-glass-everything-attachment', 'cutover-staging-break-glass'],
    ]);
  });

  it("make GitHub's tokens known, unless the account knows them", async () => {
    someRoles({ issuer: 'is-there' });
    expect(await allOf('iam/openIdConnectProvider:OpenIdConnectProvider')).toEqual([]);
    someRoles();
    expect(await inputsOf('roles-issuer')).toMatchObject({
      url: 'https://token.actions.githubusercontent.com',
      clientIdLists: ['sts.amazonaws.com'],
    });
  });

  it('are refused for a repository of anybody', () => {
    expect(refusal('CUT-5400', () => someRoles({ repository: '*/*' }))).toContain('repository: "*/*"');
  });
});
