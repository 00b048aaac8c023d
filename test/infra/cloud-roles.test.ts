import { ComponentResource } from '@pulumi/pulumi';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { boundaryArn } from '../../components/aws/account-place.ts';
import { accountRoles, type AccountRolesPlan } from '../../components/aws/account-roles.ts';
import { cloudFoundations } from '../../infra/cloud.ts';
import { readConfig } from '../../infra/config.ts';
import { coinestateInCloud } from '../../infra/systems/coinestate-cloud.ts';
import { foundationNames } from '../../ops/bootstrap/foundation.ts';
import { placeOf } from '../../ops/bootstrap.ts';
import { ask, readPolicy } from '../components/aws/access.ts';
import { allOf, describeWithoutCloud } from '../components/aws/described.ts';
import { edited, REMOVED } from './config-kit.ts';

vi.mock(import('../../components/aws/secrets.ts'), async (original) => ({
  ...(await original()),
  secretsInPlace: () => Promise.resolve(),
}));

type Environment = 'staging' | 'prod';

/** A role of the program with what it may do. */
interface ProgramRole {
  readonly name: string;
  readonly arn: string;
  readonly boundary: string | undefined;
  readonly trust: string;
  readonly policies: readonly string[];
}

type Program = Awaited<ReturnType<typeof program>>;
let programs: Readonly<Record<Environment, Program>>;
beforeAll(async () => {
  programs = { staging: await program('staging'), prod: await program('prod') };
}, 60_000);

/** Describes CoinEstate as a stack has it, with all that systems share, in the account that mocks know. */
async function program(environment: Environment, edits: Readonly<Record<string, unknown>> = {}) {
  await describeWithoutCloud();
  const values = edited(environment, {
    'aws.account': '123456789012',
    'systems.coinestate.image': `sha256:${'a1'.repeat(32)}`,
    ...edits,
  });
  const config = readConfig(values, { stack: environment });
  const cloud = cloudFoundations(config);
  if (cloud === undefined) throw new Error(`${environment} has a cloud`);
  const inCloud = await coinestateInCloud(config, cloud);
  const opts = { parent: new ComponentResource('test:Tier', `tier-${environment}`) };
  inCloud.backend(opts, inCloud.database(opts), { chainId: 1, token: `0x${'11'.repeat(20)}` });
  const { account } = config.aws ?? { account: '' };
  const inline = await allOf('iam/rolePolicy:RolePolicy');
  const roles = (await allOf('iam/role:Role')).map(({ inputs }): ProgramRole => {
    const name = String(inputs['name']);
    return {
      name,
      arn: `arn:aws:iam::${account}:role${String(inputs['path'])}${name}`,
      boundary: inputs['permissionsBoundary'] as string | undefined,
      trust: String(inputs['assumeRolePolicy']),
      policies: inline
        .filter((each) => each.inputs['role'] === name)
        .map((each) => String(each.inputs['policy'])),
    };
  });
  return { config, account, roles };
}

/** The account's own roles as `./cutover bootstrap` makes them for a stack. */
function bootstrapped(config: ReturnType<typeof readConfig>): AccountRolesPlan {
  const place = placeOf(config.environment, config, {});
  const names = foundationNames(place);
  return accountRoles({ ...place, state: { bucket: names.stateBucket, key: names.stateKey } });
}

describe.each(['staging', 'prod'] as const)('the roles that the program makes in %s', (environment) => {
  it('are those that the deploy role may make, and with less they are none', () => {
    const { config, account, roles } = programs[environment];
    const deploy = Object.values(bootstrapped(config).deploy.policies);
    expect(roles.length).toBeGreaterThan(5);
    for (const { name, arn, boundary } of roles) {
      expect(boundary, name).toBe(boundaryArn({ account, environment }));
      const as = (limit?: string) => (limit === undefined ? {} : { 'iam:PermissionsBoundary': limit });
      for (const action of ['iam:CreateRole', 'iam:PutRolePolicy', 'iam:AttachRolePolicy']) {
        expect(ask(deploy, action, arn, as(boundary)), `${action} ${name}`).toBe('allowed');
        for (const other of [undefined, 'arn:aws:iam::aws:policy/AdministratorAccess', `${boundary}-2`])
          expect(ask(deploy, action, arn, as(other)), `${action} ${name} ${other}`).toBe('implicit-deny');
      }
      for (const elsewhere of ['role/', 'role/cutover/', `role/cutover/${environment}/`])
        expect(
          ask(deploy, 'iam:CreateRole', `arn:aws:iam::${account}:${elsewhere}${name}`, as(boundary)),
        ).toBe('implicit-deny');
    }
  });

  it('are handed on to the services that take them on, and to no others', () => {
    const { config, roles } = programs[environment];
    const deploy = Object.values(bootstrapped(config).deploy.policies);
    for (const { name, arn, trust } of roles) {
      const services = readPolicy(trust, 'trust').statements.flatMap(({ principals = [] }) => principals);
      expect(services.length, name).toBeGreaterThan(0);
      const pass = (service: string) => ask(deploy, 'iam:PassRole', arn, { 'iam:PassedToService': service });
      for (const { type, name: service } of services) {
        expect(type).toBe('Service');
        expect(pass(service), `${name} to ${service}`).toBe('allowed');
      }
      expect(pass('lambda.amazonaws.com')).toBe('implicit-deny');
    }
  });

  it('are given nothing that the boundary takes away again', () => {
    const { config, account, roles } = programs[environment];
    const boundary = [bootstrapped(config).boundary.document];
    let asked = 0;
    for (const { name, policies } of roles) {
      const statements = policies.flatMap((policy) => readPolicy(policy, 'identity').statements);
      for (const { actions = [], resources = [], conditions } of statements) {
        const context = Object.fromEntries(conditions.map(({ key, values }) => [key, values[0] ?? '']));
        for (const action of actions) {
          const [service = ''] = action.split(':');
          for (const resource of resources) {
            asked++;
            // Mocks tell ARNs of no service.
            const real = resource
              .replace(/^arn:aws:mock:/, `arn:aws:${service}:`)
              .replace(`${account}:`, (found) => (service === 'kms' ? `${found}key/` : found));
            const said = ask(boundary, action.replace('*', 'X'), real.replaceAll('*', 'x'), context);
            expect(said, `${name}: ${action} on ${real}`).toBe('allowed');
          }
        }
      }
    }
    expect(asked).toBeGreaterThan(20);
  });
});

it('roles have no boundary where the stack file names nobody for whom there are roles', async () => {
  const { roles } = await program('staging', { 'aws.access': REMOVED });
  expect(roles.map(({ boundary }) => boundary).filter((each) => each !== undefined)).toEqual([]);
});

describe('the role of the API', () => {
  const region = 'us-east-1';
  const key = (account: string) => `arn:aws:kms:${region}:${account}:key/1`;
  const through = (service: string) => ({ 'kms:ViaService': `${service}.${region}.amazonaws.com` });

  it("reads the database's password, and works with its own buckets", () => {
    const { account, roles, config } = programs.prod;
    const api = policiesOf(roles, 'prod-coinestate-api-task-us-east-1');
    const { document: boundary } = bootstrapped(config).boundary;
    const password = `arn:aws:secretsmanager:${region}:${account}:secret:rds!db-coinestate-instance-us-east-1`;
    const kyc = `arn:aws:s3:::coinestate-kyc-prod-${account}-${region}`;
    for (const [action, resource] of [
      ['secretsmanager:GetSecretValue', password],
      ['s3:PutObject', `${kyc}/passport.pdf`],
      ['s3:GetObject', `${kyc}/passport.pdf`],
      ['s3:GetObject', `arn:aws:s3:::coinestate-metadata-prod-${account}-${region}/1.json`],
    ] as const) {
      expect(ask(api, action, resource, {}, { boundary }), action).toBe('allowed');
    }
  });

  it('can do none of these', () => {
    const { account, roles } = programs.prod;
    const api = policiesOf(roles, 'prod-coinestate-api-task-us-east-1');
    const kyc = `arn:aws:s3:::coinestate-kyc-prod-${account}-${region}`;
    const thing = (service: string, path: string): string =>
      `arn:aws:${service}:${region}:${account}:${path}`;
    const role = `arn:aws:iam::${account}:role/cutover/prod/services/prod-coinestate-api-task-${region}`;
    const rows: readonly (readonly [string, string, Readonly<Record<string, string>>?])[] = [
      ['secretsmanager:GetSecretValue', thing('secretsmanager', 'secret:rds!db-godark')],
      [
        'secretsmanager:PutSecretValue',
        thing('secretsmanager', 'secret:rds!db-coinestate-instance-us-east-1'),
      ],
      ['secretsmanager:RotateSecret', thing('secretsmanager', 'secret:rds!db-coinestate-instance-us-east-1')],
      // Those are read for it when it starts, by another role.
      ['ssm:GetParameter', thing('ssm', 'parameter/coinestate/prod/jwt/secret')],
      ['ssm:GetParameters', thing('ssm', 'parameter/coinestate/prod/blockchain/private-key')],
      ['ssm:PutParameter', thing('ssm', 'parameter/coinestate/prod/jwt/secret')],
      ['kms:Decrypt', key(account)],
      ['kms:Decrypt', key(account), through('ssm')],
      ['kms:Sign', key(account)],
      ['kms:PutKeyPolicy', key(account)],
      ['s3:DeleteObjectVersion', `${kyc}/passport.pdf`],
      ['s3:PutBucketPolicy', kyc],
      ['s3:DeleteBucket', kyc],
      ['s3:GetObject', `arn:aws:s3:::cutover-state-${account}-${region}-prod/.pulumi/stacks/prod.json`],
      ['s3:GetObject', `arn:aws:s3:::cutover-access-logs-prod-${account}-${region}/1`],
      ['rds-db:connect', thing('rds-db', 'dbuser:db-MOCK/owner')],
      ['rds:DeleteDBInstance', thing('rds', 'db:prod-coinestate')],
      ['ecs:UpdateService', thing('ecs', 'service/api/api')],
      ['ecs:ExecuteCommand', thing('ecs', 'task/api/1')],
      ['ecr:PutImage', thing('ecr', 'repository/prod/coinestate-api')],
      ['logs:DeleteLogGroup', thing('logs', 'log-group:api')],
      ['iam:PutRolePolicy', role],
      ['iam:PassRole', role],
      ['sts:AssumeRole', `arn:aws:iam::${account}:role/cutover/cutover-prod-deploy`],
      ['route53:ChangeResourceRecordSets', 'arn:aws:route53:::hostedzone/Z1'],
    ];
    expect(rows.length).toBeGreaterThanOrEqual(20);
    expect(
      rows.filter(([action, resource, context]) => ask(api, action, resource, context) === 'allowed'),
    ).toEqual([]);
  });

  it('starts with a role that reads its secrets and its image, and nothing of its data', () => {
    const { account, roles } = programs.prod;
    const start = policiesOf(roles, 'prod-coinestate-api-start-us-east-1');
    const parameter = `arn:aws:ssm:${region}:${account}:parameter/coinestate/prod/jwt/secret`;
    expect(ask(start, 'ssm:GetParameters', parameter)).toBe('allowed');
    for (const [action, resource] of [
      [
        'secretsmanager:GetSecretValue',
        `arn:aws:secretsmanager:${region}:${account}:secret:rds!db-coinestate`,
      ],
      ['s3:GetObject', `arn:aws:s3:::coinestate-kyc-prod-${account}-${region}/passport.pdf`],
      ['ssm:GetParameters', `arn:aws:ssm:${region}:${account}:parameter/godark/prod/jwt/secret`],
      ['ecr:PutImage', `arn:aws:ecr:${region}:${account}:repository/prod/coinestate-api`],
    ] as const) {
      expect(ask(start, action, resource), action).toBe('implicit-deny');
    }
  });
});

function policiesOf(roles: readonly ProgramRole[], name: string): readonly string[] {
  const found = roles.find((role) => role.name === name);
  expect(found, `${name} among ${roles.map((role) => role.name).join(', ')}`).toBeDefined();
  return found?.policies ?? [];
}
