import { entries, items, problem, repeated, type Check } from './check.ts';
import type { ConfigDraft } from './draft.ts';
import { nearest } from './nearest.ts';
import type { Problem } from './problems.ts';
import { THIS_MACHINE } from './regions.ts';
import { showPath, type Path } from './show.ts';

/** Networks that do not overlap, regions that are described, and one primary for each system. */
export const checkRegions: Check = (config) => [
  ...checkCidrs(config),
  ...placesOf(config).flatMap(([path, region]) => checkPlace(path, region, config)),
  ...(['godark', 'coinestate'] as const).flatMap((system) => checkRoles(config, system)),
  ...checkActive(config),
];

function checkCidrs({ regions, environment }: ConfigDraft): Problem[] {
  const listed = entries(regions);
  if (environment === 'dev' && listed.length > 0) {
    return [problem(['regions'], 'lists regions; dev runs on this machine only', 'regions: {}')];
  }
  const cidrs = listed.flatMap(([name, { cidr }]) =>
    cidr === undefined ? [] : [[['regions', name, 'cidr'] as Path, cidr] as const],
  );
  const wrong = cidrs.filter(([, cidr]) => Number(cidr.split('.')[1]) > 255);
  return [
    ...wrong.map(([path, cidr]) =>
      problem(path, `is ${cidr}; no part of an address is above 255`, 'cidr: 10.20.0.0/16'),
    ),
    ...repeated(cidrs).map(({ path, value, first }) =>
      problem(
        path,
        `is ${value}, which ${showPath(first)} has already`,
        `cidr: ${freeCidr(cidrs.map(([, cidr]) => cidr))}`,
      ),
    ),
  ];
}

function freeCidr(taken: readonly string[]): string {
  let second = 0;
  while (taken.includes(`10.${second}.0.0/16`)) second += 10;
  return `10.${second}.0.0/16`;
}

interface Placed {
  readonly region?: string | undefined;
  readonly regions?: readonly ({ readonly region?: string | undefined } | undefined)[] | undefined;
}

/** Every place of the systems block where a region is named. */
function placesOf({ systems }: ConfigDraft): [Path, string][] {
  return entries<Placed>(systems).flatMap(([system, { region, regions }]): [Path, string][] => [
    ...(region === undefined ? [] : [[['systems', system, 'region'], region] as [Path, string]]),
    ...items(regions).flatMap(([index, each]): [Path, string][] =>
      each.region === undefined ? [] : [[['systems', system, 'regions', index, 'region'], each.region]],
    ),
  ]);
}

function checkPlace(path: Path, region: string, { environment, regions }: ConfigDraft): Problem[] {
  if (environment === 'dev') {
    return region === THIS_MACHINE
      ? []
      : [problem(path, `is ${region}; dev runs on this machine only`, `region: ${THIS_MACHINE}`)];
  }
  if (environment === undefined || regions === undefined || Object.hasOwn(regions, region)) return [];
  const known = Object.keys(regions);
  const near = nearest(region, known) ?? known[0];
  return [
    problem(
      path,
      region === THIS_MACHINE
        ? `is ${region}; only dev runs on this machine`
        : `is ${region}, which cutover:regions does not list`,
      near === undefined ? undefined : `region: ${near}`,
    ),
  ];
}

function checkRoles({ systems }: ConfigDraft, system: 'godark' | 'coinestate'): Problem[] {
  const path = ['systems', system, 'regions'];
  const regions = items<{ role?: string | undefined; region?: string | undefined }>(
    systems?.[system]?.regions,
  );
  const named = regions.flatMap(([index, { region }]) =>
    region === undefined ? [] : [[[...path, index, 'region'], region] as const],
  );
  const roles = regions.flatMap(([index, { role }]) =>
    role === undefined ? [] : [[[...path, index, 'role'], role] as const],
  );
  const first = systems?.[system]?.regions?.[0];
  return [
    ...repeated(named).map(({ path: at, value, first: before }) =>
      problem(at, `is ${value}, which regions[${before.at(-2)}] is already`),
    ),
    ...repeated(roles).map(({ path: at, value, first: before }) =>
      problem(
        at,
        `is ${value}, which regions[${before.at(-2)}] is already; traffic moves from role to role`,
        'role: tertiary',
      ),
    ),
    ...(first?.role !== undefined && first.role !== 'primary'
      ? [problem([...path, 0, 'role'], `is ${first.role}; the primary comes first`, 'role: primary')]
      : []),
  ];
}

/** Two engines at work would match the same order twice; two primaries would each take writes. */
function checkActive({ systems }: ConfigDraft): Problem[] {
  return items(systems?.godark?.regions).flatMap(([index, region]) => {
    if (region.role === undefined) return [];
    const path = ['systems', 'godark', 'regions', index];
    const right = region.role === 'primary' ? 1 : 0;
    const counts = [
      [[...path, 'matchingEngine', 'active'], region.matchingEngine?.active],
      [[...path, 'settlementRelayer', 'active'], region.settlementRelayer?.active],
      [[...path, 'postgres', 'primary'], region.postgres?.primary],
    ] as const;
    return counts
      .filter(([, count]) => count !== undefined && count !== right)
      .map(([at, count]) =>
        problem(
          at,
          `is ${count} in the ${region.role} region; one works, in the primary region`,
          `${at.at(-1)}: ${right}`,
        ),
      );
  });
}
