import { CutoverError } from '@cutover/base/errors.ts';
import { compareText } from './selector.ts';

/**
 * Why a cut is refused. The first are mistakes in what was given, the loupe's is the chain's, the rest are guards:
 * what is asked for could be done and should not.
 */
export type CutProblemKind =
  | 'malformed'
  | 'no functions'
  | 'zero address'
  | 'facet is the diamond'
  | 'facet twice'
  | 'clash'
  | 'would revert'
  | 'loupe malformed'
  | 'immutable'
  | 'unwanted'
  | 'final'
  | 'makes final'
  | 'loses loupe';

const guards: ReadonlySet<CutProblemKind> = new Set<CutProblemKind>([
  'immutable',
  'unwanted',
  'final',
  'makes final',
  'loses loupe',
]);

/** One reason why a cut is refused, in words, with the selectors that it is about. */
export interface CutProblem {
  readonly kind: CutProblemKind;
  readonly words: string;
  readonly selectors: readonly string[];
}

export function cutProblem(
  kind: CutProblemKind,
  words: string,
  selectors: readonly string[] = [],
): CutProblem {
  return { kind, words, selectors };
}

/** Problems in the one order that does not depend on how they were found, each once. */
export function sortProblems(problems: readonly CutProblem[]): readonly CutProblem[] {
  const byWords = new Map(problems.map((problem) => [`${problem.kind}: ${problem.words}`, problem]));
  return [...byWords].toSorted(([a], [b]) => compareText(a, b)).map(([, problem]) => problem);
}

/** The error that a refused cut ends a command with. */
export function cutRefusal(problems: readonly CutProblem[], diamond: string | undefined): CutoverError {
  const words = problems.map((problem) => problem.words);
  const details = { diamond: diamond ?? 'the new diamond', count: problems.length, list: printList(words) };
  if (problems.some(({ kind }) => kind === 'loupe malformed')) return new CutoverError('CUT-2102', details);
  if (problems.every(({ kind }) => guards.has(kind))) return new CutoverError('CUT-2101', details);
  return new CutoverError('CUT-2100', details);
}

/** Sentences as the errors of the catalogue list them. */
export function printList(words: readonly string[]): string {
  return words.map((each) => `  - ${each}`).join('\n');
}
