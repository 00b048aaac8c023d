import { KMSClient, type CreateKeyCommand } from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import { keyKind } from '../../../ops/bootstrap/keys.ts';
import type { PartKind } from '../../../ops/bootstrap/kind.ts';

const KeyArn = 'arn:aws:kms:us-east-1:123456789012:key/1';
const room = { account: '123456789012', region: 'us-east-1', tags: {} };
const part = { kind: 'key', name: 'alias/cutover-staging-state', settings: {} } as const;

/** A fake of KMS with one key and no alias, in which calls of some names fail. */
function kmsThatRefuses(refused: Readonly<Record<string, string>>): KMSClient {
  const answers: Readonly<Record<string, object>> = {
    ListKeysCommand: { Keys: [{ KeyArn }] },
    DescribeKeyCommand: { KeyMetadata: { Arn: KeyArn } },
    ListResourceTagsCommand: { Tags: [] },
  };
  const send = (command: CreateKeyCommand): Promise<object> => {
    const { name } = command.constructor;
    const byAlias = (command.input as { readonly KeyId?: string }).KeyId === part.name;
    const error = byAlias ? 'NotFoundException' : refused[name];
    if (error === undefined) return Promise.resolve(answers[name] ?? {});
    return Promise.reject(Object.assign(new Error('said by the fake'), { name: error }));
  };
  return Object.assign(new KMSClient({ region: 'us-east-1' }), { send });
}

const kindOf = (kms: KMSClient): PartKind => keyKind(kms, room, kms);

describe('the search for a key that was made and never got its alias', () => {
  it.each([
    ['has no tags of ours', {}],
    [
      'is hidden from who is signed in',
      { ListResourceTagsCommand: 'AccessDeniedException', DescribeKeyCommand: 'AccessDeniedException' },
    ],
  ])('passes over a key that %s', async (_what, refused) => {
    expect(await kindOf(kmsThatRefuses(refused)).find(part)).toEqual({ kind: 'absent' });
  });

  it.each([
    ['the right to read tags is missing', 'AccessDeniedException'],
    ['AWS does not answer', 'ThrottlingException'],
  ])('never takes it for absent where %s: another would be made', async (_what, name) => {
    const kms = kmsThatRefuses({ ListResourceTagsCommand: name });
    await expect(kindOf(kms).find(part)).rejects.toMatchObject({ name });
  });
});
