import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A JSON-RPC question as it arrives. */
export interface FakeCall {
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[];
}

/** How a fake node treats a request; `well` when it answers as a node does. */
export type FakeManner =
  | { readonly kind: 'well' }
  | { readonly kind: 'late'; readonly ms: number }
  | { readonly kind: 'never' }
  | {
      readonly kind: 'text';
      readonly status: number;
      readonly text: string;
      readonly headers?: Record<string, string>;
    }
  | { readonly kind: 'half' }
  | { readonly kind: 'cut' }
  | { readonly kind: 'wrong id' }
  | { readonly kind: 'shuffled' }
  | { readonly kind: 'leaves out'; readonly every: number }
  | { readonly kind: 'batches up to'; readonly size: number };

/** A fake JSON-RPC endpoint on a free port of the loopback interface, with a key in its URL. */
export interface FakeNode {
  readonly url: string;
  readonly port: number;
  /** Every HTTP request, as the calls in it. */
  readonly requests: FakeCall[][];
  manner: FakeManner;
  /** What it says about itself and the chain. */
  readonly facts: FakeFacts;
  calls(method?: string): FakeCall[];
  stop(): Promise<void>;
}

export interface FakeFacts {
  chainId: number;
  head: number;
  headTime: number;
  syncing: unknown;
  /** Undefined: it does not know the method, as most public ones. */
  peers: number | undefined;
  /** Answers beside those; an Error is a refusal. */
  answers: Record<string, (params: readonly unknown[]) => unknown>;
}

export const fakeKey = 'key-in-the-path';

/** Starts a fake node. */
export async function startFakeNode(
  given: Partial<FakeFacts> & { readonly manner?: FakeManner; readonly port?: number } = {},
): Promise<FakeNode> {
  const facts: FakeFacts = {
    chainId: 31337,
    head: 100,
    headTime: Math.floor(Date.now() / 1000),
    syncing: false,
    peers: undefined,
    answers: {},
    ...given,
  };
  const requests: FakeCall[][] = [];
  const server = createServer((request, response) => {
    void respond(node, request, response);
  });
  await new Promise<void>((resolve) => server.listen(given.port ?? 0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const node: FakeNode = {
    url: `http://127.0.0.1:${port}/v2/${fakeKey}?token=${fakeKey}`,
    port,
    requests,
    manner: given.manner ?? { kind: 'well' },
    facts,
    calls: (method) => requests.flat().filter((call) => method === undefined || call.method === method),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return node;
}

async function respond(node: FakeNode, request: IncomingMessage, response: ServerResponse): Promise<void> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  const body = JSON.parse(text) as FakeCall | FakeCall[];
  const calls = Array.isArray(body) ? body : [body];
  node.requests.push(calls);
  const { manner } = node;
  const answers = calls.map((call) => answerOf(node.facts, call));
  const whole = JSON.stringify(Array.isArray(body) ? answers : answers[0]);
  const json = { 'content-type': 'application/json' };
  switch (manner.kind) {
    case 'well':
      response.writeHead(200, json).end(whole);
      return;
    case 'late':
      setTimeout(() => response.writeHead(200, json).end(whole), manner.ms);
      return;
    case 'never':
      return;
    case 'text':
      response.writeHead(manner.status, manner.headers).end(manner.text);
      return;
    case 'half':
      response.writeHead(200, json).end(whole.slice(0, whole.length / 2));
      return;
    case 'cut':
      response.writeHead(200, { ...json, 'content-length': whole.length });
      response.write(whole.slice(0, whole.length / 2));
      setTimeout(() => response.destroy(), 5);
      return;
    case 'wrong id': {
      const wrong = answers.map((answer) => ({ ...answer, id: answer.id + 1_000_000 }));
      response.writeHead(200, json).end(JSON.stringify(Array.isArray(body) ? wrong : wrong[0]));
      return;
    }
    case 'shuffled':
      response.writeHead(200, json).end(JSON.stringify(Array.isArray(body) ? answers.reverse() : answers[0]));
      return;
    case 'leaves out': {
      const some = answers.filter((_, index) => index % manner.every !== 0);
      response.writeHead(200, json).end(JSON.stringify(Array.isArray(body) ? some : answers[0]));
      return;
    }
    case 'batches up to': {
      const error = { jsonrpc: '2.0', id: null, error: { code: -32600, message: 'batch too large' } };
      response.writeHead(200, json).end(calls.length > manner.size ? JSON.stringify(error) : whole);
    }
  }
}

function answerOf(facts: FakeFacts, { id, method, params }: FakeCall): { jsonrpc: '2.0'; id: number } {
  const reply = (result: unknown): { jsonrpc: '2.0'; id: number } =>
    result instanceof Error
      ? Object.assign(
          { jsonrpc: '2.0' as const, id },
          {
            error: { code: (result as { readonly code?: number }).code ?? -32000, message: result.message },
          },
        )
      : Object.assign({ jsonrpc: '2.0' as const, id }, { result });
  const hex = (value: number): string => `0x${value.toString(16)}`;
  const own = facts.answers[method];
  if (own !== undefined) return reply(own(params));
  switch (method) {
    case 'eth_chainId':
      return reply(hex(facts.chainId));
    case 'eth_blockNumber':
      return reply(hex(facts.head));
    case 'eth_syncing':
      return reply(facts.syncing);
    case 'net_peerCount':
      return reply(facts.peers === undefined ? new Error('method not found') : hex(facts.peers));
    case 'eth_getBlockByNumber':
      return reply({ number: hex(facts.head), timestamp: hex(facts.headTime), gasLimit: '0x1c9c380' });
    case 'eth_getCode':
      return reply(params[0]);
    default:
      return reply(new Error(`the method ${method} does not exist`));
  }
}
