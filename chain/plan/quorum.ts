/** What one endpoint answered. */
export interface Vote {
  readonly endpoint: string;
  readonly value: unknown;
}

/** Whether enough endpoints say the same; `most` is how many do so far. */
export type Agreement =
  | { readonly kind: 'agreed'; readonly value: unknown; readonly by: readonly string[] }
  | { readonly kind: 'open'; readonly most: number };

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
