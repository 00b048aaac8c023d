import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A question as it came in. */
export interface Question {
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[];
}

/** What a bad node does with a question: `undefined` passes it on. */
export type Misbehaviour = (
  question: Question,
) =>
  | undefined
  | { readonly result: unknown }
  | { readonly error: string }
  | { readonly status: number; readonly body?: string };

/** A fake node before a real one: it misbehaves as it is told. */
export interface FakeNode {
  readonly url: string;
  /** Every question that came, in order. */
  readonly questions: Question[];
  misbehave(how: Misbehaviour | undefined): void;
  /** Changes what the real node answers. */
  alter(how: ((question: Question, result: unknown) => unknown) | undefined): void;
  /** Refuses lists of questions from now on. */
  refuseLists(): void;
  close(): Promise<void>;
}

export async function startFakeNode(target: string): Promise<FakeNode> {
  let misbehaviour: Misbehaviour | undefined;
  let alteration: ((question: Question, result: unknown) => unknown) | undefined;
  let lists = true;
  const questions: Question[] = [];

  const answer = async (question: Question) => {
    questions.push(question);
    const bad = misbehaviour?.(question);
    if (bad !== undefined && 'error' in bad) return { error: { code: -32000, message: bad.error } };
    if (bad !== undefined) return bad;
    const response = await fetch(target, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', ...question }),
    });
    const reply = (await response.json()) as { result?: unknown; error?: unknown };
    if (alteration === undefined || reply.error !== undefined) return reply;
    return { result: alteration(question, reply.result) };
  };

  const server = createServer((request, response) => {
    void (async () => {
      let text = '';
      for await (const part of request) text += String(part);
      const body = JSON.parse(text) as Question | Question[];
      if (Array.isArray(body) && !lists) {
        const error = { code: -32600, message: 'no lists here' };
        return response.end(JSON.stringify({ jsonrpc: '2.0', id: null, error }));
      }
      const replies = [];
      for (const question of [body].flat()) {
        const reply = await answer(question);
        if ('status' in reply) return response.writeHead(reply.status).end(reply.body ?? '');
        replies.push({ jsonrpc: '2.0', id: question.id, ...reply });
      }
      return response.end(JSON.stringify(Array.isArray(body) ? replies : replies[0]));
    })().catch(() => response.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    questions,
    misbehave: (how) => (misbehaviour = how),
    alter: (how) => (alteration = how),
    refuseLists: () => (lists = false),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
