import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Kind, Question, Refusal, Values } from '../../kind.ts';
import { flagAt, isUnknown, objectsAt, refusal, textAt, textsAt, valueAt } from '../values.ts';

export const imageType = 'docker-build:index:Image';

/** An image that is built and pushed. Nothing is built here: the digest is that of what it would be built from. */
export const imageKind: Kind = {
  type: imageType,
  api: { service: 'Docker', create: 'Build', read: 'Inspect', update: 'Build', delete: 'Remove' },
  takes: { create: 60, update: 60 },
  updates: [
    'addHosts',
    'buildArgs',
    'buildOnPreview',
    'builder',
    'cacheFrom',
    'cacheTo',
    'context',
    'dockerfile',
    'exec',
    'exports',
    'labels',
    'load',
    'network',
    'noCache',
    'platforms',
    'pull',
    'push',
    'registries',
    'secrets',
    'ssh',
    'tags',
    'target',
  ],
  secret: ['secrets'],
  check: (question) => [
    ...sourceProblems(question),
    ...platformProblems(question.inputs),
    ...tagProblems(question.inputs),
    ...exportProblems(question),
  ],
  id: ({ name }, random) => `${name}-${createHash('sha256').update(random).digest('hex').slice(0, 12)}`,
  outputs({ inputs }) {
    const digest = digestOf(inputs);
    const [tag] = textsAt(inputs, 'tags');
    return {
      contextHash: digest.slice('sha256:'.length),
      digest,
      ref: tag === undefined ? '' : `${tag}@${digest}`,
    };
  },
};

/** What the build reads: the folder and the Dockerfile in it, relative to the program. */
function sourcesOf(inputs: Values): { readonly context: string; readonly dockerfile: string | undefined } {
  const context = textAt(inputs, 'context.location') ?? '.';
  if (textAt(inputs, 'dockerfile.inline') !== undefined) return { context, dockerfile: undefined };
  return { context, dockerfile: textAt(inputs, 'dockerfile.location') ?? join(context, 'Dockerfile') };
}

function sourceProblems(question: Question): readonly Refusal[] {
  const { inputs } = question;
  if (isUnknown(question, 'context') || isUnknown(question, 'dockerfile')) return [];
  const { context, dockerfile } = sourcesOf(inputs);
  const inline = textAt(inputs, 'dockerfile.inline');
  const say = (message: string, property: string): readonly Refusal[] => [
    refusal('InvalidArgument', message, property),
  ];
  if (inline !== undefined && textAt(inputs, 'dockerfile.location') !== undefined)
    return say('only specify "inline" or "location", not both', 'dockerfile');
  if (isRemote(context)) return [];
  if (!existsSync(resolve(context)))
    return say(`stat ${context}: no such file or directory`, 'context.location');
  if (dockerfile !== undefined && !existsSync(resolve(dockerfile)))
    return say(`open ${dockerfile}: no such file or directory`, 'dockerfile.location');
  const text = inline ?? (dockerfile === undefined ? '' : readFileSync(resolve(dockerfile), 'utf8'));
  return /^\s*FROM\s+\S+/im.test(text)
    ? []
    : say(
        'failed to parse dockerfile: file with no instructions',
        inline === undefined ? 'dockerfile.location' : 'dockerfile.inline',
      );
}

// Images are for machines of these kinds: https://github.com/containerd/platforms
const platforms = /^(linux|windows)\/(amd64|arm64|arm|386|ppc64le|riscv64|s390x)(\/v[5-8])?$/;

function platformProblems(inputs: Values): readonly Refusal[] {
  const odd = textsAt(inputs, 'platforms').find((each) => !platforms.test(each));
  return odd === undefined
    ? []
    : [
        refusal(
          'InvalidArgument',
          `"${odd}": unknown operating system or architecture: invalid argument`,
          'platforms',
        ),
      ];
}

function tagProblems(inputs: Values): readonly Refusal[] {
  const name = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
  const form = new RegExp(
    `^(?:[a-zA-Z0-9.-]+(?::\\d+)?/)?${name}(?:/${name})*(?::[\\w][\\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$`,
  );
  const odd = textsAt(inputs, 'tags').find((each) => !form.test(each));
  return odd === undefined ? [] : [refusal('InvalidArgument', `"${odd}": invalid reference format`, 'tags')];
}

function exportProblems(question: Question): readonly Refusal[] {
  const { inputs } = question;
  const push = flagAt(inputs, 'push') === true;
  const load = flagAt(inputs, 'load') === true;
  const exported = objectsAt(inputs, 'exports').length + (push ? 1 : 0) + (load ? 1 : 0);
  const say = (message: string, property: string): readonly Refusal[] => [
    refusal('InvalidArgument', message, property),
  ];
  if (exported > 1) return say('multiple exports require a v0.13 buildkit daemon or newer', 'exports');
  if (push && textsAt(inputs, 'tags').length === 0 && !isUnknown(question, 'tags'))
    return say('at least one tag or export name is needed when pushing to a registry', 'tags');
  if (load && textsAt(inputs, 'platforms').length > 1)
    return say('docker exporter does not currently support exporting manifest lists', 'load');
  return [];
}

/** The digest of everything that would change the image: the same sources give the same one. */
function digestOf(inputs: Values): string {
  const { context, dockerfile } = sourcesOf(inputs);
  const hash = createHash('sha256');
  for (const name of ['context', 'dockerfile', 'buildArgs', 'platforms', 'target', 'labels'])
    hash.update(JSON.stringify(valueAt(inputs, name) ?? null));
  if (!isRemote(context) && dockerfile !== undefined && existsSync(resolve(dockerfile)))
    hash.update(readFileSync(resolve(dockerfile)));
  return `sha256:${hash.digest('hex')}`;
}

function isRemote(context: string): boolean {
  return /^(https?:\/\/|git@|ssh:\/\/|-$)/.test(context);
}
