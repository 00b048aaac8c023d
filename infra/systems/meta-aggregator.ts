import * as pulumi from '@pulumi/pulumi';
import { id } from 'ethers/hash';
import { Contract } from '@cutover/chain/resources/contract.ts';
import { Pause } from '@cutover/chain/resources/pause.ts';
import { SqliteMigrations } from '@cutover/delivery/resources/sqlite-migrations.ts';
import { tiers } from '../../components/tiers.ts';
import type { CutoverConfig } from '../config.ts';
import type { Foundations } from '../foundations.ts';
import { accountsOf, authorityOf, ownAuthorities, signerOf } from './accounts.ts';
import {
  beacon,
  contractGate,
  contractReport,
  contractsAlone,
  evmNetwork,
  portOf,
  serviceGate,
  showSources,
  waitsOf,
  type Report,
} from './parts.ts';

/**
 * Meta Aggregator 2.0: an escrow for trades, an order book, an API and a page.
 *
 *     Escrow ── verified ──▶ order book (SQLite) ──▶ API ── health ──▶ page ── smoke test
 */
export async function metaAggregator(config: CutoverConfig, local: Foundations | undefined): Promise<Report> {
  const settings = config.systems.metaAggregator;
  const network = evmNetwork(config, settings.network, local);
  const signer = signerOf(config, settings.deployer);
  const { arbiter, admin, pauser } = settings.escrow;
  const accounts = await accountsOf(config, { arbiter, admin, pauser });
  const own = await ownAuthorities(config, [arbiter, admin, pauser], { network, signer });
  const prepared = await Contract.prepare({
    artifact: { kind: 'source', source: 'chain/contracts/escrow/Escrow.sol', contract: 'Escrow' },
    args: {
      arbiter_: accounts.arbiter,
      admin_: accounts.admin,
      pauser_: accounts.pauser,
      adminDelay_: settings.escrow.adminDelayHours * 3600,
      emergencyDelay_: settings.escrow.emergencyDelayHours * 3600,
    },
    expects: [
      { view: 'arbiter', returns: accounts.arbiter },
      { view: 'defaultAdmin', returns: accounts.admin },
      { view: 'hasRole', args: [id('PAUSER_ROLE'), accounts.pauser], returns: true },
      { view: 'hasRole', args: [id('PAUSER_ROLE'), accounts.admin], returns: false },
    ],
  });
  const [pauses, resumes] = await Promise.all([authorityOf(config, pauser), authorityOf(config, admin)]);
  const orderBookFile = `.cutover/${pulumi.getStack()}/data/meta-aggregator/order-book.sqlite`;

  const onChain = tiers('meta-aggregator').contracts(({ opts }) => {
    const escrow = new Contract(
      'escrow',
      { contract: prepared, network, signer, keeps: 'state' },
      { ...opts, dependsOn: own.describe(opts) },
    );
    const pause = new Pause(
      'escrow-pause',
      {
        title: 'Escrow',
        contract: escrow.address,
        paused: settings.escrow.paused,
        network,
        authority: pauses,
        resumes,
      },
      opts,
    );
    return {
      escrow,
      report: {
        title: 'Meta Aggregator',
        contracts: [contractReport('Escrow', escrow, network)],
        waits: waitsOf({ 'escrow-pause': pause }),
      },
      gate: contractGate(config, local, {
        name: 'Escrow answers with its arbiter',
        contract: escrow.address,
        view: 'arbiter()',
        answers: accounts.arbiter,
        triggers: [escrow.codeHash],
      }),
    };
  });
  if (local === undefined) {
    const { contracts, component } = onChain.done();
    const shown = [prepared, ...own.contracts].map((contract) => ({ contract }));
    const opts = { parent: component, dependsOn: [contracts.escrow] };
    showSources(config, 'escrow-sources', { network, contracts: shown }, opts);
    return contractsAlone(contracts.report);
  }

  const { contracts, backend } = onChain
    .database(({ opts }) => ({
      orderBook: new SqliteMigrations(
        'order-book',
        { directory: 'migrations/meta-aggregator', database: { file: orderBookFile } },
        opts,
      ),
    }))
    .backend(({ opts, contracts: { escrow } }) => {
      const api = beacon(
        'meta-aggregator-api',
        {
          ...portOf(local, 'metaAggregator'),
          environment: {
            SYSTEM: 'meta-aggregator',
            TITLE: 'Meta Aggregator',
            NETWORK: settings.network,
            DATABASE_URL: `sqlite:${orderBookFile}`,
            EVM_RPC_URL: local.evm().url,
            EVM_CHAIN_ID: String(network.chainId),
            EVM_CONTRACTS: pulumi.interpolate`escrow_contract=${escrow.address}`,
          },
        },
        opts,
      );
      return {
        api,
        gate: serviceGate(config, api, {
          kind: 'http',
          name: '/api/health',
          url: pulumi.interpolate`${api.url}/api/health`,
          expect: {
            status: 200,
            json: {
              status: 'healthy',
              'dependencies.database': 'healthy',
              'dependencies.smart_contracts': 'healthy',
            },
          },
        }),
      };
    })
    .frontend(({ backend: { api } }) => ({
      gate: serviceGate(config, api, {
        kind: 'http',
        name: 'smoke test of the page',
        url: api.url,
        expect: { status: 200, bodyContains: prepared.address },
      }),
    }))
    .done(({ contracts: { escrow }, backend: { api } }) => ({ escrow: escrow.address, url: api.url }));

  return pulumi.output({
    ...contracts.report,
    summary: 'Escrow, a SQLite order book, and a beacon that stands in for the API and the page.',
    urls: [
      { name: 'page', url: backend.api.url },
      { name: 'health', url: pulumi.interpolate`${backend.api.url}/api/health` },
      { name: 'status', url: pulumi.interpolate`${backend.api.url}/api/status` },
    ],
    try: [pulumi.interpolate`curl -s ${backend.api.url}/api/status`],
  });
}
