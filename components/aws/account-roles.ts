import { breakGlassStatements, readStatements, serviceBoundary } from './account-access.ts';
import {
  boundaryArn,
  boundaryName,
  rolesPath,
  type AccountPlace,
  type AccountRolesArgs,
} from './account-place.ts';
import { deployPolicies } from './deploy-policies.ts';
import { policyDocument, type Statement } from './policy-document.ts';
import type { Site } from './site.ts';

/** One role as it is to be. */
export interface RolePlan {
  readonly name: string;
  readonly description: string;
  readonly maxSessionSeconds: number;
  readonly trust: string;
  /** Managed policies by the last part of their names. */
  readonly policies: Readonly<Record<string, string>>;
}

/** The roles of an account and the policy that limits every role that the deploy role makes. */
export interface AccountRolesPlan {
  readonly path: string;
  readonly deploy: RolePlan;
  readonly readOnly: RolePlan;
  readonly breakGlass: RolePlan;
  readonly boundary: { readonly name: string; readonly arn: string; readonly document: string };
}

/** Where tokens of GitHub's workflows come from. */
export const workflowIssuer = 'token.actions.githubusercontent.com';

const hour = 3600;

/** The roles of an account as data: what is registered, and what `./cutover bootstrap` makes. */
export function accountRoles(place: AccountPlace): AccountRolesPlan {
  const { environment, repository, people } = place;
  const nameOf = (role: string): string => `cutover-${environment}-${role}`;
  const document = (role: string, policy: string, statements: readonly Statement[]): string =>
    policyDocument(`${nameOf(role)} (${policy})`, 'managed', statements);
  const trust = (role: string, statements: readonly Statement[]): string =>
    policyDocument(`${nameOf(role)} (trust)`, 'trust', statements);
  return {
    path: rolesPath,
    deploy: {
      name: nameOf('deploy'),
      description: `Deploys ${environment} from workflows of ${repository}`,
      // A database of several zones alone takes up to half an hour.
      maxSessionSeconds: 2 * hour,
      trust: trust('deploy', [workflowTrust(place, `environment:${environment}`)]),
      policies: Object.fromEntries(
        Object.entries(deployPolicies(place)).map(([policy, statements]) => [
          policy,
          document('deploy', policy, statements),
        ]),
      ),
    },
    readOnly: {
      name: nameOf('read-only'),
      description: `Previews ${environment}, and looks at it; no content of stores, no secrets`,
      maxSessionSeconds: 4 * hour,
      trust: trust('read-only', [
        workflowTrust(place, 'pull_request'),
        ...(people.read.length === 0 ? [] : [peopleTrust(people.read, 12 * hour)]),
      ]),
      policies: { read: document('read-only', 'read', readStatements(place)) },
    },
    breakGlass: {
      name: breakGlassName(place),
      description: `Emergencies of ${environment}: everything but the audit trail. Its use rings an alarm`,
      maxSessionSeconds: hour,
      trust: trust('break-glass', [peopleTrust(people.breakGlass, hour)]),
      policies: { everything: document('break-glass', 'everything', breakGlassStatements(place)) },
    },
    boundary: {
      name: boundaryName,
      arn: boundaryArn(place),
      document: boundaryDocument(place),
    },
  };
}

/** The policy that limits the roles of services. */
export function boundaryDocument(place: Pick<AccountPlace, 'account' | 'environment'>): string {
  return policyDocument(`cutover-${place.environment}-${boundaryName}`, 'managed', serviceBoundary(place));
}

/** The name of the role for emergencies. */
export function breakGlassName({ environment }: Pick<AccountPlace, 'environment'>): string {
  return `cutover-${environment}-break-glass`;
}

/** The ARN of one of the account's own roles. */
export function roleArn({ account }: Pick<Site, 'account'>, { name }: Pick<RolePlan, 'name'>): string {
  return `arn:aws:iam::${account}:role${rolesPath}${name}`;
}

/** A workflow of this repository, on exactly this occasion: no branch, fork or other environment will do. */
function workflowTrust({ account, repository }: AccountPlace, occasion: string): Statement {
  return {
    sid: 'Workflow',
    principals: { Federated: [`arn:aws:iam::${account}:oidc-provider/${workflowIssuer}`] },
    actions: ['sts:AssumeRoleWithWebIdentity'],
    conditions: {
      StringEquals: {
        [`${workflowIssuer}:aud`]: ['sts.amazonaws.com'],
        [`${workflowIssuer}:sub`]: [`repo:${repository}:${occasion}`],
      },
    },
  };
}

/** Named people who gave a second factor not long ago. */
function peopleTrust(people: readonly string[], seconds: number): Statement {
  return {
    sid: 'People',
    principals: { AWS: people },
    actions: ['sts:AssumeRole'],
    conditions: {
      Bool: { 'aws:MultiFactorAuthPresent': ['true'] },
      NumericLessThan: { 'aws:MultiFactorAuthAge': [String(seconds)] },
    },
  };
}

/** What is wrong with what roles are made for. */
export function accountRolesProblems({
  regions,
  repository,
  people,
  state,
}: AccountRolesArgs): (string | undefined)[] {
  const person = /^arn:aws:(iam::\d{12}:(user|role)\/[\w+=,.@/-]+|sts::\d{12}:assumed-role\/[\w+=,.@/-]+)$/;
  return [
    regions.length === 0 ? 'regions: name one at least' : undefined,
    /^[\w.-]+\/[\w.-]+$/.test(repository)
      ? undefined
      : `repository: "${repository}" is no repository; write it as owner/name, without wildcards`,
    people.breakGlass.length === 0
      ? 'people.breakGlass: nobody could act in an emergency; name people'
      : undefined,
    ...Object.entries(people).flatMap(([kind, arns]) =>
      arns.map((arn) =>
        person.test(arn)
          ? undefined
          : `people.${kind}: "${arn}" is nobody; write arn:aws:iam::123456789012:user/ada`,
      ),
    ),
    state.key.startsWith('alias/')
      ? undefined
      : `state.key: "${state.key}" is no alias; it begins with alias/`,
  ];
}
