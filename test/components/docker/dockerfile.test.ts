import { readFileSync } from 'node:fs';
import { matchesGlob } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromRoot } from '@cutover/base/project.ts';
import { dockerfileProblems } from '../../../components/docker/dockerfile-problems.ts';
import { readDockerfile } from '../../../components/docker/dockerfile.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const alpine = `node:24-alpine3.22@${digest}`;
const problems = (...lines: readonly string[]): readonly string[] => dockerfileProblems(lines.join('\n'));

describe('a Dockerfile', () => {
  it('is read with its stages, continued lines, comments in between, flags and documents', () => {
    const { args, stages } = readDockerfile(
      [
        '# syntax=docker/dockerfile:1',
        'ARG BASE=alpine:3.22',
        'FROM ${BASE} AS build',
        'RUN apk add \\',
        '  # in between',
        '',
        '  curl',
        'RUN <<END',
        'USER root',
        'END',
        'FROM $BASE',
        'copy --from=build --chown=1000:1000 /a /b',
        'USER 1000',
      ].join('\r\n'),
    );
    expect(args.map(({ rest }) => rest)).toEqual(['BASE=alpine:3.22']);
    expect(stages.map(({ name, from, line }) => [name, from, line])).toEqual([
      ['build', 'alpine:3.22', 3],
      [undefined, 'alpine:3.22', 11],
    ]);
    expect(stages[0]?.instructions.map(({ word, line }) => [word, line])).toEqual([
      ['RUN', 4],
      ['RUN', 8],
    ]);
    expect(stages[0]?.instructions[0]?.rest.split(/\s+/)).toEqual(['apk', 'add', 'curl']);
    expect(stages[1]?.instructions[0]).toMatchObject({
      word: 'COPY',
      flags: { from: 'build', chown: '1000:1000' },
      rest: '/a /b',
    });
  });

  it('takes arguments of the build over defaults, and only those that it declares', () => {
    const text = 'ARG BASE=alpine:3.22\nFROM ${BASE:-scratch}\nFROM ${OTHER:-busybox}';
    const from = readDockerfile(text, { BASE: 'node:24-alpine', OTHER: 'debian' }).stages.map(
      (stage) => stage.from,
    );
    expect(from).toEqual(['node:24-alpine', 'busybox']);
  });

  it('is read whatever is in it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constantFrom('FROM a', 'RUN x \\', 'RUN <<A', 'ENV', '--', '# x'))),
        (lines) => {
          expect(Array.isArray(dockerfileProblems(lines.join('\n')))).toBe(true);
        },
      ),
    );
  });

  it('is as it should be on a pinned Alpine, as nobody in particular', () => {
    expect(problems(`FROM ${alpine}`, 'COPY . /app', 'USER 1000:1000', 'CMD ["node", "a.js"]')).toEqual([]);
    expect(problems(`FROM ${alpine} AS base`, 'USER 1000', 'FROM BASE', 'COPY . .')).toEqual([]);
    expect(
      problems(`FROM ${alpine} AS build`, 'RUN x', 'FROM scratch', 'COPY --from=build /a /a', 'USER 1000'),
    ).toEqual([]);
  });

  it.each<[string, readonly string[], string]>([
    [
      'a base that is not pinned',
      ['FROM node:24-alpine', 'USER 1000'],
      'line 1: node:24-alpine is not pinned',
    ],
    [
      'a digest that is too short',
      [`FROM node:24-alpine@${digest.slice(0, 40)}`, 'USER 1000'],
      'is not pinned',
    ],
    [
      'a base that is no Alpine',
      [`FROM node:24-bookworm@${digest}`, 'USER 1000'],
      'line 1: node:24-bookworm is no Alpine',
    ],
    ['one whose name only contains it', [`FROM evil/notalpine:1@${digest}`, 'USER 1000'], 'is no Alpine'],
    [
      'a second stage like that',
      [`FROM ${alpine}`, `FROM debian@${digest}`, 'USER 1000'],
      'line 2: debian is no Alpine',
    ],
    ['no user', [`FROM ${alpine}`], 'line 1: it runs as root'],
    ['root by name', [`FROM ${alpine}`, 'USER root'], 'line 2: USER root is root'],
    ['root by number', [`FROM ${alpine}`, 'USER 0:1000'], 'line 2: USER 0:1000 is root'],
    ['root after somebody else', [`FROM ${alpine}`, 'USER 1000', 'USER root'], 'line 3: USER root is root'],
    [
      'somebody else in another stage only',
      [`FROM ${alpine} AS build`, 'USER 1000', `FROM ${alpine}`],
      'it runs as root',
    ],
    ['a user by name', [`FROM ${alpine}`, 'USER node'], 'line 2: USER node is a name'],
    ['a user that the build decides', [`FROM ${alpine}`, 'USER $WHO'], 'USER $WHO is a name'],
    [
      'ADD from a URL',
      [`FROM ${alpine}`, 'ADD https://example.com/a /a', 'USER 1000'],
      'line 2: ADD fetches',
    ],
    [
      'ADD from a URL, continued',
      [`FROM ${alpine}`, 'ADD \\', '  http://example.com/a /a', 'USER 1000'],
      'line 2: ADD fetches',
    ],
    [
      'ADD from a repository',
      [`FROM ${alpine}`, 'ADD git@github.com:a/b.git /a', 'USER 1000'],
      'line 2: ADD fetches',
    ],
    [
      'ADD as a list',
      [`FROM ${alpine}`, 'ADD ["https://example.com/a", "/a"]', 'USER 1000'],
      'line 2: ADD fetches',
    ],
    [
      'a secret argument',
      [`FROM ${alpine}`, 'ARG NPM_TOKEN', 'USER 1000'],
      'line 2: ARG NPM_TOKEN looks like a secret',
    ],
    [
      'a secret in the environment',
      [`FROM ${alpine}`, 'ENV A=1 DB_PASSWORD="x"', 'USER 1000'],
      'line 2: ENV DB_PASSWORD',
    ],
    ['one the old way', [`FROM ${alpine}`, 'ENV DB_PASSWORD x y', 'USER 1000'], 'line 2: ENV DB_PASSWORD'],
    [
      'a key under another name',
      [`FROM ${alpine}`, `ENV SEED=0x${'1f'.repeat(32)}`, 'USER 1000'],
      'line 2: ENV SEED',
    ],
    [
      'a password in a URL',
      [`FROM ${alpine}`, 'ENV DATABASE=postgres://a:b@c/d', 'USER 1000'],
      'line 2: ENV DATABASE',
    ],
    [
      'a secret before the first stage',
      ['ARG API_KEY=x', `FROM ${alpine}`, 'USER 1000'],
      'line 1: ARG API_KEY',
    ],
    ['nothing', [''], 'it has no FROM'],
    ['a base that nobody names', ['ARG BASE', 'FROM $BASE', 'USER 1000'], 'line 2: FROM has no image'],
  ])('is refused with %s', (_, lines, message) => {
    expect(problems(...lines)).toContainEqual(expect.stringContaining(message));
  });

  it('says nothing of a secret but where it is', () => {
    expect(problems(`FROM ${alpine}`, 'ENV DB_PASSWORD=hunter2', 'USER 1000').join()).not.toContain(
      'hunter2',
    );
    expect(dockerfileProblems(`FROM ${alpine}\nUSER 1000`, { TOKEN: 'hunter2' })).toEqual([
      expect.stringMatching(/^build argument TOKEN: (?!.*hunter2)/),
    ]);
  });

  it('copies from stages and from images with a digest, by no tag', () => {
    const copies = (from: string) =>
      problems(`FROM ${alpine} AS build`, `FROM ${alpine}`, `COPY --from=${from} /a /b`, 'USER 1000');
    expect(copies('nginx:latest')).toEqual([expect.stringMatching(/^line 3: COPY takes from nginx:latest/)]);
    for (const from of ['build', 'BUILD', '0', `nginx@${digest}`]) expect(copies(from)).toEqual([]);
  });

  it('takes tokens of a chain for no secrets, and passwords in any spelling for some', () => {
    const token = 'ENV PROPERTY_TOKEN=0x5FbDB2315678afecb367f032d93F642f64180aa3 TOKEN_SYMBOL=CNE';
    expect(problems(`FROM ${alpine}`, 'ARG NEXT_PUBLIC_TOKEN_ADDRESS', token, 'USER 1000')).toEqual([]);
    for (const line of ['ENV PGPASSWORD=hunter2', 'ARG dbPassword', 'ARG NPM_TOKEN'])
      expect(problems(`FROM ${alpine}`, line, 'USER 1000'), line).toHaveLength(1);
  });

  it('takes what names a file, and other bases where that is said', () => {
    expect(problems(`FROM ${alpine}`, 'ENV DB_PASSWORD_FILE=/run/secrets/db', 'USER 1000')).toEqual([]);
    const bases = ['gcr.io/distroless/'];
    const text = `FROM gcr.io/distroless/nodejs24@${digest}\nUSER 1000`;
    expect(dockerfileProblems(text, {}, { bases })).toEqual([]);
    expect(dockerfileProblems(text)).toHaveLength(1);
  });
});

describe('the image of the beacon', () => {
  const text = readFileSync(fromRoot('services/beacon/Dockerfile'), 'utf8');

  it('is as images here must be, once its base is pinned', () => {
    expect(dockerfileProblems(text, { NODE_IMAGE: `node:24.11.1-alpine3.22@${digest}` })).toEqual([]);
    // Each of its three stages begins with it.
    expect(dockerfileProblems(text)).toHaveLength(3);
  });

  it('gets what it copies, and neither secrets nor state', () => {
    const rules = readFileSync(fromRoot('services/beacon/Dockerfile.dockerignore'), 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    const taken = (path: string): boolean => {
      const parents = path.split('/').map((_, index, all) => all.slice(0, index + 1).join('/'));
      return rules.reduce((now, rule) => {
        const pattern = rule.replace(/^!/, '');
        // To Docker, unlike here, * means hidden files as well.
        const matches = parents.some((parent) => pattern === '*' || matchesGlob(parent, pattern));
        return matches ? rule.startsWith('!') : now;
      }, true);
    };
    const copied = readDockerfile(text)
      .stages.flatMap(({ instructions }) => instructions)
      .filter(({ word, flags }) => word === 'COPY' && flags['from'] === undefined)
      .flatMap(({ rest }) => rest.split(/\s+/).slice(0, -1));
    expect(copied.length).toBeGreaterThan(10);
    for (const path of copied) expect([path, taken(path)]).toEqual([path, true]);
    for (const path of [
      '.cutover/dev/secrets/a',
      '.env',
      '.git/config',
      'services/beacon/node_modules/a',
      'chain/evm/rpc.ts',
    ])
      expect([path, taken(path)]).toEqual([path, false]);
  });
});
