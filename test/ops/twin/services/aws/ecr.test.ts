import { describe, expect, it } from 'vitest';
import { ecrKinds } from '../../../../../ops/twin/services/aws/ecr.ts';
import { ask, fakeCloud, kindOf, made, said, thing } from '../fake-cloud.ts';

const repository = kindOf(ecrKinds, 'aws:ecr/repository:Repository');
const lifecycle = kindOf(ecrKinds, 'aws:ecr/lifecyclePolicy:LifecyclePolicy');
const policy = kindOf(ecrKinds, 'aws:ecr/repositoryPolicy:RepositoryPolicy');
const replication = kindOf(ecrKinds, 'aws:ecr/replicationConfiguration:ReplicationConfiguration');

describe('a repository', () => {
  it('has an address that images are pushed to, and stays while there are some', () => {
    const own = made(repository, ask({ name: 'coinestate/api' }));
    const url = '123456789012.dkr.ecr.us-east-1.amazonaws.com/coinestate/api';
    expect(own.outputs['repositoryUrl']).toBe(url);
    const image = (inputs: object) => ({
      type: 'docker-build:index:Image',
      id: 'i',
      inputs: { tags: [`${url}:1`], ...inputs },
    });
    expect(repository.holds?.(own, fakeCloud([image({ push: true })]))?.message).toBe(
      "The repository with name 'coinestate/api' in registry with id '123456789012' cannot be deleted because it still contains images",
    );
    expect(repository.holds?.(own, fakeCloud([image({ push: false })]))).toBeUndefined();
    expect(
      repository.holds?.(
        thing({ ...own, inputs: { forceDelete: true } }),
        fakeCloud([image({ push: true })]),
      ),
    ).toBeUndefined();
  });

  it.each<[object, string]>([
    [
      { name: 'Api' },
      "Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must satisfy regular expression",
    ],
    [{ name: 'a' }, 'must have length between 2 and 256'],
    [{ imageTagMutability: 'FIXED' }, "Invalid parameter at 'imageTagMutability'"],
    [
      { encryptionConfigurations: [{ encryptionType: 'KMS', kmsKey: 'none' }] },
      "The specified KMS key 'none' does not exist",
    ],
    [
      { encryptionConfigurations: [{ encryptionType: 'AES256', kmsKey: 'x' }] },
      'KMS key should not be specified',
    ],
  ])('with %j is refused', (wrong, message) => {
    expect(said(repository, ask({ name: 'api', ...wrong }))[0]).toContain(message);
  });
});

describe('a lifecycle of images', () => {
  const rule = {
    rulePriority: 1,
    selection: { tagStatus: 'untagged', countType: 'sinceImagePushed', countUnit: 'days', countNumber: 14 },
    action: { type: 'expire' },
  };
  const says = (rules: unknown) =>
    said(lifecycle, ask({ repository: 'api', policy: JSON.stringify({ rules }) }))[0];
  const start =
    "InvalidParameterException: Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: 'Lifecycle policy validation failure: ";

  it('is taken when it is right', () => {
    expect(says([rule])).toBeUndefined();
    const count = { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: 30 };
    expect(says([rule, { ...rule, rulePriority: 2, selection: count }])).toBeUndefined();
  });

  it.each<[unknown, string]>([
    [
      [{ ...rule, selection: { ...rule.selection, countUnit: null } }],
      'instance failed to match exactly one schema (matched 0 out of 2)',
    ],
    [
      [{ ...rule, name: 'x' }],
      'object instance has properties which are not allowed by the schema: ["name"]',
    ],
    [[rule, rule], 'Rule priorities must be unique.'],
    [
      [{ ...rule, selection: { ...rule.selection, tagStatus: 'tagged' } }],
      'tagPrefixList or tagPatternList must be given',
    ],
    [
      [
        { ...rule, selection: { ...rule.selection, tagStatus: 'any' } },
        { ...rule, rulePriority: 2 },
      ],
      'The rule with tagStatus any must have the largest rulePriority',
    ],
    [[], ''],
  ])('as %j is refused', (rules, message) => {
    expect(says(rules)).toContain(start + message);
  });

  it('is JSON', () => {
    expect(said(lifecycle, ask({ repository: 'api', policy: '{' }))).toEqual([
      `${start}could not parse policy text'`,
    ]);
  });
});

describe('what goes with repositories', () => {
  it('are policies that name no resource', () => {
    const of = (statement: object) =>
      said(
        policy,
        ask({
          repository: 'api',
          policy: JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] }),
        }),
      );
    expect(of({ Principal: { AWS: '999999999999' }, Action: ['ecr:BatchGetImage'] })).toEqual([]);
    expect(of({ Action: 'ecr:BatchGetImage' })[0]).toContain('Invalid repository policy provided');
  });

  it('are copies in other places', () => {
    const to = (region: string) =>
      said(
        replication,
        ask({
          replicationConfiguration: { rules: [{ destinations: [{ region, registryId: '123456789012' }] }] },
        }),
      );
    expect(to('eu-west-1')).toEqual([]);
    expect(to('us-east-1')[0]).toContain('cannot be the same');
  });
});
