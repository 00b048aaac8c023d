import { isLocal, type NetworkRef } from './network.ts';

/** What one endpoint answered. */
export interface Vote {
  readonly endpoint: string;
  readonly value: unknown;
}

/** Whether enough endpoints say the same; `most` is how many do so far. */
export type Agreement =
  | { readonly kind: 'agreed'; readonly value: unknown; readonly by: readonly string[] }
  | { readonly kind: 'open'; readonly most: number };

/** How many endpoints must say the same, of so many that are well. */
export function votesNeeded(network: Pick<NetworkRef, 'chainId' | 'quorum'>, well: number): number {
  if (network.quorum !== undefined) return network.quorum;
  return isLocal(network) || well < 2 ? 1 : Math.floor(well / 2) + 1;
}

/** Counts votes. Nodes of different makers write the same receipt or block differently: only what matters is compared. */
export function agreementOf(method: string, votes: readonly Vote[], need: number): Agreement {
  const groups = new Map<string, Vote[]>();
  for (const vote of votes) {
    const key = canonicalJson(comparable(method, vote.value));
    groups.set(key, [...(groups.get(key) ?? []), vote]);
  }
  const [largest] = [...groups.values()].toSorted((a, b) => b.length - a.length);
  const [first] = largest ?? [];
  if (largest === undefined || first === undefined) return { kind: 'open', most: 0 };
  if (largest.length < need) return { kind: 'open', most: largest.length };
  return { kind: 'agreed', value: first.value, by: largest.map(({ endpoint }) => endpoint) };
}

/**
 * What several endpoints say.
 * - `agreed`: as many as were needed say the same.
 * - `alone`: only one could be asked, of `of` that are configured.
 * - `disagreed`: they do not say the same.
 */
export type QuorumAnswer =
  | { readonly kind: 'agreed'; readonly value: unknown; readonly by: readonly string[] }
  | { readonly kind: 'alone'; readonly value: unknown; readonly by: string; readonly of: number }
  | { readonly kind: 'disagreed'; readonly votes: readonly Vote[] };

/** What can be relied on. `open`: the endpoints do not say the same, or too few of them say anything. */
export type Agreed<Value = unknown> =
  | { readonly kind: 'agreed'; readonly value: Value }
  | { readonly kind: 'open'; readonly votes: readonly Vote[] };

/** Whether an answer can be relied on: one voice is enough only where nobody asked for more. */
export function agreedBy(network: Pick<NetworkRef, 'quorum'>, answer: QuorumAnswer): Agreed {
  switch (answer.kind) {
    case 'agreed':
      return { kind: 'agreed', value: answer.value };
    case 'disagreed':
      return { kind: 'open', votes: answer.votes };
    case 'alone':
      return network.quorum === undefined || network.quorum < 2
        ? { kind: 'agreed', value: answer.value }
        : { kind: 'open', votes: [{ endpoint: answer.by, value: answer.value }] };
  }
}

/** Who says what, a line each. */
export function describeVotes(votes: readonly Vote[]): string {
  return votes.map(({ endpoint, value }) => `  - ${endpoint}: ${shortened(wordsOf(value))}`).join('\n');
}

/** What tells receipts, blocks and transactions of one chain from those of another. */
const telling = ['hash', 'number', 'blockHash', 'blockNumber', 'status'];

function wordsOf(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (typeof value !== 'object') return typeof value === 'string' ? value : JSON.stringify(value);
  const fields = Object.entries(value).filter(([name]) => telling.includes(name));
  return fields.length === 0
    ? JSON.stringify(value)
    : fields.map(([name, each]) => `${name} ${String(each)}`).join(', ');
}

/** JSON with sorted keys and hexadecimal text in small letters, so that equal things are equal text. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${entries.map(([key, each]) => `${JSON.stringify(key)}:${canonicalJson(each)}`).join(',')}}`;
  }
  if (typeof value === 'string' && /^0x[0-9a-f]*$/i.test(value)) return JSON.stringify(value.toLowerCase());
  return value === undefined ? 'null' : JSON.stringify(value);
}

const fields: Readonly<Record<string, readonly string[]>> = {
  eth_getTransactionReceipt: [
    'transactionHash',
    'blockHash',
    'blockNumber',
    'status',
    'contractAddress',
    'gasUsed',
    'logs',
  ],
  eth_getTransactionByHash: ['hash', 'blockHash', 'blockNumber', 'from', 'to', 'nonce', 'value', 'input'],
  eth_getBlockByNumber: ['hash', 'number'],
  eth_getBlockByHash: ['hash', 'number'],
};

function comparable(method: string, value: unknown): unknown {
  const names = fields[method];
  if (names === undefined || value === null || typeof value !== 'object') return value;
  const picked = pick(value, names);
  const { logs } = picked;
  return Array.isArray(logs)
    ? { ...picked, logs: logs.map((log: unknown) => pick(log, ['address', 'topics', 'data'])) }
    : picked;
}

function pick(value: unknown, names: readonly string[]): Readonly<Record<string, unknown>> {
  const from = (value ?? {}) as Readonly<Record<string, unknown>>;
  return Object.fromEntries(names.map((name) => [name, from[name] ?? null]));
}

function shortened(text: string): string {
  return text.length <= 200 ? text : `${text.slice(0, 200)}…`;
}
