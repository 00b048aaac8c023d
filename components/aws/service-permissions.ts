import * as pulumi from '@pulumi/pulumi';
import type { Grant } from './policy-output.ts';

/** What starting a task needs: its image and its log. Secrets come with their own grants. */
export function startGrants(
  log: pulumi.Input<string>,
  repository: { readonly arn: pulumi.Input<string> } | undefined,
): readonly Grant[] {
  const write: Grant = [
    {
      sid: 'WriteLog',
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [pulumi.interpolate`${log}:*`],
    },
  ];
  if (repository === undefined) return [write];
  return [
    write,
    [
      { sid: 'SignInToRegistry', actions: ['ecr:GetAuthorizationToken'], resources: ['*'] },
      {
        sid: 'PullImage',
        actions: ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
        resources: [repository.arn],
      },
    ],
  ];
}

/** What a task needs for shells in it. */
export function shellGrant(exec: {
  readonly logGroup: { readonly arn: pulumi.Input<string> };
  readonly key: { readonly arn: pulumi.Input<string> };
}): Grant {
  return [
    {
      sid: 'OpenShell',
      actions: [
        'ssmmessages:CreateControlChannel',
        'ssmmessages:CreateDataChannel',
        'ssmmessages:OpenControlChannel',
        'ssmmessages:OpenDataChannel',
      ],
      resources: ['*'],
      reason: 'channels of the session manager have no ARNs',
    },
    { sid: 'EncryptShell', actions: ['kms:Decrypt'], resources: [exec.key.arn] },
    { sid: 'FindShellLog', actions: ['logs:DescribeLogGroups'], resources: ['*'] },
    {
      sid: 'LogShell',
      actions: ['logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'],
      resources: [pulumi.interpolate`${exec.logGroup.arn}:*`],
    },
  ];
}
