import { DeleteLogGroupCommand, CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import {
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListPolicyVersionsCommand,
  ListRolePoliciesCommand,
} from '@aws-sdk/client-iam';
import { KMSClient, ScheduleKeyDeletionCommand } from '@aws-sdk/client-kms';
import { DeleteBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { DeleteSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { DeleteParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { CutoverError, messageOf } from '@cutover/base/errors.ts';
import { clientOptions, inAws, unlessMissing, type ClientOptions } from '../bootstrap/aws.ts';
import { parameterName, partsOfArn, withoutStar } from './arn.ts';
import { inDeletionOrder } from './aws-lines.ts';
import type { Found } from './plan.ts';
import type { Deletion } from './source.ts';

/** Where something is: what a service needs to find it. */
interface Target {
  readonly arn: string;
  readonly name: string;
  readonly id: string;
  readonly options: ClientOptions;
}

// As the lines that are printed for them: keys and secrets can be called back, a bucket must be empty. What holds data
// or others stand on, databases, services, networks, goes by its line only.
const deleters: Readonly<Record<string, (target: Target) => Promise<unknown>>> = {
  'logs/log-group': ({ id, options }) =>
    using(new CloudWatchLogsClient(options), (logs) =>
      logs.send(new DeleteLogGroupCommand({ logGroupName: withoutStar(id) })),
    ),
  'ssm/parameter': ({ name, options }) =>
    using(new SSMClient(options), (ssm) =>
      ssm.send(new DeleteParameterCommand({ Name: parameterName(name) })),
    ),
  'secretsmanager/secret': ({ arn, options }) =>
    using(new SecretsManagerClient(options), (secrets) =>
      secrets.send(new DeleteSecretCommand({ SecretId: arn, RecoveryWindowInDays: 30 })),
    ),
  's3/bucket': ({ name, options }) =>
    using(new S3Client(options), (s3) => s3.send(new DeleteBucketCommand({ Bucket: name }))),
  'iam/role': ({ id, options }) => using(new IAMClient(options), (iam) => deleteRole(iam, id)),
  'iam/policy': ({ arn, options }) => using(new IAMClient(options), (iam) => deletePolicy(iam, arn)),
  'kms/key': ({ id, options }) =>
    using(new KMSClient(options), (kms) =>
      kms.send(new ScheduleKeyDeletionCommand({ KeyId: id, PendingWindowInDays: 30 })),
    ),
};

/** The types that `./cutover orphans --delete` deletes in AWS. */
export const deletedInAws: readonly string[] = Object.keys(deleters);

/**
 * Deletes orphans in AWS, what others name last. What it does not delete stays, and so does what AWS refuses.
 * SIDE EFFECTS: changes the account.
 */
export async function deleteInAws(orphans: readonly Found[]): Promise<Deletion> {
  const gone: Found[] = [];
  const stays: { orphan: Found; why: string }[] = [];
  for (const orphan of inDeletionOrder(orphans)) {
    const why = await whyItStays(orphan);
    if (why === undefined) gone.push(orphan);
    else stays.push({ orphan, why });
  }
  return { gone, stays };
}

async function whyItStays({ type, arn, region }: Found): Promise<string | undefined> {
  const remove = deleters[type];
  if (remove === undefined || arn === undefined) return 'it goes by its line above only';
  const { name, id } = partsOfArn(arn);
  const options = clientOptions(region === 'global' ? 'us-east-1' : region);
  try {
    await inAws(`delete ${arn}`, () => unlessMissing(remove({ arn, name, id, options })));
    return undefined;
  } catch (error) {
    // Without credentials nothing else would go either.
    if (error instanceof CutoverError && error.code === 'CUT-5472') throw error;
    return messageOf(error).split('\n')[0] ?? '';
  }
}

async function deleteRole(iam: IAMClient, RoleName: string): Promise<void> {
  const { AttachedPolicies = [] } = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }));
  for (const { PolicyArn } of AttachedPolicies)
    await iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn }));
  const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
  for (const PolicyName of PolicyNames) await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }));
  await iam.send(new DeleteRoleCommand({ RoleName }));
}

async function deletePolicy(iam: IAMClient, PolicyArn: string): Promise<void> {
  const { Versions = [] } = await iam.send(new ListPolicyVersionsCommand({ PolicyArn }));
  for (const { VersionId, IsDefaultVersion } of Versions)
    if (IsDefaultVersion !== true) await iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId }));
  await iam.send(new DeletePolicyCommand({ PolicyArn }));
}

async function using<Client extends { readonly destroy: () => void }, T>(
  client: Client,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  try {
    return await work(client);
  } finally {
    client.destroy();
  }
}
