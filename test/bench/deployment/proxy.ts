import { createServer, request as httpRequest, Agent, type ServerResponse } from 'node:http';
import { keccak256 } from 'ethers/crypto';
import type { LocalNode } from '../../chain/local-node.ts';

/** What a tool asked of the chain. */
export interface Traffic {
  /** JSON-RPC calls; each one of a batch counts. */
  readonly calls: number;
  /** HTTP requests; a batch is one. */
  readonly roundTrips: number;
  readonly byMethod: Readonly<Record<string, number>>;
  /** Hashes of the transactions that were handed over, and when, in milliseconds since the proxy was started. */
  readonly sends: readonly { readonly hash: string; readonly atMs: number }[];
  /** When a receipt was told for the last time. */
  readonly lastReceiptMs: number | undefined;
}

/** What happens when so many transactions have reached the node. */
export interface Trap {
  readonly transactions: number;
  /** Whether the tool is told that the node took the last one. */
  readonly answer: 'told' | 'withheld';
  readonly spring: () => void;
}

/** A proxy between a tool and a node that counts what passes. */
export interface Proxy {
  readonly url: string;
  traffic(): Traffic;
  /** Counts from here. */
  reset(): void;
  set(trap: Trap | undefined): void;
  stop(): Promise<void>;
}

interface Call {
  readonly method: string;
  readonly params?: readonly unknown[];
}

/** Starts a proxy on a free port of the loopback interface. */
export async function startProxy(node: Pick<LocalNode, 'url'>): Promise<Proxy> {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  let [calls, roundTrips, startedAt] = [0, 0, performance.now()];
  let byMethod = new Map<string, number>();
  let sends: { hash: string; atMs: number }[] = [];
  let lastReceiptMs: number | undefined;
  let trap: Trap | undefined;
  const now = (): number => Math.round(performance.now() - startedAt);

  const count = (body: string): readonly Call[] => {
    const parsed = JSON.parse(body) as Call | Call[];
    const asked = Array.isArray(parsed) ? parsed : [parsed];
    roundTrips++;
    calls += asked.length;
    for (const { method } of asked) byMethod.set(method, (byMethod.get(method) ?? 0) + 1);
    return asked;
  };

  const answer = (asked: readonly Call[], text: Buffer, status: number, response: ServerResponse): void => {
    const raw = asked.filter(({ method }) => method === 'eth_sendRawTransaction');
    for (const { params } of raw) sends.push({ hash: keccak256(params?.[0] as string), atMs: now() });
    const receipts = asked.some(({ method }) => method === 'eth_getTransactionReceipt');
    if (receipts && text.includes('"blockHash":"0x')) lastReceiptMs = now();
    const sprung =
      trap !== undefined && raw.length > 0 && sends.length >= trap.transactions ? trap : undefined;
    if (sprung !== undefined) trap = undefined;
    if (sprung?.answer !== 'withheld') {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(text);
    }
    if (sprung === undefined) return;
    // What was told shall have arrived.
    if (sprung.answer === 'told') setTimeout(sprung.spring, 20);
    else sprung.spring();
  };

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('error', () => response.destroy());
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      const asked = count(body.toString());
      const headers = { 'content-type': 'application/json', 'content-length': body.length };
      const onward = httpRequest(node.url, { method: 'POST', agent, headers }, (answered) => {
        const parts: Buffer[] = [];
        answered.on('data', (chunk: Buffer) => parts.push(chunk));
        answered.on('end', () => answer(asked, Buffer.concat(parts), answered.statusCode ?? 502, response));
      });
      onward.on('error', () => response.destroy());
      onward.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    traffic: () => ({ calls, roundTrips, byMethod: Object.fromEntries(byMethod), sends, lastReceiptMs }),
    reset: () => {
      [calls, roundTrips, startedAt] = [0, 0, performance.now()];
      byMethod = new Map();
      sends = [];
      lastReceiptMs = undefined;
    },
    set: (wanted) => (trap = wanted),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        agent.destroy();
      }),
  };
}
