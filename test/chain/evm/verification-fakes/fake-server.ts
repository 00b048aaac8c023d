import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request to a fake explorer. */
export interface FakeRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly contentType: string;
  readonly body: string;
}

export interface FakeResponse {
  readonly status: number;
  readonly json: unknown;
}

/** How a fake explorer treats its next request: `well` when it answers as the explorer does. */
export type FakeManner =
  | { readonly kind: 'well' }
  | {
      readonly kind: 'text';
      readonly status: number;
      readonly text: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'half' }
  | { readonly kind: 'never' }
  | { readonly kind: 'cut' };

/** A server on a free port of the loopback interface that can be told to fail. */
export interface FakeServer {
  readonly url: string;
  readonly requests: FakeRequest[];
  /** Manners of the next requests, one each; then `manner`. */
  readonly next: FakeManner[];
  manner: FakeManner;
  stop(): Promise<void>;
}

/** Starts a server that answers by `answer`. */
export async function startFakeServer(
  answer: (request: FakeRequest) => Promise<FakeResponse>,
): Promise<FakeServer> {
  const fake: { next: FakeManner[]; requests: FakeRequest[]; manner: FakeManner } = {
    next: [],
    requests: [],
    manner: { kind: 'well' },
  };
  const server = createServer((incoming, response) => {
    void handle(incoming, response).catch((error: unknown) => {
      response.writeHead(599).end(String(error));
    });
  });
  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const request = await read(incoming);
    fake.requests.push(request);
    const manner = fake.next.shift() ?? fake.manner;
    switch (manner.kind) {
      case 'never':
        return;
      case 'cut':
        response.socket?.destroy();
        return;
      case 'text':
        response.writeHead(manner.status, { 'content-type': 'text/html', ...manner.headers });
        response.end(manner.text);
        return;
      case 'half':
      case 'well': {
        const { status, json } = await answer(request);
        const text = JSON.stringify(json);
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(manner.kind === 'well' ? text : text.slice(0, text.length / 2));
      }
    }
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(fake, {
    url: `http://127.0.0.1:${port}`,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}

async function read(incoming: IncomingMessage): Promise<FakeRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const url = new URL(incoming.url ?? '/', 'http://fake');
  return {
    method: incoming.method ?? '',
    path: url.pathname,
    query: url.searchParams,
    contentType: incoming.headers['content-type'] ?? '',
    body: Buffer.concat(chunks).toString('utf8'),
  };
}
