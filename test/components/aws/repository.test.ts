import { beforeEach, describe, expect, it } from 'vitest';
import { EncryptionKey } from '../../../components/aws/encryption-key.ts';
import { Repository, type RepositoryArgs } from '../../../components/aws/repository.ts';
import { ServiceRole } from '../../../components/aws/service-role.ts';
import { account, ask } from './access.ts';
import { describeWithoutCloud, inputsOf, refusal, someSite, valueOf } from './described.ts';

beforeEach(describeWithoutCloud);

function someRepository(more: Partial<RepositoryArgs> = {}): Repository {
  const site = someSite();
  const key = new EncryptionKey('images-key', { site, description: 'Images', uses: ['ecr'] });
  return new Repository('coinestate-api', { site, key, ...more });
}

describe('a repository', () => {
  it('scans what arrives, keeps tags as they are, and encrypts', async () => {
    someRepository();
    expect(await inputsOf('coinestate-api-repository-us-east-1')).toMatchObject({
      name: 'staging/coinestate-api',
      imageTagMutability: 'IMMUTABLE',
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfigurations: [
        { encryptionType: 'KMS', kmsKey: expect.stringContaining('images-key') as string },
      ],
      forceDelete: true,
    });
  });

  it('lets old images go, those without a tag first', async () => {
    someRepository({ keepImages: 5, untaggedDays: 2 });
    const { policy } = (await inputsOf('coinestate-api-lifecycle-us-east-1')) as { policy: string };
    expect(JSON.parse(policy)).toMatchObject({
      rules: [
        { rulePriority: 1, selection: { tagStatus: 'untagged', countNumber: 2 } },
        { rulePriority: 2, selection: { tagStatus: 'any', countNumber: 5 } },
      ],
    });
  });

  it('hands out pulling its images, and no pushing', async () => {
    const repository = someRepository();
    new ServiceRole('start', {
      site: someSite(),
      description: 'Start',
      service: 'ecs-tasks.amazonaws.com',
      grants: [repository.grants.pull],
    });
    const { policy } = (await inputsOf('start-policy-us-east-1')) as { policy: string };
    const arn = await valueOf(repository.arn);
    expect(ask([policy], 'ecr:BatchGetImage', arn)).toBe('allowed');
    expect(ask([policy], 'ecr:BatchGetImage', `arn:aws:ecr:us-east-1:${account}:repository/other`)).toBe(
      'implicit-deny',
    );
    expect(ask([policy], 'ecr:PutImage', arn)).toBe('implicit-deny');
  });

  it('is refused when it would keep no images', () => {
    expect(refusal('CUT-5400', () => someRepository({ keepImages: 0 }))).toContain('keepImages: 0');
  });
});
