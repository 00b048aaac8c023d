import * as pulumi from '@pulumi/pulumi';
import { PostgresMigrations } from '@cutover/delivery/resources/postgres-migrations.ts';
import type { GateOptions } from '@cutover/delivery/resources/health-gate.ts';
import { tiers } from '../../components/tiers.ts';
import type { CutoverConfig } from '../config.ts';
import type { Foundations } from '../foundations.ts';
import { godarkOnChain, type GodarkOnChain } from './godark-programs.ts';
import {
  beacon,
  contractsAlone,
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
 *     programs, their markets and council ──▶ PostgreSQL, migrated ──▶ API over PostgreSQL, Valkey and Solana ── health
 */
export async function godark(config: CutoverConfig, local: Foundations | undefined): Promise<Report> {
  const settings = config.systems.godark;
  const onChain =
    settings.programs === undefined ? undefined : await godarkOnChain(config, settings.programs, local);
  if (local === undefined) return onChain === undefined ? nothingYet('GoDark') : programsAlone(onChain);

  const { contracts, backend } = tiers('godark')
    .contracts(({ opts }) => ({
      programs: onChain?.describe(opts),
      gate: { ...gatePatience(config), checks: [clusterAnswers(local, onChain)] },
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
  const { programs } = contracts;
  return pulumi.output({
    title: 'GoDark',
    summary: 'Programs on Solana, PostgreSQL and Valkey, and a beacon that stands in for the API.',
    urls: [
      { name: 'page', url },
      { name: 'health', url: pulumi.interpolate`${url}/health` },
      { name: 'metrics', url: pulumi.interpolate`${url}/metrics` },
    ],
    contracts: [],
    ...(programs === undefined ? {} : programs.report),
    try: [pulumi.interpolate`curl -s ${url}/health`],
  });
}

/** Where nothing is there yet for the other tiers: the programs, their markets and council. */
function programsAlone(onChain: GodarkOnChain): Report {
  const { contracts } = tiers('godark')
    .contracts(({ opts }) => onChain.describe(opts))
    .done();
  return contractsAlone({ title: 'GoDark', contracts: [], ...contracts.report });
}

/** The cluster answers, with the program in it where there is one. */
function clusterAnswers(
  local: Foundations,
  onChain: GodarkOnChain | undefined,
): GateOptions['checks'][number] {
  const { url } = local.solana();
  return onChain === undefined
    ? { kind: 'jsonRpc', name: 'Solana node', url, method: 'getHealth', expect: { result: 'ok' } }
    : {
        kind: 'jsonRpc',
        name: 'perps is on the cluster',
        url,
        method: 'getAccountInfo',
        params: [onChain.program.program, { encoding: 'base64' }],
        expect: { json: { 'value.executable': true } },
      };
}
