import { execFile } from 'node:child_process';
import { CutoverError, messageOf } from '@cutover/base/errors.ts';
import { projectRoot } from '@cutover/base/project.ts';
import { namedRef, type Checkout } from '../plan/solana/guards/branch.ts';

const timeoutMs = 20_000;

export interface CheckoutOptions {
  /** @default the project's */
  readonly folder?: string;
  /** What CI says in. @default that of this process */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * What is checked out: as git says, and as CI says where git has no branch. Where CI names another commit than git, git is
 * not believed. SIDE EFFECTS: runs git, reads the environment.
 */
export async function readCheckout(
  network: string,
  wanted: string,
  { folder = projectRoot, env = process.env }: CheckoutOptions = {},
): Promise<Checkout> {
  const named = namedRef(env);
  const head = await git(folder, ['rev-parse', 'HEAD']);
  if (head.kind === 'failed') {
    if (named === undefined || named.commit === '') {
      throw new CutoverError('CUT-2531', { network, wanted, reason: head.reason });
    }
    // Whoever runs without git vouches for its sources.
    const { source, commit, branch, tag } = named;
    return { source, commit, branch, within: [], tags: tag === undefined ? [] : [tag], changed: [] };
  }
  const commit = head.text;
  if (named !== undefined && named.commit !== '' && named.commit !== commit) {
    const reason = `${named.source} says ${named.commit}, and git has ${commit} checked out`;
    throw new CutoverError('CUT-2531', { network, wanted, reason });
  }
  const [branch, within, tags, changed] = await Promise.all([
    git(folder, ['symbolic-ref', '--quiet', '--short', 'HEAD']),
    git(folder, ['branch', '--all', '--contains', 'HEAD', '--format=%(refname)']),
    git(folder, ['tag', '--points-at', 'HEAD']),
    git(folder, ['status', '--porcelain']),
  ]);
  if (changed.kind === 'failed')
    throw new CutoverError('CUT-2531', { network, wanted, reason: changed.reason });
  const own = branch.kind === 'said' && branch.text !== '' ? branch.text : named?.branch;
  return {
    source: branch.kind === 'said' || named === undefined ? 'git' : `git and ${named.source}`,
    ...{ commit, branch: own },
    within: linesOf(within).map((ref) => ref.replace(/^refs\/(heads|remotes\/[^/]+)\//, '')),
    tags: [...new Set([...linesOf(tags), ...(named?.tag === undefined ? [] : [named.tag])])],
    changed: changed.text.split('\n').flatMap((line) => (line === '' ? [] : [line.slice(3)])),
  };
}

type Said =
  { readonly kind: 'said'; readonly text: string } | { readonly kind: 'failed'; readonly reason: string };

function linesOf(said: Said): readonly string[] {
  return said.kind === 'said' ? said.text.split('\n').filter((line) => line !== '') : [];
}

function git(cwd: string, args: readonly string[]): Promise<Said> {
  return new Promise((resolve) => {
    const options = { cwd, timeout: timeoutMs, maxBuffer: 1 << 24 };
    execFile('git', [...args], options, (error, stdout, stderr) => {
      if (error === null) resolve({ kind: 'said', text: stdout.trimEnd() });
      else resolve({ kind: 'failed', reason: stderr.trim().split('\n')[0] || messageOf(error) });
    });
  });
}
