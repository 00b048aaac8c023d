import {
  CreateAliasCommand,
  CreateKeyCommand,
  DescribeKeyCommand,
  EnableKeyCommand,
  EnableKeyRotationCommand,
  GetKeyPolicyCommand,
  GetKeyRotationStatusCommand,
  ListResourceTagsCommand,
  PutKeyPolicyCommand,
  paginateListKeys,
  type KMSClient,
} from '@aws-sdk/client-kms';
import { nameOf, unlessMissing } from './aws.ts';
import { isOurs, type PartKind, type Room } from './kind.ts';
import { sameForm, type Found, type Part } from './part.ts';

// Tells the two keys of a foundation apart while one has no alias yet.
const aliasTag = 'Alias';

/**
 * Keys with an alias each. `asksOnce` is without further attempts: a key has no name of its own, so one that was made and
 * not answered would be made again; the next run finds it by its tags.
 */
export function keyKind(client: KMSClient, room: Room, asksOnce: KMSClient): PartKind {
  return {
    find: async (part) => {
      const named = await unlessMissing(client.send(new DescribeKeyCommand({ KeyId: part.name })));
      // A run that was stopped between the key and its alias leaves a key that only its tags tell.
      const arn = named?.KeyMetadata?.Arn ?? (await keyWithoutAlias(client, room, part.name));
      return arn === undefined ? { kind: 'absent' } : findKey(client, room, part, arn, named !== undefined);
    },
    create: async ({ name, settings }) => {
      const tags = { ...room.tags, [aliasTag]: name };
      const made = await asksOnce.send(
        new CreateKeyCommand({
          Description: `${name}, made by ./cutover bootstrap`,
          Policy: settings['policy'],
          Tags: Object.entries(tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue })),
        }),
      );
      return made.KeyMetadata?.Arn;
    },
    set: async ({ name, settings }, setting, KeyId) => {
      switch (setting) {
        case 'alias':
          await client.send(new CreateAliasCommand({ AliasName: name, TargetKeyId: KeyId }));
          return;
        case 'state':
          await client.send(new EnableKeyCommand({ KeyId }));
          return;
        case 'rotation':
          await client.send(new EnableKeyRotationCommand({ KeyId }));
          return;
        case 'policy':
          await client.send(
            new PutKeyPolicyCommand({ KeyId, PolicyName: 'default', Policy: settings['policy'] }),
          );
          return;
      }
    },
  };
}

async function findKey(
  client: KMSClient,
  room: Room,
  { name }: Part,
  KeyId: string,
  hasAlias: boolean,
): Promise<Found> {
  const { KeyMetadata } = await client.send(new DescribeKeyCommand({ KeyId }));
  if (!isOurs(await tagsOf(client, KeyId), room)) {
    return {
      kind: 'foreign',
      why: `the alias is of ${KeyId}, which carries no tags of ours; give it another alias`,
    };
  }
  if (KeyMetadata?.KeyState === 'PendingDeletion') {
    const at = KeyMetadata.DeletionDate?.toISOString().slice(0, 10) ?? 'a day that AWS does not tell';
    const cancel = `aws kms cancel-key-deletion --region ${room.region} --key-id ${KeyMetadata.KeyId}`;
    return { kind: 'foreign', why: `the key is to be deleted on ${at}; keep it: ${cancel}` };
  }
  const [rotation, policy] = [
    await client.send(new GetKeyRotationStatusCommand({ KeyId })).catch(() => undefined),
    await client.send(new GetKeyPolicyCommand({ KeyId, PolicyName: 'default' })),
  ];
  return {
    kind: 'ours',
    id: KeyId,
    settings: {
      state: KeyMetadata?.KeyState ?? '',
      alias: hasAlias ? name : '',
      rotation: rotation?.KeyRotationEnabled === true ? 'on' : 'off',
      policy: sameForm(policy.Policy ?? ''),
    },
  };
}

async function keyWithoutAlias(client: KMSClient, room: Room, name: string): Promise<string | undefined> {
  for await (const page of paginateListKeys({ client, pageSize: 500 }, {})) {
    for (const { KeyArn } of page.Keys ?? []) {
      if (KeyArn === undefined) continue;
      const tags = await tagsUnlessHidden(client, KeyArn);
      if (tags[aliasTag] !== name || !isOurs(tags, room)) continue;
      const { KeyMetadata } = await client.send(new DescribeKeyCommand({ KeyId: KeyArn }));
      if (KeyMetadata?.KeyState !== 'PendingDeletion') return KeyArn;
    }
  }
  return undefined;
}

/**
 * Keys of others may not be ours to look at. One that may be described is no such key: who is signed in lacks a right,
 * without which a key of ours would not be known, and be made again.
 */
async function tagsUnlessHidden(client: KMSClient, KeyId: string): Promise<Record<string, string>> {
  try {
    return await tagsOf(client, KeyId);
  } catch (error) {
    if (!nameOf(error).includes('AccessDenied')) throw error;
    const hidden = await client.send(new DescribeKeyCommand({ KeyId })).then(
      () => false,
      () => true,
    );
    if (!hidden) throw error;
    return {};
  }
}

async function tagsOf(client: KMSClient, KeyId: string): Promise<Record<string, string>> {
  const { Tags = [] } = await client.send(new ListResourceTagsCommand({ KeyId }));
  return Object.fromEntries(Tags.map(({ TagKey = '', TagValue = '' }) => [TagKey, TagValue]));
}
