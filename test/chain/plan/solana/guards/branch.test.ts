import { describe, expect, it } from 'vitest';
import {
  branchProblems,
  describeCheckout,
  describeRule,
  namedRef,
  usualRule,
  type Checkout,
} from '@cutover/chain/plan/solana/guards/branch.ts';

const rule = { branch: 'main', clean: true };
const checkout: Checkout = {
  ...{
    source: 'git',
    commit: 'c0ffee'.padEnd(40, '0'),
    branch: 'main',
    within: ['main'],
    tags: [],
    changed: [],
  },
};

describe('what may be deployed', () => {
  it('is a clean main on mainnet, and anything elsewhere', () => {
    expect(usualRule('mainnet-beta')).toEqual(rule);
    expect(['localnet', 'devnet', 'testnet'].map((each) => usualRule(each as 'devnet'))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('is what is on the branch, clean, and has the tag', () => {
    expect(branchProblems(rule, checkout)).toEqual([]);
    expect(branchProblems({ ...rule, tag: 'v*' }, { ...checkout, tags: ['v1.2.0'] })).toEqual([]);
    expect(branchProblems({ ...rule, clean: false }, { ...checkout, changed: ['a'] })).toEqual([]);
  });

  it('is a commit without a branch, when the branch has it', () => {
    const detached = { ...checkout, branch: undefined, tags: ['v1'] };
    expect(branchProblems(rule, detached)).toEqual([]);
    expect(branchProblems(rule, { ...detached, within: ['feature'] })).toEqual([
      'it must be main; checked out is no branch, and main has not the commit',
    ]);
  });

  it('is not another branch, even one with the same commit', () => {
    expect(branchProblems(rule, { ...checkout, branch: 'feature', within: ['feature', 'main'] })).toEqual([
      'it must be main; checked out is feature',
    ]);
  });

  it('is not what somebody changed and did not commit: the first of it is named', () => {
    const changed = ['a.ts', 'b.ts', 'c.ts', 'd.ts', 'e.ts', 'f.ts', 'g.ts'];
    expect(branchProblems(rule, { ...checkout, changed })).toEqual([
      'it must be clean; not committed: a.ts, b.ts, c.ts, d.ts, e.ts and 2 more',
    ]);
  });

  it.each([
    ['v*', ['v1.0.0'], true],
    ['v1.*', ['v10', 'w1.0'], false],
    ['v1.*', ['v1.2'], true],
    ['release', ['release-1'], false],
    ['(v', ['(v'], true],
  ])('has a tag like %s: %j is %s', (tag, tags, fits) => {
    expect(branchProblems({ ...rule, tag }, { ...checkout, tags }).length === 0).toBe(fits);
  });

  it('is said in words', () => {
    expect(describeRule({ ...rule, tag: 'v*' })).toBe('a clean main at a tag v*');
    expect(describeCheckout({ ...checkout, tags: ['v1'] })).toBe(
      'branch main at c0ffee000000, tag v1, clean (git)',
    );
    expect(describeCheckout({ ...checkout, branch: undefined, changed: ['x'] })).toBe(
      'no branch at c0ffee000000, 1 files changed (git)',
    );
  });
});

describe('what CI says', () => {
  it('is believed from GitHub Actions: a branch, a tag, and of a pull request neither', () => {
    const github = { GITHUB_ACTIONS: 'true', GITHUB_SHA: 'abc' };
    expect(namedRef({ ...github, GITHUB_REF: 'refs/heads/main' })).toEqual({
      ...{ source: 'GitHub Actions', commit: 'abc', branch: 'main' },
    });
    expect(namedRef({ ...github, GITHUB_REF: 'refs/tags/v1' })).toMatchObject({ tag: 'v1' });
    expect(namedRef({ ...github, GITHUB_REF: 'refs/pull/7/merge' })).toEqual({
      ...{ source: 'GitHub Actions', commit: 'abc' },
    });
  });

  it('is believed from GitLab CI, and before both from CUTOVER_GIT_REF', () => {
    const gitlab = { GITLAB_CI: 'true', CI_COMMIT_SHA: 'abc', CI_COMMIT_TAG: 'v1' };
    expect(namedRef(gitlab)).toEqual({ source: 'GitLab CI', commit: 'abc', tag: 'v1' });
    expect(namedRef({ GITLAB_CI: 'true', CI_COMMIT_BRANCH: 'main' })).toMatchObject({
      branch: 'main',
      commit: '',
    });
    expect(namedRef({ ...gitlab, CUTOVER_GIT_REF: 'main', CUTOVER_GIT_SHA: 'def' })).toEqual({
      ...{ source: 'CUTOVER_GIT_REF', commit: 'def', branch: 'main' },
    });
    expect(namedRef({})).toBeUndefined();
  });
});
