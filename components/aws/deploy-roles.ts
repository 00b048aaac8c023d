import {
  OpenIdConnectProvider,
  type OpenIdConnectProviderArgs,
} from '@pulumi/aws/iam/openIdConnectProvider.js';
import { Policy, type PolicyArgs } from '@pulumi/aws/iam/policy.js';
import { Role, type RoleArgs } from '@pulumi/aws/iam/role.js';
import { RolePolicyAttachment, type RolePolicyAttachmentArgs } from '@pulumi/aws/iam/rolePolicyAttachment.js';
import * as pulumi from '@pulumi/pulumi';
import type { AccountRolesArgs } from './account-place.ts';
import {
  accountRoles,
  accountRolesProblems,
  roleArn,
  workflowIssuer,
  type RolePlan,
} from './account-roles.ts';
import { knownOnce } from './policy-output.ts';
import { describer, refuseWrong, tagsOf, type AwsArgs } from './transform.ts';

/** The children of an account's roles and their arguments, for `transform`. */
export interface DeployRolesChildren {
  issuer: OpenIdConnectProviderArgs;
  boundary: PolicyArgs;
  role: RoleArgs;
  policy: PolicyArgs;
  attachment: RolePolicyAttachmentArgs;
}

export interface DeployRolesArgs extends AwsArgs<DeployRolesChildren>, AccountRolesArgs {
  /** Whether the account knows GitHub's tokens already; it can know an issuer only once. @default 'make' */
  readonly issuer?: 'make' | 'is-there';
}

/** One of the roles, as others name it. */
export interface AccountRole {
  readonly role: Role;
  /** Known before the role is there; whatever uses it waits until it has its policies. */
  readonly arn: pulumi.Output<string>;
}

/**
 * The three roles of an account and the limit of all others: workflows of one repository deploy, its pull requests and
 * named people look, and in an emergency named people with a second factor do what is needed for an hour. It is made by
 * an administrator, not by the deploy role: that one can change none of them. Where `./cutover bootstrap` has made the
 * account ready, all of it is there already.
 *
 * @example
 * const roles = new DeployRoles('cutover-roles', {
 *   site,
 *   regions: ['us-east-1'],
 *   repository: 'coinestate/platform',
 *   people: { read: [], breakGlass: ['arn:aws:iam::123456789012:user/ada'] },
 *   state: { bucket: 'cutover-state-staging-123456789012-us-east-1', key: 'alias/cutover-staging-state' },
 * });
 */
export class DeployRoles extends pulumi.ComponentResource {
  readonly deploy: AccountRole;
  readonly readOnly: AccountRole;
  readonly breakGlass: AccountRole;
  /** What `siteOf` takes as `boundary`. */
  readonly boundary: pulumi.Output<string>;

  constructor(name: string, args: DeployRolesArgs, opts?: pulumi.ComponentResourceOptions) {
    const { site } = args;
    refuseWrong('deploy roles', name, accountRolesProblems(args));
    const plan = accountRoles({ ...args, account: site.account, environment: site.environment });
    super('cutover:aws:DeployRoles', name, {}, opts);
    const describe = describer<DeployRolesChildren>(this, name, args, opts, 'global');
    const tags = tagsOf(site, name);

    const issuer =
      args.issuer === 'is-there'
        ? []
        : [
            describe('issuer', OpenIdConnectProvider, {
              url: `https://${workflowIssuer}`,
              clientIdLists: ['sts.amazonaws.com'],
              tags,
            }),
          ];
    const boundary = describe('boundary', Policy, {
      name: plan.boundary.name,
      path: `${plan.path}${site.environment}/`,
      description: `The most that roles of services in ${site.environment} may do`,
      policy: plan.boundary.document,
      tags,
    });
    const describeRole = (part: string, planned: RolePlan): AccountRole => {
      const role = describe(
        'role',
        Role,
        {
          name: planned.name,
          path: plan.path,
          description: planned.description,
          assumeRolePolicy: planned.trust,
          maxSessionDuration: planned.maxSessionSeconds,
          tags,
        },
        // IAM takes a trust in an issuer that is not there, and then never lets anybody in.
        { part, opts: { dependsOn: issuer } },
      );
      const attached = Object.entries(planned.policies).map(([last, document]) => {
        const policy = describe(
          'policy',
          Policy,
          { name: `${planned.name}-${last}`, path: plan.path, policy: document, tags },
          { part: `${part}-${last}` },
        );
        return describe(
          'attachment',
          RolePolicyAttachment,
          { role: role.name, policyArn: policy.arn },
          { part: `${part}-${last}-attachment` },
        );
      });
      const all = pulumi.all([role.urn, ...attached.map(({ urn }) => urn)]);
      return { role, arn: all.apply(() => roleArn(site, planned)) };
    };
    this.deploy = describeRole('deploy', plan.deploy);
    this.readOnly = describeRole('read-only', plan.readOnly);
    this.breakGlass = describeRole('break-glass', plan.breakGlass);
    this.boundary = knownOnce(boundary, plan.boundary.arn);
    this.registerOutputs({
      deploy: this.deploy.arn,
      readOnly: this.readOnly.arn,
      breakGlass: this.breakGlass.arn,
      boundary: this.boundary,
    });
  }
}
