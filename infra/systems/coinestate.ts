import * as pulumi from '@pulumi/pulumi';
import { PostgresMigrations } from '@cutover/delivery/resources/postgres-migrations.ts';
import { tiers } from '../../components/tiers.ts';
import type { CutoverConfig } from '../config.ts';
import type { Foundations } from '../foundations.ts';
import {
  beacon,
  gatePatience,
  healthReport,
  portOf,
  postgresDatabase,
  serviceGate,
  type Report,
} from './parts.ts';

/**
 * CoinEstate: property tokens, an API and a page.
 *
 *     EVM node ──▶ PostgreSQL, migrated ──▶ API over PostgreSQL and the chain ── health
 */
export function coinestate(config: CutoverConfig, local: Foundations): Report {
  const settings = config.systems.coinestate;
  const { chainId } = local.evm();

  const { backend } = tiers('coinestate')
    .contracts(() => ({
      // The property token's place. Until it is built here, the tier asks whether its chain is there.
      gate: {
        ...gatePatience(config),
        checks: [{ kind: 'jsonRpc', name: 'EVM node', url: local.evm().url, expect: { chainId } }],
      },
    }))
    .database(({ opts }) => ({
      register: new PostgresMigrations(
        'coinestate-register',
        { directory: 'migrations/coinestate', database: postgresDatabase(local.postgres(), 'coinestate') },
        opts,
      ),
    }))
    .backend(({ opts }) => {
      const api = beacon(
        'coinestate-api',
        {
          ...portOf(local, 'coinestate'),
          environment: {
            SYSTEM: 'coinestate',
            TITLE: 'CoinEstate',
            NETWORK: settings.network,
            DATABASE_URL: local.postgres().url('coinestate'),
            EVM_RPC_URL: local.evm().url,
            EVM_CHAIN_ID: String(chainId),
          },
          secretFiles: { DATABASE_PASSWORD_FILE: local.postgres().passwordFile('coinestate') },
        },
        opts,
      );
      return { api, gate: serviceGate(config, api, healthReport(api)) };
    })
    .done(({ backend: { api } }) => ({ url: api.url }));

  const { url } = backend.api;
  return pulumi.output({
    title: 'CoinEstate',
    summary: 'PostgreSQL and the chain, and a beacon that stands in for the API and the page.',
    urls: [
      { name: 'page', url },
      { name: 'health', url: pulumi.interpolate`${url}/health` },
    ],
    contracts: [],
    try: [],
  });
}
