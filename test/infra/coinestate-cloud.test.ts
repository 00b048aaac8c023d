import { ComponentResource } from '@pulumi/pulumi';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { cloudFoundations } from '../../infra/cloud.ts';
import { readConfig } from '../../infra/config.ts';
import { coinestateInCloud } from '../../infra/systems/coinestate-cloud.ts';
import { describeWithoutCloud, everything, inputsOf } from '../components/aws/described.ts';
import { edited } from './config-kit.ts';

vi.mock(import('../../components/aws/secrets.ts'), async (original) => ({
  ...(await original()),
  secretsInPlace: () => Promise.resolve(),
}));
beforeEach(describeWithoutCloud);

const digest = `sha256:${'a1'.repeat(32)}`;

/** The tiers of CoinEstate as staging describes them, with or without an image of its API. */
async function tiers(image?: string) {
  const values = edited('staging', image === undefined ? {} : { 'systems.coinestate.image': image });
  const config = readConfig(values, { stack: 'staging' });
  const cloud = cloudFoundations(config);
  if (cloud === undefined) throw new Error('staging has a cloud');
  const inCloud = await coinestateInCloud(config, cloud);
  const opts = { parent: new ComponentResource('test:Tier', `tier-${image ?? 'none'}`) };
  return { inCloud, opts, stored: inCloud.database(opts) };
}

interface Container {
  readonly image: string;
  readonly environment: readonly { readonly name: string; readonly value: string }[];
  readonly secrets: readonly { readonly name: string; readonly valueFrom: string }[];
}

async function containerOf(definition: string): Promise<Container> {
  const { containerDefinitions } = await inputsOf(definition);
  const [container] = JSON.parse(String(containerDefinitions)) as Container[];
  if (container === undefined) throw new Error('it has a container');
  return container;
}

describe('CoinEstate in the cloud', () => {
  it('migrates its database by a task of the image that serves, which the database lets in', async () => {
    const { inCloud, opts, stored } = await tiers(digest);
    inCloud.backend(opts, stored, { chainId: 1, token: `0x${'11'.repeat(20)}` });

    expect(await inputsOf('coinestate-register')).toMatchObject({
      directory: 'migrations/coinestate',
      database: { port: 5432, database: 'coinestate', user: 'owner' },
      runs: {
        region: 'us-east-1',
        container: 'coinestate-migrate',
        securityGroups: ['coinestate-migrate-security-group-us-east-1-id'],
      },
    });
    expect(await inputsOf('coinestate-client-migrate-us-east-1')).toMatchObject({
      fromPort: 5432,
      referencedSecurityGroupId: 'coinestate-migrate-security-group-us-east-1-id',
    });
    const task = await containerOf('coinestate-migrate-task-us-east-1');
    const api = await containerOf('coinestate-api-task-us-east-1');
    expect(task.image).toBe(api.image);
    expect(task.image).toMatch(new RegExp(`@${digest}$`));
    expect(task.secrets.map(({ name }) => name)).toEqual(['DATABASE_PASSWORD']);
    const urlOf = ({ environment }: Container) =>
      environment.find(({ name }) => name === 'DATABASE_URL')?.value;
    expect(urlOf(task)).toMatch(
      /^postgres:\/\/owner@[^?]+:5432\/coinestate\?sslmode=verify-full&sslrootcert=\/app\//,
    );
    expect(urlOf(api)).toBe(urlOf(task));
  });

  it('tells the API where the password of the database is, and not what it is', async () => {
    const { inCloud, opts, stored } = await tiers(digest);
    inCloud.backend(opts, stored, { chainId: 1, token: `0x${'11'.repeat(20)}` });
    const api = await containerOf('coinestate-api-task-us-east-1');
    const variable = api.environment.find(({ name }) => name === 'DATABASE_PASSWORD_ARN');
    expect(variable?.value).toMatch(/^arn:aws:secretsmanager:us-east-1:\d{12}:secret:rds!/);
    expect(api.secrets.map(({ name }) => name)).not.toContain('DATABASE_PASSWORD');
  });

  it('has no task and migrates nothing before there is an image', async () => {
    const { stored } = await tiers();
    expect(stored).not.toHaveProperty('migrations');
    const names = (await everything()).map(({ name }) => name);
    expect(names).toContain('coinestate-instance-us-east-1');
    expect(names.filter((name) => /migrate|register/.test(name))).toEqual([]);
  });
});
