import { getAddress } from 'ethers/address';
import type { SecretRef } from '@cutover/base/secrets.ts';
import { localChainId } from '../network.ts';

/** Where sources are verified. */
export type ExplorerRef = EtherscanRef | SourcifyRef;

/** Etherscan, for all chains that it has, or an explorer that speaks its API, such as Blockscout. */
export interface EtherscanRef {
  readonly kind: 'etherscan';
  /** Etherscan itself wants one; most others do not. */
  readonly apiKey?: SecretRef | undefined;
  /** Where its API answers: `https://eth.blockscout.com/api`. @default https://api.etherscan.io/v2/api */
  readonly url?: string | undefined;
  /** How many calls its owner allows in a second. @default 3, which is Etherscan's free plan */
  readonly requestsPerSecond?: number | undefined;
}

/** Sourcify, or a server of one's own that speaks its API v2. */
export interface SourcifyRef {
  readonly kind: 'sourcify';
  /** @default https://sourcify.dev/server */
  readonly url?: string | undefined;
  /** @default 3 */
  readonly requestsPerSecond?: number | undefined;
}

export const etherscanApi = 'https://api.etherscan.io/v2/api';
export const sourcifyApi = 'https://sourcify.dev/server';

// https://docs.etherscan.io/rate-limits; Sourcify names no figure.
const usualRequestsPerSecond = 3;

/** Where people look at a contract, for the chains of Etherscan that the stacks use. */
const etherscanPages: Readonly<Record<number, string>> = {
  1: 'https://etherscan.io',
  137: 'https://polygonscan.com',
  8453: 'https://basescan.org',
  80002: 'https://amoy.polygonscan.com',
  84532: 'https://sepolia.basescan.org',
  11155111: 'https://sepolia.etherscan.io',
};

/** Where an explorer's API answers, without a slash at its end. */
export function apiOf(explorer: ExplorerRef): string {
  const url = explorer.url ?? (explorer.kind === 'etherscan' ? etherscanApi : sourcifyApi);
  return url.replace(/\/+$/, '');
}

/** The explorer in words; two of a list never have the same. */
export function explorerName(explorer: ExplorerRef): string {
  if (explorer.url === undefined) return explorer.kind;
  return `${explorer.kind} at ${apiOf(explorer).replace(/^https?:\/\//, '')}`;
}

/** Where people find a contract. */
export function pageOf(explorer: ExplorerRef, chainId: number, address: string): string {
  const api = apiOf(explorer);
  if (explorer.kind === 'sourcify') {
    return api === sourcifyApi
      ? `https://repo.sourcify.dev/${chainId}/${address}`
      : `${api}/v2/contract/${chainId}/${address}`;
  }
  const known = api === etherscanApi ? etherscanPages[chainId] : new URL(api).origin;
  return known === undefined
    ? `https://blockscan.com/address/${address}`
    : `${known}/address/${address}#code`;
}

/** How many calls a second an explorer gets. */
export function requestsPerSecond(explorer: ExplorerRef): number {
  return explorer.requestsPerSecond ?? usualRequestsPerSecond;
}

/** Why an explorer is left out on a chain; undefined when it is asked. */
export function whySkipped(explorer: ExplorerRef, chainId: number): string | undefined {
  if (chainId !== localChainId || isLoopback(new URL(apiOf(explorer)))) return undefined;
  return 'the local chain is on no public explorer';
}

/** What is wrong with a list of explorers, one sentence each. */
export function explorerProblems(explorers: readonly ExplorerRef[]): readonly string[] {
  const names = explorers.map(explorerName);
  return explorers.flatMap((explorer, index) => {
    const first = names.indexOf(names[index] ?? '');
    return [
      ...problemsOf(explorer).map((problem) => `explorers[${index}].${problem}`),
      ...(first < index ? [`explorers[${index}]: the same as explorers[${first}]`] : []),
    ];
  });
}

/** What is wrong with an address; nothing when it is one. */
export function addressProblem(value: string): string | undefined {
  try {
    getAddress(value);
    return undefined;
  } catch {
    return `${JSON.stringify(value)} is not an address`;
  }
}

function problemsOf(explorer: ExplorerRef): readonly string[] {
  const problems: string[] = [];
  // Program texts reach this unchecked where they come from configuration.
  const { kind, url, requestsPerSecond: rate } = explorer as Partial<ExplorerRef>;
  if (kind !== 'etherscan' && kind !== 'sourcify') {
    return [`kind: ${JSON.stringify(kind)} is neither "etherscan" nor "sourcify"`];
  }
  if (url !== undefined) problems.push(...urlProblems(url));
  if (rate !== undefined && !(Number.isFinite(rate) && rate > 0)) {
    problems.push('requestsPerSecond: not a number above 0');
  }
  if (explorer.kind === 'etherscan') problems.push(...keyProblems(explorer));
  return problems;
}

const secretKinds: readonly unknown[] = ['env', 'file', 'ssm', 'secretsManager'];

/** No problem holds the URL or the key: what is wrong may be that a secret stands there. */
function urlProblems(text: string): readonly string[] {
  if (!URL.canParse(text)) return ['url: not a URL'];
  const url = new URL(text);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url))) {
    return ['url: not https; sources and keys travel there (http is for this machine only)'];
  }
  const extra = url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '';
  return extra ? ['url: it has a user, a query or a fragment; a key is named by apiKey: { kind, name }'] : [];
}

function keyProblems({ apiKey, url }: EtherscanRef): readonly string[] {
  if (apiKey === undefined) return url === undefined ? ['apiKey: missing; Etherscan wants one'] : [];
  const { kind, name } = apiKey as Partial<SecretRef>;
  const named = secretKinds.includes(kind) && typeof name === 'string' && name !== '';
  return named ? [] : ["apiKey: not a reference; write { kind: 'env', name: 'ETHERSCAN_API_KEY' }"];
}

function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}
