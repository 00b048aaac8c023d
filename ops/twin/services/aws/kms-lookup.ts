import type { Question, Refusal, Thing } from '../../kind.ts';
import { refusal, textAt, textOf } from '../values.ts';
import { parseArn } from './arn.ts';

export const keyType = 'aws:kms/key:Key';
export const replicaKeyType = 'aws:kms/replicaKey:ReplicaKey';
export const aliasType = 'aws:kms/alias:Alias';

/** What an argument that names a key leads to. */
export type FoundKey = Thing | 'owned-by-aws' | 'another-account' | 'another-region' | undefined;

/** Finds a key by its id, its ARN, or an alias or the ARN of one; keys work in their own region only. */
export function findKey({ cloud, place }: Pick<Question, 'cloud' | 'place'>, name: string): FoundKey {
  const parts = parseArn(name);
  if (name.startsWith('arn:') && parts?.service !== 'kms') return undefined;
  if (parts !== undefined && parts.account !== place.account) return 'another-account';
  if (parts !== undefined && parts.region !== place.region) return 'another-region';
  const plain = (parts?.resource ?? name).replace(/^key\//, '');
  if (plain.startsWith('alias/aws/')) return 'owned-by-aws';
  const alias = plain.startsWith('alias/') ? cloud.get(aliasType, plain, place) : undefined;
  if (plain.startsWith('alias/') && alias === undefined) return undefined;
  const target = textAt(alias?.inputs ?? {}, 'targetKeyId') ?? plain;
  const id = target.split('/').at(-1) ?? target;
  return cloud.get(keyType, id, place) ?? cloud.get(replicaKeyType, id, place);
}

/** What is wrong with a key that an argument names; each service says it in its own words. */
export function keyProblems(
  question: Question,
  property: string,
  say: (why: 'missing' | 'disabled' | 'another-region', key: string) => Refusal,
): readonly Refusal[] {
  const name = textAt(question.inputs, property);
  if (name === undefined || name === '') return [];
  const key = findKey(question, name);
  if (key === 'another-region') return [say('another-region', name)];
  if (key === undefined) return question.calling === undefined ? [] : [say('missing', name)];
  if (typeof key === 'object' && key.inputs['isEnabled'] === false) return [say('disabled', name)];
  return [];
}

/** The usual way to say it. */
export function keyRefusal(code: string, property: string): (why: string, key: string) => Refusal {
  return (why, key) =>
    refusal(
      code,
      why === 'disabled'
        ? `The specified KMS key [${key}] is disabled.`
        : `The specified KMS key [${key}] does not exist, is not enabled or you do not have permissions to access it.`,
      property,
    );
}

/** The ARN of a key that an argument names; the argument itself where the twin does not hold the key. */
export function keyArn(question: Question, name: string): string {
  const key = findKey(question, name);
  return (typeof key === 'object' ? textOf(key, 'arn') : undefined) ?? name;
}
