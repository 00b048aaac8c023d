import { isMoved, type Cut, type FacetPlace, type MovedFunction } from './change.ts';
import { cutWarnings } from './guards.ts';
import type { Initializer } from './initializer.ts';
import { describeInterfaceChange, interfaceChanges, type ContractInterface } from './interface-id.ts';
import type { CutPlan } from './plan-cut.ts';
import { compareText } from './selector.ts';
import { splitCut, type Split } from './split.ts';
import { facetTitle } from './wanted.ts';

export interface DescribeArgs {
  readonly initializer?: Initializer | undefined;
  /** How it will be sent. @default split by the defaults of `splitCut` */
  readonly split?: Split;
  /** Interfaces to look for. @default the known ones */
  readonly interfaces?: readonly ContractInterface[];
}

/** Longer signatures push their line out instead of widening all others. */
const widestColumn = 60;

/**
 * A cut for a reviewer, line by line: counts, functions with removals first, what does not show in them, transactions.
 * Addresses are whole: two that differ in the middle look alike when shortened.
 */
export function describeCut(cut: Cut, args: DescribeArgs = {}): readonly string[] {
  const { initializer, split = splitCut(cut, { initializer }), interfaces } = args;
  return [
    summary(cut),
    ...functionLines(cut.changes.filter(isMoved)),
    ...(initializer === undefined ? [] : [`initialiser: ${initializer.words}`]),
    ...interfaceChanges(cut, interfaces).map(describeInterfaceChange),
    ...cutWarnings(cut).map((warning) => `warning: ${warning}`),
    ...splitLines(split),
  ];
}

/** Any plan for a reviewer: the cut, that there is nothing to do, or everything that stands against it. */
export function describePlan(plan: CutPlan, args: DescribeArgs = {}): readonly string[] {
  switch (plan.kind) {
    case 'nothing':
      return [`${summary(plan.cut)}; nothing to cut`];
    case 'cut':
      return describeCut(plan.cut, args);
    case 'refused':
      return ['the cut is refused:', ...plan.problems.map(({ words }) => `! ${words}`)];
  }
}

function summary({ diamond, changes }: Cut): string {
  const count = (kind: string): number => changes.filter((change) => change.kind === kind).length;
  const counts = [
    [count('remove'), 'removed'],
    [count('replace'), 'replaced'],
    [count('add'), 'added'],
    [count('unchanged'), 'unchanged'],
  ] as const;
  const untouched = changes.filter((each) => each.kind === 'unchanged' && each.because !== 'wanted').length;
  const told = counts.filter(([number]) => number > 0).map(([number, what]) => `${number} ${what}`);
  const kept = untouched === 0 ? '' : `, ${untouched} of them not wanted here and left as they are`;
  return `cut of ${diamond ?? 'a new diamond'}: ${told.length === 0 ? 'no functions' : told.join(', ')}${kept}`;
}

function functionLines(moved: readonly MovedFunction[]): readonly string[] {
  const order = { remove: 0, replace: 1, add: 2 } as const;
  const sorted = moved.toSorted(
    (a, b) => order[a.kind] - order[b.kind] || compareText(a.signature, b.signature),
  );
  const width = Math.min(widestColumn, Math.max(0, ...sorted.map(({ signature }) => signature.length)));
  return sorted.map((change) => {
    const sign = { remove: '-', replace: '~', add: '+' }[change.kind];
    return `${sign} ${change.signature.padEnd(width)}  ${wayOf(change)}`;
  });
}

function wayOf(change: MovedFunction): string {
  switch (change.kind) {
    case 'add':
      return facetTitle(change.to);
    case 'remove':
      return facetTitle(change.from);
    case 'replace':
      return replacement(change.from, change.to);
  }
}

/** `MinterFacet 0xold -> 0xnew`; both names where they differ. */
function replacement(from: FacetPlace, to: FacetPlace): string {
  if (from.name === undefined || from.name === to.name) {
    return `${to.name === undefined ? '' : `${to.name} `}${from.address} -> ${to.address}`;
  }
  return `${facetTitle(from)} -> ${facetTitle(to)}`;
}

function splitLines(split: Split): readonly string[] {
  if (split.kind === 'too large') {
    return [
      `cannot be sent: one part alone needs ${figure(split.gas)} gas, and ${figure(split.limit)} are allowed`,
    ];
  }
  const { steps } = split;
  const [only] = steps;
  if (only === undefined) return [];
  if (steps.length === 1) return [`1 transaction, at most about ${figure(only.gas)} gas`];
  const total = steps.reduce((sum, { gas }) => sum + gas, 0n);
  return [
    `${steps.length} transactions, at most about ${figure(total)} gas; between them the diamond is part old, part new`,
    ...steps.map((step, index) => {
      const selectors = step.facetCuts.reduce((sum, each) => sum + each.functionSelectors.length, 0);
      const initialiser = step.initializer === undefined ? '' : ', initialiser';
      return `  ${index + 1}: ${selectors} function${selectors === 1 ? '' : 's'}${initialiser}, ${figure(step.gas)} gas`;
    }),
  ];
}

function figure(number: bigint): string {
  return String(number).replaceAll(/\B(?=(\d{3})+$)/g, ',');
}
