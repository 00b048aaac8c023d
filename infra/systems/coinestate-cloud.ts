import { Parameter } from '@pulumi/aws/ssm/parameter.js';
import * as pulumi from '@pulumi/pulumi';
import type { GateOptions } from '@cutover/delivery/resources/health-gate.ts';
import { PostgresMigrations } from '@cutover/delivery/resources/postgres-migrations.ts';
import { Certificate } from '../../components/aws/certificate.ts';
import { DnsRecord } from '../../components/aws/dns-record.ts';
import { EncryptionKey } from '../../components/aws/encryption-key.ts';
import { FargateService } from '../../components/aws/fargate-service.ts';
import { FargateTask } from '../../components/aws/fargate-task.ts';
import { LoadBalancer } from '../../components/aws/load-balancer.ts';
import { Postgres } from '../../components/aws/postgres.ts';
import { PrivateBucket } from '../../components/aws/private-bucket.ts';
import { Repository } from '../../components/aws/repository.ts';
import { secretsInPlace, secretsOf } from '../../components/aws/secrets.ts';
import type { Cloud } from '../cloud.ts';
import type { CutoverConfig } from '../config.ts';
import { cloudGate, endpointFor, storedAt } from './cloud-parts.ts';

type Options = { readonly parent: pulumi.ComponentResource };

/** What the back end must know of the contracts. */
interface OnChain {
  readonly chainId: number;
  readonly token: string;
}

/** Where the image has the certificates of RDS (services/beacon/Dockerfile). */
const RDS_CERTIFICATES = '/app/rds-ca.pem';

/** What the database tier leaves to those after it. */
interface Stored {
  readonly key: EncryptionKey;
  readonly postgres: Postgres;
  readonly repository: Repository;
  /** Where the database is, and that it must prove who it is. */
  readonly encryptedUrl: pulumi.Output<string>;
}

/** CoinEstate's tiers in the cloud, ready to be described. */
export type CoinestateInCloud = Awaited<ReturnType<typeof coinestateInCloud>>;

/**
 * CoinEstate behind its contracts, in the primary region:
 *
 *     PostgreSQL, two zones ─▶ API on Fargate, blue and green ─▶ load balancer ─▶ its names in DNS
 *              ▲               documents, metadata ◀─┘                  └─ access logs
 *              └─ migrated by a task of the API's image, in its network
 *
 * Secrets are looked for before anything is registered. SIDE EFFECTS: asks the parameter store.
 */
export async function coinestateInCloud(config: CutoverConfig, cloud: Cloud) {
  const settings = config.systems.coinestate;
  const { database: wanted, hosts, image, release, task } = settings;
  const primary = settings.regions[0];
  if (primary === undefined) throw new Error('config checks that there is a region');
  const region = cloud.region(primary.region);
  const site = region.siteOf('coinestate');
  const secrets = secretsOf(site, {
    JWT_SECRET: storedAt('coinestate', 'jwtSecret', settings.secrets.jwtSecret),
    KYC_PROVIDER_API_KEY: storedAt('coinestate', 'kycProviderApiKey', settings.secrets.kycProviderApiKey),
  });
  await secretsInPlace(site, secrets.names);
  const endpoint = await endpointFor(config, settings.network, region.siteOf('cutover'));

  const describeDatabase = (opts: Options) => {
    const key = new EncryptionKey(
      'coinestate',
      { site, description: 'Documents and images of CoinEstate', uses: ['s3', 'ecr'] },
      opts,
    );
    const postgres = new Postgres(
      'coinestate',
      {
        site,
        network: region.network(),
        database: 'coinestate',
        size: { cpus: wanted.cpus, memoryGb: wanted.memoryGb, storageGb: wanted.storageGb },
        standby: wanted.zones > 1,
        backupDays: wanted.backupDays,
      },
      opts,
    );
    // Without the password, which RDS keeps and changes: a URL that people and tools can read.
    const url = new Parameter(
      'coinestate-database-url',
      {
        region: site.region,
        name: storedAt('coinestate', 'databaseUrl', settings.secrets.databaseUrl).name,
        type: 'String',
        value: postgres.url,
        description: 'Where the database is; the password is in the secret of the instance',
        tags: site.tags,
      },
      { ...opts, provider: site.provider },
    );
    const repository = new Repository('coinestate-api', { site, key }, opts);
    const encryptedUrl = pulumi.interpolate`${postgres.url}?sslmode=verify-full&sslrootcert=${RDS_CERTIFICATES}`;
    const stored = { key, postgres, url, repository, encryptedUrl };
    return image === undefined ? stored : { ...stored, migrations: describeMigrations(opts, stored, image) };
  };

  /** The image of the API holds the migrations too, so that both are of one commit; only the command differs. */
  const describeMigrations = (
    opts: Options,
    { postgres, repository, encryptedUrl }: Stored,
    digest: string,
  ) => {
    const directory = 'migrations/coinestate';
    const task = new FargateTask(
      'coinestate-migrate',
      {
        site,
        network: region.network(),
        cluster: region.cluster(),
        logKey: region.logKey(),
        repository,
        size: { cpus: 0.25, memoryGb: 1 },
        container: {
          image: pulumi.interpolate`${repository.url}@${digest}`,
          environment: {
            MIGRATIONS: directory,
            DATABASE_URL: encryptedUrl,
            // Nothing reads it: a database that is made anew under the same name is empty, and needs another run.
            DATABASE_INSTANCE: postgres.instance.resourceId,
          },
          secrets: { DATABASE_PASSWORD: postgres.passwordFrom },
        },
        secretGrants: [postgres.grants.readPassword],
        reaches: { database: postgres },
      },
      opts,
    );
    const door = postgres.allow('migrate', task.securityGroup);
    const { host, port, database, user } = postgres.connection;
    return new PostgresMigrations(
      'coinestate-register',
      { directory, database: { host, port, database, user }, runs: task.run },
      { ...opts, dependsOn: [region.network(), task, door] },
    );
  };

  const describeBackend = (
    opts: Options,
    { key, postgres, repository, encryptedUrl }: Stored,
    onChain: OnChain,
  ) => {
    const accessLogs = region.accessLogs();
    const documents = new PrivateBucket(
      'coinestate-kyc',
      { site, key, accessLogs, days: { warm: 90, cold: 365 } },
      opts,
    );
    const metadata = new PrivateBucket('coinestate-metadata', { site, key, accessLogs }, opts);
    const certificate = new Certificate(
      'coinestate-api',
      { site, zone: cloud.zoneOf(hosts.api), domain: hosts.api, alternatives: [primary.host] },
      opts,
    );
    const balancer = new LoadBalancer(
      'coinestate-api',
      {
        site,
        network: region.network(),
        certificate,
        accessLogs: { bucket: accessLogs.bucketName, prefix: 'coinestate-api' },
      },
      opts,
    );
    const api = new FargateService(
      'coinestate-api',
      {
        site,
        network: region.network(),
        cluster: region.cluster(),
        logKey: region.logKey(),
        repository,
        size: task,
        tasks: primary.tasks,
        container: {
          image: pulumi.interpolate`${repository.url}@${image ?? ''}`,
          port: 8080,
          environment: {
            HOST: '0.0.0.0',
            SYSTEM: 'coinestate',
            TITLE: 'CoinEstate',
            NETWORK: settings.network,
            DATABASE_URL: encryptedUrl,
            EVM_CHAIN_ID: String(onChain.chainId),
            EVM_CONTRACTS: `property_token=${onChain.token}`,
            DOCUMENTS_BUCKET: documents.bucketName,
            METADATA_BUCKET: metadata.bucketName,
            ...endpoint.environment,
            // Where it is, not what it is: RDS changes it each week, and a task reads its secrets only once.
            DATABASE_PASSWORD_ARN: postgres.secretArn,
          },
          secrets: { ...secrets.arns, ...endpoint.secrets },
        },
        secretGrants: [secrets.grant, endpoint.grant],
        grants: [documents.grants.readWrite, metadata.grants.readWrite, postgres.grants.readPassword],
        reaches: { database: postgres },
        serves: { balancer, hosts: [hosts.api, primary.host], priority: 10 },
        release: { kind: 'blueGreen', bakeMinutes: release.bakeMinutes },
        watched: {
          receivers: region.receivers(),
          limits: {
            errorPercent: release.rollback.errorPercent,
            errorMinutes: release.rollback.errorMinutes,
            failedChecks: release.rollback.failedChecks,
          },
        },
      },
      opts,
    );
    postgres.allow('api', api.securityGroup, api);
    const target = { kind: 'alias', to: balancer } as const;
    for (const [part, host] of [
      ['api', hosts.api],
      [primary.region, primary.host],
    ] as const) {
      new DnsRecord(`coinestate-${part}`, { site, zone: cloud.zoneOf(host), host, target }, opts);
    }
    const gate: GateOptions | undefined = cloudGate(config, `https://${primary.host}/health`, [
      api.taskDefinition.arn,
    ]);
    return { api, balancer, documents, metadata, url: `https://${hosts.api}`, gate };
  };

  return { image, database: describeDatabase, backend: describeBackend };
}
