import * as pulumi from '@pulumi/pulumi';
import { Call } from '@cutover/chain/resources/call.ts';
import { Contract } from '@cutover/chain/resources/contract.ts';
import { Pause } from '@cutover/chain/resources/pause.ts';
import { Roles } from '@cutover/chain/resources/roles.ts';
import { MongoMigrations } from '@cutover/delivery/resources/mongo-migrations.ts';
import { PostgresMigrations } from '@cutover/delivery/resources/postgres-migrations.ts';
import { Diamond } from '../../components/evm/diamond.ts';
import { NodeService } from '../../components/local/node-service.ts';
import { tiers } from '../../components/tiers.ts';
import type { CutoverConfig } from '../config.ts';
import type { Foundations } from '../foundations.ts';
import {
  basisPoints,
  createdDiamond,
  diamondRoles,
  eventsOf,
  gemforceContracts,
} from '../contracts/gemforce.ts';
import { gemforceIndexer, indexerDatabase } from './gemforce-indexer.ts';
import { accountsOf, authorityOf, ownAuthorities, signerOf } from './accounts.ts';
import {
  contractGate,
  contractReport,
  contractsAlone,
  evmNetwork,
  healthReport,
  portOf,
  postgresDatabase,
  secretFileOf,
  serviceGate,
  showSources,
  together,
  waitsOf,
  type Report,
} from './parts.ts';

/**
 * Gemforce: a diamond, an indexer of its events, and Parse Server over a MongoDB-protocol database.
 *
 *     libraries ─▶ facets ─▶ factory's set ─▶ diamond ─▶ cut ─▶ roles ─▶ pause, fee ── routed as it should be ──▶
 *     databases, migrated ──▶ Parse Server, indexer ── health ──▶ cloud code answers
 */
export async function gemforce(config: CutoverConfig, local: Foundations | undefined): Promise<Report> {
  const settings = config.systems.gemforce;
  const { marketplace, carbonCredits } = settings.features;
  const network = evmNetwork(config, settings.network, local);
  const signer = signerOf(config, settings.deployer);
  const accounts = await accountsOf(config, settings.diamond.accounts);
  const [authority, pauser] = await Promise.all([
    authorityOf(config, settings.diamond.accounts.owner),
    authorityOf(config, settings.diamond.accounts.pauser),
  ]);
  const own = await ownAuthorities(config, Object.values(settings.diamond.accounts), { network, signer });
  const prepared = await gemforceContracts(settings, accounts);
  const events = await eventsOf([...prepared.facets, ...prepared.spare, prepared.initializerContract]);
  const created = local === undefined ? [await createdDiamond(prepared, accounts)] : [];

  const onChain = tiers('gemforce').contracts(({ opts }) => {
    const dependsOn = own.describe(opts);
    const treasury = new Contract(
      'gemforce-treasury',
      { contract: prepared.treasury, network, signer, settles: 'later', keeps: 'state' },
      { ...opts, dependsOn },
    );
    const diamond = new Diamond(
      'gemforce',
      {
        title: 'Gemforce',
        origin: {
          kind: 'set',
          factory: prepared.factory,
          set: 'gemforce',
          facets: prepared.set,
          admin: accounts.owner,
        },
        facets: prepared.facets,
        spare: prepared.spare,
        libraries: prepared.libraries,
        initializer: prepared.initializer,
        initializerContract: prepared.initializerContract,
        network,
        signer,
        authority,
      },
      { ...opts, dependsOn },
    );
    const { address, ready } = diamond;
    const common = { title: 'Gemforce', contract: address, ready, network };
    const roles = new Roles(
      'gemforce-roles',
      { ...common, roles: diamondRoles(accounts), authority },
      { ...opts, dependsOn: [diamond] },
    );
    const pause = new Pause(
      'gemforce-pause',
      { ...common, paused: settings.diamond.paused, authority: pauser, resumes: authority },
      { ...opts, dependsOn: [roles] },
    );
    const feeBps = basisPoints(settings.diamond.feePercent);
    const fee = new Call(
      'gemforce-fee',
      {
        title: `the fee of Gemforce, ${settings.diamond.feePercent} %`,
        ...{ to: address, ready, network, authority },
        abi: ['function setFee(uint16 feeBps)', 'function feeBps() view returns (uint256)'],
        ...{ function: 'setFee', args: { feeBps }, postcondition: { view: 'feeBps', returns: feeBps } },
      },
      { ...opts, dependsOn: [diamond] },
    );
    return {
      diamond,
      report: {
        title: 'Gemforce',
        contracts: [
          contractReport('Diamond', diamond, network),
          contractReport('Treasury', treasury, network),
        ],
        waits: waitsOf({
          ...diamond.changes,
          ...{ 'gemforce-roles': roles, 'gemforce-pause': pause, 'gemforce-fee': fee },
        }),
      },
      gate: contractGate(config, local, {
        name: 'Gemforce answers with its treasury',
        contract: diamond.address,
        view: 'treasury()',
        answers: prepared.treasury.address,
        triggers: [diamond.cut.serves, roles.held],
      }),
    };
  });
  if (local === undefined) {
    const { contracts, component } = onChain.done();
    const { diamond } = contracts;
    showSources(
      config,
      'gemforce-sources',
      {
        network,
        contracts: [
          ...[...prepared.all, ...own.contracts].map((contract) => ({ contract })),
          ...created.map((contract) => ({ contract, address: diamond.address })),
        ],
      },
      { parent: component, dependsOn: [diamond] },
    );
    return contractsAlone(contracts.report);
  }

  const { contracts, backend } = onChain
    .database(({ opts }) => ({
      events: new PostgresMigrations(
        'gemforce-events',
        {
          directory: 'migrations/indexer',
          database: postgresDatabase(local.postgres(), indexerDatabase),
        },
        opts,
      ),
      classes: new MongoMigrations(
        'gemforce-classes',
        { directory: 'migrations/gemforce', database: local.mongo().connection('gemforce') },
        opts,
      ),
    }))
    .backend(({ opts, contracts: { diamond } }) => {
      const parse = new NodeService(
        'gemforce-parse',
        {
          ...portOf(local, 'gemforce'),
          script: 'services/parse/main.ts',
          sources: ['services/parse', 'services/kit'],
          environment: {
            APP_ID: settings.parse.appId,
            DATABASE_URL: pulumi.interpolate`${local.mongo().url}/gemforce`,
            DATABASE_ENGINE: local
              .mongo()
              .engine.apply((engine) => (engine === 'ferretdb' ? engine : 'mongodb')),
            FILES_FOLDER: `.cutover/${pulumi.getStack()}/data/gemforce/files`,
            FEATURES: JSON.stringify({ marketplace, carbonCredits }),
            READ_ONLY: settings.parse.writes === 'refused' ? 'true' : 'false',
          },
          secretFiles: { MASTER_KEY_FILE: secretFileOf(settings.secrets.masterKey, 'gemforce masterKey') },
        },
        opts,
      );
      const { address } = diamond;
      const indexer = gemforceIndexer(local, { address, chainId: network.chainId, events }, opts);
      const gates = [
        serviceGate(config, parse, {
          kind: 'http',
          name: '/parse/health',
          url: pulumi.interpolate`${parse.url}/parse/health`,
          headers: { 'X-Parse-Application-Id': settings.parse.appId },
          expect: { status: 200, json: { status: 'ok' } },
        }),
        serviceGate(config, indexer, healthReport(indexer, '/health of the indexer')),
      ];
      return { parse, indexer, gate: together(config, ...gates) };
    })
    .frontend(({ backend: { parse } }) => ({
      gate: serviceGate(config, parse, {
        kind: 'http',
        name: 'cloud code: loadAllBlockchains',
        method: 'POST',
        url: pulumi.interpolate`${parse.url}/parse/functions/loadAllBlockchains`,
        headers: { 'X-Parse-Application-Id': settings.parse.appId, 'content-type': 'application/json' },
        body: '{}',
        expect: { status: 200, bodyContains: '84532' },
      }),
    }))
    .done(({ contracts: { diamond }, backend: { parse } }) => ({ diamond: diamond.address, url: parse.url }));

  const { url } = backend.parse;
  const { url: indexer } = backend.indexer;
  return pulumi.output({
    ...contracts.report,
    summary:
      'A diamond that a factory created from a set, its indexer, and the real Parse Server over a MongoDB-protocol database.',
    urls: [
      { name: 'parse', url: pulumi.interpolate`${url}/parse/health` },
      { name: 'health', url: pulumi.interpolate`${url}/health` },
      { name: 'metrics', url: pulumi.interpolate`${url}/metrics` },
      { name: 'events', url: pulumi.interpolate`${indexer}/events` },
      { name: 'subscribe', url: indexer.apply((known) => `${known.replace('http', 'ws')}/ws`) },
    ],
    try: [
      `./cutover rollback dev gemforce --to ${settings.diamond.marketplace === 'v1' ? 'v2' : 'v1'} --reason trying   # a cut, selector by selector`,
      pulumi.interpolate`curl -s '${indexer}/events?limit=3'   # events of the diamond; docs/indexer.md: by websocket`,
      pulumi.interpolate`curl -s -X POST -H 'X-Parse-Application-Id: ${settings.parse.appId}' ${url}/parse/functions/loadAllBlockchains`,
    ],
  });
}
