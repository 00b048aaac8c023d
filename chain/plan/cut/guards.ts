import { isMoved, type Cut, type FunctionChange } from './change.ts';
import type { Routing } from './loupe.ts';
import { cutProblem, type CutProblem } from './problem.ts';
import { compareText, diamondFunctions, loupeFunctions } from './selector.ts';
import { facetTitle } from './wanted.ts';

const { diamondCut } = diamondFunctions;

/** What a cut could do and should not: cut a final diamond, make one final, take the loupe away. */
export function guardProblems(
  changes: readonly FunctionChange[],
  routing: Routing,
  untouched: ReadonlySet<string>,
  mayLack: readonly ('diamondCut' | 'loupe')[],
): readonly CutProblem[] {
  if (!changes.some(isMoved)) return [];
  const isNew = routing.size === 0;
  if (!isNew && !routing.has(diamondCut.selector) && !untouched.has(diamondCut.selector)) return [isFinal];
  const after = new Set(changes.filter(({ kind }) => kind !== 'remove').map(({ selector }) => selector));
  const isLost = ({ selector }: { readonly selector: string }): boolean =>
    !after.has(selector) && !untouched.has(selector) && (isNew || routing.has(selector));
  const problems: CutProblem[] = [];
  if (isLost(diamondCut) && !mayLack.includes('diamondCut')) {
    const words =
      'the diamond would be left without diamondCut and be final: no later cut, no rollback. Let a facet serve it, ' +
      "or say that this is meant: mayLack: ['diamondCut']";
    problems.push(cutProblem('makes final', words, [diamondCut.selector]));
  }
  const lost = loupeFunctions.filter(isLost);
  if (lost.length > 0 && !mayLack.includes('loupe')) {
    const words =
      `the diamond would be left without ${signatures(lost)} of its loupe, from which cuts are planned. ` +
      "Let a facet serve it, or say that this is meant: mayLack: ['loupe']";
    problems.push(
      cutProblem(
        'loses loupe',
        words,
        lost.map(({ selector }) => selector),
      ),
    );
  }
  return problems;
}

/** What a reviewer must know of an allowed cut and may not see from its lines. */
export function cutWarnings(cut: Cut): readonly string[] {
  const change = cut.changes.find(({ selector }) => selector === diamondCut.selector);
  const warnings: string[] = [];
  if (change?.kind === 'remove') {
    warnings.push(
      'diamondCut is removed: the diamond becomes final; no later cut and no rollback is possible',
    );
  }
  if (change?.kind === 'replace') {
    warnings.push(
      `diamondCut itself moves to ${facetTitle(change.to)}: if that facet is faulty, no later cut can mend it`,
    );
  }
  if (change === undefined && cut.changes.length > 0 && cut.changes.every(({ kind }) => kind === 'add')) {
    warnings.push('no facet serves diamondCut: unless the diamond has it itself, it is final from the start');
  }
  const removed = new Set(
    cut.changes.filter(({ kind }) => kind === 'remove').map(({ selector }) => selector),
  );
  const lost = loupeFunctions.filter(({ selector }) => removed.has(selector));
  if (lost.length > 0) {
    warnings.push(`the loupe loses ${signatures(lost)}: later cuts cannot be planned from the chain`);
  }
  return warnings;
}

const isFinal = cutProblem(
  'final',
  'the diamond is final: its loupe has no diamondCut. Where the diamond has it itself and does not list it, name it: ' +
    `untouched: ['${diamondCut.signature}']`,
  [diamondCut.selector],
);

function signatures(functions: readonly { readonly signature: string }[]): string {
  return functions
    .map(({ signature }) => signature)
    .toSorted(compareText)
    .join(', ');
}
