import type { Provider } from '@pulumi/aws/provider.js';
import type * as pulumi from '@pulumi/pulumi';
import { refuseProblems } from './problems.ts';

/** Where and for whom something is built. Every component of AWS is given one, as a whole. */
export interface Site {
  /** The provider of the account: one serves all of its regions. */
  readonly provider: Provider;
  /** Twelve digits. Known before anything exists, so that ARNs can be written without waiting. */
  readonly account: string;
  readonly region: string;
  readonly environment: 'staging' | 'prod';
  /** Which platform it belongs to. */
  readonly system: string;
  /** On everything that can carry tags. */
  readonly tags: Readonly<Record<string, string>>;
  /** Whether what holds data is protected and survives its removal from the program. */
  readonly keeps: boolean;
  /** ARN of the policy that bounds what every role made here may do. @default none */
  readonly boundary?: string;
}

/** What a site is made from. */
export interface SiteArgs extends Omit<Site, 'tags' | 'keeps'> {
  /** Beside those that every site has. @default none */
  readonly tags?: Readonly<Record<string, string>>;
  /** @default true in prod */
  readonly keeps?: boolean;
}

/** The tags by which everything of ours is found again: by policies, by bills, by the search for orphans. */
export const ownTags = { system: 'System', environment: 'Environment', managedBy: 'ManagedBy' } as const;

/**
 * A site with the tags that everything of ours carries, and protection as its environment wants it.
 *
 * @example
 * const site = siteOf({ provider, account: '123456789012', region: 'us-east-1', environment: 'staging', system: 'coinestate' });
 */
export function siteOf({ tags = {}, keeps, ...site }: SiteArgs): Site {
  refuseProblems('site', site.system, [
    /^\d{12}$/.test(site.account)
      ? undefined
      : `account: "${site.account}" is no account; it has twelve digits`,
    /^[a-z]{2}(-[a-z]+)+-\d$/.test(site.region)
      ? undefined
      : `region: "${site.region}" is no region; write it as us-east-1`,
    ...Object.values(ownTags).map((key) =>
      key in tags ? `tags.${key}: every site sets it itself; leave it out` : undefined,
    ),
    ...Object.entries(tags).map(([key, value]) => tagProblem(key, value)),
  ]);
  return Object.freeze({
    ...site,
    tags: Object.freeze({
      ...tags,
      [ownTags.system]: site.system,
      [ownTags.environment]: site.environment,
      [ownTags.managedBy]: 'cutover',
    }),
    keeps: keeps ?? site.environment === 'prod',
  });
}

// docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html, what every service takes.
const inTags = /^[\p{L}\p{N}\p{Zs}_.:/=+\-@]*$/u;

function tagProblem(key: string, value: string): string | undefined {
  return inTags.test(key) && inTags.test(value) && /^(?!aws:).{1,128}$/i.test(key) && value.length <= 256
    ? undefined
    : `tags.${key}: a tag has a key of 1 to 128 letters that does not begin with aws:, and a value of up to 256; letters, digits, spaces and _ . : / = + - @`;
}

/** The same site in another region. */
export function inRegion(site: Site, region: string): Site {
  return { ...site, region };
}

/** The ARN of a thing at a site: `arnOf(site, 'logs', 'log-group:orders')`. */
export function arnOf(
  site: Pick<Site, 'account' | 'region'>,
  service: string,
  resource: string,
  scope: 'regional' | 'global' = 'regional',
): string {
  return `arn:aws:${service}:${scope === 'regional' ? site.region : ''}:${site.account}:${resource}`;
}

/** Where roles of services are kept: the deploy role may make and change roles here and nowhere else. */
export function rolePath({ environment }: Pick<Site, 'environment'>): string {
  return `/cutover/${environment}/services/`;
}

/** How long logs are kept: a year where a site keeps, else a month. */
export function logDays(site: Pick<Site, 'keeps'>): number {
  return site.keeps ? 365 : 30;
}

/** Options of what holds data: where a site keeps, it can neither be deleted nor replaced by mistake. */
export function statefulOptions(
  site: Pick<Site, 'keeps'>,
): Pick<pulumi.CustomResourceOptions, 'protect' | 'retainOnDelete'> {
  return site.keeps ? { protect: true, retainOnDelete: true } : {};
}
