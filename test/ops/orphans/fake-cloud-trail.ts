import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One event as the fake tells it. */
export interface TrailEvent {
  readonly name: string;
  readonly at: Date;
}

/** A fake of CloudTrail: it answers LookupEvents by resource name from a table, and nothing else. */
export interface FakeCloudTrail {
  readonly url: string;
  /** The names that were asked for, in order, with the time. */
  readonly asked: readonly { readonly name: string; readonly ms: number }[];
  readonly stop: () => Promise<void>;
}

/** Starts the fake on a free port; `refuse` makes it refuse everybody. */
export async function startFakeCloudTrail(
  events: Readonly<Record<string, readonly TrailEvent[]>>,
  refuse = false,
): Promise<FakeCloudTrail> {
  const asked: { name: string; ms: number }[] = [];
  const server = createServer((request, answer) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => (body += part));
    request.on('end', () => {
      const { LookupAttributes = [] } = JSON.parse(body) as {
        readonly LookupAttributes?: readonly { readonly AttributeValue: string }[];
      };
      const name = LookupAttributes[0]?.AttributeValue ?? '';
      asked.push({ name, ms: Date.now() });
      answer.setHeader('content-type', 'application/x-amz-json-1.1');
      if (refuse) {
        answer.statusCode = 400;
        return answer.end(JSON.stringify({ __type: 'AccessDeniedException', message: 'not allowed' }));
      }
      const Events = (events[name] ?? []).map((event) => ({
        EventName: event.name,
        EventTime: event.at.getTime() / 1000,
      }));
      return answer.end(JSON.stringify({ Events }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
