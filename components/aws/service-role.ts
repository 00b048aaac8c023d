import * as pulumi from '@pulumi/pulumi';
import { Role, type RoleArgs } from '@pulumi/aws/iam/role.js';
import { RolePolicy, type RolePolicyArgs } from '@pulumi/aws/iam/rolePolicy.js';
import { policyDocument, type Statement } from './policy-document.ts';
import { joinGrants, knownOnce, policyOutput, type Grant } from './policy-output.ts';
import { arnOf, rolePath, type Site } from './site.ts';
import { describer, refuseWrong, regionalName, tagsOf, type AwsArgs } from './transform.ts';

/** The children of a role and their arguments, for `transform`. */
export interface ServiceRoleChildren {
  role: RoleArgs;
  policy: RolePolicyArgs;
}

export interface ServiceRoleArgs extends AwsArgs<ServiceRoleChildren> {
  /** For people: what acts with it. */
  readonly description: string;
  /** The service of AWS that takes it on: `ecs-tasks.amazonaws.com`. */
  readonly service: string;
  /**
   * The thing on whose behalf the service may take it on, with wildcards. `untold` where the service does not say for
   * whom it acts: then it is for the service alone to refuse others. @default any of the account
   */
  readonly onBehalfOf?: pulumi.Input<string>;
  /** What it may do, and nothing else: as stores, keys and secrets hand it out. @default nothing */
  readonly grants?: readonly Grant[];
}

/**
 * A role for one service that may do what it is given and nothing else. It is limited by the site's boundary, and only
 * things of this account can make the service take it on.
 *
 * @example
 * const task = new ServiceRole('coinestate-api-task', {
 *   site,
 *   description: 'The API of CoinEstate',
 *   service: 'ecs-tasks.amazonaws.com',
 *   grants: [documents.grants.readWrite, secrets.grant],
 * });
 */
export class ServiceRole extends pulumi.ComponentResource {
  readonly role: Role;
  /** `staging-coinestate-api-task-us-east-1`. */
  readonly roleName: string;
  /** Known before the role is there; whatever uses it waits until the role has its policy. */
  readonly arn: pulumi.Output<string>;

  constructor(name: string, args: ServiceRoleArgs, opts?: pulumi.ComponentResourceOptions) {
    const { site, service, onBehalfOf } = args;
    refuseWrong('service role', name, [
      /^[a-z0-9.-]+\.amazonaws\.com$/.test(service)
        ? undefined
        : `service: "${service}" is no service of AWS; write it as ecs-tasks.amazonaws.com`,
    ]);
    const statements = joinGrants(args.grants ?? []);
    const policy = statements.length === 0 ? undefined : policyOutput(name, 'inline', statements);
    super('cutover:aws:ServiceRole', regionalName(name, site), {}, opts);
    const describe = describer(this, name, args, opts);
    this.roleName = `${site.environment}-${regionalName(name, site)}`;
    this.role = describe('role', Role, {
      name: this.roleName,
      path: rolePath(site),
      description: args.description,
      assumeRolePolicy: pulumi
        .output(onBehalfOf)
        .apply((thing) => policyDocument(name, 'trust', [trust(site, service, thing)])),
      ...(site.boundary === undefined ? {} : { permissionsBoundary: site.boundary }),
      tags: tagsOf(site, name),
    });
    const last =
      policy === undefined
        ? this.role
        : describe('policy', RolePolicy, { name: 'grants', role: this.role.name, policy });
    this.arn = knownOnce(last, arnOf(site, 'iam', `role${rolePath(site)}${this.roleName}`, 'global'));
    this.registerOutputs({ arn: this.arn });
  }
}

/** A service acts for many accounts; without the conditions another account could make it use our role. */
function trust(site: Site, service: string, thing: string | undefined): Statement {
  return {
    sid: 'ServiceTakesItOn',
    principals: { Service: [service] },
    actions: ['sts:AssumeRole'],
    ...(thing === 'untold'
      ? {}
      : {
          conditions: {
            StringEquals: { 'aws:SourceAccount': [site.account] },
            ...(thing === undefined ? {} : { ArnLike: { 'aws:SourceArn': [thing] } }),
          },
        }),
  };
}
