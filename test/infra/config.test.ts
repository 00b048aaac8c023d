import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '@cutover/base/project.ts';
import { isAddress } from '@cutover/chain/plan/solana/address.ts';
import { readConfig } from '../../infra/config.ts';
import { configOf, edited, leavesOf, REMOVED, stacks, valuesOf, type Stack } from './config-kit.ts';

describe.each(stacks)('the stack file of %s', (stack) => {
  it('is valid', () => {
    expect(configOf(stack).environment).toBe(stack);
  });

  it('means the same when the engine hands it over as JSON', () => {
    const asJson = Object.fromEntries(
      Object.entries(valuesOf(stack)).map(([key, value]): [string, unknown] => [
        key,
        typeof value === 'string' ? value : JSON.stringify(value),
      ]),
    );
    expect(readConfig(asJson, { stack })).toEqual(configOf(stack));
  });

  it('is frozen however deep', () => {
    const loose: string[] = [];
    const visit = (value: unknown, path: string): void => {
      if (typeof value !== 'object' || value === null) return;
      if (!Object.isFrozen(value)) loose.push(path);
      for (const [key, each] of Object.entries(value)) visit(each, `${path}.${key}`);
    };
    visit(configOf(stack), stack);
    expect(loose).toEqual([]);
  });

  it('leaves what it was read from as it was', () => {
    const values = valuesOf(stack);
    readConfig(values, { stack });
    expect(values).toEqual(valuesOf(stack));
    expect(Object.isFrozen(values['cutover:systems'])).toBe(false);
  });

  it('holds every key of the schema, so that an operator finds each number', () => {
    const paths = (value: unknown) =>
      leavesOf(value)
        .map(([path]) => path.replace('cutover:', ''))
        .sort();
    expect(paths(valuesOf(stack))).toEqual(paths(configOf(stack)));
  });
});

describe('the stack files side by side', () => {
  // Lists, and blocks whose names are free, may differ in length and names; what is inside has one shape.
  const shapeOf = (stack: Stack) => {
    const { 'cutover:local': _, ...values } = valuesOf(stack);
    const paths = leavesOf(values).map(([path]) =>
      path.replaceAll(/\[\d+\]/g, '[]').replace(/^(cutover:(networks|signers|regions))\.[\w-]+/, '$1.*'),
    );
    return (
      [...new Set(paths)]
        .filter((path) => /^cutover:(systems|gates|environment)/.test(path))
        // A council has the keys of its kind: dev's is our own time lock, the others' are of Squads.
        .filter((path) => !/\.programs\.governance\.(?!kind$|proposer$)/.test(path))
        .sort()
    );
  };
  // A secret is named by the same two keys wherever it is kept.
  it.each(['staging', 'prod'] as const)('%s has the shape of dev', (stack) => {
    expect(shapeOf(stack)).toEqual(shapeOf('dev'));
  });

  it('differ in numbers, words and names only: staging and prod have the same regions for each system', () => {
    for (const system of ['godark', 'coinestate'] as const) {
      const regions = (stack: 'staging' | 'prod') =>
        configOf(stack).systems[system].regions.map(({ region, role }) => `${region} ${role}`);
      expect(regions('staging')).toEqual(regions('prod'));
    }
  });

  it('name endpoints with keys in their URLs instead of holding them', () => {
    const named = Object.values(configOf('prod').networks).flatMap(({ endpoints }) =>
      endpoints.filter(({ url }) => typeof url !== 'string'),
    );
    expect(named.length).toBeGreaterThan(0);
  });
});

describe('figures of the platforms', () => {
  const evmNetwork = (stack: Stack, name: string) => {
    const network = configOf(stack).networks[name];
    if (network?.kind !== 'evm') throw new Error(`${name} is no EVM network of ${stack}`);
    return network;
  };

  it('GoDark runs in two regions of prod', () => {
    const [east, west] = configOf('prod').systems.godark.regions;
    expect(east).toEqual({
      region: 'us-east-1',
      role: 'primary',
      api: 3,
      matchingEngine: { active: 1, standby: 2 },
      settlementRelayer: { active: 1, standby: 2 },
      postgres: { primary: 1, replicas: 2 },
      cacheNodes: 6,
      solanaRpcNodes: 2,
    });
    expect(west).toMatchObject({
      region: 'us-west-2',
      api: 2,
      postgres: { primary: 0, replicas: 1 },
      cacheNodes: 3,
      solanaRpcNodes: 1,
    });
  });

  it('GoDark upgrades wait 48 hours and new versions take over in three steps', () => {
    const { upgradeDelayHours, release, backups, rateLimitPerMinute } = configOf('prod').systems.godark;
    expect(upgradeDelayHours).toBe(48);
    expect(release.trafficPercent).toEqual([10, 50, 100]);
    expect(backups).toEqual({ postgresHours: 6, cacheHours: 1, hotDays: 7, warmDays: 30, coldYears: 7 });
    expect(rateLimitPerMinute).toBe(60);
  });

  it.each(['staging', 'prod'] as const)(
    "GoDark's programs on %s are for public clusters, its council is of Squads",
    (stack) => {
      const { programs } = configOf(stack).systems.godark;
      expect(Object.keys(programs?.perps.releases ?? {})).toEqual(['v1', 'v2']);
      for (const { artifact, digest } of Object.values(programs?.perps.releases ?? {})) {
        expect(artifact).toMatch(/\.v3\.so$/);
        const bytes = readFileSync(join(projectRoot, artifact));
        expect(digest).toBe(`sha256:${createHash('sha256').update(bytes).digest('hex')}`);
      }
      const { governance, perps } = programs ?? {};
      const addresses = [perps?.relayer, governance?.kind === 'squads' ? governance.multisig : undefined];
      expect(addresses.map((address = '') => isAddress(address))).toEqual([true, true]);
    },
  );

  it.each(stacks)('the closed beta grows from 10 to 50 users on %s', (stack) => {
    expect(configOf(stack).systems.godark.beta).toMatchObject({
      internal: { users: 10, tvlUsd: 10_000 },
      limited: { users: 25, tvlUsd: 25_000 },
      expanded: { users: 50, tvlUsd: 50_000 },
      usersInAll: 65,
      maxDepositUsd: 1000,
      maxPositionUsd: 500,
      maxLeverage: 20,
    });
  });

  it('CoinEstate fails over by itself from Virginia, and by approval to Ireland and Singapore', () => {
    const { regions, waf, release } = configOf('prod').systems.coinestate;
    expect(regions.map(({ region, role, failover }) => [region, role, failover])).toEqual([
      ['us-east-1', 'primary', 'automatic'],
      ['eu-west-1', 'secondary', 'manual'],
      ['ap-southeast-1', 'tertiary', 'manual'],
    ]);
    expect(waf).toEqual({ botScoreBelow: 30, requestsPerMinute: 100 });
    expect(release.rollback).toEqual({
      errorPercent: 5,
      errorMinutes: 5,
      latencyPercent: 200,
      latencyMinutes: 10,
      failedChecks: 3,
      wafBlocksPerMinute: 1000,
    });
  });

  it.each([
    ['dev', 31_337, 31_337, 31_337],
    ['staging', 84_532, 11_155_111, 80_002],
    ['prod', 1, 1, 1],
  ] as const)('contracts on %s go to chains %d, %d and %d', (stack, gemforce, metaAggregator, sop138) => {
    const config = configOf(stack);
    const { systems } = config;
    const chainOf = (name: string) => evmNetwork(stack, name).chainId;
    expect(chainOf(systems.gemforce.network)).toBe(gemforce);
    expect(chainOf(systems.metaAggregator.network)).toBe(metaAggregator);
    expect(chainOf(systems.sop138.network)).toBe(sop138);
  });

  it.each([
    ['dev', 'localnet'],
    ['staging', 'devnet'],
    ['prod', 'mainnet-beta'],
  ] as const)('programs on %s go to %s', (stack, cluster) => {
    const config = configOf(stack);
    expect(config.networks[config.systems.godark.network]).toMatchObject({ kind: 'solana', cluster });
  });

  it.each([
    ['dev', 2, 50],
    ['staging', 4, 100],
    ['prod', 8, 500],
  ] as const)('138 has on %s %d GB of memory and %d GB of disk', (stack, memoryGb, storageGb) => {
    expect(configOf(stack).systems.sop138.node).toMatchObject({ memoryGb, storageGb });
  });

  it.each([
    ['dev', true, true],
    ['staging', true, false],
    ['prod', false, false],
  ] as const)(
    'flags of Gemforce on %s: marketplace %s, carbon credits %s',
    (stack, marketplace, carbonCredits) => {
      const { features } = configOf(stack).systems.gemforce;
      expect(features.marketplace).toMatchObject({ enabled: marketplace, rolloutPercent: 25 });
      expect(features.carbonCredits).toMatchObject({ enabled: carbonCredits, rolloutPercent: 25 });
    },
  );

  it('prices fall back to what each chain usually costs', () => {
    const fallback = (stack: 'staging' | 'prod', name: string) => evmNetwork(stack, name).fees.fallbackGwei;
    expect(fallback('prod', 'ethereum')).toEqual({ low: 20, medium: 30, high: 50, urgent: 80 });
    expect(fallback('staging', 'base-sepolia')).toEqual({ low: 1, medium: 1.5, high: 2, urgent: 3 });
    expect(fallback('staging', 'sepolia')).toEqual({ low: 10, medium: 10, high: 10, urgent: 10 });
  });

  it('endpoints are weighted 10, 5 and 1', () => {
    for (const { endpoints } of Object.values(configOf('prod').networks)) {
      expect(endpoints.map(({ weight }) => weight)).toEqual([10, 5, 1]);
    }
  });
});

describe('ports of this machine', () => {
  const localOf = (edits: Readonly<Record<string, unknown>>) => {
    const config = readConfig(edited('dev', edits), { stack: 'dev' });
    if (config.environment !== 'dev') throw new Error('not dev');
    return { ...config.local, networks: config.networks };
  };

  it('all move by one number, and with them the endpoints of the local nodes', () => {
    const { ports, networks } = localOf({ 'local.portOffset': 100 });
    expect(ports).toMatchObject({ evm: 8645, postgres: 15_532, gemforce: 1437 });
    expect(networks['local']?.endpoints[0]?.url).toBe('http://127.0.0.1:8645');
    expect(networks['solana-local']?.endpoints[0]?.url).toBe('http://127.0.0.1:8999');
  });

  it('have usual numbers when none are given', () => {
    const { ports, portOffset } = localOf({ local: {} });
    expect(portOffset).toBe(0);
    expect(ports).toEqual(localOf({}).ports);
    expect(localOf({ local: REMOVED })).toEqual(localOf({}));
  });

  it('are taken one by one', () => {
    expect(localOf({ 'local.ports': { godark: 4000 } }).ports).toMatchObject({ godark: 4000, evm: 8545 });
  });
});

describe('reading', () => {
  it('takes a stack whose name begins with its environment', () => {
    expect(readConfig(valuesOf('staging'), { stack: 'staging-eu' }).environment).toBe('staging');
  });

  it('leaves settings of the engine alone', () => {
    const values = { ...valuesOf('prod'), 'pulumi:autonaming': { mode: 'default' } };
    expect(readConfig(values, { stack: 'prod' })).toEqual(configOf('prod'));
  });

  it('weighs an endpoint 1 when nothing is said', () => {
    const values = edited('prod', { 'networks.ethereum.endpoints[2].weight': REMOVED });
    expect(readConfig(values, { stack: 'prod' })).toEqual(configOf('prod'));
  });
});
