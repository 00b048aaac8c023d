import type { Cluster } from '../network.ts';

/** What must be checked out so that something may be deployed. */
export interface BranchRule {
  /** @default main */
  readonly branch: string;
  /** Whether files that are not committed are refused. */
  readonly clean: boolean;
  /** A tag that the commit must have; `*` stands for anything. @default none is asked for */
  readonly tag?: string;
}

/** What is checked out. */
export interface Checkout {
  /** Who says so: git, GitHub Actions, GitLab CI, CUTOVER_GIT_REF. */
  readonly source: string;
  readonly commit: string;
  /** Undefined where a commit or a tag is checked out. */
  readonly branch?: string | undefined;
  /** Branches that have the commit; asked where none is checked out. */
  readonly within: readonly string[];
  readonly tags: readonly string[];
  /** Files that are changed and not committed. */
  readonly changed: readonly string[];
}

/** What CI says of the commit that it runs for. */
export interface NamedRef {
  readonly source: string;
  readonly commit: string;
  readonly branch?: string;
  readonly tag?: string;
}

/** What is asked where a stack says nothing: on mainnet a clean main, elsewhere nothing. */
export function usualRule(cluster: Cluster): BranchRule | undefined {
  return cluster === 'mainnet-beta' ? { branch: 'main', clean: true } : undefined;
}

/** The rule in words. */
export function describeRule({ branch, clean, tag }: BranchRule): string {
  return `${clean ? 'a clean ' : ''}${branch}${tag === undefined ? '' : ` at a tag ${tag}`}`;
}

/** The checkout in words. */
export function describeCheckout({ commit, branch, tags, changed, source }: Checkout): string {
  const named = branch === undefined ? 'no branch' : `branch ${branch}`;
  const tagged = tags.length === 0 ? '' : `, tag ${tags.join(', ')}`;
  const dirty = changed.length === 0 ? 'clean' : `${changed.length} files changed`;
  return `${named} at ${commit.slice(0, 12)}${tagged}, ${dirty} (${source})`;
}

/** Why what is checked out must not be deployed, one sentence each; none where it may. */
export function branchProblems(rule: BranchRule, checkout: Checkout): readonly string[] {
  const { branch, within, tags, changed } = checkout;
  const isOnBranch = branch === undefined ? within.includes(rule.branch) : branch === rule.branch;
  const found = branch === undefined ? `no branch, and ${rule.branch} has not the commit` : branch;
  return [
    ...(isOnBranch ? [] : [`it must be ${rule.branch}; checked out is ${found}`]),
    ...(rule.clean && changed.length > 0 ? [`it must be clean; not committed: ${firstOf(changed)}`] : []),
    ...(rule.tag === undefined || tags.some((tag) => matches(rule.tag ?? '', tag))
      ? []
      : [`it must have a tag ${rule.tag}; it has ${tags.length === 0 ? 'none' : tags.join(', ')}`]),
  ];
}

/** What the environment says of the commit; undefined where it says nothing. */
export function namedRef(env: Readonly<Record<string, string | undefined>>): NamedRef | undefined {
  const given = env['CUTOVER_GIT_REF'];
  if (given !== undefined) {
    return { source: 'CUTOVER_GIT_REF', commit: env['CUTOVER_GIT_SHA'] ?? '', ...ofRef(given) };
  }
  if (env['GITHUB_ACTIONS'] === 'true') {
    return { source: 'GitHub Actions', commit: env['GITHUB_SHA'] ?? '', ...ofRef(env['GITHUB_REF'] ?? '') };
  }
  if (env['GITLAB_CI'] === 'true') {
    const { CI_COMMIT_BRANCH: branch, CI_COMMIT_TAG: tag } = env;
    return {
      source: 'GitLab CI',
      commit: env['CI_COMMIT_SHA'] ?? '',
      ...(branch === undefined ? {} : { branch }),
      ...(tag === undefined ? {} : { tag }),
    };
  }
  return undefined;
}

function ofRef(ref: string): { readonly branch?: string; readonly tag?: string } {
  if (ref.startsWith('refs/heads/')) return { branch: ref.slice('refs/heads/'.length) };
  if (ref.startsWith('refs/tags/')) return { tag: ref.slice('refs/tags/'.length) };
  // refs/pull/7/merge is what would become of a branch, and no branch.
  return ref === '' || ref.startsWith('refs/') ? {} : { branch: ref };
}

function matches(pattern: string, tag: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('.*')}$`).test(tag);
}

function firstOf(files: readonly string[]): string {
  const shown = files.slice(0, 5).join(', ');
  return files.length > 5 ? `${shown} and ${files.length - 5} more` : shown;
}
