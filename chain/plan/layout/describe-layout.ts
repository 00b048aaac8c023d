import type { LayoutComparison } from './compare-layouts.ts';
import { allowanceFor, printPosition, verdicts, type LayoutFinding, type Place } from './finding.ts';
import { printSlot, shortSlot } from './slots.ts';

/** Fewer variables that move together are listed one by one. */
const smallestGroup = 3;

/**
 * A comparison for a reviewer, line by line: what breaks first. Variables that move together by the same distance are
 * one line. What `allow` names (see `allowanceFor`) is marked as allowed and stays in sight.
 */
export function describeLayout(
  comparison: LayoutComparison,
  allow: readonly string[] = [],
): readonly string[] {
  const { findings } = comparison;
  const sorted = findings.toSorted(
    (a, b) => verdicts.indexOf(b.verdict) - verdicts.indexOf(a.verdict) || compareSlots(a, b),
  );
  const [allowed, others] = [true, false].map((wanted) =>
    sorted.filter((finding) => allow.includes(allowanceFor(finding)) === wanted),
  );
  const fitting = new Set(findings.map(allowanceFor));
  return [
    summary(comparison),
    ...groups(others ?? []).flatMap(printGroup),
    ...groups(allowed ?? [])
      .flatMap(printGroup)
      .map((line) => `${line} (allowed)`),
    ...allow
      .filter((text) => !fitting.has(text))
      .map((text) => `the allowance ${JSON.stringify(text)} fits nothing here: take it out`),
  ];
}

/** A comparison as plain JSON: slots are texts, decimal while they are small and hexadecimal when they are hashes. */
export function layoutJson(
  comparison: LayoutComparison,
  allow: readonly string[] = [],
): Readonly<Record<string, unknown>> {
  const place = ({ slot, offset }: Place): object => ({ slot: printSlot(slot), offset });
  const findings = comparison.findings.map(({ inside, was, ...finding }) => ({
    ...finding,
    ...place(finding),
    ...(inside === undefined ? {} : { inside: place(inside) }),
    ...(was === undefined ? {} : { was: place(was) }),
    allowed: allow.includes(allowanceFor(finding)),
  }));
  return { ...comparison, findings };
}

/** A finding as one line: `~ Vault.balance uint128 -> uint256 at slot 3+16: breaks: …`. */
export function printFinding(finding: LayoutFinding): string {
  const { kind, verdict, path, change, what } = finding;
  if (kind === 'not understood') return `? ${path}: ${verdict}: ${what}`;
  return `${signOf(finding)} ${path} ${change} ${printPlace(finding)}: ${verdict}: ${what}`;
}

function signOf({ kind }: LayoutFinding): string {
  switch (kind) {
    case 'added':
      return '+';
    case 'removed':
      return '-';
    case 'not understood':
      return '?';
    case 'shared':
    case 'clash':
      return '!';
    case 'renamed':
    case 'moved':
    case 'retyped':
    case 'replaced':
    case 'resized':
    case 'reordered':
      return '~';
  }
}

function printPlace({ slot, offset, inside }: Place): string {
  const from = offset === 0 ? '' : `+${offset}`;
  return `at slot ${shortSlot(slot)}${from}${inside === undefined ? '' : `, place ${printPosition(inside)} in it`}`;
}

/** `storage of Vault: 2 break, 1 safe, 14 unchanged`. */
function summary({ name, findings, unchanged }: LayoutComparison): string {
  const words = { breaks: 'break', unknown: 'unknown', risky: 'risky', safe: 'safe' } as const;
  const counts = verdicts
    .toReversed()
    .map((verdict) => [findings.filter((each) => each.verdict === verdict).length, words[verdict]] as const)
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${count} ${word}`);
  return `storage of ${name}: ${[...counts, `${unchanged} unchanged`].join(', ')}`;
}

/** Neighbours that moved together; everything else is a group of its own. */
function groups(findings: readonly LayoutFinding[]): readonly (readonly LayoutFinding[])[] {
  const found: LayoutFinding[][] = [];
  for (const finding of findings) {
    const last = found.at(-1);
    const shift = shiftOf(finding);
    if (shift !== undefined && last?.[0] !== undefined && shift === shiftOf(last[0])) last.push(finding);
    else found.push([finding]);
  }
  return found;
}

/** By how many slots, for what keeps its type and its place within the slot. */
function shiftOf({ kind, slot, offset, inside, was, change }: LayoutFinding): bigint | undefined {
  const isPlain = kind === 'moved' && was !== undefined && inside === undefined && !change.includes(',');
  return isPlain && was.offset === offset ? slot - was.slot : undefined;
}

function printGroup(group: readonly LayoutFinding[]): readonly string[] {
  const [first, last] = [group[0], group.at(-1)];
  const shift = first && shiftOf(first);
  if (group.length < smallestGroup || first === undefined || last === undefined || shift === undefined) {
    return group.map(printFinding);
  }
  const [far, way] = shift < 0n ? [-shift, 'down'] : [shift, 'up'];
  const slots = far === 1n ? '1 slot' : `${far} slots`;
  const range = `${first.path} (${first.change}) to ${last.path} (${last.change})`;
  return [`~ ${range}: ${group.length} variables move ${way} by ${slots}: ${first.verdict}: ${first.what}`];
}

function compareSlots(a: Place, b: Place): number {
  const [one, other] = [a, b].map(({ slot, offset, inside }) => [
    slot,
    BigInt(offset),
    inside?.slot ?? 0n,
    BigInt(inside?.offset ?? 0),
  ]);
  const difference =
    (one ?? []).map((number, index) => number - (other?.[index] ?? 0n)).find((each) => each !== 0n) ?? 0n;
  return difference < 0n ? -1 : Number(difference > 0n);
}
