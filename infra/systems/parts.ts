import * as pulumi from '@pulumi/pulumi';
import { id } from 'ethers/hash';
import { zeroPadValue } from 'ethers/utils';
import type { NetworkArgs } from '@cutover/chain/resources/deployed-contract.ts';
import type { SolanaNetworkArgs } from '@cutover/chain/resources/solana-network.ts';
import { Verification, type ContractToVerify } from '@cutover/chain/resources/verification.ts';
import { CutoverError } from '@cutover/base/errors.ts';
import { describeProgress, isSettled, type Progress } from '@cutover/chain/plan/authority/progress.ts';
import { zeroAddress } from '@cutover/chain/plan/cut/selector.ts';
import type { GateOptions } from '@cutover/delivery/resources/health-gate.ts';
import type { PostgresMigrationsArgs } from '@cutover/delivery/resources/postgres-migrations.ts';
import type { PostgresServer } from '../../components/local/postgres-server.ts';
import { NodeService, type NodeServiceArgs } from '../../components/local/node-service.ts';
import { tierOrder } from '../../components/tiers.ts';
import type { SecretFile } from '@cutover/delivery/plan/process-definition.ts';
import type { CutoverConfig } from '../config.ts';
import type { Reference } from '../config/reference.ts';
import type { Foundations } from '../foundations.ts';
import type { SystemReport } from '../report.ts';

/** What a system returns: known piece by piece while it comes up. */
export type Report = pulumi.Output<SystemReport>;

/** A chain of the stack file; that of a local node with a URL that carries the dependency on the node. */
export function evmNetwork(config: CutoverConfig, name: string, local: Foundations | undefined): NetworkArgs {
  const network = config.networks[name];
  // The configuration's checks refuse both; this is for the compiler.
  if (network?.kind !== 'evm') throw new CutoverError('CUT-5107', { name, kind: 'EVM' });
  return {
    name,
    chainId: network.chainId,
    confirmations: network.confirmations,
    fees: network.fees,
    ...(network.quorum === undefined ? {} : { quorum: network.quorum }),
    ...(config.notifications === undefined ? {} : { notifications: config.notifications }),
    endpoints: network.endpoints.map(({ url, weight }) => ({ url: local?.evm().url ?? url, weight })),
  };
}

/** A system's port, and the key that sets it for messages. */
export function portOf(
  local: Foundations,
  system: keyof Foundations['ports'],
): { readonly port: number; readonly portKey: string } {
  return { port: local.ports[system], portKey: `cutover:local.ports.${system} (or portOffset)` };
}

/** A database of the local PostgreSQL server, for migrations. */
export function postgresDatabase(server: PostgresServer, name: string): PostgresMigrationsArgs['database'] {
  const { host, port, database, user } = server.connection(name);
  return { host, port, database, user, password: server.passwordFile(name) };
}

/** How patient the stack's gates are. */
export function gatePatience(config: CutoverConfig): Omit<GateOptions, 'checks'> {
  return config.gates;
}

/** A gate on a service, with the stack's patience; it waits again whenever the service was started anew. */
export function serviceGate(
  config: CutoverConfig,
  service: NodeService,
  check: GateOptions['checks'][number],
): GateOptions {
  return { ...gatePatience(config), triggers: [service.startedAt], logs: [service.log], checks: [check] };
}

/** Several gates as one: all of their checks must be good. */
export function together(config: CutoverConfig, ...gates: readonly GateOptions[]): GateOptions {
  return {
    ...gatePatience(config),
    triggers: gates.flatMap(({ triggers = [] }) => triggers),
    logs: gates.flatMap(({ logs = [] }) => logs),
    checks: gates.flatMap(({ checks }) => checks),
  };
}

/**
 * A gate on a contract: a view of it answers with an address. There is none without a local node, since a gate keeps the
 * URL that it asks in the state, and there it may hold a key. Code, routes and roles were held against the chain by their
 * resources; no tier comes behind these yet.
 */
export function contractGate(
  config: CutoverConfig,
  local: Foundations | undefined,
  check: {
    readonly name: string;
    readonly contract: pulumi.Input<string>;
    /** A view without arguments: `treasury()`. */
    readonly view: string;
    readonly answers: string;
    readonly triggers: readonly pulumi.Input<unknown>[];
  },
): GateOptions | undefined {
  if (local === undefined) return undefined;
  return {
    ...gatePatience(config),
    triggers: [...check.triggers],
    checks: [
      {
        kind: 'jsonRpc',
        name: check.name,
        url: local.evm().url,
        method: 'eth_call',
        params: [{ to: check.contract, data: id(check.view).slice(0, 10) }, 'latest'],
        expect: { chainId: local.evm().chainId, result: zeroPadValue(check.answers, 32).toLowerCase() },
      },
    ],
  };
}

/** A service's own report of its health, as a gate's check. */
export function healthReport(service: NodeService, name = '/health'): GateOptions['checks'][number] {
  return {
    kind: 'http',
    name,
    url: pulumi.interpolate`${service.url}/health`,
    expect: { status: 200, json: { status: 'HEALTHY' } },
  };
}

/** A secret of the stack file that a local process reads from its file. */
export function secretFileOf(ref: Reference, what: string): SecretFile {
  if (ref.kind === 'file') return { kind: 'file', name: ref.name };
  throw new CutoverError('CUT-5109', { what, kind: ref.kind });
}

/**
 * Shows the sources of contracts at the explorers of their chain, where the stack file names some. Nothing depends on it:
 * explorers are slow, and what they show changes nothing on the chain.
 */
export function showSources(
  config: CutoverConfig,
  name: string,
  { network, contracts }: { readonly network: NetworkArgs; readonly contracts: readonly ContractToVerify[] },
  opts: pulumi.CustomResourceOptions,
): void {
  const described = config.networks[network.name];
  const explorers = described?.kind === 'evm' ? described.explorers : [];
  if (explorers.length > 0) new Verification(name, { contracts, network, explorers }, opts);
}

/** A contract for the outputs. */
export function contractReport(
  name: string,
  contract: { readonly address: pulumi.Output<string> },
  network: NetworkArgs,
) {
  return { name, address: contract.address, chainId: network.chainId, ...openUrlOf(network) };
}

/** A program on Solana for the outputs. */
export function programReport(
  name: string,
  { program }: { readonly program: pulumi.Output<string> },
  network: SolanaNetworkArgs,
) {
  return { name, program, cluster: network.cluster, ...openUrlOf(network) };
}

/** Where a chain can be asked without a key. */
function openUrlOf({ endpoints }: Pick<NetworkArgs | SolanaNetworkArgs, 'endpoints'>) {
  const urls = endpoints.map(({ url }) => url);
  const open = urls.find((url) => typeof url === 'string' || pulumi.Output.isInstance(url));
  return open === undefined ? {} : { rpcUrl: open as pulumi.Input<string> };
}

/** A change of a contract that somebody may have to approve. */
interface Change {
  readonly progress: pulumi.Output<Readonly<Record<string, Progress>>>;
  readonly drift: pulumi.Output<readonly string[]>;
}

/** What changes wait for, by the names of their resources. */
export function waitsOf(changes: Readonly<Record<string, Change>>): pulumi.Output<readonly string[]> {
  const lines = Object.entries(changes).map(([name, { progress, drift }]) =>
    pulumi.all([progress, drift]).apply(([reached, sentences]) => {
      const open = Object.values(reached).filter((each) => !isSettled(each));
      return [...open.map(describeProgress), ...sentences].map((line) => `${name}: ${line}`);
    }),
  );
  return pulumi.all(lines).apply((each) => each.flat());
}

/** What is told of a system whose contracts alone are described, since nothing is there yet for its other tiers. */
export function contractsAlone(contracts: {
  readonly title: string;
  readonly contracts: readonly ReturnType<typeof contractReport>[];
  readonly programs?: readonly ReturnType<typeof programReport>[];
  readonly waits: pulumi.Output<readonly string[]>;
}): Report {
  return pulumi.output(contracts).apply((known) => ({
    ...known,
    summary: `The ${known.programs === undefined ? 'contracts' : 'programs'}. Not yet: ${tierOrder.slice(1).join(', ')}.`,
    urls: [],
    // Without an address: what would create it is not approved yet.
    contracts: known.contracts.filter(({ address }) => address !== zeroAddress),
    try: [],
  }));
}

/** What is told of a system that cannot be described without local parts. */
export function nothingYet(title: string): Report {
  const summary = `Not yet: ${tierOrder.join(', ')}.`;
  return pulumi.output({ title, summary, urls: [], contracts: [], waits: [], try: [] });
}

/** A beacon: a small service of ours that stands in for a platform's own back end. */
export function beacon(
  name: string,
  args: Omit<NodeServiceArgs, 'script' | 'sources' | 'healthPath'>,
  opts: pulumi.ComponentResourceOptions,
): NodeService {
  return new NodeService(
    name,
    {
      ...args,
      script: 'services/beacon/main.ts',
      sources: ['services/beacon', 'services/kit'],
      // Whether it runs. Whether it is well is the gate's question.
      healthPath: '/livez',
    },
    opts,
  );
}

/** What is told of a system that has its contracts and its data, and no image yet to run. */
export function withoutImage(
  contracts: Parameters<typeof contractsAlone>[0],
  repository: pulumi.Input<string>,
): Report {
  return pulumi.all([pulumi.output(contracts), repository]).apply(([known, url]) => ({
    ...known,
    summary: 'The contracts and the database. Not yet: backend, frontend.',
    urls: [],
    waits: [...known.waits, `push an image to ${url}, then name its digest as \`image\` in the stack file`],
    try: [],
  }));
}
