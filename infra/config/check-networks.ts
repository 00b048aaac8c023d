import { entries, items, problem, repeated, type Check } from './check.ts';
import type { ConfigDraft, Draft } from './draft.ts';
import { LOCAL_NODE, type Endpoint, type EvmNetwork, type Network, type SolanaNetwork } from './networks.ts';
import type { Problem } from './problems.ts';
import type { Path } from './show.ts';

type Environment = NonNullable<ConfigDraft['environment']>;

/** Chains by their id: what they are called here and where they may be used. */
const knownChains: Readonly<Record<number, { readonly name: string; readonly use: Environment }>> = {
  1: { name: 'ethereum', use: 'prod' },
  137: { name: 'polygon', use: 'prod' },
  8453: { name: 'base', use: 'prod' },
  80_002: { name: 'polygon-amoy', use: 'staging' },
  84_532: { name: 'base-sepolia', use: 'staging' },
  11_155_111: { name: 'sepolia', use: 'staging' },
  31_337: { name: 'local', use: 'dev' },
};
const clusterUse: Readonly<Record<SolanaNetwork['cluster'], Environment>> = {
  localnet: 'dev',
  devnet: 'staging',
  testnet: 'staging',
  'mainnet-beta': 'prod',
};
const kindOfChain: Readonly<Record<Environment, string>> = {
  dev: 'the local node',
  staging: 'testnets',
  prod: 'mainnets',
};

/** Each environment on its own kind of chain, chains under their own names, endpoints that can be reached from there. */
export const checkNetworks: Check = ({ environment, networks }) =>
  entries(networks).flatMap(([name, network]) => {
    const path = ['networks', name];
    return [
      ...(network.kind === 'evm' ? checkEvm(path, name, network, environment) : []),
      ...(network.kind === 'solana' ? checkSolana(path, network, environment) : []),
      ...checkEndpoints(path, network, environment),
    ];
  });

function checkEvm(
  path: Path,
  name: string,
  { chainId, blockSeconds, fees, quorum, endpoints }: Draft<EvmNetwork>,
  environment: Environment | undefined,
): Problem[] {
  if (chainId === undefined) return [];
  const at = [...path, 'chainId'];
  const chain = knownChains[chainId];
  const named = Object.entries(knownChains).find(([, known]) => known.name === name);
  const problems: Problem[] = [];
  if (named !== undefined && Number(named[0]) !== chainId) {
    problems.push(problem(at, `is ${chainId}, but ${name} is chain ${named[0]}`, `chainId: ${named[0]}`));
  } else if (environment !== undefined && (chain?.use ?? notDev(environment)) !== environment) {
    const known = chain === undefined ? '' : ` (${chain.name}), which is for ${chain.use}`;
    problems.push(
      problem(
        at,
        `is ${chainId}${known}; ${environment} uses ${kindOfChain[environment]}`,
        `chainId: ${idsFor(environment).join(' or ')}`,
      ),
    );
  }
  if (blockSeconds === 0 && environment !== undefined && environment !== 'dev') {
    problems.push(
      problem([...path, 'blockSeconds'], 'is 0; only a local node mines at once', 'blockSeconds: 12'),
    );
  }
  return [
    ...problems,
    ...checkQuorum([...path, 'quorum'], quorum, endpoints?.length),
    ...checkFees([...path, 'fees'], fees),
  ];
}

function checkQuorum(path: Path, quorum: number | undefined, endpoints: number | undefined): Problem[] {
  if (quorum === undefined || endpoints === undefined || quorum <= endpoints) return [];
  const wrong = `is ${quorum}, but there ${endpoints === 1 ? 'is one endpoint' : `are ${endpoints} endpoints`}; nothing would ever be final`;
  return [problem(path, wrong, `quorum: ${Math.floor(endpoints / 2) + 1}`)];
}

/** A chain that is not known here may be anything but our own node: keys that everyone knows sign on dev. */
function notDev(environment: Environment): Environment {
  return environment === 'dev' ? 'prod' : environment;
}

function checkFees(path: Path, fees: Draft<EvmNetwork['fees']> | undefined): Problem[] {
  const { low, medium, high, urgent } = fees?.fallbackGwei ?? {};
  const rising = [low, medium, high, urgent].filter((price) => price !== undefined);
  const [last, ceiling] = [rising.at(-1), fees?.ceilingGwei];
  return [
    ...(rising.some((price, i) => price < (rising[i - 1] ?? 0))
      ? [
          problem(
            [...path, 'fallbackGwei'],
            `falls with urgency: ${rising.join(', ')}`,
            'fallbackGwei: { low: 20, medium: 30, high: 50, urgent: 80 }',
          ),
        ]
      : []),
    ...(last !== undefined && ceiling !== undefined && last > ceiling
      ? [
          problem(
            [...path, 'ceilingGwei'],
            `is ${ceiling}, below the fallback of ${last}`,
            `ceilingGwei: ${2 * last}`,
          ),
        ]
      : []),
  ];
}

function idsFor(environment: Environment): string[] {
  return Object.entries(knownChains)
    .filter(([, { use }]) => use === environment)
    .map(([id]) => id);
}

function checkSolana(
  path: Path,
  { cluster, standsFor }: Draft<SolanaNetwork>,
  environment: Environment | undefined,
): Problem[] {
  if (cluster === undefined || environment === undefined || clusterUse[cluster] === environment) return [];
  // No public cluster is taken for localnet: their first blocks are known.
  if (cluster === 'localnet' && standsFor !== undefined && clusterUse[standsFor] === environment) return [];
  const right = Object.entries(clusterUse).find(([, use]) => use === environment)?.[0];
  return [
    problem(
      [...path, 'cluster'],
      `is ${cluster}, which is for ${clusterUse[cluster]}; ${environment} uses ${kindOfChain[environment]}`,
      `cluster: ${right}`,
    ),
  ];
}

function checkEndpoints(
  path: Path,
  network: Draft<Network>,
  environment: Environment | undefined,
): Problem[] {
  const urls = items<Draft<Endpoint>>(network.endpoints).flatMap(([index, { url }]): [Path, unknown][] =>
    url === undefined ? [] : [[[...path, 'endpoints', index, 'url'], url]],
  );
  const plain = urls.filter((each): each is [Path, string] => typeof each[1] === 'string');
  const twice = repeated(urls.map(([at, url]) => [at, JSON.stringify(url)] as const));
  return [
    ...twice.map(({ path: at, first }) =>
      problem(at, `is the same as endpoints[${first.at(-2)}]; one of them is enough`),
    ),
    ...plain.flatMap(([at, url]) => {
      if (url === LOCAL_NODE) return environment === 'dev' ? [] : [notFromHere(at, url)];
      if (!URL.canParse(url))
        return [problem(at, 'is not a URL that can be read', 'url: https://sepolia.base.org')];
      return environment !== 'dev' && isLoopback(new URL(url).hostname) ? [notFromHere(at, url)] : [];
    }),
  ];
}

function notFromHere(at: Path, url: string): Problem {
  return problem(
    at,
    `is ${JSON.stringify(url)}, this machine; only dev runs its own nodes`,
    'url: https://sepolia.base.org',
  );
}

function isLoopback(hostname: string): boolean {
  const name = hostname.replace(/\.$/, '');
  return /^(.+\.)?localhost$|^127\.|^0\.0\.0\.0$|^\[(::1?|::ffff:7f.*)\]$/.test(name);
}
