import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { imageKind } from '../../../../../ops/twin/services/docker/image.ts';
import { ask, made, said } from '../fake-cloud.ts';

const folder = mkdtempSync(join(tmpdir(), 'twin-image-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const dockerfile = join(folder, 'Dockerfile');
writeFileSync(dockerfile, 'FROM alpine@sha256:00\nUSER 1000\n');
writeFileSync(join(folder, 'Empty'), '# nothing\n');

const tag = '123456789012.dkr.ecr.us-east-1.amazonaws.com/coinestate/api:1.0.0';
const right = { context: { location: folder }, platforms: ['linux/amd64'], tags: [tag], push: true };

describe('an image', () => {
  it('has a digest that changes with what it is built from', () => {
    expect(said(imageKind, ask(right))).toEqual([]);
    const first = made(imageKind, ask(right)).outputs;
    expect(first['digest']).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(first['ref']).toMatch(/^123456789012\.dkr\.ecr\..*api:1\.0\.0@sha256:[0-9a-f]{64}$/);
    expect(made(imageKind, ask(right)).outputs).toEqual(first);
    expect(made(imageKind, ask({ ...right, buildArgs: { A: '1' } })).outputs['digest']).not.toBe(
      first['digest'],
    );
    writeFileSync(dockerfile, 'FROM alpine@sha256:01\nUSER 1000\n');
    expect(made(imageKind, ask(right)).outputs['digest']).not.toBe(first['digest']);
  });

  it.each<[object, string]>([
    [{ context: { location: join(folder, 'none') } }, 'none: no such file or directory'],
    [
      { dockerfile: { location: join(folder, 'Dockerfile.none') } },
      'Dockerfile.none: no such file or directory',
    ],
    [
      { dockerfile: { location: join(folder, 'Empty') } },
      'failed to parse dockerfile: file with no instructions',
    ],
    [{ dockerfile: { inline: 'RUN x' } }, 'failed to parse dockerfile'],
    [
      { dockerfile: { inline: 'FROM x', location: dockerfile } },
      'only specify "inline" or "location", not both',
    ],
    [{ platforms: ['linux/x86'] }, '"linux/x86": unknown operating system or architecture'],
    [{ tags: ['Coin Estate'] }, '"Coin Estate": invalid reference format'],
    [{ tags: [] }, 'at least one tag or export name is needed when pushing to a registry'],
    [{ load: true }, 'multiple exports require a v0.13 buildkit daemon or newer'],
    [
      { push: false, load: true, platforms: ['linux/amd64', 'linux/arm64'] },
      'does not currently support exporting manifest lists',
    ],
  ])('with %j is refused', (wrong, message) => {
    expect(said(imageKind, ask({ ...right, ...wrong }))[0]).toContain(message);
  });

  it('may be built from text, or from far away', () => {
    expect(said(imageKind, ask({ ...right, dockerfile: { inline: 'FROM alpine' } }))).toEqual([]);
    expect(said(imageKind, ask({ ...right, context: { location: 'https://example.com/repo.git' } }))).toEqual(
      [],
    );
  });
});
