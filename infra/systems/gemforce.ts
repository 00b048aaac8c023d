import * as pulumi from '@pulumi/pulumi';
import { MongoMigrations } from '@cutover/delivery/resources/mongo-migrations.ts';
import { NodeService } from '../../components/local/node-service.ts';
import { tiers } from '../../components/tiers.ts';
import type { CutoverConfig } from '../config.ts';
import type { Foundations } from '../foundations.ts';
import { gatePatience, portOf, secretFileOf, serviceGate, type Report } from './parts.ts';

/**
 * Gemforce: Parse Server over a MongoDB-protocol database.
 *
 *     EVM node ──▶ database, migrated ──▶ Parse Server ── health ──▶ cloud code answers
 */
export function gemforce(config: CutoverConfig, local: Foundations): Report {
  const settings = config.systems.gemforce;
  const { marketplace, carbonCredits } = settings.features;

  const { backend } = tiers('gemforce')
    .contracts(() => ({
      // The diamond's place. Until it is built here, the tier asks whether its chain is there.
      gate: {
        ...gatePatience(config),
        checks: [
          {
            kind: 'jsonRpc',
            name: 'EVM node',
            url: local.evm().url,
            expect: { chainId: local.evm().chainId },
          },
        ],
      },
    }))
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
    .done(({ backend: { parse } }) => ({ url: parse.url }));

  const { url } = backend.parse;
  return pulumi.output({
    title: 'Gemforce',
    summary: 'The real Parse Server over a MongoDB-protocol database.',
    urls: [
      { name: 'parse', url: pulumi.interpolate`${url}/parse/health` },
      { name: 'health', url: pulumi.interpolate`${url}/health` },
      { name: 'metrics', url: pulumi.interpolate`${url}/metrics` },
    ],
    contracts: [],
    try: [
      pulumi.interpolate`curl -s -X POST -H 'X-Parse-Application-Id: ${settings.parse.appId}' ${url}/parse/functions/loadAllBlockchains`,
    ],
  });
}
