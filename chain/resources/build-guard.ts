import type * as pulumi from '@pulumi/pulumi';
import { ThinResource } from '@cutover/base/dynamic.ts';
import type { BuildTool } from '../plan/solana/guards/build.ts';

export interface BuildGuardArgs {
  /** The program's name, for people. */
  readonly title: string;
  /** Where its build is, relative to the project. */
  readonly artifact: string;
  /** SHA-256 of the reviewed build, as `sha256sum` prints it. */
  readonly sha256: string;
  /** What makes the build, told when it is missing or another. @default anchor build, or cargo build-sbf */
  readonly tool?: BuildTool;
}

/**
 * Stops an update before anything is sent when a build is not the reviewed one. Nothing is built here: the error says
 * with what.
 *
 * @example
 * new BuildGuard('perps-build', {
 *   title: 'perps',
 *   artifact: 'target/deploy/godark_perps.so',
 *   sha256: '2f0c…',
 *   tool: { kind: 'anchor', program: 'godark_perps' },
 * });
 */
export class BuildGuard extends ThinResource {
  /** The build's hash as explorers and `solana-verify` tell it: without zeros at the end. */
  declare readonly hash: pulumi.Output<string>;

  constructor(name: string, args: BuildGuardArgs, opts?: pulumi.CustomResourceOptions) {
    const { title, artifact, sha256, tool } = args;
    super(
      '@cutover/chain/solana/build-guard-handler.ts',
      name,
      { title, artifact, sha256, ...(tool === undefined ? {} : { tool }), hash: undefined },
      opts,
      'BuildGuard',
    );
  }
}
