import { describe, expect, it } from 'vitest';
import type { Reading } from '../../services/beacon/monitor.ts';
import { page, titleOf } from '../../services/beacon/page.ts';
import {
  apiDatabase,
  apiHealth,
  apiStatus,
  healthReport,
  type Snapshot,
} from '../../services/beacon/reports.ts';
import { createTraffic } from '../../services/beacon/traffic.ts';

const good = (service: string, details: Reading['details'] = {}): Reading => ({
  service,
  healthy: true,
  latencyMs: 3.4,
  error: undefined,
  details,
});
const bad = (service: string, error: string): Reading => ({ ...good(service), healthy: false, error });

const snapshot = (given: Partial<Snapshot> = {}): Snapshot => ({
  system: 'meta-aggregator',
  version: '1.0.0',
  at: new Date('2024-01-01T00:00:00.123Z'),
  api: good('API'),
  database: good('Database', { connections: 45 }),
  cache: undefined,
  chains: [
    good('Ethereum RPC', {
      contracts: [
        {
          name: 'escrow_contract',
          address: '0x5FbDB2315678afecb367f032d93F642f64180aa3',
          status: 'active',
          balance: 10.5,
          currency: 'ETH',
        },
      ],
    }),
  ],
  peers: [],
  external: [good('0x')],
  queryMeanMs: 25,
  responseMeanMs: 150,
  errorRate: 0.001,
  ready: true,
  ...given,
});

describe('the shapes of the handbooks', () => {
  it('/api/health is word for word the documented one', () => {
    expect(apiHealth(snapshot())).toEqual({
      status: 'healthy',
      timestamp: '2024-01-01T00:00:00Z',
      version: '1.0.0',
      dependencies: { database: 'healthy', external_apis: 'healthy', smart_contracts: 'healthy' },
    });
  });

  it('/api/database shows the rows that the database remembers its migrations by', () => {
    const migrations = [{ name: '0001_investors', at: '2024-01-01T00:00:00Z' }];
    const database = good('Database', { connections: 1, migrations });
    expect(apiDatabase(snapshot({ database }))).toEqual({ status: 'healthy', migrations });
    expect(apiDatabase(snapshot({ database: undefined }))).toEqual({
      status: 'not_configured',
      migrations: [],
    });
  });

  it('/api/status is word for word the documented one', () => {
    expect(apiStatus(snapshot())).toEqual({
      api: { status: 'healthy', response_time_avg: '150ms', error_rate: '0.1%' },
      database: { status: 'healthy', connections: 45, query_time_avg: '25ms' },
      contracts: {
        escrow_contract: {
          address: '0x5FbDB2315678afecb367f032d93F642f64180aa3',
          status: 'active',
          balance: '10.5 ETH',
        },
      },
    });
  });

  it('/health lists what we run, in the documented words', () => {
    const report = healthReport(
      snapshot({
        cache: good('Redis'),
        chains: [good('Solana RPC')],
        peers: [good('Matching Engine'), bad('Settlement Relayer', 'connection refused')],
      }),
    );
    expect(report).toEqual({
      status: 'DEGRADED',
      checks: [
        { service: 'API', healthy: true, latency: 3 },
        { service: 'Database', healthy: true, latency: 3 },
        { service: 'Redis', healthy: true, latency: 3 },
        { service: 'Solana RPC', healthy: true, latency: 3 },
        { service: 'Matching Engine', healthy: true, latency: 3 },
        { service: 'Settlement Relayer', healthy: false, error: 'connection refused' },
      ],
      timestamp: Date.parse('2024-01-01T00:00:00.123Z'),
    });
  });
});

describe('what is not healthy', () => {
  it('takes the service out when it is ours', () => {
    expect(apiHealth(snapshot({ database: bad('Database', 'x') }))).toMatchObject({
      status: 'unhealthy',
      dependencies: { database: 'unhealthy' },
    });
  });

  it('only degrades it when it is not', () => {
    const given = snapshot({ external: [bad('0x', 'x')] });
    expect(apiHealth(given)).toMatchObject({
      status: 'degraded',
      dependencies: { external_apis: 'unhealthy' },
    });
    expect(healthReport(given).status).toBe('HEALTHY');
  });

  it('is never called healthy when it was not looked at', () => {
    const report = apiHealth(snapshot({ external: [], chains: [], database: undefined }));
    expect(report.dependencies).toEqual({
      database: 'not_configured',
      external_apis: 'not_configured',
      smart_contracts: 'not_configured',
    });
  });
});

describe('the page', () => {
  const facts = { title: 'Meta Aggregator', service: 'api', network: 'chain 31337' };

  it('names the system, the network, the contract and the health', () => {
    const html = page(facts, snapshot());
    for (const part of [
      'Meta Aggregator',
      'chain 31337',
      '0x5FbDB2315678afecb367f032d93F642f64180aa3',
      'healthy',
    ]) {
      expect(html).toContain(part);
    }
  });

  it('writes nothing that it was given as HTML', () => {
    const html = page({ ...facts, network: '<script>alert(1)</script>' }, snapshot());
    expect(html).not.toContain('<script>');
  });

  it('loads nothing from anywhere', () => {
    expect(page(facts, snapshot())).not.toMatch(/https?:|src=|@import|url\(/);
  });

  it.each([
    ['meta-aggregator', 'Meta Aggregator'],
    ['sop-138', 'Sop 138'],
  ])('%s is written %s', (system, title) => {
    expect(titleOf(system)).toBe(title);
  });
});

describe('the figures of the last five minutes', () => {
  it('are means, and forget what is older', () => {
    const traffic = createTraffic();
    traffic.record(100, false, 0);
    traffic.record(200, true, 1000);
    expect(traffic.summary(2000)).toEqual({ meanMs: 150, errorRate: 0.5 });
    traffic.record(50, false, 200_000);
    expect(traffic.summary(320_000)).toEqual({ meanMs: 50, errorRate: 0 });
    expect(traffic.summary(900_000)).toEqual({ meanMs: 0, errorRate: 0 });
  });
});
