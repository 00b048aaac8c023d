import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { posted } from '@cutover/chain/notify/webhook.ts';
import { tell } from '@cutover/chain/solana/tell.ts';
import { terminalOf } from './resource-kit.ts';

const variable = 'CUTOVER_TEST_SOLANA_WEBHOOK';
afterEach(() => {
  delete process.env[variable];
});

it('tells operators on the terminal, and by the webhook what they want to hear', async () => {
  const heard: { readonly text: string; readonly metadata: { readonly event_type: string } }[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      heard.push(JSON.parse(Buffer.concat(parts).toString()) as (typeof heard)[number]);
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  process.env[variable] = `http://127.0.0.1:${(server.address() as AddressInfo).port}/secret`;
  const webhook = { kind: 'env', name: variable } as const;
  const network = { name: 'godark', cluster: 'devnet', endpoints: [] } as const;
  try {
    const words = await terminalOf(async () => {
      const event = {
        kind: 'announced',
        account: 'a',
        purpose: 'perps',
        text: 'perps was upgraded',
      } as const;
      tell({ ...network, notifications: { webhook } }, event);
      tell(
        { ...network, notifications: { webhook, events: ['stuck'] } },
        { ...event, text: 'not by webhook' },
      );
      tell(network, { ...event, text: 'nor this' });
      await posted(5_000);
    });
    expect(words.split('\n')).toEqual(['perps was upgraded', 'not by webhook', 'nor this']);
    expect(heard).toMatchObject([
      {
        text: '[godark (devnet)] announced: perps was upgraded',
        metadata: { event_type: 'cutover_announced' },
      },
    ]);
  } finally {
    server.close();
  }
});
