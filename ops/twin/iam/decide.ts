import { filledIn, hold, type Context } from './conditions.ts';
import type { PolicyDocument, Principal, Statement } from './document.ts';
import { fits, fitsInAnyCase } from './match.ts';

/** Who asks. */
export type Caller =
  | { readonly kind: 'role'; readonly arn: string; readonly account: string }
  | { readonly kind: 'service'; readonly name: string }
  | { readonly kind: 'federated'; readonly provider: string }
  | { readonly kind: 'anyone' };

/** One call of an API. */
export interface AccessRequest {
  readonly caller: Caller;
  /** `s3:GetObject`. */
  readonly action: string;
  /** The ARN that is acted on; `*` for actions on no resource. */
  readonly resource: string;
  /** The account that the resource is in. @default the caller's */
  readonly account?: string;
  readonly context?: Context;
}

/** What may speak to a request. */
export interface Policies {
  /** Attached to the caller, inline ones included. */
  readonly identity?: readonly PolicyDocument[];
  /** The caller's permissions boundary. */
  readonly boundary?: PolicyDocument;
  /** The resource's own: of a bucket, a key, a repository; of a role the trust policy. */
  readonly resource?: PolicyDocument;
}

export type Decision = 'allowed' | 'implicit-deny' | 'explicit-deny';

/**
 * Decides as IAM does: a Deny anywhere wins; within an account the caller's policies or the resource's are enough,
 * between accounts both must allow; keys and roles are opened by their own policy alone.
 */
export function decide(policies: Policies, request: AccessRequest): Decision {
  const { identity = [], boundary, resource } = policies;
  const own = [...identity, ...(boundary === undefined ? [] : [boundary])];
  if (
    own.some((document) => speaks(document, 'Deny', request)) ||
    (resource !== undefined && speaks(resource, 'Deny', request, 'any'))
  )
    return 'explicit-deny';
  const byOwn =
    identity.some((document) => speaks(document, 'Allow', request)) &&
    (boundary === undefined || speaks(boundary, 'Allow', request));
  const { caller } = request;
  const named = resource !== undefined && speaks(resource, 'Allow', request, 'named');
  if (caller.kind !== 'role') return named ? 'allowed' : 'implicit-deny';
  const entrusted = resource !== undefined && speaks(resource, 'Allow', request, 'account');
  const abroad = (request.account ?? caller.account) !== caller.account;
  const guarded = /^(kms:|sts:assumerole)/i.test(request.action);
  const allowed = abroad || guarded ? (byOwn && (named || entrusted)) || (named && !abroad) : byOwn || named;
  return allowed ? 'allowed' : 'implicit-deny';
}

/** Whether a document has a statement that fits; a document of a resource names its callers. */
function speaks(
  document: PolicyDocument,
  effect: Statement['effect'],
  request: AccessRequest,
  naming?: 'named' | 'account' | 'any',
): boolean {
  return document.statements.some(
    (statement) =>
      statement.effect === effect &&
      (naming === undefined || names(statement, request.caller, naming)) &&
      coversAction(statement, request.action) &&
      coversResource(statement, request) &&
      hold(statement.conditions, request.context ?? {}),
  );
}

function coversAction({ actions, notActions = [] }: Statement, action: string): boolean {
  const listed = (list: readonly string[]): boolean => list.some((each) => fitsInAnyCase(each, action));
  return actions === undefined ? !listed(notActions) : listed(actions);
}

function coversResource(statement: Statement, { resource, context = {} }: AccessRequest): boolean {
  const listed = (list: readonly string[]): boolean =>
    list.some((each) => fits(filledIn(each, context), resource));
  if (statement.resources !== undefined) return listed(statement.resources);
  // Trust policies and those of repositories name no resource: they are about the thing that they belong to.
  return statement.notResources === undefined || !listed(statement.notResources);
}

function names(statement: Statement, caller: Caller, naming: 'named' | 'account' | 'any'): boolean {
  const { principals, notPrincipals = [] } = statement;
  const direct = (each: Principal): boolean => isNamed(each, caller);
  const account = (each: Principal): boolean => isAccountOf(each, caller);
  const listed = (list: readonly Principal[]): boolean =>
    list.some((each) => (naming !== 'account' && direct(each)) || (naming !== 'named' && account(each)));
  return principals === undefined
    ? !notPrincipals.some((each) => direct(each) || account(each))
    : listed(principals);
}

function isNamed({ type, name }: Principal, caller: Caller): boolean {
  if (type === 'AWS' && name === '*') return true;
  if (caller.kind === 'role') return type === 'AWS' && name === caller.arn;
  if (caller.kind === 'service') return type === 'Service' && name === caller.name;
  return caller.kind === 'federated' && type === 'Federated' && name === caller.provider;
}

function isAccountOf({ type, name }: Principal, caller: Caller): boolean {
  if (caller.kind !== 'role' || type !== 'AWS') return false;
  return name === caller.account || new RegExp(`^arn:aws[a-z-]*:iam::${caller.account}:root$`).test(name);
}
