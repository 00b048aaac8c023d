import * as pulumi from '@pulumi/pulumi';
import { Alias, type AliasArgs } from '@pulumi/aws/kms/alias.js';
import { Key, type KeyArgs } from '@pulumi/aws/kms/key.js';
import { keyPolicy, type KeyUse, type ViaService } from './key-policy.ts';
import { policyOutput, type Grant } from './policy-output.ts';
import { statefulOptions } from './site.ts';
import { describer, refuseWrong, regionalName, tagsOf, type AwsArgs } from './transform.ts';

/** The children of a key and their arguments, for `transform`. */
export interface EncryptionKeyChildren {
  key: KeyArgs;
  alias: AliasArgs;
}

export interface EncryptionKeyArgs extends AwsArgs<EncryptionKeyChildren> {
  /** For people: what it encrypts. */
  readonly description: string;
  /** The services that it may be used through, and those that write with it on their own. */
  readonly uses: readonly KeyUse[];
  /** ARNs of roles that may use it directly. @default none */
  readonly users?: readonly pulumi.Input<string>[];
  /** Days in which its deletion can be taken back, 7 to 30. @default 30 */
  readonly deletionDays?: number;
  /** Whether it can be copied to other regions; that cannot be changed later. @default false */
  readonly multiRegion?: boolean;
}

/**
 * A key of AWS KMS that is renewed every year, with an alias. The account manages it; only named services and roles
 * use it.
 *
 * @example
 * const key = new EncryptionKey('coinestate-documents-key', {
 *   site,
 *   description: 'Documents of customers of CoinEstate',
 *   uses: ['s3'],
 * });
 */
export class EncryptionKey extends pulumi.ComponentResource {
  readonly key: Key;
  readonly arn: pulumi.Output<string>;
  /** `alias/staging/coinestate-documents-key`; the same in each region. */
  readonly alias: string;
  private readonly region: string;

  constructor(name: string, args: EncryptionKeyArgs, opts?: pulumi.ComponentResourceOptions) {
    const { site, uses, users, deletionDays = 30 } = args;
    refuseWrong('encryption key', name, [
      Number.isInteger(deletionDays) && deletionDays >= 7 && deletionDays <= 30
        ? undefined
        : `deletionDays: ${deletionDays} must be a whole number from 7 to 30`,
      uses.length > 0 || (users ?? []).length > 0
        ? undefined
        : 'uses: nobody may use it; name services, or roles as users',
    ]);
    const policy = policyOutput(name, 'key', keyPolicy(site, uses, users));
    super('cutover:aws:EncryptionKey', regionalName(name, site), {}, opts);
    const describe = describer(this, name, args, opts);
    this.key = describe(
      'key',
      Key,
      {
        region: site.region,
        description: args.description,
        policy,
        enableKeyRotation: true,
        deletionWindowInDays: deletionDays,
        multiRegion: args.multiRegion ?? false,
        tags: tagsOf(site, name),
      },
      { opts: statefulOptions(site) },
    );
    this.arn = this.key.arn;
    this.region = site.region;
    this.alias = `alias/${site.environment}/${name}`;
    describe('alias', Alias, { region: site.region, name: this.alias, targetKeyId: this.key.keyId });
    this.registerOutputs({ arn: this.arn, alias: this.alias });
  }

  /** What a role needs that reads, or also writes, what a service keeps with this key. */
  grant(use: 'read' | 'read and write', through: ViaService): Grant {
    return [
      {
        sid: 'UseKey',
        actions: use === 'read' ? ['kms:Decrypt'] : ['kms:Decrypt', 'kms:GenerateDataKey'],
        resources: [this.arn],
        conditions: { StringEquals: { 'kms:ViaService': [`${through}.${this.region}.amazonaws.com`] } },
      },
    ];
  }
}
