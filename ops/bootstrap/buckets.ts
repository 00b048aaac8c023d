import {
  CreateBucketCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  GetObjectLockConfigurationCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutObjectLockConfigurationCommand,
  PutPublicAccessBlockCommand,
  type BucketLocationConstraint,
  type ObjectLockRetentionMode,
  type S3Client,
} from '@aws-sdk/client-s3';
import { nameOf, unlessMissing } from './aws.ts';
import { isOurs, tagList, tagMap, type PartKind, type Room } from './kind.ts';
import { ruleFromS3, rulesForS3 } from './lifecycle.ts';
import { sameForm, type Found, type Part, type Settings } from './part.ts';

/** Buckets. */
export function bucketKind(client: S3Client, room: Room): PartKind {
  return {
    find: (part) => findBucket(client, room, part),
    create: async ({ name, settings }) => {
      await client.send(
        new CreateBucketCommand({
          Bucket: name,
          ObjectOwnership: 'BucketOwnerEnforced',
          ...(settings['lock'] === undefined ? {} : { ObjectLockEnabledForBucket: true }),
          // us-east-1 is where buckets are when nothing is said, and it may not be said.
          ...(room.region === 'us-east-1'
            ? {}
            : { CreateBucketConfiguration: { LocationConstraint: room.region as BucketLocationConstraint } }),
        }),
      );
      return undefined;
    },
    set: (part, setting) => setBucket(client, room, part, setting),
  };
}

async function findBucket(client: S3Client, room: Room, { name: Bucket }: Part): Promise<Found> {
  const owned = { Bucket, ExpectedBucketOwner: room.account };
  try {
    const head = await unlessMissing(client.send(new HeadBucketCommand(owned)));
    if (head === undefined) return { kind: 'absent' };
    if (head.BucketRegion !== undefined && head.BucketRegion !== room.region) {
      return { kind: 'foreign', why: `it is in ${head.BucketRegion}; name that region with --region` };
    }
  } catch (error) {
    if (!/403|Forbidden|AccessDenied|301|PermanentRedirect/.test(`${nameOf(error)} ${statusOf(error)}`))
      throw error;
    return {
      kind: 'foreign',
      why: `another account has this name, or lets you not look at it; ask its owner`,
    };
  }
  const tags = tagMap((await unlessMissing(client.send(new GetBucketTaggingCommand(owned))))?.TagSet);
  // One without any tags is one whose making was stopped: its name carries the account.
  if (Object.keys(tags).length > 0 && !isOurs(tags, room)) {
    return { kind: 'foreign', why: 'it carries tags of others; empty and delete it, or take another region' };
  }
  return { kind: 'ours', settings: await settingsOf(client, owned, tags) };
}

async function settingsOf(
  client: S3Client,
  owned: { readonly Bucket: string; readonly ExpectedBucketOwner: string },
  tags: Readonly<Record<string, string>>,
): Promise<Settings> {
  const [access, ownership, versioning, encryption, lifecycle, policy, lock] = await Promise.all([
    unlessMissing(client.send(new GetPublicAccessBlockCommand(owned))),
    unlessMissing(client.send(new GetBucketOwnershipControlsCommand(owned))),
    client.send(new GetBucketVersioningCommand(owned)),
    unlessMissing(client.send(new GetBucketEncryptionCommand(owned))),
    unlessMissing(client.send(new GetBucketLifecycleConfigurationCommand(owned))),
    unlessMissing(client.send(new GetBucketPolicyCommand(owned))),
    unlessMissing(client.send(new GetObjectLockConfigurationCommand(owned))),
  ]);
  const block = access?.PublicAccessBlockConfiguration ?? {};
  const rule = encryption?.ServerSideEncryptionConfiguration?.Rules?.[0];
  const kept = lock?.ObjectLockConfiguration?.Rule?.DefaultRetention;
  return {
    'public access': Object.keys(blocked).every((key) => block[key as keyof typeof blocked] === true)
      ? 'blocked'
      : 'open',
    ownership: ownership?.OwnershipControls?.Rules?.[0]?.ObjectOwnership ?? '',
    versioning: versioning.Status ?? '',
    encryption:
      rule?.BucketKeyEnabled === true ? (rule.ApplyServerSideEncryptionByDefault?.KMSMasterKeyID ?? '') : '',
    lifecycle: sameForm(JSON.stringify((lifecycle?.Rules ?? []).map(ruleFromS3))),
    tags: sameForm(JSON.stringify(tags)),
    policy: sameForm(policy?.Policy ?? ''),
    ...(kept === undefined ? {} : { lock: `${kept.Mode} ${kept.Days}` }),
  };
}

const blocked = {
  BlockPublicAcls: true,
  BlockPublicPolicy: true,
  IgnorePublicAcls: true,
  RestrictPublicBuckets: true,
} as const;

async function setBucket(client: S3Client, room: Room, part: Part, setting: string): Promise<void> {
  const owned = { Bucket: part.name, ExpectedBucketOwner: room.account };
  const value = part.settings[setting] ?? '';
  switch (setting) {
    case 'public access':
      await client.send(
        new PutPublicAccessBlockCommand({ ...owned, PublicAccessBlockConfiguration: blocked }),
      );
      return;
    case 'ownership': {
      const Rules = [{ ObjectOwnership: 'BucketOwnerEnforced' as const }];
      await client.send(new PutBucketOwnershipControlsCommand({ ...owned, OwnershipControls: { Rules } }));
      return;
    }
    case 'versioning':
      await client.send(
        new PutBucketVersioningCommand({ ...owned, VersioningConfiguration: { Status: 'Enabled' } }),
      );
      return;
    case 'encryption': {
      const byDefault = { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: value } as const;
      const Rules = [{ ApplyServerSideEncryptionByDefault: byDefault, BucketKeyEnabled: true }];
      await client.send(
        new PutBucketEncryptionCommand({ ...owned, ServerSideEncryptionConfiguration: { Rules } }),
      );
      return;
    }
    case 'lifecycle':
      await client.send(
        new PutBucketLifecycleConfigurationCommand({
          ...owned,
          LifecycleConfiguration: { Rules: rulesForS3(value) },
        }),
      );
      return;
    case 'tags':
      await client.send(new PutBucketTaggingCommand({ ...owned, Tagging: { TagSet: tagList(room.tags) } }));
      return;
    case 'policy':
      await client.send(new PutBucketPolicyCommand({ ...owned, Policy: value }));
      return;
    case 'lock': {
      const [mode = '', days = ''] = value.split(' ');
      const DefaultRetention = { Mode: mode as ObjectLockRetentionMode, Days: Number(days) };
      await client.send(
        new PutObjectLockConfigurationCommand({
          ...owned,
          ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention } },
        }),
      );
    }
  }
}

function statusOf(error: unknown): number | undefined {
  return (error as { readonly $metadata?: { readonly httpStatusCode?: number } }).$metadata?.httpStatusCode;
}
