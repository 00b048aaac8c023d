import * as pulumi from '@pulumi/pulumi';
import { PostgresMigrations } from '@cutover/delivery/resources/postgres-migrations.ts';
import { tiers } from '../../components/tiers.ts';
import type { CutoverConfig } from '../config.ts';
import type { Foundations } from '../foundations.ts';
import {
  beacon,
  gatePatience,
  healthReport,
  nothingYet,
  portOf,
  postgresDatabase,
  serviceGate,
  type Report,
} from './parts.ts';

/**
 * GoDark: perpetuals on Solana.
 *
 *     Solana node ──▶ PostgreSQL, migrated ──▶ API over PostgreSQL, Valkey and Solana ── health
 */
export function godark(config: CutoverConfig, local: Foundations | undefined): Report {
  const settings = config.systems.godark;
  if (local === undefined) return nothingYet('GoDark');

  const { backend } = tiers('godark')
    .contracts(() => ({
      // The programs' place. Until they are built here, the tier asks whether their chain is there.
      gate: {
        ...gatePatience(config),
        checks: [
          {
            kind: 'jsonRpc',
            name: 'Solana node',
            url: local.solana().url,
            method: 'getHealth',
            expect: { result: 'ok' },
          },
        ],
      },
    }))
    .database(({ opts }) => ({
      ledger: new PostgresMigrations(
        'godark-ledger',
        { directory: 'migrations/godark', database: postgresDatabase(local.postgres(), 'godark') },
        opts,
      ),
    }))
    .backend(({ opts }) => {
      const api = beacon(
        'godark-api',
        {
          ...portOf(local, 'godark'),
          environment: {
            SYSTEM: 'godark',
            TITLE: 'GoDark',
            NETWORK: settings.network,
            DATABASE_URL: local.postgres().url('godark'),
            CACHE_URL: local.valkey().url,
            SOLANA_RPC_URL: local.solana().url,
            RATE_LIMIT_MAX_REQUESTS: String(settings.rateLimitPerMinute),
          },
          secretFiles: {
            DATABASE_PASSWORD_FILE: local.postgres().passwordFile('godark'),
            CACHE_PASSWORD_FILE: local.valkey().passwordFile,
          },
        },
        opts,
      );
      return { api, gate: serviceGate(config, api, healthReport(api)) };
    })
    .done(({ backend: { api } }) => ({ url: api.url }));

  const { url } = backend.api;
  return pulumi.output({
    title: 'GoDark',
    summary: 'Solana node, PostgreSQL and Valkey, and a beacon that stands in for the API.',
    urls: [
      { name: 'page', url },
      { name: 'health', url: pulumi.interpolate`${url}/health` },
      { name: 'metrics', url: pulumi.interpolate`${url}/metrics` },
    ],
    contracts: [],
    try: [pulumi.interpolate`curl -s ${url}/health`],
  });
}
