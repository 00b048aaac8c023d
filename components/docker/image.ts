import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { Image as DockerImage, type ImageArgs as DockerImageArgs } from '@pulumi/docker-build/image.js';
import type { Provider } from '@pulumi/docker-build/provider.js';
import * as pulumi from '@pulumi/pulumi';
import { CutoverError, messageOf } from '@cutover/base/errors.ts';
import { fromRoot } from '@cutover/base/project.ts';
import { dockerfileProblems, type DockerfileRules } from './dockerfile-problems.ts';

export interface ImageArgs {
  /** Builds and pushes. It takes the sign-in of this machine's Docker (`docker login`, a credential helper): a password here would be kept in the state. */
  readonly provider: Provider;
  /** Where it is pushed to, without a tag: the `url` of a Repository. */
  readonly repository: pulumi.Input<string>;
  /** Its release. In a repository with immutable tags, one tag is pushed once. */
  readonly tag: string;
  /** Relative to the project's folder: `services/beacon/Dockerfile`. */
  readonly dockerfile: string;
  /** What the build may copy from, relative to the project's folder. @default the project */
  readonly context?: string;
  /** Arguments of the build, as the digest of its base; nothing secret. @default none */
  readonly buildArgs?: Readonly<Record<string, string>>;
  /** Machines that it runs on. @default ['linux/amd64'] */
  readonly platforms?: readonly ('linux/amd64' | 'linux/arm64')[];
  /** What the Dockerfile may have as well. @default nothing */
  readonly rules?: DockerfileRules;
  /** Changes the arguments or options of the build below: the way out when an argument is missing here. */
  readonly transform?: {
    readonly image?: (
      args: DockerImageArgs,
      opts: pulumi.CustomResourceOptions,
    ) => readonly [DockerImageArgs, pulumi.CustomResourceOptions];
  };
}

/**
 * An image that is built from a Dockerfile of the project and pushed to a repository. Containers take it by its digest.
 * A Dockerfile that runs as root, whose base is no Alpine or not pinned, that fetches by ADD or has a secret in it, is
 * refused before anything is registered.
 *
 * @example
 * const image = new Image('coinestate-api-image', {
 *   provider,
 *   repository: repository.url,
 *   tag: 'v1.4.0',
 *   dockerfile: 'services/beacon/Dockerfile',
 *   buildArgs: { NODE_IMAGE: 'node:24.11.1-alpine3.22@sha256:…' },
 * });
 * new FargateService('coinestate-api', { image: image.reference, … });
 */
export class Image extends pulumi.ComponentResource {
  readonly image: DockerImage;
  /** `sha256:…` of what was pushed. */
  readonly digest: pulumi.Output<string>;
  /** `<repository>@sha256:…`: always this image, whatever becomes of tags. */
  readonly reference: pulumi.Output<string>;

  constructor(name: string, args: ImageArgs, opts?: pulumi.ComponentResourceOptions) {
    const { provider, repository, tag, dockerfile, context = '.', buildArgs = {}, transform } = args;
    const text = readText(dockerfile);
    const problems = [
      ...dockerfileProblems(text, buildArgs, args.rules),
      ...(/^[\w][\w.-]{0,127}$/.test(tag) && tag !== 'latest'
        ? []
        : [`tag: "${tag}" names no release; take its version, as v1.4.0`]),
    ];
    if (problems.length > 0) {
      const list = problems.map((problem) => `  - ${problem}`).join('\n');
      throw new CutoverError('CUT-5435', { file: dockerfile, list });
    }
    super('cutover:docker:Image', name, {}, opts);
    const given: DockerImageArgs = {
      push: true,
      // The digest is known only after a build; a preview of a pull request need not wait for one.
      buildOnPreview: false,
      context: { location: asPluginSees(context) },
      dockerfile: { location: asPluginSees(dockerfile) },
      buildArgs,
      platforms: [...(args.platforms ?? (['linux/amd64'] as const))],
      tags: [pulumi.interpolate`${repository}:${tag}`],
    };
    const childOpts: pulumi.CustomResourceOptions = {
      parent: this,
      provider,
      ...(opts?.dependsOn === undefined ? {} : { dependsOn: opts.dependsOn }),
    };
    const [finalArgs, finalOpts] = transform?.image?.(given, childOpts) ?? [given, childOpts];
    this.image = new DockerImage(`${name}-build`, finalArgs, { ...finalOpts, parent: this });
    this.digest = this.image.digest;
    this.reference = pulumi.interpolate`${repository}@${this.digest}`;
    this.registerOutputs({ digest: this.digest, reference: this.reference });
  }
}

function readText(dockerfile: string): string {
  try {
    return readFileSync(fromRoot(dockerfile), 'utf8');
  } catch (error) {
    throw new CutoverError('CUT-5436', { file: dockerfile, message: messageOf(error) }, { cause: error });
  }
}

/** The plugin runs in the program's folder, and rebuilds when a path changes: clones must agree about it. */
function asPluginSees(path: string): string {
  return relative(process.cwd(), fromRoot(path)) || '.';
}
