import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { postgresClass, postgresClasses } from '../../../components/aws/postgres-classes.ts';
import { postgresParameters } from '../../../components/aws/postgres-parameters.ts';
import { Postgres, type PostgresArgs } from '../../../components/aws/postgres.ts';
import { ServiceRole } from '../../../components/aws/service-role.ts';
import { account, ask } from './access.ts';
import {
  allOf,
  describeWithoutCloud,
  everything,
  inputsOf,
  namesOf,
  refusal,
  someSite,
  valueOf,
} from './described.ts';

beforeEach(describeWithoutCloud);

const network = { vpc: { id: 'vpc-1' }, subnets: { data: [{ id: 'subnet-a' }, { id: 'subnet-b' }] } };

function someDatabase(more: Partial<PostgresArgs> = {}, name = 'orders'): Postgres {
  return new Postgres(name, {
    site: someSite(),
    network,
    database: 'orders',
    size: { cpus: 2, memoryGb: 4, storageGb: 20 },
    backupDays: 7,
    ...more,
  });
}
const instance = 'orders-instance-us-east-1';

describe('the class of a database', () => {
  it.each([
    [{ cpus: 0.25, memoryGb: 0.5 }, 'db.t4g.micro'],
    [{ cpus: 2, memoryGb: 4 }, 'db.t4g.medium'],
    [{ cpus: 2, memoryGb: 4.5 }, 'db.m7g.large'],
    [{ cpus: 2, memoryGb: 16 }, 'db.r7g.large'],
    [{ cpus: 4, memoryGb: 16 }, 'db.m7g.xlarge'],
    [{ cpus: 4, memoryGb: 32 }, 'db.r7g.xlarge'],
    [{ cpus: 64, memoryGb: 512 }, 'db.r7g.16xlarge'],
  ])('for %o is %s', (size, expected) => {
    expect(postgresClass(size)).toBe(expected);
  });

  it('has as much as is asked for, and who asks for less gets none that costs more', () => {
    const size = fc.record({
      cpus: fc.double({ min: 0.25, max: 64, noNaN: true }),
      memoryGb: fc.double({ min: 0.25, max: 512, noNaN: true }),
    });
    const share = fc.double({ min: 0.01, max: 1, noNaN: true });
    const rank = (name: string): number => postgresClasses.findIndex((each) => each.name === name);
    fc.assert(
      fc.property(size, share, share, ({ cpus, memoryGb }, ofCpus, ofMemory) => {
        const found = rank(postgresClass({ cpus, memoryGb }));
        expect(postgresClasses[found]?.cpus).toBeGreaterThanOrEqual(cpus);
        expect(postgresClasses[found]?.memoryGb).toBeGreaterThanOrEqual(memoryGb);
        const less = postgresClass({ cpus: cpus * ofCpus, memoryGb: memoryGb * ofMemory });
        expect(rank(less)).toBeLessThanOrEqual(found);
      }),
    );
  });

  it.each([
    [{ cpus: 128, memoryGb: 4 }],
    [{ cpus: 2, memoryGb: 1024 }],
    [{ cpus: 0, memoryGb: 4 }],
    [{ cpus: 2, memoryGb: Number.NaN }],
  ])('is refused for %o, with the most that there is', (size) => {
    expect(refusal('CUT-5432', () => postgresClass(size))).toContain('at most 64 CPUs and 512 GB');
  });
});

describe('the parameters of a database', () => {
  it.each(['15', '16', '17', '18'] as const)('of PostgreSQL %s force TLS and scram', (version) => {
    const values = Object.fromEntries(postgresParameters(version).map(({ name, value }) => [name, value]));
    expect(values).toMatchObject({
      'rds.force_ssl': '1',
      ssl_min_protocol_version: 'TLSv1.2',
      'rds.accepted_password_auth_method': 'scram',
      log_connections: version === '18' ? 'all' : '1',
    });
  });
  it('wait for a restart where RDS cannot change them at once', () => {
    const waiting = postgresParameters('18').filter(({ applyMethod }) => applyMethod === 'pending-reboot');
    expect(waiting.map(({ name }) => name)).toEqual(['shared_preload_libraries']);
  });
});

describe('a database', () => {
  it('is encrypted, private, restored to any second, watched, and its password is made by RDS', async () => {
    someDatabase();
    expect(await inputsOf(instance)).toMatchObject({
      region: 'us-east-1',
      identifier: 'staging-orders',
      engine: 'postgres',
      engineVersion: '18',
      instanceClass: 'db.t4g.medium',
      multiAz: true,
      storageEncrypted: true,
      storageType: 'gp3',
      allocatedStorage: 20,
      maxAllocatedStorage: 100,
      publiclyAccessible: false,
      manageMasterUserPassword: true,
      iamDatabaseAuthenticationEnabled: true,
      backupRetentionPeriod: 7,
      copyTagsToSnapshot: true,
      enabledCloudwatchLogsExports: ['postgresql', 'upgrade'],
      monitoringInterval: 60,
      performanceInsightsEnabled: true,
    });
    const inputs = await inputsOf(instance);
    const key = (await allOf('kms/key:Key'))[0]?.name ?? 'none';
    for (const use of ['kmsKeyId', 'masterUserSecretKmsKeyId', 'performanceInsightsKmsKeyId'])
      expect(inputs[use]).toContain(key);
    expect(inputs).not.toHaveProperty('password');
    expect(JSON.stringify(await everything())).not.toMatch(/"password"/);
  });

  it('lies in data subnets, and nobody reaches it until somebody is let in', async () => {
    const database = someDatabase();
    expect(await inputsOf('orders-subnets-us-east-1')).toMatchObject({ subnetIds: ['subnet-a', 'subnet-b'] });
    expect(await inputsOf('orders-clients-us-east-1')).toMatchObject({
      vpcId: 'vpc-1',
      ingress: [],
      egress: [],
    });
    expect(await namesOf('vpc/securityGroupIngressRule:SecurityGroupIngressRule')).toEqual([]);
    database.allow('api', { id: 'sg-api' });
    expect(await inputsOf('orders-client-api-us-east-1')).toMatchObject({
      referencedSecurityGroupId: 'sg-api',
      ipProtocol: 'tcp',
      fromPort: 5432,
      toPort: 5432,
    });
    expect(await inputsOf('orders-client-api-us-east-1')).not.toHaveProperty('cidrIpv4');
  });

  it('has its logs kept and encrypted before it writes them', async () => {
    someDatabase({ site: someSite({ environment: 'prod' }) });
    expect(await inputsOf('orders-log-postgresql-us-east-1')).toMatchObject({
      name: '/aws/rds/instance/prod-orders/postgresql',
      retentionInDays: 365,
      kmsKeyId: expect.stringContaining('orders-key') as string,
    });
  });

  it('cannot be deleted where the site keeps, and comes and goes elsewhere', async () => {
    someDatabase({ site: someSite({ environment: 'prod' }) });
    someDatabase({}, 'passing');
    expect(await inputsOf(instance)).toMatchObject({
      deletionProtection: true,
      skipFinalSnapshot: false,
      finalSnapshotIdentifier: 'prod-orders-final',
      deleteAutomatedBackups: false,
      applyImmediately: false,
    });
    expect(await inputsOf('passing-instance-us-east-1')).toMatchObject({
      deletionProtection: false,
      skipFinalSnapshot: true,
      applyImmediately: true,
    });
  });

  it('hands out where it is without the password, and what reads that', async () => {
    const { connection, url, passwordFrom, secretArn, grants } = someDatabase();
    expect(await valueOf(connection)).toEqual({
      host: `${instance}.rds.example`,
      port: 5432,
      database: 'orders',
      user: 'owner',
    });
    expect(await valueOf(url)).toBe(`postgres://owner@${instance}.rds.example:5432/orders`);
    const secret = await valueOf(secretArn);
    expect(await valueOf(passwordFrom)).toBe(`${secret}:password::`);
    new ServiceRole('migrate', {
      site: someSite(),
      description: 'Migrations',
      service: 'ecs-tasks.amazonaws.com',
      grants: [grants.readPassword, grants.signIn('api')],
    });
    const { policy } = (await inputsOf('migrate-policy-us-east-1')) as { policy: string };
    const user = (name: string): string => `arn:aws:rds-db:us-east-1:${account}:dbuser:db-MOCK/${name}`;
    expect(ask([policy], 'secretsmanager:GetSecretValue', secret)).toBe('allowed');
    expect(ask([policy], 'secretsmanager:GetSecretValue', `${secret}-other`)).toBe('implicit-deny');
    expect(ask([policy], 'rds-db:connect', user('api'))).toBe('allowed');
    expect(ask([policy], 'rds-db:connect', user('owner'))).toBe('implicit-deny');
  });

  it('takes a new group of parameters with a new major version, so that the old one serves until then', async () => {
    someDatabase({ version: '17' });
    expect(await inputsOf('orders-parameters-17-us-east-1')).toMatchObject({
      name: 'staging-orders-17',
      family: 'postgres17',
    });
  });

  it('can be changed by whoever describes it', async () => {
    someDatabase({
      transform: {
        instance: (args, opts) => [{ ...args, backupWindow: '01:00-02:00' }, opts],
        key: (args, opts) => [{ ...args, description: 'Mine' }, opts],
      },
    });
    expect(await inputsOf(instance)).toMatchObject({ backupWindow: '01:00-02:00' });
    expect(await inputsOf('orders-key-key-us-east-1')).toMatchObject({ description: 'Mine' });
  });

  const windows = (backup: string, maintenance: string): Partial<PostgresArgs> => ({
    windows: { backup, maintenance },
  });
  const size = (storageGb: number): Partial<PostgresArgs> => ({ size: { cpus: 2, memoryGb: 4, storageGb } });
  it.each<[Partial<PostgresArgs>, string]>([
    [{ database: 'Orders' }, 'database: "Orders"'],
    [{ database: '1st' }, 'database: "1st"'],
    [{ user: 'admin' }, 'user: "admin"'],
    [{ user: 'rdsadmin' }, 'user: "rdsadmin"'],
    [{ user: 'pg_owner' }, 'user: "pg_owner"'],
    [size(19), 'size.storageGb: 19'],
    [size(20.5), 'size.storageGb: 20.5'],
    [{ mostStorageGb: 21 }, 'mostStorageGb: 21'],
    [{ backupDays: 36 }, 'backupDays: 36'],
    [{ backupDays: 0, site: undefined as never }, 'backupDays: 0 makes no backups'],
    [{ network: { ...network, subnets: { data: [{ id: 'subnet-a' }] } } }, 'network: it has 1 data subnets'],
    [windows('3:00-4:00', 'sun:05:00-sun:06:00'), 'windows: write backup as'],
    [windows('03:00-04:00', '05:00-06:00'), 'windows: write backup as'],
    [windows('03:00-04:00', 'xyz:05:00-xyz:06:00'), 'windows: write backup as'],
    [windows('03:00-03:29', 'sun:05:00-sun:06:00'), 'windows.backup: it is shorter than 30 minutes'],
    [windows('03:00-04:00', 'sun:03:30-sun:05:00'), 'windows: 03:00-04:00 and sun:03:30-sun:05:00 overlap'],
    [windows('23:30-00:30', 'mon:00:00-mon:01:00'), 'overlap'],
    [windows('00:00-01:00', 'sun:23:30-mon:00:30'), 'overlap'],
  ])('is refused with %o', (change, message) => {
    const site = change.backupDays === 0 ? someSite({ environment: 'prod' }) : someSite();
    expect(refusal('CUT-5400', () => someDatabase({ ...change, site }))).toContain(message);
  });
  it('is refused with a name that leaves no room for those of its parts', () => {
    expect(refusal('CUT-5400', () => someDatabase({}, 'a-name-of-twenty-seven-long'))).toContain(
      'at most 26',
    );
  });
  it('takes windows that touch', () => {
    expect(() => someDatabase(windows('03:00-04:00', 'sun:04:00-sun:05:00'))).not.toThrow();
    expect(() => someDatabase(windows('22:00-23:30', 'sun:23:30-mon:00:30'), 'night')).not.toThrow();
  });
});
