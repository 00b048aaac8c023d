import { entries, items, problem, repeated, type Check } from './check.ts';
import type { ConfigDraft } from './draft.ts';
import { nearest } from './nearest.ts';
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

/** Names that lead somewhere, hosts of the right place, and figures that agree with each other. */
export const checkSystems: Check = (config) => [
  ...checkNames(config),
  ...checkEscrow(config),
  ...checkHosts(config),
  ...checkRanges(config),
  ...checkBeta(config),
  ...checkSteps(config),
  ...checkGates(config),
];

function checkNames({ systems, networks, signers }: ConfigDraft): Problem[] {
  return entries(
    systems as Readonly<Record<SystemName, { network?: string; deployer?: string }>> | undefined,
  ).flatMap(([system, { network, deployer }]) => {
    const path = ['systems', system];
    return [
      ...checkNetwork([...path, 'network'], network, chainKind[system as SystemName], networks),
      ...checkSigner([...path, 'deployer'], deployer, signers),
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

function checkSigner(path: Path, name: string | undefined, signers: ConfigDraft['signers']): Problem[] {
  if (name === undefined || signers === undefined || Object.hasOwn(signers, name)) return [];
  return [notThere(path, name, 'cutover:signers', Object.keys(signers))];
}

function notThere(
  path: Path,
  name: string,
  block: string,
  known: readonly string[],
  fitting: readonly string[] = known,
): Problem {
  const near = nearest(name, known);
  const list = known.length === 0 ? 'none' : known.join(', ');
  return problem(
    path,
    `is ${name}, which ${block} does not describe; ${near === undefined ? `there: ${list}` : `did you mean ${near}?`}`,
    exampleName(path, near ?? fitting[0]),
  );
}

function exampleName(path: Path, name: string | undefined): string | undefined {
  return name === undefined ? undefined : `${path.at(-1)}: ${name}`;
}

/** The contract refuses an arbiter who is admin or pauser too; here that is seen before anything is sent. */
function checkEscrow({ systems, signers }: ConfigDraft): Problem[] {
  const path = ['systems', 'metaAggregator', 'escrow'];
  const { arbiter, admin, pauser } = systems?.metaAggregator?.escrow ?? {};
  const keyOf = (name: string) => inline(signers?.[name] ?? name);
  return [
    ...checkSigner([...path, 'arbiter'], arbiter, signers),
    ...checkSigner([...path, 'admin'], admin, signers),
    ...checkSigner([...path, 'pauser'], pauser, signers),
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

/** Hosts of this machine on dev, of the internet elsewhere, and none of two systems. */
function checkHosts({ systems, environment }: ConfigDraft): Problem[] {
  const hosts = entries(
    systems as
      | Readonly<
          Record<
            string,
            { hosts?: Readonly<Record<string, string>>; regions?: readonly ({ host?: string } | undefined)[] }
          >
        >
      | undefined,
  ).flatMap(([system, { hosts, regions }]) => [
    ...entries(hosts).map(
      ([key, host]) => [system, ['systems', system, 'hosts', key] as Path, host] as const,
    ),
    ...items(regions).flatMap(([index, { host }]) =>
      host === undefined
        ? []
        : [[system, ['systems', system, 'regions', index, 'host'] as Path, host] as const],
    ),
  ]);
  if (environment === undefined) return [];
  const misplaced = hosts.filter(([, , host]) => (host === 'localhost') !== (environment === 'dev'));
  const ownerships = new Map(
    hosts.map(([system, path, host]) => [`${host} ${system}`, [path, host] as const]),
  );
  return [
    ...misplaced.map(([, path, host]) =>
      environment === 'dev'
        ? problem(path, `is ${host}; dev is reached on this machine only`, `${path.at(-1)}: localhost`)
        : problem(
            path,
            `is ${host}; only dev is reached on this machine`,
            `${path.at(-1)}: ${path.at(-1)}.example.com`,
          ),
    ),
    ...(environment === 'dev' ? [] : repeated([...ownerships.values()])).map(({ path, value, first }) =>
      problem(path, `is ${value}, which ${showPath(first)} has already`),
    ),
  ];
}

function checkRanges({ systems }: ConfigDraft): Problem[] {
  const ranges = [
    [['systems', 'sop138', 'node', 'instances'] as Path, systems?.sop138?.node?.instances] as const,
    ...items(systems?.coinestate?.regions).map(
      ([index, { tasks }]) => [['systems', 'coinestate', 'regions', index, 'tasks'] as Path, tasks] as const,
    ),
  ];
  return ranges.flatMap(([path, range]) =>
    range?.min !== undefined && range.max !== undefined && range.min > range.max
      ? [
          problem(
            path,
            `has min ${range.min} above max ${range.max}`,
            `${path.at(-1)}: ${inline({ min: range.max, max: range.min })}`,
          ),
        ]
      : [],
  );
}

function checkBeta({ systems }: ConfigDraft): Problem[] {
  const path = ['systems', 'godark', 'beta'];
  const beta = systems?.godark?.beta;
  const steps = [
    ['internal', 'limited'],
    ['limited', 'expanded'],
  ] as const;
  const shrinking = steps.flatMap(([before, after]) =>
    (['users', 'tvlUsd'] as const).flatMap((limit) => {
      const [low, high] = [beta?.[before]?.[limit], beta?.[after]?.[limit]];
      return low === undefined || high === undefined || low <= high
        ? []
        : [
            problem(
              [...path, after, limit],
              `is ${high}, below the ${low} of the phase before`,
              `${limit}: ${low}`,
            ),
          ];
    }),
  );
  const [most, inAll] = [beta?.expanded?.users, beta?.usersInAll];
  return most === undefined || inAll === undefined || most <= inAll
    ? shrinking
    : [
        ...shrinking,
        problem(
          [...path, 'usersInAll'],
          `is ${inAll}, below the ${most} users of the last phase`,
          `usersInAll: ${most}`,
        ),
      ];
}

function checkSteps({ systems }: ConfigDraft): Problem[] {
  const steps = systems?.godark?.release?.trafficPercent;
  const backups = systems?.godark?.backups;
  const rising = items(steps).every(([index, share]) => index === 0 || share > (steps?.[index - 1] ?? 0));
  return [
    ...(steps !== undefined &&
    steps.every((share) => share !== undefined) &&
    (!rising || steps.at(-1) !== 100)
      ? [
          problem(
            ['systems', 'godark', 'release', 'trafficPercent'],
            `is ${inline(steps)}; it must rise and end with 100`,
            'trafficPercent: [10, 50, 100]',
          ),
        ]
      : []),
    ...(backups?.hotDays !== undefined && backups.warmDays !== undefined && backups.hotDays > backups.warmDays
      ? [
          problem(
            ['systems', 'godark', 'backups', 'warmDays'],
            `is ${backups.warmDays}, less than the ${backups.hotDays} days before that`,
            'warmDays: 30',
          ),
        ]
      : []),
  ];
}

function checkGates({ gates }: ConfigDraft): Problem[] {
  const timeout = gates?.timeoutSeconds;
  if (timeout === undefined) return [];
  return (['holdSeconds', 'intervalSeconds', 'requestTimeoutSeconds'] as const).flatMap((key) => {
    const seconds = gates?.[key];
    return seconds === undefined || seconds <= timeout
      ? []
      : [
          problem(
            ['gates', key],
            `is ${seconds}, longer than the whole wait of ${timeout} s`,
            `${key}: ${timeout}`,
          ),
        ];
  });
}
