import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { LocalNode } from './local-node.ts';

/** A question as it comes over the wire. */
export interface Question {
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[];
}

/**
 * What goes wrong with one question.
 * - `drop`: the node never sees it, and nothing is answered: the connection breaks.
 * - `swallow`: the node never sees it, and answers as if it had.
 * - `deaf`: the node does what is asked, but its answer breaks off in the middle.
 * - `say`: the node does what is asked, and this error is told instead.
 * - `refuse`: the node never sees it, and this error is told.
 * - `status`: the node never sees it, and this HTTP status comes back.
 * - `forget`: the node answers null.
 * - `delay`: everything is right, but late.
 */
export type Fault =
  | { readonly kind: 'drop' }
  | { readonly kind: 'deaf' | 'forget' }
  | { readonly kind: 'swallow'; readonly answer: (question: Question) => unknown }
  | { readonly kind: 'say' | 'refuse'; readonly message: string }
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'delay'; readonly ms: number };

/** A fake: an HTTP server in front of a real node that breaks what it is told to break. */
export interface FaultyNode {
  readonly url: string;
  readonly chainId: number;
  /** How often each method was asked for. */
  readonly counts: Map<string, number>;
  total(): number;
  /** HTTP requests: a batch is one. */
  requests(): number;
  stop(): Promise<void>;
}

/** Starts the fake. `fault` is asked about each question; undefined lets it pass. */
export async function startFaultyNode(
  node: Pick<LocalNode, 'url' | 'chainId'>,
  fault: (question: Question) => Fault | undefined = () => undefined,
): Promise<FaultyNode> {
  const counts = new Map<string, number>();
  let requests = 0;
  const server = createServer((request, response) => {
    requests++;
    answer(request, response).catch(() => response.destroy());
  });

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = JSON.parse(Buffer.concat(chunks).toString()) as Question | Question[];
    const questions = Array.isArray(body) ? body : [body];
    for (const { method } of questions) counts.set(method, (counts.get(method) ?? 0) + 1);
    const faults = questions.map(fault);
    const status = faults.find((wrong) => wrong?.kind === 'status')?.status;
    if (status !== undefined) return void response.writeHead(status).end('out of order');
    if (faults.some((wrong) => wrong?.kind === 'drop')) return void response.destroy();
    const answers = await Promise.all(questions.map((question, index) => answerTo(question, faults[index])));
    const text = JSON.stringify(Array.isArray(body) ? answers : answers[0]);
    const cut = faults.some((wrong) => wrong?.kind === 'deaf');
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(cut ? text.slice(0, 12) : text);
  };

  const answerTo = async (question: Question, wrong: Fault | undefined): Promise<unknown> => {
    const told = (what: object): object => ({ jsonrpc: '2.0', id: question.id, ...what });
    switch (wrong?.kind) {
      case 'delay':
        await new Promise((resolve) => setTimeout(resolve, wrong.ms));
        return pass(question);
      case 'forget':
        return told({ result: null });
      case 'swallow':
        return told({ result: wrong.answer(question) });
      case 'say':
        await pass(question);
        return told({ error: { code: -32000, message: wrong.message } });
      case 'refuse':
        return told({ error: { code: -32000, message: wrong.message } });
      case 'drop':
      case 'deaf':
      case 'status':
      case undefined:
        return pass(question);
    }
  };

  const pass = async (question: Question): Promise<unknown> => {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify(question);
    return (await fetch(node.url, { method: 'POST', headers, body })).json();
  };

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    ...{ url: `http://127.0.0.1:${port}`, chainId: node.chainId, counts },
    total: () => [...counts.values()].reduce((sum, count) => sum + count, 0),
    requests: () => requests,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
