import { entries, items, problem, repeated, type Check } from './check.ts';
import { checkAccount, checkName, exampleName, notThere } from './check-names.ts';
import type { ConfigDraft } from './draft.ts';
import type { Problem } from './problems.ts';
import { inline, showPath, type Path } from './show.ts';

type SystemName = keyof NonNullable<ConfigDraft['systems']>;

/** Which kind of chain each system's contracts or programs are made for. */
const chainKind: Readonly<Record<SystemName, 'evm' | 'solana'>> = {
  gemforce: 'evm',
  godark: 'solana',
  metaAggregator: 'evm',
  sop138: 'evm',
  coinestate: 'evm',
};

/** Names that lead somewhere, an arbiter who is nobody else, and hosts of the right place. */
export const checkSystems: Check = (config) => [
  ...checkNames(config),
  ...checkEscrow(config),
  ...checkRights(config),
  ...checkHosts(config),
];

interface Deployed {
  readonly network?: string | undefined;
  readonly deployer?: string | undefined;
}

function checkNames(config: ConfigDraft): Problem[] {
  const { systems, networks } = config;
  return entries<Deployed>(systems).flatMap(([system, { network, deployer }]) => {
    const path = ['systems', system];
    return [
      ...checkNetwork([...path, 'network'], network, chainKind[system as SystemName], networks),
      ...checkName([...path, 'deployer'], deployer, 'signers', config),
    ];
  });
}

function checkNetwork(
  path: Path,
  name: string | undefined,
  kind: 'evm' | 'solana',
  networks: ConfigDraft['networks'],
): Problem[] {
  if (name === undefined || networks === undefined) return [];
  const fitting = entries(networks).flatMap(([key, network]) => (network.kind === kind ? [key] : []));
  if (!Object.hasOwn(networks, name))
    return [notThere(path, name, 'cutover:networks', Object.keys(networks), fitting)];
  const found = networks[name]?.kind;
  return found === undefined || found === kind
    ? []
    : [
        problem(
          path,
          `is ${name}, a network of kind ${found}; ${kind} is needed`,
          exampleName(path, fitting[0]),
        ),
      ];
}

/** The contract refuses an arbiter who is admin or pauser too; here that is seen before anything is sent. */
function checkEscrow(config: ConfigDraft): Problem[] {
  const { systems, signers } = config;
  const path = ['systems', 'metaAggregator', 'escrow'];
  const { arbiter, admin, pauser } = systems?.metaAggregator?.escrow ?? {};
  const keyOf = (name: string) => inline(signers?.[name] ?? name);
  return [
    ...checkName([...path, 'arbiter'], arbiter, 'signers', config),
    ...checkAccount([...path, 'admin'], admin, config),
    ...checkAccount([...path, 'pauser'], pauser, config),
    ...Object.entries({ admin, pauser }).flatMap(([role, holder]) =>
      arbiter !== undefined && holder !== undefined && keyOf(arbiter) === keyOf(holder)
        ? [
            problem(
              [...path, 'arbiter'],
              `is ${arbiter}, the same account as the ${role}; the arbiter must be nobody else`,
              'arbiter: escrow-arbiter',
            ),
          ]
        : [],
    ),
  ];
}

/** Who has which right of the contracts, by systems. */
function checkRights(config: ConfigDraft): Problem[] {
  const { gemforce, sop138, coinestate } = config.systems ?? {};
  const blocks = [
    [['systems', 'gemforce', 'diamond', 'accounts'], gemforce?.diamond?.accounts],
    [['systems', 'sop138', 'operations', 'accounts'], sop138?.operations?.accounts],
    [['systems', 'coinestate', 'token', 'accounts'], coinestate?.token?.accounts],
  ] as const;
  return blocks.flatMap(([path, accounts]) =>
    entries<string>(accounts).flatMap(([right, name]) => checkAccount([...path, right], name, config)),
  );
}

interface Hosted extends Deployed {
  readonly hosts?: Readonly<Record<string, string | undefined>> | undefined;
  readonly regions?: readonly (Place | undefined)[] | undefined;
}

interface Place {
  readonly region?: string | undefined;
  readonly host?: string | undefined;
}

/** Every host of a system with its path. */
function hostsOf(system: string, { hosts, regions }: Hosted): [Path, string][] {
  const path = ['systems', system];
  return [
    ...entries(hosts).map(([key, host]): [Path, string] => [[...path, 'hosts', key], host]),
    ...items(regions).flatMap(([index, { host }]): [Path, string][] =>
      host === undefined ? [] : [[[...path, 'regions', index, 'host'], host]],
    ),
  ];
}

/** Hosts of this machine on dev, of the internet elsewhere, and none of two systems. */
function checkHosts({ systems, environment }: ConfigDraft): Problem[] {
  if (environment === undefined) return [];
  const bySystem = entries<Hosted>(systems).map(([system, each]) => hostsOf(system, each));
  const key = (path: Path) => String(path.at(-1));
  if (environment === 'dev') {
    return bySystem
      .flat()
      .filter(([, host]) => host !== 'localhost')
      .map(([path, host]) =>
        problem(path, `is ${host}; dev is reached on this machine only`, `${key(path)}: localhost`),
      );
  }
  // Within a system two hosts may be one: a page and its API.
  const owned = bySystem.flatMap((hosts) => [
    ...new Map(hosts.map(([path, host]) => [host, [path, host] as const])).values(),
  ]);
  return [
    ...bySystem
      .flat()
      .filter(([, host]) => host === 'localhost')
      .map(([path, host]) =>
        problem(
          path,
          `is ${host}; only dev is reached on this machine`,
          `${key(path)}: ${key(path)}.example.com`,
        ),
      ),
    ...repeated(owned.filter(([, host]) => host !== 'localhost')).map(({ path, value, first }) =>
      problem(path, `is ${value}, which ${showPath(first)} has already`),
    ),
  ];
}
