import type { Fact, FactTable, TypeFacts } from '../../facts.ts';
import type { Kind } from '../../kind.ts';
import { imageKind, imageType } from './image.ts';

/** Every type of docker-build that the twin plays. */
export const kinds: readonly Kind[] = [imageKind];

const text: Fact = { type: 'string' };
const flag: Fact = { type: 'boolean' };
const texts: Fact = { type: 'list', items: text };
const pairs: Fact = { type: 'map', items: text };
const anything: Fact = { type: 'any' };
const anythings: Fact = { type: 'list', items: anything };

// node_modules/@pulumi/docker-build/image.d.ts, by hand: one type is no work for a generator.
const image: TypeFacts = {
  inputs: {
    addHosts: texts,
    buildArgs: pairs,
    buildOnPreview: flag,
    builder: { type: 'object', fields: { name: text } },
    cacheFrom: anythings,
    cacheTo: anythings,
    context: {
      type: 'object',
      fields: { location: { ...text, required: true }, named: { type: 'map', items: anything } },
    },
    dockerfile: { type: 'object', fields: { inline: text, location: text } },
    exec: flag,
    exports: anythings,
    ignoreSecretsInDiffCalculation: flag,
    labels: pairs,
    load: flag,
    network: { type: 'string', enum: ['default', 'host', 'none'] },
    noCache: flag,
    platforms: texts,
    pull: flag,
    push: { ...flag, required: true },
    registries: {
      type: 'list',
      items: {
        type: 'object',
        fields: { address: { ...text, required: true }, password: text, username: text },
      },
    },
    secrets: pairs,
    ssh: anythings,
    tags: texts,
    target: text,
  },
  outputs: { contextHash: 'string', digest: 'string', ref: 'string' },
  replaces: [],
  secret: ['secrets'],
};

/** What is known of the arguments of docker-build. */
export const table: FactTable = {
  provider: 'docker-build',
  version: '0.0.22',
  sources: [{ name: '@pulumi/docker-build', version: '0.0.22' }],
  types: { [imageType]: image },
};
