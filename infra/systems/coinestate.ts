import * as pulumi from '@pulumi/pulumi';
import { Contract } from '@cutover/chain/resources/contract.ts';
import { Pause } from '@cutover/chain/resources/pause.ts';
import { Roles } from '@cutover/chain/resources/roles.ts';
import { PostgresMigrations } from '@cutover/delivery/resources/postgres-migrations.ts';
import { tiers } from '../../components/tiers.ts';
import type { Cloud } from '../cloud.ts';
import type { CutoverConfig } from '../config.ts';
import type { Foundations } from '../foundations.ts';
import { propertyToken, tokenRoles } from '../contracts/coinestate.ts';
import { accountsOf, authorityOf, ownAuthorities, signerOf } from './accounts.ts';
import {
  beacon,
  contractGate,
  contractReport,
  contractsAlone,
  evmNetwork,
  healthReport,
  portOf,
  postgresDatabase,
  serviceGate,
  showSources,
  waitsOf,
  withoutImage,
  type Report,
} from './parts.ts';

/**
 * CoinEstate: property tokens, an API and a page.
 *
 *     PropertyToken, its roles as they should be ──▶ PostgreSQL, migrated ──▶ API over both ── health
 */
export async function coinestate(
  config: CutoverConfig,
  local: Foundations | undefined,
  cloud?: Cloud,
): Promise<Report> {
  const settings = config.systems.coinestate;
  const network = evmNetwork(config, settings.network, local);
  const signer = signerOf(config, settings.deployer);
  const accounts = await accountsOf(config, settings.token.accounts);
  const [authority, pauser] = await Promise.all([
    authorityOf(config, settings.token.accounts.admin),
    authorityOf(config, settings.token.accounts.pauser),
  ]);
  const own = await ownAuthorities(config, Object.values(settings.token.accounts), { network, signer });
  const prepared = await propertyToken(settings, accounts);
  const inCloud =
    cloud === undefined
      ? undefined
      : await (await import('./coinestate-cloud.ts')).coinestateInCloud(config, cloud);

  const onChain = tiers('coinestate').contracts(({ opts }) => {
    const token = new Contract(
      'property-token',
      { contract: prepared, network, signer, keeps: 'state' },
      { ...opts, dependsOn: own.describe(opts) },
    );
    const roles = new Roles(
      'property-token-roles',
      {
        title: 'PropertyToken',
        contract: prepared.address,
        roles: tokenRoles(accounts),
        network,
        authority,
      },
      { ...opts, dependsOn: [token] },
    );
    const pause = new Pause(
      'property-token-pause',
      {
        title: 'PropertyToken',
        contract: prepared.address,
        paused: settings.token.paused,
        network,
        authority: pauser,
        resumes: authority,
      },
      { ...opts, dependsOn: [roles] },
    );
    return {
      token,
      report: {
        title: 'CoinEstate',
        contracts: [contractReport('PropertyToken', token, network)],
        waits: waitsOf({ 'property-token-roles': roles, 'property-token-pause': pause }),
      },
      gate: contractGate(config, local, {
        name: 'PropertyToken answers with its admin',
        contract: token.address,
        view: 'defaultAdmin()',
        answers: accounts.admin,
        triggers: [token.codeHash, roles.held],
      }),
    };
  });
  const showToken = ({ component, contracts }: ReturnType<typeof onChain.done>): void => {
    const shown = [prepared, ...own.contracts].map((contract) => ({ contract }));
    const opts = { parent: component, dependsOn: [contracts.token] };
    showSources(config, 'property-token-sources', { network, contracts: shown }, opts);
  };
  if (inCloud !== undefined) {
    const stored = onChain.database(({ opts }) => inCloud.database(opts));
    if (inCloud.image === undefined) {
      const built = stored.done();
      showToken(built);
      return withoutImage(built.contracts.report, built.database.repository.url);
    }
    const token = { chainId: network.chainId, token: prepared.address };
    const built = stored
      .backend(({ opts, database }) => inCloud.backend(opts, database, token))
      .done(({ backend: { url } }) => ({ url }));
    showToken(built);
    return pulumi.output({
      ...built.contracts.report,
      summary:
        'A property token, PostgreSQL in its own network, and an API on Fargate behind a load balancer.',
      urls: urlsOf(built.backend.url),
      try: [],
    });
  }
  if (local === undefined) {
    const built = onChain.done();
    showToken(built);
    return contractsAlone(built.contracts.report);
  }

  const { contracts, backend } = onChain
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
            EVM_CHAIN_ID: String(network.chainId),
            EVM_CONTRACTS: `property_token=${prepared.address}`,
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
    ...contracts.report,
    summary: 'A property token, PostgreSQL, and a beacon that stands in for the API and the page.',
    urls: urlsOf(url),
    try: [],
  });
}

function urlsOf(url: pulumi.Input<string>) {
  return [
    { name: 'page', url },
    { name: 'health', url: pulumi.interpolate`${url}/health` },
  ];
}
