import { SigningKey } from 'ethers/crypto';
import { createHash } from 'node:crypto';
import { parseDocument } from 'yaml';
import { CutoverError } from '@cutover/base/errors.ts';
import { keypairText } from '@cutover/chain/plan/solana/signer.ts';
import { homeRegion } from '../../infra/config/home-region.ts';
import { nearest } from '../../infra/config/nearest.ts';
import type { CutoverConfig } from '../../infra/config.ts';
import { godarkStandIns } from './godark-stand-ins.ts';

/** A parameter that people put into the parameter store before the first update. */
export interface SeededParameter {
  readonly name: string;
  readonly region: string;
  /** A chain's endpoint is known when its node is there. */
  readonly holds:
    { readonly kind: 'text'; readonly value: string } | { readonly kind: 'url of'; readonly chain: string };
}

/** A key of KMS that signs. */
export interface SeededKey {
  readonly alias: string;
  readonly key: SigningKey;
}

/** A chain that a local node stands in for. */
export interface StandInChain {
  readonly name: string;
  readonly chainId: number;
  readonly confirmations: number;
}

/** A cluster of Solana that a local node stands in for. */
export interface StandInCluster {
  readonly name: string;
}

/** All that stands in for what a rehearsal has not: decided before anything is started. */
export interface StandIns {
  /** The stack's file as it is rehearsed. */
  readonly text: string;
  /** The systems that are rehearsed. */
  readonly systems: readonly string[];
  readonly account: string;
  /** Whose account `./cutover bootstrap` has made ready; undefined where nobody was told to. */
  readonly bootstrapped: 'staging' | 'prod' | undefined;
  /** Where the account's foundation is. */
  readonly home: string;
  /** The first of the stack's regions, where secrets are that name none. */
  readonly region: string;
  readonly chains: readonly StandInChain[];
  readonly clusters: readonly StandInCluster[];
  readonly parameters: readonly SeededParameter[];
  readonly secrets: readonly { readonly name: string; readonly value: string }[];
  readonly keys: readonly SeededKey[];
  /** Keys that pay for transactions. */
  readonly funded: readonly SigningKey[];
  /** Addresses on Solana that pay for transactions. */
  readonly paying: readonly string[];
  /** Where Safes are put, on every chain. */
  readonly safes: readonly string[];
  readonly owners: readonly SigningKey[];
  /** The longest delay of a time lock: passed on the nodes, not waited for. */
  readonly delaySeconds: number;
  /** What was replaced and by what, for people. */
  readonly lines: readonly string[];
}

/** What decides on a rehearsal, beside the stack's file. */
export interface StandInOptions {
  readonly seed: string;
  /** Systems that are rehearsed. @default those that are enabled */
  readonly only?: readonly string[];
  /** The platform, as in `linux-arm64`, where there is no local Solana node for it. */
  readonly withoutSolana?: string | undefined;
}

type Kept = { readonly kind: string; readonly name: string; readonly region?: string | undefined };
const ownerNumbers = [1, 2, 3] as const;
const threshold = 2;

/** Decides what stands in for what: everything that a stack file names and that a laptop has not. Pure. */
export function standInsFor(text: string, config: CutoverConfig, options: StandInOptions): StandIns {
  const document = parseDocument(text, { merge: true });
  const set = (path: readonly (string | number)[], value: unknown): void =>
    document.setIn(['config', ...path], value);
  const [region = 'us-east-1'] = Object.keys(config.regions);
  const { environment, systems } = config;
  const lines: string[] = [];
  const derived = (name: string): string =>
    createHash('sha256').update(`cutover rehearsal\n${options.seed}\n${name}`).digest('hex');
  const keyNamed = (name: string): SigningKey => new SigningKey(`0x${derived(name)}`);

  const asked = systemsOf(config, options.only);
  const wanted = onThisMachine(asked, options.withoutSolana);
  for (const [name, { enabled }] of Object.entries(systems)) {
    if (!enabled || wanted.includes(name)) continue;
    set(['cutover:systems', name, 'enabled'], false);
    const why = asked.includes(name) ? `no Solana node for ${options.withoutSolana}` : 'as --only says';
    lines.push(`${name}: left out, ${why}`);
  }
  const onSolana = wanted.includes('godark')
    ? godarkStandIns(config, (name) => Buffer.from(derived(name), 'hex'))
    : undefined;

  const parameters = new Map<string, SeededParameter>();
  const secrets = new Map<string, string>();
  const hold = ({ kind, name, region: own = region }: Kept, holds: SeededParameter['holds']): void => {
    if (kind === 'ssm') parameters.set(`${own}:${name}`, { name, region: own, holds });
    else if (holds.kind === 'text') secrets.set(name, holds.value);
  };
  const textOf = (value: string): SeededParameter['holds'] => ({ kind: 'text', value });

  const clusters: StandInCluster[] = [];
  const chains = Object.entries(config.networks).flatMap(([name, network]): StandInChain[] => {
    if (!wanted.some((system) => systems[system as keyof typeof systems].network === name)) return [];
    const path = ['cutover:networks', name];
    if (network.kind === 'solana' && onSolana === undefined) {
      lines.push(`${name}: left out, nothing of this stack is on it yet`);
      return [];
    }
    const [first] = network.endpoints.map(({ url }) => url);
    const url: Kept =
      typeof first === 'object' && first.kind === 'ssm'
        ? { kind: 'ssm', name: first.name, ...(first.region !== undefined && { region: first.region }) }
        : { kind: 'ssm', name: `/cutover/${environment}/rpc/${name}` };
    hold(url, { kind: 'url of', chain: name });
    set([...path, 'endpoints'], [{ url, weight: 10 }]);
    const instead = `in place of ${network.endpoints.length} endpoints`;
    if (network.kind === 'solana') {
      set([...path, 'cluster'], 'localnet');
      set([...path, 'standsFor'], network.cluster);
      clusters.push({ name });
      lines.push(`${name}: surfpool, a local node of Solana, ${instead} of ${network.cluster}`);
      return [];
    }
    set([...path, 'explorers'], []);
    if (network.quorum !== undefined) set([...path, 'quorum'], 1);
    lines.push(`${name}: a local node with its chain id, ${network.chainId}, ${instead}`);
    return [{ name, chainId: network.chainId, confirmations: network.confirmations }];
  });
  if (chains.length > 0) lines.push('explorers: left out, no source is shown to them');
  if (config.notifications !== undefined) {
    document.deleteIn(['config', 'cutover:notifications']);
    lines.push('notifications: left out, nobody is told');
  }

  const holdSigner = (name: string, key: string): void => {
    const signer = config.signers[name];
    if (signer?.kind === 'ssm') return hold(signer, textOf(key));
    const ref: Kept = { kind: 'ssm', name: `/cutover/${environment}/rehearsal/${name}` };
    set(['cutover:signers', name], ref);
    hold(ref, textOf(key));
  };
  const funded: SigningKey[] = [];
  const keys: SeededKey[] = [];
  for (const [name, signer] of Object.entries(config.signers)) {
    if (onSolana?.keypairs.has(name) === true) continue;
    const key = keyNamed(`signer ${name}`);
    funded.push(key);
    if (signer.kind === 'kms') keys.push({ alias: signer.name, key });
    else holdSigner(name, key.privateKey);
  }
  for (const [name, keypair] of onSolana?.keypairs ?? []) holdSigner(name, keypairText(keypair));
  if (onSolana !== undefined) {
    set(['cutover:systems', 'godark', 'programs', 'governance'], onSolana.governance);
    lines.push(
      onSolana.line,
      `signers on Solana: ${onSolana.keypairs.size} keypairs made for this rehearsal`,
    );
  }
  lines.push(
    `signers: ${funded.length} keys made for this rehearsal and funded on the nodes; ${keys.length} of them sign as KMS would`,
  );

  const authorities = Object.entries(config.authorities);
  const safes = authorities.flatMap(([name, authority]) => {
    if (authority.kind !== 'safe') return [];
    set(
      ['cutover:authorities', name, 'signers'],
      ownerNumbers.slice(0, threshold).map((number) => `rehearsal-owner-${number}`),
    );
    document.deleteIn(['config', 'cutover:authorities', name, 'service']);
    return [{ name, address: authority.address }];
  });
  const owners = ownerNumbers.map((number) => keyNamed(`owner ${number}`));
  if (safes.length > 0) {
    const names = safes.map(({ name }) => name).join(', ');
    lines.push(
      `Safes: one at the address of each (${names}), ${threshold} of its ${ownerNumbers.length} owners are keys of this rehearsal`,
    );
    for (const [index, owner] of owners.entries()) {
      const ref: Kept = { kind: 'ssm', name: `/cutover/${environment}/rehearsal/owner-${index + 1}` };
      set(['cutover:signers', `rehearsal-owner-${index + 1}`], ref);
      hold(ref, textOf(owner.privateKey));
    }
  }
  const delays = authorities.flatMap(([, each]) => (each.kind === 'timelock' ? [each.delayHours] : []));
  if (delays.length > 0 && chains.length > 0) {
    lines.push(`time locks: their delays, ${Math.max(...delays)} h at most, are passed on the nodes`);
  }

  let others = 0;
  for (const ref of keptIn(config.systems, [], wanted)) {
    hold(ref, textOf(derived(`secret ${ref.name}`)));
    others++;
  }
  lines.push(`secrets: ${others} values made for this rehearsal, put where the stack file says`);
  if (config.aws !== undefined && wanted.includes('coinestate') && systems.coinestate.image === undefined) {
    set(['cutover:systems', 'coinestate', 'image'], `sha256:${derived('image of coinestate')}`);
    lines.push('coinestate: the digest of an image that nobody has built');
  }
  if (config.aws?.access !== undefined) {
    lines.push(
      'account: as ./cutover bootstrap leaves it, with the policy that limits roles of services, and the log of its trail',
    );
  }
  return {
    text: document.toString(),
    account: config.aws?.account ?? '123456789012',
    bootstrapped: config.aws?.access === undefined || environment === 'dev' ? undefined : environment,
    systems: wanted,
    home: homeRegion(config),
    ...{ region, chains, clusters, keys, funded, owners, lines },
    safes: safes.map(({ address }) => address),
    paying: onSolana?.funded ?? [],
    parameters: [...parameters.values()],
    secrets: [...secrets].map(([name, value]) => ({ name, value })),
    delaySeconds: Math.max(onSolana?.delaySeconds ?? 0, ...delays.map((hours) => hours * 3600)),
  };
}

function systemsOf(
  { systems, environment }: CutoverConfig,
  only: readonly string[] | undefined,
): readonly string[] {
  const enabled = Object.entries(systems).flatMap(([name, system]) => (system.enabled ? [name] : []));
  for (const system of only ?? []) {
    if (enabled.includes(system)) continue;
    const near = nearest(system, enabled);
    const fix = near === undefined ? 'Name one of these.' : `Did you mean ${near}?`;
    throw new CutoverError('CUT-5521', { system, stack: environment, known: enabled.join(', '), fix });
  }
  return only ?? enabled;
}

/** Without GoDark where no node of Solana runs; refused where nothing would be left. */
function onThisMachine(systems: readonly string[], withoutSolana: string | undefined): readonly string[] {
  const rest = withoutSolana === undefined ? systems : systems.filter((system) => system !== 'godark');
  if (rest.length === 0 && withoutSolana !== undefined)
    throw new CutoverError('CUT-5525', { platform: withoutSolana });
  return rest;
}

/** References of systems to what AWS keeps. What the stack itself writes is none that people put. */
function keptIn(value: unknown, path: readonly string[], systems: readonly string[]): readonly Kept[] {
  if (typeof value !== 'object' || value === null) return [];
  if (path.length === 1 && !systems.includes(path[0] ?? '')) return [];
  if (path.join('.') === 'coinestate.secrets.databaseUrl') return [];
  const { kind, name } = value as Partial<Kept>;
  if ((kind === 'ssm' || kind === 'secretsManager') && name !== undefined) return [value as Kept];
  return Object.entries(value).flatMap(([key, each]) => keptIn(each, [...path, key], systems));
}
