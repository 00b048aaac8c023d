import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Provider } from '@pulumi/docker-build/provider.js';
import * as pulumi from '@pulumi/pulumi';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Image, type ImageArgs } from '../../../components/docker/image.ts';
import { refusal, valueOf } from '../aws/described.ts';

const digest = `sha256:${'b'.repeat(64)}`;
let inputs: Record<string, unknown> | undefined;
let folder = '';
beforeEach(async () => {
  inputs = undefined;
  folder = mkdtempSync(join(tmpdir(), 'image-'));
  await pulumi.runtime.setMocks(
    {
      newResource: (made) => {
        if (made.type === 'docker-build:index:Image') inputs = made.inputs as Record<string, unknown>;
        return { id: made.name, state: { ...(made.inputs as object), digest } };
      },
      call: () => ({}),
    },
    'cutover',
    'trial',
  );
});
afterEach(() => rmSync(folder, { recursive: true }));

const base = `node:24.11.1-alpine3.22@sha256:${'a'.repeat(64)}`;
const someImage = (more: Partial<ImageArgs> = {}): Image =>
  new Image('api-image', {
    provider: new Provider('docker', {}),
    repository: pulumi.output('123456789012.dkr.ecr.us-east-1.amazonaws.com/staging/api'),
    tag: 'v1.4.0',
    dockerfile: 'services/beacon/Dockerfile',
    buildArgs: { NODE_IMAGE: base },
    ...more,
  });

describe('an image', () => {
  it('is pushed under its release, taken by its digest, and built with no password from here', async () => {
    const image = someImage();
    expect(await valueOf(image.reference)).toBe(
      `123456789012.dkr.ecr.us-east-1.amazonaws.com/staging/api@${digest}`,
    );
    expect(inputs).not.toHaveProperty('registries');
    expect(inputs).toMatchObject({
      push: true,
      buildOnPreview: false,
      context: { location: '.' },
      dockerfile: { location: 'services/beacon/Dockerfile' },
      buildArgs: { NODE_IMAGE: base },
      platforms: ['linux/amd64'],
      tags: ['123456789012.dkr.ecr.us-east-1.amazonaws.com/staging/api:v1.4.0'],
    });
  });

  it('is refused, with each line, before anything is registered', () => {
    const file = join(folder, 'Dockerfile');
    writeFileSync(file, 'FROM debian\nADD https://example.com/a /a\n');
    const message = refusal('CUT-5435', () => someImage({ dockerfile: file, tag: 'latest' }));
    for (const part of ['debian is no Alpine', 'not pinned', 'ADD fetches', 'runs as root', 'tag: "latest"'])
      expect(message).toContain(part);
    expect(inputs).toBeUndefined();
  });

  it('is refused when its Dockerfile is not there', () => {
    expect(refusal('CUT-5436', () => someImage({ dockerfile: 'services/none/Dockerfile' }))).toContain(
      'services/none',
    );
  });

  it('can be changed by whoever describes it', async () => {
    await valueOf(
      someImage({ transform: { image: (args, opts) => [{ ...args, noCache: true }, opts] } }).digest,
    );
    expect(inputs).toMatchObject({ noCache: true });
  });
});
