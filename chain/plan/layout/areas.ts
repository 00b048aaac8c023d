import { compareVariables, type ComparedVariables } from './compare-variables.ts';
import { worst, type LayoutFinding } from './finding.ts';
import { endOf, overlap, type StorageArea, type StorageLayout, type Stretch } from './layout.ts';
import { shortSlot } from './slots.ts';

/** An area and who uses it. */
export interface OwnedArea {
  /** The contract or facet, by the name that people know it by. */
  readonly owner: string;
  readonly layout: StorageLayout;
  readonly area: StorageArea;
}

/** Every area of contracts that share an address, by where it is: who uses the same one stands together. */
export type Areas = ReadonlyMap<string, readonly OwnedArea[]>;

export function areasOf(
  contracts: readonly { readonly name: string; readonly layout: StorageLayout }[],
): Areas {
  const owned = contracts.flatMap(({ name, layout }) =>
    layout.areas.map((area) => ({ owner: name, layout, area })),
  );
  return Map.groupBy(owned, ({ area }) => `${area.kind} ${area.slot}`);
}

/** Compares two areas at one place. */
export function compareAreas(old: OwnedArea, next: OwnedArea): ComparedVariables {
  const compared = compareVariables(
    { layout: old.layout, variables: old.area.variables },
    { layout: next.layout, variables: next.area.variables },
    { origin: { kind: 'at', slot: next.area.slot }, pathOf: ({ label, from }) => pathIn(next, label, from) },
  );
  const reordered = compared.findings.some(({ kind }) => kind === 'moved') ? reorderedBases(old, next) : [];
  return { ...compared, findings: [...reordered, ...compared.findings] };
}

/** `Vault.total`, by the contract that declares it; `example.main.total` in a namespace. */
export function pathIn({ owner, area }: OwnedArea, label: string, from: string | undefined): string {
  return `${area.kind === 'plain' ? (from ?? owner) : area.id}.${label}`;
}

function reorderedBases(old: OwnedArea, next: OwnedArea): readonly LayoutFinding[] {
  const order = ({ area }: OwnedArea): readonly string[] => [
    ...new Set(area.variables.flatMap(({ from }) => from ?? [])),
  ];
  const was = order(old).filter((base) => order(next).includes(base));
  const is = order(next).filter((base) => order(old).includes(base));
  if (was.join() === is.join()) return [];
  return [
    {
      verdict: 'breaks',
      kind: 'reordered',
      path: next.owner,
      change: `${was.join(', ')} -> ${is.join(', ')}`,
      what: 'bases are inherited in another order, so their variables change places',
      slot: next.area.slot,
      offset: 0,
    },
  ];
}

/** The one of several that reaches furthest: of structs that only grew, the newest. */
export function widest(areas: readonly OwnedArea[]): OwnedArea | undefined {
  const [first, ...others] = areas;
  return others.reduce(
    (best, each) => (best !== undefined && lengthOf(each) > lengthOf(best) ? each : best),
    first,
  );
}

function lengthOf({ layout, area }: OwnedArea): bigint {
  return endOf(layout, area.variables);
}

/** Contracts that share an address and use one place differently. */
export function sharingFindings(areas: Areas): readonly LayoutFinding[] {
  return [...areas.values()].flatMap((sharers) => {
    const reference = widest(sharers);
    return sharers.flatMap((each) =>
      each === reference || reference === undefined ? [] : sharing(each, reference),
    );
  });
}

function sharing(a: OwnedArea, b: OwnedArea): readonly LayoutFinding[] {
  const differing = differences(a, b);
  if (differing.length === 0) return [];
  const isExtension = worst(differing.map(({ verdict }) => verdict)) === 'safe';
  const where = a.area.kind === 'namespace' ? a.area.id : `${a.area.kind} storage`;
  const [first] = differing;
  const paths = `${first?.path} (${first?.kind}: ${first?.change})`;
  // Nothing is left in transient storage; a clash there is one of a single transaction.
  const clash = a.area.kind === 'transient' ? 'risky' : 'breaks';
  return [
    {
      verdict: isExtension ? 'risky' : clash,
      kind: 'shared',
      path: where,
      change: `${a.owner} | ${b.owner}`,
      what: isExtension
        ? `${b.owner} knows members that ${a.owner} does not: ${paths}`
        : `they use the same slots for different things: ${paths}`,
      slot: a.area.slot,
      offset: 0,
    },
  ];
}

/** What of `a` is not the same in `b`. A namespace of one member may name it as it likes. */
function differences(a: OwnedArea, b: OwnedArea): readonly LayoutFinding[] {
  const isSingle =
    a.area.kind === 'namespace' && a.area.variables.length === 1 && b.area.variables.length === 1;
  return compareAreas(a, b).findings.filter(
    ({ kind, verdict }) => !(kind === 'retyped' && verdict === 'safe') && !(kind === 'renamed' && isSingle),
  );
}

/** Areas that begin at different slots and reach into one another. */
export function overlapFindings(areas: Areas): readonly LayoutFinding[] {
  const lasting = [...areas.values()]
    .map((sharers) => widest(sharers))
    .filter((owned) => owned !== undefined)
    .filter(({ area }) => area.kind !== 'transient');
  return lasting.flatMap((one, index) =>
    lasting
      .slice(index + 1)
      .filter((other) => overlap(reachOf(one), reachOf(other)))
      .map((other): LayoutFinding => ({
        verdict: 'breaks',
        kind: 'clash',
        path: titleOf(other),
        change: [one, other].map((owned) => `${titleOf(owned)} of ${owned.owner}`).join(' | '),
        what: 'they reach into the same slots',
        slot: other.area.slot,
        offset: 0,
      })),
  );
}

function titleOf({ area }: OwnedArea): string {
  return area.kind === 'namespace' ? `${area.id} (${shortSlot(area.slot)})` : `${area.kind} storage`;
}

/** From the first variable, which `layout at` may put far up, to the end of the last. */
function reachOf({ layout, area }: OwnedArea): Stretch {
  const start = area.slot * 32n;
  const [first] = area.variables;
  return { start: start + (first?.slot ?? 0n) * 32n, end: start + endOf(layout, area.variables) };
}
