import * as pulumi from '@pulumi/pulumi';
import { Contract } from '@cutover/chain/resources/contract.ts';
import { Pause } from '@cutover/chain/resources/pause.ts';
import { MongoMigrations } from '@cutover/delivery/resources/mongo-migrations.ts';
import { Diamond } from '../../components/evm/diamond.ts';
import { NodeService } from '../../components/local/node-service.ts';
import { tiers } from '../../components/tiers.ts';
import type { CutoverConfig } from '../config.ts';
import type { Foundations } from '../foundations.ts';
import { gemforceContracts } from '../contracts/gemforce.ts';
import { accountsOf, authorityOf, ownAuthorities, signerOf } from './accounts.ts';
import {
  contractGate,
  contractReport,
  contractsAlone,
  evmNetwork,
  portOf,
  secretFileOf,
  serviceGate,
  waitsOf,
  type Report,
} from './parts.ts';

/**
 * Gemforce: a diamond, and Parse Server over a MongoDB-protocol database.
 *
 *     libraries ─▶ facets ─▶ factory's set ─▶ diamond ─▶ cut, pause ── routed as it should be ──▶
 *     database, migrated ──▶ Parse Server ── health ──▶ cloud code answers
 */
export async function gemforce(config: CutoverConfig, local: Foundations | undefined): Promise<Report> {
  const settings = config.systems.gemforce;
  const { marketplace, carbonCredits } = settings.features;
  const network = evmNetwork(config, settings.network, local);
  const signer = signerOf(config, settings.deployer);
  const accounts = await accountsOf(config, settings.diamond.accounts);
  const authority = await authorityOf(config, settings.diamond.accounts.owner);
  const own = await ownAuthorities(config, Object.values(settings.diamond.accounts), { network, signer });
  const prepared = await gemforceContracts(settings, accounts);

  const onChain = tiers('gemforce').contracts(({ opts }) => {
    const dependsOn = [...own(opts)];
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
    const pause = new Pause(
      'gemforce-pause',
      {
        title: 'Gemforce',
        contract: diamond.address,
        ready: diamond.ready,
        paused: settings.diamond.paused,
        network,
        authority,
      },
      opts,
    );
    return {
      diamond,
      report: {
        title: 'Gemforce',
        contracts: [
          contractReport('Diamond', diamond, network),
          contractReport('Treasury', treasury, network),
        ],
        waits: waitsOf({ ...diamond.changes, 'gemforce-pause': pause }),
      },
      gate: contractGate(config, local, {
        name: 'Gemforce answers with its treasury',
        contract: diamond.address,
        view: 'treasury()',
        answers: prepared.treasury.address,
        triggers: [diamond.cut.serves],
      }),
    };
  });
  if (local === undefined) return contractsAlone(onChain.done().contracts.report);

  const { contracts, backend } = onChain
    .database(({ opts }) => ({
      classes: new MongoMigrations(
        'gemforce-classes',
        { directory: 'migrations/gemforce', database: local.mongo().connection('gemforce') },
        opts,
      ),
    }))
    .backend(({ opts }) => {
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
      return {
        parse,
        gate: serviceGate(config, parse, {
          kind: 'http',
          name: '/parse/health',
          url: pulumi.interpolate`${parse.url}/parse/health`,
          headers: { 'X-Parse-Application-Id': settings.parse.appId },
          expect: { status: 200, json: { status: 'ok' } },
        }),
      };
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
  return pulumi.output({
    ...contracts.report,
    summary:
      'A diamond that a factory created from a set, and the real Parse Server over a MongoDB-protocol database.',
    urls: [
      { name: 'parse', url: pulumi.interpolate`${url}/parse/health` },
      { name: 'health', url: pulumi.interpolate`${url}/health` },
      { name: 'metrics', url: pulumi.interpolate`${url}/metrics` },
    ],
    try: [
      `./cutover rollback dev gemforce --to ${settings.diamond.marketplace === 'v1' ? 'v2' : 'v1'} --reason trying   # a cut, selector by selector`,
      pulumi.interpolate`curl -s -X POST -H 'X-Parse-Application-Id: ${settings.parse.appId}' ${url}/parse/functions/loadAllBlockchains`,
    ],
  });
}
