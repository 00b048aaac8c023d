import type { Site } from './site.ts';

/** The account and the people that roles are made for. Everything is known before anything exists. */
export interface AccountRolesArgs {
  /** Regions that the deploy role may work in. */
  readonly regions: readonly string[];
  /** The repository on GitHub whose workflows may deploy: `coinestate/platform`. */
  readonly repository: string;
  /** ARNs of people, or of roles that they sign in with, who may read, and who may act in an emergency. */
  readonly people: { readonly read: readonly string[]; readonly breakGlass: readonly string[] };
  /** Where the stack's state is, and the alias of the key that its secrets are encrypted with. */
  readonly state: { readonly bucket: string; readonly key: string };
  /** Paths in the parameter store with URLs of chain nodes, which previews ask too. @default none */
  readonly endpoints?: readonly string[];
  /** What the deploy role signs transactions with: paths in the parameter store, and aliases of keys. @default none */
  readonly signers?: { readonly parameters: readonly string[]; readonly keys: readonly string[] };
}

/** What all policies of an account's roles are made from. */
export interface AccountPlace extends AccountRolesArgs {
  readonly account: string;
  readonly environment: Site['environment'];
}

/** Where the account's own roles are; the deploy role cannot touch them. */
export const rolesPath = '/cutover/';

/** The last part of the name of the policy that limits the roles of services. */
export const boundaryName = 'service-boundary';

/** The aliases of the keys of the account's foundation: of the state, and of the audit trail. */
export function foundationKeys({ environment }: Pick<Site, 'environment'>): string {
  return `alias/cutover-${environment}-*`;
}

/** The bucket that `./cutover bootstrap` keeps the audit trail in, whatever the region. */
export function trailBucketArn({ account, environment }: Pick<Site, 'account' | 'environment'>): string {
  return `arn:aws:s3:::cutover-trail-${account}-*-${environment}`;
}

/** The log group that `./cutover bootstrap` has the audit trail written to as well, so that alarms can ring. */
export function trailLogGroup({ environment }: Pick<Site, 'environment'>): string {
  return `/cutover/trail/${environment}`;
}

/** That log group and what is in it, whatever the region. */
export function trailLogArns(place: Pick<Site, 'account' | 'environment'>): readonly string[] {
  const group = `arn:aws:logs:*:${place.account}:log-group:${trailLogGroup(place)}`;
  return [group, `${group}:*`];
}

/** What the names of the alarms on the audit trail begin with. */
export const auditAlarmsName = 'audit';

/** The policy that limits every role of a service: what a site's `boundary` is. */
export function boundaryArn({ account, environment }: Pick<Site, 'account' | 'environment'>): string {
  return `arn:aws:iam::${account}:policy${rolesPath}${environment}/${boundaryName}`;
}

/** ARNs of parameters in any region. */
export function parameterArns(account: string, names: readonly string[]): readonly string[] {
  return names.map((name) => `arn:aws:ssm:*:${account}:parameter${name}`);
}
