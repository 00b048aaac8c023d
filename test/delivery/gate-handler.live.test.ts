import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CutoverError } from '@cutover/base/errors.ts';
import { UNKNOWN } from '@cutover/base/dispatch.ts';
import { handler, type GateState } from '@cutover/delivery/gates/handler.ts';
import type { Check } from '@cutover/delivery/plan/gate-check.ts';
import { gateDefaults, type GateInputs } from '@cutover/delivery/plan/gate-inputs.ts';

let server: Server;
let url: string;
let healthy: (sinceStartMs: number) => boolean;
let body = '{"status":"unhealthy","why":"database is down"}';
let requests: number;
const lines: string[] = [];

beforeEach(async () => {
  healthy = () => true;
  requests = 0;
  lines.length = 0;
  vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
  const startedAt = performance.now();
  server = createServer((_, response) => {
    requests++;
    if (healthy(performance.now() - startedAt)) response.end('{"status":"healthy"}');
    else response.writeHead(503).end(body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/health`;
});

afterEach(async () => {
  vi.restoreAllMocks();
  server.close();
  if (server.listening) await once(server, 'close');
});

function gate(given: Partial<GateInputs> = {}): GateInputs {
  const check: Check = { kind: 'http', name: 'health', url, expect: { json: { status: 'healthy' } } };
  return {
    ...gateDefaults,
    system: 'meta-aggregator',
    tier: 'backend',
    stack: 'dev',
    checks: [check],
    intervalSeconds: 0.1,
    triggers: [],
    logs: [],
    ...given,
  };
}

async function refusalOf(inputs: GateInputs): Promise<CutoverError> {
  try {
    await handler.create(inputs);
  } catch (error) {
    if (error instanceof CutoverError) return error;
    throw error;
  }
  throw new Error('the gate passed');
}

describe('creating a gate', () => {
  it('passes at once when all is well, and keeps when that was', async () => {
    const { id, outs } = await handler.create(gate());
    expect(id).toBe('meta-aggregator-backend');
    expect(Date.parse(outs.passedAt)).toBeGreaterThan(Date.now() - 5000);
    expect(outs.attempts).toBe(1);
  });

  it('waits for what is on its way', async () => {
    healthy = (since) => since > 700;
    const { outs } = await handler.create(gate());
    expect(outs.attempts).toBeGreaterThan(2);
  });

  it('holds out against a flapping server until its time is up, and says for how long it was good', async () => {
    healthy = (since) => Math.floor(since / 400) % 2 === 0;
    const refusal = await refusalOf(gate({ holdSeconds: 1, timeoutSeconds: 2 }));
    expect(refusal.code).toBe('CUT-4200');
    expect(refusal.message).toMatch(/it was good for 0\.\d s at most, 1 s are asked/);
  });

  it('passes a server that flaps and then stays good', async () => {
    healthy = (since) => since > 800 || Math.floor(since / 200) % 2 === 0;
    const { outs } = await handler.create(gate({ holdSeconds: 0.6, timeoutSeconds: 5 }));
    expect(outs.attempts).toBeGreaterThan(8);
  });

  it('refuses a server that never comes up, with all that its reader needs', async () => {
    healthy = () => false;
    const startedAt = performance.now();
    const refusal = await refusalOf(gate({ timeoutSeconds: 0.5, logs: ['.cutover/dev/logs/beacon.log'] }));
    expect(performance.now() - startedAt).toBeLessThan(20_000);
    expect(refusal.exit).toBe(3);
    for (const part of [
      'CUT-4200 The gate after the backend of meta-aggregator stays shut: health is not healthy.',
      `asked: GET ${url}`,
      'expected status 200 to 299, got 503',
      'last answer: 503 {"status":"unhealthy","why":"database is down"}',
      'attempts in 0.5 s',
      'what was live stays live',
      'Read .cutover/dev/logs/beacon.log. Run ./cutover status dev.',
    ]) {
      expect(refusal.message).toContain(part);
    }
  });

  it('refuses a server that answers with the wrong thing', async () => {
    const check: Check = { kind: 'http', name: 'page', url, expect: { bodyContains: 'Meta Aggregator' } };
    const refusal = await refusalOf(gate({ checks: [check], timeoutSeconds: 0.2 }));
    expect(refusal.message).toContain('expected a body that contains "Meta Aggregator"');
  });

  it('refuses when nobody listens', async () => {
    server.close();
    expect((await refusalOf(gate({ timeoutSeconds: 0.2 }))).message).toContain('ECONNREFUSED');
  });

  it('keeps a secret out of its message', async () => {
    process.env['GATE_TEST_KEY'] = 'key-abcdef-1';
    healthy = () => false;
    body = 'bad key key-abcdef-1';
    const secret = { kind: 'env', name: 'GATE_TEST_KEY' } as const;
    const check: Check = { kind: 'http', url, headers: { 'x-key': { secret } } };
    const refusal = await refusalOf(gate({ checks: [check], timeoutSeconds: 0 }));
    expect(refusal.message).toContain('last answer: 503 bad key ***');
    expect(refusal.message).not.toContain('key-abcdef-1');
  });

  it('does not wait when a secret cannot be read', async () => {
    const secret = { kind: 'env', name: 'GATE_TEST_NOT_SET' } as const;
    const check: Check = { kind: 'http', url, headers: { 'x-key': { secret } } };
    expect((await refusalOf(gate({ checks: [check] }))).code).toBe('CUT-1100');
    expect(requests).toBe(0);
  });

  it('reports the first check that is not good, and needs all of them', async () => {
    const checks: Check[] = [
      { kind: 'http', name: 'health', url },
      { kind: 'tcp', name: 'port', host: '127.0.0.1', port: 1 },
    ];
    expect((await refusalOf(gate({ checks, timeoutSeconds: 0.2 }))).message).toContain('port is not healthy');
  });
});

describe('looking at a gate that stood open', () => {
  const diff = (olds: GateInputs, news: GateInputs) => {
    const state: GateState = { ...olds, passedAt: '2030-01-01T00:00:00.000Z', attempts: 1 };
    return handler.diff?.('id', state, news);
  };

  it('finds nothing when nothing changed and all is well', async () => {
    expect(await diff(gate(), gate())).toEqual({ changes: false });
    expect(requests).toBe(1);
    expect(lines).toEqual([]);
  });

  it('runs again when a trigger changed, without a look', async () => {
    expect(await diff(gate({ triggers: ['pid 1'] }), gate({ triggers: ['pid 2'] }))).toEqual({
      changes: true,
    });
    expect(await diff(gate({ triggers: ['pid 1'] }), gate({ triggers: [UNKNOWN] }))).toEqual({
      changes: true,
    });
    expect(requests).toBe(0);
  });

  it('says in one line what is sick', async () => {
    healthy = () => false;
    expect(await diff(gate(), gate())).toEqual({ changes: true });
    expect(lines).toEqual([
      `gate meta-aggregator/backend was healthy and is not now: health (GET ${url}): ` +
        'expected status 200 to 299, got 503; it is waited for again',
    ]);
  });

  it('takes no longer than a second for what hangs', async () => {
    const hanging = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(hanging, 'listening');
    const { port } = hanging.address() as AddressInfo;
    const checks = [1, 2, 3].map((n): Check => ({
      kind: 'http',
      name: `hung ${n}`,
      url: `http://127.0.0.1:${port}/`,
    }));
    const startedAt = performance.now();
    expect(await diff(gate({ checks }), gate({ checks }))).toEqual({ changes: true });
    expect(performance.now() - startedAt).toBeLessThan(3000);
    hanging.closeAllConnections();
    hanging.close();
  });

  it('says that it cannot look where a secret is missing, and calls that no drift', async () => {
    const secret = { kind: 'env', name: 'GATE_TEST_NOT_SET' } as const;
    const checks: Check[] = [{ kind: 'http', url, headers: { 'x-key': { secret } } }];
    expect(await diff(gate({ checks }), gate({ checks }))).toEqual({ changes: false });
    expect(lines[0]).toContain('cannot be looked at from here: CUT-1100');
  });

  it('waits again on update, and passes when the sick one has recovered', async () => {
    healthy = (since) => since > 500;
    const state: GateState = { ...gate(), passedAt: '2030-01-01T00:00:00.000Z', attempts: 1 };
    const updated = await handler.update?.('id', state, gate());
    expect(updated?.outs.passedAt).not.toBe(state.passedAt);
  });
});
