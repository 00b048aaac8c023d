import { placeOf, printPosition, type LayoutFinding, type Origin } from './finding.ts';
import {
  endOf,
  isGap,
  overlap,
  printType,
  sizeOf,
  stretchOf,
  typeAt,
  type StorageVariable,
  type Stretch,
} from './layout.ts';
import { compareTypes, type TypeContext } from './compare-types.ts';
import { matchVariables, type Match, type Variables } from './match.ts';

/** What a comparison found, and how many variables are as they were. */
export interface ComparedVariables {
  readonly findings: readonly LayoutFinding[];
  readonly unchanged: number;
}

export interface VariablesContext {
  readonly origin: Origin;
  /** The path of a variable. */
  readonly pathOf: (variable: StorageVariable) => string;
  /** Pairs of structs that are being compared: one may lead back to itself. */
  readonly seen?: ReadonlySet<string>;
}

/**
 * Compares variables, or the members of a struct. What counts is the bytes: a variable is fine when what the old code
 * wrote at its place is what the new code reads there.
 */
export function compareVariables(
  old: Variables,
  next: Variables,
  context: VariablesContext,
): ComparedVariables {
  const { matches, removed, added } = matchVariables(old, next);
  const findings: LayoutFinding[] = [];
  let unchanged = 0;
  for (const match of matches) {
    const found = [...compareMatch(match, old, next, context), ...grownOver(match, old, next, context)];
    if (found.length === 0 && match.how === 'kept') unchanged += 1;
    findings.push(...found);
  }
  for (const variable of removed) {
    if (isGap(old.layout, variable)) continue;
    findings.push({
      verdict: 'risky',
      kind: 'removed',
      path: context.pathOf(variable),
      change: printType(old.layout, variable.type),
      what: 'its value stays where it is, and a later variable at that place would begin with it',
      ...placeOf(variable, context.origin),
    });
  }
  for (const variable of added) findings.push(addedVariable(variable, old, next, context));
  return { findings, unchanged };
}

function compareMatch(
  { how, old: before, next: after }: Match,
  old: Variables,
  next: Variables,
  context: VariablesContext,
): readonly LayoutFinding[] {
  const path = context.pathOf(after);
  const place = placeOf(after, context.origin);
  const typeContext: TypeContext = {
    old: old.layout,
    next: next.layout,
    path,
    place,
    origin: { ...context.origin, slot: context.origin.slot + after.slot },
    seen: context.seen ?? new Set(),
  };
  switch (how) {
    case 'kept':
      return compareTypes(before.type, after.type, typeContext);
    case 'gap':
      return compareGaps(before, after, old, next, context);
    case 'moved': {
      const types = [printType(old.layout, before.type), printType(next.layout, after.type)];
      const isRetyped = compareTypes(before.type, after.type, typeContext).length > 0;
      const retyped = isRetyped ? `, ${types.join(' -> ')}` : '';
      const change = `slot ${printPosition(before)} -> ${printPosition(after)}${retyped}`;
      return [
        {
          verdict: 'breaks',
          kind: 'moved',
          path,
          change,
          what: 'other bytes are read as its value',
          ...place,
          was: placeOf(before, context.origin),
        },
      ];
    }
    case 'same place': {
      const types = compareTypes(before.type, after.type, typeContext);
      if (types.some(({ verdict }) => verdict === 'breaks')) {
        const change = `${before.label} ${printType(old.layout, before.type)} -> ${after.label} ${printType(next.layout, after.type)}`;
        const what = `the bytes of ${before.label} are read as its value`;
        return [
          { verdict: 'breaks', kind: 'replaced', path: context.pathOf(before), change, what, ...place },
        ];
      }
      const renamed: LayoutFinding = {
        verdict: 'risky',
        kind: 'renamed',
        path: context.pathOf(before),
        change: `${before.label} -> ${after.label}`,
        what: `what ${before.label} held is read as ${after.label}; right only if it is the same thing`,
        ...place,
      };
      return [renamed, ...types];
    }
  }
}

/** A gap holds nothing; only its end counts, for what follows it in contracts that inherit. */
function compareGaps(
  before: StorageVariable,
  after: StorageVariable,
  old: Variables,
  next: Variables,
  context: VariablesContext,
): readonly LayoutFinding[] {
  const [was, is] = [stretchOf(old.layout, before), stretchOf(next.layout, after)];
  if (was.start === is.start && was.end === is.end) return [];
  const change = `${printType(old.layout, before.type)} -> ${printType(next.layout, after.type)}`;
  const finding = { path: context.pathOf(after), change, ...placeOf(after, context.origin) };
  if (was.end === is.end)
    return [{ verdict: 'safe', kind: 'resized', ...finding, what: 'it ends where it did' }];
  const right =
    was.end > is.start ? `; with ${(was.end - is.start) / 32n} slots it would end where it did` : '';
  const what = `it ends at slot ${is.end / 32n}, not ${was.end / 32n}, and whatever follows it moves${right}`;
  return [{ verdict: 'risky', kind: 'resized', ...finding, what }];
}

function addedVariable(
  variable: StorageVariable,
  old: Variables,
  next: Variables,
  context: VariablesContext,
): LayoutFinding {
  const stretch = stretchOf(next.layout, variable);
  const finding = {
    kind: 'added' as const,
    path: context.pathOf(variable),
    change: printType(next.layout, variable.type),
    ...placeOf(variable, context.origin),
  };
  const taken = isGap(next.layout, variable) ? [] : variablesIn(stretch, old).filter(isNo(old, isGap));
  if (taken.length > 0) {
    return { ...finding, verdict: 'breaks', what: `the bytes of ${listed(taken)} are read as its value` };
  }
  const isInGap = variablesIn(stretch, old).length > 0;
  const isAtEnd = stretch.start >= endOf(old.layout, old.variables);
  const where = isInGap ? 'in the gap' : isAtEnd ? 'at the end' : 'in bytes that nothing used';
  return { ...finding, verdict: 'safe', what: where };
}

/** A variable that has become longer and now reaches over what followed it. */
function grownOver(
  { how, old: before, next: after }: Match,
  old: Variables,
  next: Variables,
  context: VariablesContext,
): readonly LayoutFinding[] {
  if (how === 'moved' || how === 'gap') return [];
  const [was, is] = [sizeOf(typeAt(old.layout, before.type)), sizeOf(typeAt(next.layout, after.type))];
  if (is <= was) return [];
  const start = stretchOf(old.layout, before).end;
  const over = variablesIn({ start, end: start + is - was }, old).filter(isNo(old, isGap));
  if (over.length === 0) return [];
  return [
    {
      verdict: 'breaks',
      kind: 'resized',
      path: context.pathOf(after),
      change: `${was} -> ${is} bytes`,
      what: `it reaches over the bytes of ${listed(over)}`,
      ...placeOf(after, context.origin),
    },
  ];
}

function variablesIn(stretch: Stretch, { layout, variables }: Variables): readonly StorageVariable[] {
  return variables.filter((variable) => overlap(stretch, stretchOf(layout, variable)));
}

function isNo({ layout }: Variables, test: typeof isGap): (variable: StorageVariable) => boolean {
  return (variable) => !test(layout, variable);
}

function listed(variables: readonly StorageVariable[]): string {
  return variables.map(({ label }) => label).join(', ');
}
