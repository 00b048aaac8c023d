import {
  areasOf,
  compareAreas,
  overlapFindings,
  pathIn,
  sharingFindings,
  widest,
  type Areas,
  type OwnedArea,
} from './areas.ts';
import { worst, type LayoutFinding, type LayoutVerdict } from './finding.ts';
import { shortName, type LayoutReading, type StorageLayout } from './layout.ts';
import { erc1967Layout } from './proxy.ts';
import { shortSlot } from './slots.ts';

/** What differs between the storage of old and new code at one address. */
export interface LayoutComparison {
  /** What is compared, for people: a contract, a proxy, a diamond. */
  readonly name: string;
  /** The worst of all findings. */
  readonly verdict: LayoutVerdict;
  readonly findings: readonly LayoutFinding[];
  /** How many variables are where and what they were. */
  readonly unchanged: number;
}

/** A contract or facet and its layout, as far as it is known. */
export interface NamedLayout {
  readonly name: string;
  readonly reading: LayoutReading;
}

interface KnownLayout {
  readonly name: string;
  readonly layout: StorageLayout;
}

/** Compares the layouts of one contract before and after an upgrade in place. */
export function compareLayouts(name: string, old: LayoutReading, next: LayoutReading): LayoutComparison {
  return compareShared(name, [{ name, reading: old }], [{ name, reading: next }], []);
}

/**
 * Compares implementations behind a proxy of ERC-1967, and both with what the proxy keeps for itself: its three slots,
 * and the variables of `proxy` if it has some.
 */
export function compareProxyLayouts(
  name: string,
  old: LayoutReading | undefined,
  next: LayoutReading,
  proxy?: NamedLayout,
): LayoutComparison {
  const standing = [{ name: 'the proxy', reading: { kind: 'known', layout: erc1967Layout } } as const];
  const beside = proxy === undefined ? standing : [...standing, proxy];
  const before = old === undefined ? [] : [{ name, reading: old }];
  return compareShared(name, before, [{ name, reading: next }], beside);
}

/**
 * Compares the storage that all facets of a diamond share: the union of what the old ones use with the union of what
 * the new ones use. Name the diamond's own contract among them.
 */
export function compareDiamondLayouts(
  name: string,
  old: readonly NamedLayout[],
  next: readonly NamedLayout[],
): LayoutComparison {
  const compared = compareShared(name, old, next, []);
  const findings = [...compared.findings, ...plainState(knownOf(next))];
  return { ...compared, findings, verdict: worst(findings.map(({ verdict }) => verdict)) };
}

function compareShared(
  name: string,
  old: readonly NamedLayout[],
  next: readonly NamedLayout[],
  beside: readonly NamedLayout[],
): LayoutComparison {
  const after = areasOf(knownOf([...next, ...beside]));
  const isComparable = old.every(isKnown) && next.every(isKnown);
  const compared = isComparable ? compareUnions(areasOf(knownOf(old)), areasOf(knownOf(next))) : undefined;
  const findings = [
    ...unknownFindings(old, 'before'),
    ...unknownFindings([...next, ...beside], 'after'),
    ...knownOf(next).flatMap(notUnderstood),
    ...(compared?.findings ?? []),
    ...sharingFindings(after),
    ...overlapFindings(after),
  ];
  return {
    name,
    verdict: worst(findings.map(({ verdict }) => verdict)),
    findings,
    unchanged: compared?.unchanged ?? 0,
  };
}

function compareUnions(
  before: Areas,
  after: Areas,
): { readonly findings: readonly LayoutFinding[]; readonly unchanged: number } {
  const findings: LayoutFinding[] = [];
  let unchanged = 0;
  const vanished: OwnedArea[] = [];
  for (const [place, sharers] of before) {
    const [old, next] = [widest(sharers), widest(after.get(place) ?? [])];
    // Nothing of it is left when the next transaction begins.
    if (old === undefined || old.area.kind === 'transient') continue;
    if (next === undefined) {
      vanished.push(old);
      continue;
    }
    const compared = compareAreas(old, next);
    findings.push(...compared.findings);
    unchanged += compared.unchanged;
  }
  const appeared = [...after]
    .filter(([place]) => !before.has(place))
    .map(([, sharers]) => widest(sharers))
    .filter((owned) => owned !== undefined)
    .filter(({ area }) => area.kind !== 'transient');
  findings.push(...vanished.map((old) => vanishedArea(old, appeared)), ...appeared.map(appearedArea));
  return { findings: leftBehind(findings, appeared), unchanged };
}

function vanishedArea(old: OwnedArea, appeared: readonly OwnedArea[]): LayoutFinding {
  const finding = { path: areaTitle(old), slot: old.area.slot, offset: 0 };
  const moved = appeared.find((next) => {
    const { findings, unchanged } = compareAreas(old, next);
    return unchanged > 0 && findings.every(({ verdict }) => verdict === 'safe');
  });
  if (moved !== undefined) {
    const change = `${areaTitle(old)} ${shortSlot(old.area.slot)} -> ${areaTitle(moved)} ${shortSlot(moved.area.slot)}`;
    const what = 'the same variables at another slot: they begin empty there, and their values stay behind';
    return { ...finding, verdict: 'breaks', kind: 'moved', change, what };
  }
  const change = `${old.area.variables.length} variable(s)`;
  return {
    ...finding,
    verdict: 'risky',
    kind: 'removed',
    change,
    what: 'nothing reads what is stored there any more',
  };
}

function appearedArea({ area, ...rest }: OwnedArea): LayoutFinding {
  return {
    verdict: 'safe',
    kind: 'added',
    path: areaTitle({ area, ...rest }),
    change: `${area.variables.length} variable(s)`,
    what: 'new, and empty at first',
    slot: area.slot,
    offset: 0,
  };
}

function areaTitle({ owner, area }: OwnedArea): string {
  return area.kind === 'namespace' ? area.id : `${owner} (${area.kind} storage)`;
}

/**
 * A variable that is gone from one area and has a namesake in an area that is new: so it is when a contract goes from
 * OpenZeppelin 4, which has plain variables, to 5, which has namespaces. The value does not go along.
 */
function leftBehind(
  findings: readonly LayoutFinding[],
  appeared: readonly OwnedArea[],
): readonly LayoutFinding[] {
  const plainName = (label: string): string => label.replaceAll(/^_+|_+$/g, '');
  const homes = new Map(
    appeared.flatMap((owned) =>
      owned.area.variables.map(({ label, from }) => [plainName(label), pathIn(owned, label, from)] as const),
    ),
  );
  return findings.map((finding) => {
    const home = homes.get(plainName(finding.path.slice(finding.path.lastIndexOf('.') + 1)));
    if (home === undefined || !['removed', 'renamed', 'replaced'].includes(finding.kind)) return finding;
    const change = `${finding.path} -> ${home}`;
    return {
      ...finding,
      verdict: 'breaks',
      kind: 'moved',
      change,
      what: `its value stays behind; ${home} begins empty`,
    };
  });
}

/** Facets with state variables of their own: all of them begin at slot 0, in every facet that has any. */
function plainState(facets: readonly KnownLayout[]): readonly LayoutFinding[] {
  const users = [...(areasOf(facets).get('plain 0') ?? [])];
  const [first] = users;
  if (first === undefined) return [];
  // One struct that all facets declare alike, as AppStorage is, is meant to be shared.
  const [only, ...others] = first.area.variables;
  const isAppStorage =
    others.length === 0 && only !== undefined && first.layout.types[only.type]?.kind === 'struct';
  if (isAppStorage && users.every(({ area }) => area.variables.length === 1)) return [];
  const names = users.map(({ owner }) => owner).join(', ');
  return [
    {
      verdict: 'risky',
      kind: 'shared',
      path: 'plain storage',
      change: names,
      what: 'state variables outside of a namespace begin at slot 0 in every facet, so facets that have some share them',
      slot: 0n,
      offset: 0,
    },
  ];
}

function notUnderstood({ name, layout }: KnownLayout): readonly LayoutFinding[] {
  return layout.notUnderstood.map((what) => ({
    verdict: 'unknown',
    kind: 'not understood',
    path: name,
    change: shortName(layout.contract),
    what,
    slot: 0n,
    offset: 0,
  }));
}

function unknownFindings(contracts: readonly NamedLayout[], when: string): readonly LayoutFinding[] {
  return contracts.flatMap(({ name, reading }) =>
    reading.kind === 'known'
      ? []
      : [
          {
            verdict: 'unknown',
            kind: 'not understood',
            path: name,
            change: when,
            what: reading.why,
            slot: 0n,
            offset: 0,
          },
        ],
  );
}

function isKnown(contract: NamedLayout): boolean {
  return contract.reading.kind === 'known';
}

function knownOf(contracts: readonly NamedLayout[]): readonly KnownLayout[] {
  return contracts.flatMap(({ name, reading }) =>
    reading.kind === 'known' ? [{ name, layout: reading.layout }] : [],
  );
}
