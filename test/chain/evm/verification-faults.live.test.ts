import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { UNKNOWN } from '@cutover/base/dispatch.ts';
import {
  handler,
  type VerificationInputs,
  type VerificationState,
} from '@cutover/chain/evm/verification-handler.ts';
import type { VerifiedContract } from '@cutover/chain/evm/verification/submission.ts';
import { verifyContracts } from '@cutover/chain/evm/verification/verify.ts';
import type { Report } from '@cutover/chain/plan/verification/tasks.ts';
import { vaultArgs } from '../kit.ts';
import { startLocalNode, type LocalNode } from '../local-node.ts';
import { startFakeEtherscan, type FakeEtherscan } from './verification-fakes/fake-etherscan.ts';
import type { FakeManner } from './verification-fakes/fake-server.ts';
import { startFakeSourcify, type FakeSourcify } from './verification-fakes/fake-sourcify.ts';
import { deployed } from './verification-kit.ts';

const key = 'SECRETKEY0123456789SECRETKEY012345';
let node: LocalNode;
let etherscan: FakeEtherscan;
let sourcify: FakeSourcify;
let vault: VerifiedContract;
let told: string[];
beforeAll(async () => {
  node = await startLocalNode();
  vault = await deployed(node, vaultArgs);
});
afterAll(() => node.stop());
beforeEach(async () => {
  [etherscan, sourcify] = await Promise.all([startFakeEtherscan(node), startFakeSourcify(node)]);
  etherscan.queue = sourcify.queue = 0;
  told = [];
  vi.stubEnv('VERIFICATION_TEST_KEY', key);
  vi.spyOn(console, 'log').mockImplementation((line: string) => void told.push(line));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  vi.useRealTimers();
  await Promise.all([etherscan.stop(), sourcify.stop()]);
});

function inputs(change: Partial<VerificationInputs> = {}): VerificationInputs {
  return asOnTheWire({
    contracts: [vault],
    network: { name: 'test', chainId: node.chainId },
    explorers: [
      {
        kind: 'etherscan',
        url: etherscan.api,
        requestsPerSecond: 100,
        apiKey: { kind: 'env', name: 'VERIFICATION_TEST_KEY' },
      },
      { kind: 'sourcify', url: sourcify.url, requestsPerSecond: 100 },
    ],
    patienceSeconds: 20,
    ...change,
  });
}

/** The engine hands values over as JSON. */
function asOnTheWire<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

const created = async (wanted = inputs()): Promise<VerificationState> =>
  asOnTheWire((await handler.create(wanted)).outs);
const updated = async (olds: VerificationState, news: VerificationInputs = inputs()) =>
  asOnTheWire((await (handler.update ?? missing)('id', olds, news)).outs);
const refreshed = async (olds: VerificationState): Promise<VerificationState> =>
  asOnTheWire((await (handler.read ?? missing)('id', olds)).props ?? missing());
const changes = async (olds: VerificationState, news = inputs()): Promise<boolean | undefined> =>
  (await (handler.diff ?? missing)('id', olds, news)).changes;
const missing = (): never => {
  throw new Error('not there');
};

const reportOf = ({ reports }: VerificationState, explorer: string): Report =>
  Object.values(reports).find((report) => report.explorer.startsWith(explorer)) ?? missing();
const reasonOf = (report: Report): string => ('reason' in report ? (report.reason ?? '') : '');
const after = (minutes: number): void => {
  vi.useFakeTimers({ now: Date.now() + minutes * 60_000 + 30_000, toFake: ['Date'] });
};
const text = (status: number, body: string, headers = {}): FakeManner => ({
  kind: 'text',
  status,
  text: body,
  headers,
});

describe('an explorer that fails', () => {
  const html = '<html><body>Just a moment…</body></html>';
  const faults: readonly (readonly [string, FakeManner, string, RegExp])[] = [
    ['has trouble of its own', text(500, 'oops'), 'unreachable', /HTTP 500/],
    ['answers with a page', text(200, html), 'unreachable', /not JSON \(HTTP 200\)/],
    ['answers half of its JSON', { kind: 'half' }, 'unreachable', /not JSON/],
    ['cuts the connection', { kind: 'cut' }, 'unreachable', /connection failed/],
    ['refuses us', text(403, html), 'unreachable', /HTTP 403/],
    ['sends us elsewhere', text(302, '', { location: 'http://127.0.0.1:1/' }), 'unreachable', /HTTP 302/],
    ['finds the sources too large', text(413, html), 'failed', /too large/],
    ['answers JSON of another kind', text(200, '{"hello":[]}'), 'unreachable', /form \(HTTP 200\)/],
    ['answers null', text(200, 'null'), 'unreachable', /form \(HTTP 200\)/],
  ];

  it.each(faults)('%s: told as a warning, and no error', async (_, manner, status, reason) => {
    etherscan.manner = sourcify.manner = manner;
    const state = await created();
    for (const explorer of ['etherscan', 'sourcify']) {
      expect(reportOf(state, explorer)).toMatchObject({ status, attempts: 1 });
      expect(reasonOf(reportOf(state, explorer))).toMatch(reason);
    }
    expect(told).toHaveLength(2);
    for (const line of told)
      expect(line).toMatch(/^warning: not verified by .* an update after .* tries again$/);
  });

  it('is retried by a later update, once its rest is over', async () => {
    etherscan.manner = text(502, '');
    const first = await created();
    expect(await changes(first)).toBe(false);
    after(1);
    expect(await changes(first)).toBe(true);
    const second = await updated(first);
    expect(reportOf(second, 'etherscan')).toMatchObject({ status: 'unreachable', attempts: 2 });
    expect(reportOf(second, 'etherscan').since).toBe(reportOf(first, 'etherscan').since);
    after(5);
    expect(await changes(second)).toBe(false);
    after(11);
    expect(await changes(second)).toBe(true);

    etherscan.manner = { kind: 'well' };
    const third = await updated(second);
    expect(reportOf(third, 'etherscan')).toMatchObject({ status: 'verified', attempts: 0 });
    expect(await changes(third)).toBe(false);
  });

  it('does not hold up the others', async () => {
    etherscan.manner = { kind: 'never' };
    const started = Date.now();
    const state = await created(inputs({ patienceSeconds: 2 }));
    expect(Date.now() - started).toBeLessThan(20_000);
    expect(reasonOf(reportOf(state, 'etherscan'))).toMatch(/no answer within/);
    expect(reportOf(state, 'sourcify').status).toBe('verified');
  });

  it('is asked once when it is silent, however many contracts there are', async () => {
    etherscan.manner = { kind: 'never' };
    const others = Array.from({ length: 6 }, (_, index) => ({
      ...vault,
      address: `0x${String(index + 1).repeat(40)}`,
    }));
    const state = await created(inputs({ contracts: others, patienceSeconds: 2 }));
    expect(etherscan.requests).toHaveLength(1);
    const [first] = inputs().explorers;
    const reports = Object.values(state.reports).filter(({ explorer }) => explorer.startsWith('etherscan'));
    expect(first?.kind).toBe('etherscan');
    expect(reports.map(({ status }) => status)).toEqual(Array(6).fill('unreachable'));
    expect(told.filter((line) => line.includes('etherscan'))).toHaveLength(1);
  });

  it('is left alone after some answers that are none', async () => {
    etherscan.manner = text(500, '');
    const others = Array.from({ length: 6 }, (_, index) => ({
      ...vault,
      address: `0x${String(index + 1).repeat(40)}`,
    }));
    await created(inputs({ contracts: others, explorers: inputs().explorers.slice(0, 1) }));
    expect(etherscan.requests).toHaveLength(3);
  });

  it('that is not there is told so', async () => {
    const gone = await startFakeSourcify(node);
    await gone.stop();
    const state = await created(inputs({ explorers: [{ kind: 'sourcify', url: gone.url }] }));
    expect(reasonOf(reportOf(state, 'sourcify'))).toBe('nothing listens there');
  });

  it('that asks for patience gets it', async () => {
    etherscan.next.push(text(429, html, { 'retry-after': '1' }));
    sourcify.next.push(text(429, html, { 'retry-after': '1' }));
    const limit = 'Max calls per sec rate limit reached (3/sec)';
    etherscan.next.push(text(200, JSON.stringify({ status: '0', message: 'NOTOK', result: limit })));
    const state = await created();
    expect(Object.values(state.reports).map(({ status }) => status)).toEqual(['verified', 'verified']);
  });

  it('that has not seen the contract yet is asked again, by this update and the next', async () => {
    etherscan.lag = sourcify.lag = 1;
    const state = await created();
    expect(Object.values(state.reports).map(({ status }) => status)).toEqual(['verified', 'verified']);

    etherscan.shown.clear();
    etherscan.lag = 99;
    const lagging = await created(inputs({ patienceSeconds: 3 }));
    expect(reportOf(lagging, 'etherscan')).toMatchObject({
      status: 'pending',
      reason: 'it has not seen the contract on the chain yet',
    });
    etherscan.lag = 0;
    after(1);
    expect(await changes(lagging)).toBe(true);
    expect(reportOf(await updated(lagging), 'etherscan').status).toBe('verified');
  });

  it('that refuses the sources is told in its words, and left in peace in the end', async () => {
    const words = 'Fail - Unable to verify. Compiled contract deployment bytecode does NOT match.';
    const refuse = (): void => {
      etherscan.shown.clear();
      etherscan.next.push({ kind: 'well' }, { kind: 'well' });
      etherscan.next.push(text(200, JSON.stringify({ status: '0', message: 'NOTOK', result: words })));
    };
    refuse();
    let state = await created();
    expect(reasonOf(reportOf(state, 'etherscan'))).toBe(`it says: ${words}`);
    for (const minutes of [60, 24 * 60]) {
      expect(await changes(state)).toBe(false);
      after(minutes);
      expect(await changes(state)).toBe(true);
      refuse();
      state = await updated(state);
      expect(reportOf(state, 'etherscan').status).toBe('failed');
    }
    after(365 * 24 * 60);
    expect(await changes(state)).toBe(false);
    expect(told.at(-1)).toMatch(/it is not tried again by itself$/);
  });

  it('that forgot its job gets the sources again', async () => {
    sourcify.queue = 99;
    const pending = await created(inputs({ patienceSeconds: 2 }));
    expect(reportOf(pending, 'sourcify')).toHaveProperty('job');
    sourcify.forget();
    sourcify.queue = 0;
    after(1);
    const lost = await updated(pending);
    expect(reportOf(lost, 'sourcify').status).toBe('unknown');
    after(11);
    expect(await changes(lost)).toBe(true);
    expect(reportOf(await updated(lost), 'sourcify')).toMatchObject({ status: 'verified', match: 'partial' });
  });

  it('that does not know the chain is told so', async () => {
    sourcify.knowsChain = false;
    const state = await created();
    expect(reportOf(state, 'sourcify')).toMatchObject({ status: 'failed' });
    expect(reasonOf(reportOf(state, 'sourcify'))).toContain('Chain 31337 not found');
  });
});

describe('a contract whose creation is only proposed', () => {
  it('is left out until it has an address, and is then verified', async () => {
    const zero = { ...vault, address: `0x${'0'.repeat(40)}` };
    const olds = await created(inputs({ contracts: [zero] }));
    expect([olds.reports, etherscan.requests, sourcify.requests]).toEqual([{}, [], []]);
    expect(await handler.diff?.('id', olds, inputs({ contracts: [zero] }))).toEqual({ changes: false });

    expect(await handler.diff?.('id', olds, inputs())).toEqual({ changes: true });
    const { reports } = await updated(olds);
    expect(Object.values(reports).map(({ status }) => status)).toEqual(['verified', 'verified']);
  });
});

describe('a job that takes long', () => {
  it('is pending in the state, and the next update moves it on without submitting anew', async () => {
    etherscan.queue = sourcify.queue = 3;
    const first = await created(inputs({ patienceSeconds: 2 }));
    // On a busy machine there may be no time for a first question.
    for (const { status } of Object.values(first.reports)) expect(status).toMatch(/^(pending|submitted)$/);
    expect(told.every((line) => line.startsWith('pending with '))).toBe(true);
    const second = await updated(first, inputs({ patienceSeconds: 30 }));
    expect(Object.values(second.reports).map(({ status }) => status)).toEqual(['verified', 'verified']);
    for (const { requests } of [etherscan, sourcify]) {
      expect(requests.filter(({ method }) => method === 'POST')).toHaveLength(1);
    }
  });

  it('of an update that was killed is found again', async () => {
    etherscan.queue = sourcify.queue = 3;
    await created(inputs({ patienceSeconds: 1 }));
    const again = await created();
    expect(Object.values(again.reports).map(({ status }) => status)).toEqual(['verified', 'verified']);
    expect([...etherscan.violations, ...sourcify.violations]).toEqual([]);
  });
});

describe('a refresh', () => {
  it('tells what an explorer no longer shows, and the next update mends it', async () => {
    const state = await created();
    etherscan.shown.clear();
    told = [];
    const drifted = await refreshed(state);
    expect(told).toEqual([
      `drift: ${reportOf(state, 'etherscan').explorer} no longer shows the sources of Vault at ${vault.address}`,
    ]);
    expect(await changes(drifted)).toBe(true);
    expect(reportOf(await updated(drifted), 'etherscan').status).toBe('verified');
  });

  it('finds what somebody verified by hand', async () => {
    etherscan.next.push(text(500, ''));
    const state = await created();
    etherscan.shown.set(vault.address, { name: 'by hand' });
    expect(reportOf(await refreshed(state), 'etherscan').status).toBe('verified');
  });

  it('leaves all as it is when nobody answers', async () => {
    const state = await created();
    etherscan.manner = sourcify.manner = { kind: 'cut' };
    expect(await refreshed(state)).toEqual(state);
  });

  it('submits nothing', async () => {
    etherscan.manner = sourcify.manner = text(500, '');
    const state = await created();
    etherscan.manner = sourcify.manner = { kind: 'well' };
    await refreshed(state);
    const methods = [...etherscan.requests, ...sourcify.requests].map(({ method }) => method);
    expect(new Set(methods)).toEqual(new Set(['GET']));
  });
});

describe('what makes an update', () => {
  it('is a changed contract, implementation or explorer, and not another transaction', async () => {
    const state = await created();
    const [own] = state.contracts;
    if (own === undefined) return missing();
    expect(await changes(state)).toBe(false);
    const { creationTransaction: _, ...without } = own;
    expect(await changes(state, inputs({ contracts: [without] }))).toBe(false);
    expect(await changes(state, inputs({ contracts: [{ ...own, creationTransaction: UNKNOWN }] }))).toBe(
      false,
    );
    expect(await changes(state, inputs({ contracts: [{ ...own, implementation: vault.address }] }))).toBe(
      true,
    );
    expect(await changes(state, inputs({ contracts: [{ ...own, implementation: UNKNOWN }] }))).toBe(true);
    expect(await changes(state, inputs({ explorers: [] }))).toBe(true);
  });

  it('tries at once what a changed setting may have mended', async () => {
    etherscan.key = 'another';
    const state = await created();
    expect(reportOf(state, 'etherscan').status).toBe('unreachable');
    expect(await changes(state)).toBe(false);
    vi.stubEnv('VERIFICATION_OTHER_KEY', 'another');
    const [first, second] = inputs().explorers;
    const explorers = [
      { ...first, apiKey: { kind: 'env', name: 'VERIFICATION_OTHER_KEY' } },
      second,
    ] as VerificationInputs['explorers'];
    expect(await changes(state, inputs({ explorers }))).toBe(true);
    expect(reportOf(await updated(state, inputs({ explorers })), 'etherscan').status).toBe('verified');
  });

  it('is never the local chain on a public explorer, which is told once', async () => {
    const explorers = [{ kind: 'sourcify' }] as const;
    const state = await created(inputs({ explorers }));
    expect(told).toEqual([
      `not verified by sourcify: the sources of Vault at ${vault.address}: the local chain is on no public explorer`,
    ]);
    expect(await changes(state, inputs({ explorers }))).toBe(false);
  });
});

describe('the key', () => {
  const secretNowhere = (state: VerificationState): void => {
    const all = JSON.stringify([state, told]);
    expect(all).not.toContain(key);
    expect(all).not.toContain(key.slice(0, 6));
  };

  it('reaches the explorer, and nothing else', async () => {
    etherscan.key = key;
    const state = await created();
    expect(reportOf(state, 'etherscan').status).toBe('verified');
    expect(sourcify.requests.every(({ query, body }) => !`${query.toString()}${body}`.includes(key))).toBe(
      true,
    );
    secretNowhere(state);
  });

  it('that is wrong is told without a part of it, and tried once for all contracts', async () => {
    etherscan.key = 'another';
    const contracts = Array.from({ length: 6 }, (_, n) => ({
      ...vault,
      address: `0x${String(n).repeat(40)}`,
    }));
    const state = await created(inputs({ contracts, explorers: inputs().explorers.slice(0, 1) }));
    expect(reasonOf(reportOf(state, 'etherscan'))).toBe('it does not take the API key');
    expect(etherscan.requests).toHaveLength(1);
    secretNowhere(state);
  });

  it('is not repeated from what an explorer says', async () => {
    const echo = `Error! Bad request GET /v2/api?chainid=1&apikey=${key}`;
    etherscan.next.push(text(200, JSON.stringify({ status: '0', message: 'NOTOK', result: echo })));
    etherscan.next.push(
      text(200, JSON.stringify({ status: '0', message: 'NOTOK', result: `what is ${key}?` })),
    );
    const first = await created();
    secretNowhere(first);
    const second = await updated(first, inputs({ patienceSeconds: 21 }));
    expect(reasonOf(reportOf(second, 'etherscan'))).toBe('it says: what is (key)?');
    secretNowhere(second);
  });

  it('that is missing is named', async () => {
    vi.stubEnv('VERIFICATION_TEST_KEY', '');
    const state = await created();
    expect(reasonOf(reportOf(state, 'etherscan'))).toBe(
      'its API key env:VERIFICATION_TEST_KEY is empty or cannot be read',
    );
    expect(etherscan.requests).toEqual([]);
    expect(reportOf(state, 'sourcify').status).toBe('verified');
  });
});

describe('the state', () => {
  it('is small and names where to look', async () => {
    const state = await created();
    expect(JSON.stringify(state).length).toBeLessThan(3_000);
    expect(reportOf(state, 'sourcify')).toMatchObject({
      contract: 'Vault',
      address: vault.address,
      what: 'source',
      url: `${sourcify.url}/v2/contract/31337/${vault.address}`,
    });
  });
});

describe('a long wait', () => {
  it('shows how far it is', async () => {
    sourcify.queue = 99;
    const lines: string[] = [];
    const [, explorer] = inputs().explorers;
    await verifyContracts({
      contracts: [vault],
      chainId: node.chainId,
      explorers: explorer === undefined ? [] : [explorer],
      reports: {},
      patienceMs: 11_500,
      pauseMs: 500,
      log: (line) => lines.push(line),
    });
    expect(lines[0]).toMatch(/^waiting for sourcify at .*: 0 of 1 settled, 1\d s$/);
  });
});
