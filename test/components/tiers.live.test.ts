import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectRoot } from '@cutover/base/project.ts';
import { findTool, startProcess } from '../services/processes.ts';

interface Answer {
  readonly ok: boolean;
  readonly message?: string;
  readonly changes?: Readonly<Record<string, number>>;
}

let folder: string;
let server: Server;
let url: string;
let healthyFrom = 0;
/** What happens when a gate asks. */
let onAsked = (): void => undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cutover-tiers-'));
  server = createServer((_, response) => {
    onAsked();
    response.writeHead(Date.now() >= healthyFrom ? 200 : 503).end('node is syncing');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});

afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true, force: true });
});

async function run(order: object): Promise<Answer & { log: string[]; output: string }> {
  writeFileSync(join(folder, 'log'), '');
  writeFileSync(join(folder, 'output'), '');
  const tools = [findTool('pulumi'), process.execPath].map((tool) => dirname(tool));
  const host = join(projectRoot, 'node_modules/@pulumi/pulumi');
  const child = startProcess(
    process.execPath,
    [
      join(import.meta.dirname, 'tiers/program.ts'),
      JSON.stringify({ folder, url, timeoutSeconds: 10, release: '1', ...order }),
    ],
    { PATH: [...tools, host, process.env['PATH'] ?? ''].join(delimiter), HOME: folder },
  );
  await child.ended;
  const answer = child
    .output()
    .split('\n')
    .find((line) => line.startsWith('{"ok"'));
  if (answer === undefined) throw new Error(child.output());
  return {
    ...(JSON.parse(answer) as Answer),
    log: readFileSync(join(folder, 'log'), 'utf8').trim().split('\n'),
    output: readFileSync(join(folder, 'output'), 'utf8'),
  };
}

// One story, told in order: each step stands on the state that the one before it left.
describe('two tiers under the real engine', () => {
  it('stop at a gate that does not open, and leave what is behind it alone', async () => {
    healthyFrom = Infinity;
    const { ok, message, log, output } = await run({ command: 'up', timeoutSeconds: 1 });
    expect(ok).toBe(false);
    expect(log).toEqual(['create escrow']);
    expect(output).toContain('cutover:system:TwoTiers two-tiers');
    expect(message).toContain('CUT-4200 The gate after the contracts of two-tiers stays shut: node is not');
    expect(message).toContain('last answer: 503 node is syncing');
    expect(message).toContain('Read .cutover/dev/logs/node.log. Run ./cutover status dev.');
  });

  it('go on once it opens, tier by tier, down to the children of components', async () => {
    healthyFrom = Date.now() + 3000;
    const { ok, log } = await run({ command: 'up' });
    expect(ok).toBe(true);
    expect(log[0]).toBe('create orders');
    expect(log.slice(1).sort()).toEqual(['create pair-one', 'create pair-two']);
  });

  it('have nothing to do when nothing changed', async () => {
    const { changes } = await run({ command: 'preview' });
    expect(Object.keys(changes ?? {})).toEqual(['same']);
  });

  it('show a gate that is sick now as drift, and wait for it', async () => {
    healthyFrom = Date.now() + 60_000;
    const preview = await run({ command: 'preview' });
    expect(preview.changes).toMatchObject({ update: 1 });
    expect(preview.output).toContain('gate two-tiers/contracts was healthy and is not now: node');
    healthyFrom = 0;
    const { changes } = await run({ command: 'up' });
    expect(changes).not.toHaveProperty('update');
  });

  it('run the gate again for a new release, before the next tier sees it', async () => {
    healthyFrom = Infinity;
    const failed = await run({ command: 'up', release: '2', timeoutSeconds: 1 });
    expect(failed).toMatchObject({ ok: false, log: ['update escrow'] });
    healthyFrom = 0;
    const { ok, log } = await run({ command: 'up', release: '2' });
    expect(ok).toBe(true);
    expect(log[0]).toBe('update orders');
  });

  it('stop waiting soon after Ctrl-C', async () => {
    healthyFrom = Infinity;
    const cancelBy = join(folder, 'cancel');
    let askedAt = Infinity;
    onAsked = () => {
      askedAt = Math.min(askedAt, performance.now());
      writeFileSync(cancelBy, '');
    };
    const { ok, message } = await run({ command: 'up', release: '3', timeoutSeconds: 50, cancelBy });
    onAsked = () => undefined;
    expect(ok).toBe(false);
    expect(message).toContain('CUT-4202');
    // It would wait for 50 s by itself.
    expect(performance.now() - askedAt).toBeLessThan(40_000);
    healthyFrom = 0;
  });

  it('go away in the opposite order', async () => {
    const { ok, log } = await run({ command: 'destroy' });
    expect(ok).toBe(true);
    expect(log.slice(0, 2).sort()).toEqual(['delete pair-one', 'delete pair-two']);
    expect(log.slice(2)).toEqual(['delete orders', 'delete escrow']);
  });
});
