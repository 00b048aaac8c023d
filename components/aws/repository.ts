import { LifecyclePolicy, type LifecyclePolicyArgs } from '@pulumi/aws/ecr/lifecyclePolicy.js';
import {
  Repository as EcrRepository,
  type RepositoryArgs as EcrRepositoryArgs,
} from '@pulumi/aws/ecr/repository.js';
import * as pulumi from '@pulumi/pulumi';
import type { EncryptionKey } from './encryption-key.ts';
import type { Grant } from './policy-output.ts';
import { statefulOptions } from './site.ts';
import { describer, refuseWrong, regionalName, tagsOf, type AwsArgs } from './transform.ts';

/** The children of a repository and their arguments, for `transform`. */
export interface RepositoryChildren {
  repository: EcrRepositoryArgs;
  lifecycle: LifecyclePolicyArgs;
}

export interface RepositoryArgs extends AwsArgs<RepositoryChildren> {
  /** What images are encrypted with. */
  readonly key: EncryptionKey;
  /** How many images with a tag are kept: releases that can still be gone back to. @default 50 */
  readonly keepImages?: number;
  /** Days after which images without a tag go. @default 14 */
  readonly untaggedDays?: number;
}

/**
 * A repository of images on ECR. Images are scanned when they arrive, a tag always means the same image, and old ones
 * go by themselves.
 *
 * @example
 * const images = new Repository('coinestate-api', { site, key });
 * const image = new Image('coinestate-api-image', { repository: images.url, dockerfile: 'services/beacon/Dockerfile', … });
 */
export class Repository extends pulumi.ComponentResource {
  readonly repository: EcrRepository;
  /** `123456789012.dkr.ecr.us-east-1.amazonaws.com/coinestate-api`. */
  readonly url: pulumi.Output<string>;
  readonly arn: pulumi.Output<string>;
  /** What a role needs that starts containers of its images. */
  readonly grants: { readonly pull: Grant };

  constructor(name: string, args: RepositoryArgs, opts?: pulumi.ComponentResourceOptions) {
    const { site, key, keepImages = 50, untaggedDays = 14 } = args;
    refuseWrong('repository', name, [
      ...Object.entries({ keepImages, untaggedDays }).map(([argument, value]) =>
        Number.isInteger(value) && value >= 1
          ? undefined
          : `${argument}: ${value} must be a whole number of 1 or more`,
      ),
    ]);
    super('cutover:aws:Repository', regionalName(name, site), {}, opts);
    const describe = describer<RepositoryChildren>(this, name, args, opts);
    const { region } = site;
    this.repository = describe(
      'repository',
      EcrRepository,
      {
        region,
        name: `${site.environment}/${name}`,
        imageTagMutability: 'IMMUTABLE',
        imageScanningConfiguration: { scanOnPush: true },
        encryptionConfigurations: [{ encryptionType: 'KMS', kmsKey: key.arn }],
        forceDelete: !site.keeps,
        tags: tagsOf(site, name),
      },
      { opts: statefulOptions(site) },
    );
    describe('lifecycle', LifecyclePolicy, {
      region,
      repository: this.repository.name,
      policy: JSON.stringify(lifecycle(keepImages, untaggedDays)),
    });
    this.url = this.repository.repositoryUrl;
    this.arn = this.repository.arn;
    this.grants = {
      pull: [
        // A token is for all repositories of the account; what it opens is said below.
        { sid: 'SignInToRegistry', actions: ['ecr:GetAuthorizationToken'], resources: ['*'] },
        {
          sid: 'PullImages',
          actions: ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
          resources: [this.arn],
        },
      ],
    };
    this.registerOutputs({ url: this.url, arn: this.arn });
  }
}

/** Images without a tag first: the rule for any tag has to come last. */
function lifecycle(keepImages: number, untaggedDays: number): object {
  const action = { type: 'expire' };
  return {
    rules: [
      {
        rulePriority: 1,
        description: `Images without a tag go after ${untaggedDays} days`,
        selection: {
          tagStatus: 'untagged',
          countType: 'sinceImagePushed',
          countUnit: 'days',
          countNumber: untaggedDays,
        },
        action,
      },
      {
        rulePriority: 2,
        description: `The last ${keepImages} images are kept`,
        selection: { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: keepImages },
        action,
      },
    ],
  };
}
