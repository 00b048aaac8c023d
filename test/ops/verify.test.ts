import { describe, expect, it } from 'vitest';
import { chainResources, lookAtAll, type ChainLook, type ChainResource } from '../../ops/chain-resources.ts';
import type { StackState } from '../../ops/stack-state.ts';
import type { Terminal } from '../../ops/terminal.ts';
import { printReport, verifyReport } from '../../ops/verify.ts';
import { refusal } from '../chain/refusal.ts';

/** A resource whose handler is what stands here, as a module. */
function resource(name: string, read: string, outputs: Record<string, unknown> = {}): ChainResource {
  const module = `data:text/javascript,export const handler = { ${encodeURIComponent(read)} };`;
  const network = { name: 'local', chainId: 31337 };
  return { urn: `urn::${name}`, name, type: 'Contract', id: name, outputs: { network, ...outputs }, module };
}

const wait = 'await new Promise((resolve) => setTimeout(resolve, 100));';

describe('a look at many resources', () => {
  it('hears of each what its own handler tells, although they all look at once', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `r${index}`);
    const read =
      'async read(id) { console.log("begun", id); ' +
      wait +
      ' console.log("done", id); return { id, props: {} }; }';
    const began = performance.now();
    const looks = await lookAtAll(names.map((name) => resource(name, read)));
    expect(performance.now() - began).toBeLessThan(20 * 100);
    for (const [index, look] of looks.entries()) {
      expect(look).toMatchObject({
        name: `r${index}`,
        state: 'sound',
        told: [`begun r${index}`, `done r${index}`],
      });
    }
  });

  it('gives console.log back, and lets through what others say meanwhile', async () => {
    const { log } = console;
    await lookAtAll([resource('a', 'async read() { throw new Error("broken"); }')]);
    expect(console.log).toBe(log);
  });

  it.each<readonly [string, string, Partial<ChainLook>]>([
    ['sound', 'async read(id) { return { id, props: { drift: [] } }; }', { state: 'sound', faults: [] }],
    [
      'faulty: each sentence of drift is a fault, and is not told again',
      'async read(id) { console.log("drift: x"); return { id, props: { drift: ["it was changed"] } }; }',
      { state: 'faulty', faults: ['it was changed'], told: [] },
    ],
    ['gone', 'async read() { return {}; }', { state: 'faulty', faults: ['it is gone from the chain'] }],
    [
      'unseen when the look fails',
      'async read() { throw new Error("broken"); }',
      { state: 'unseen', faults: ['broken'] },
    ],
    [
      'unseen when the handler took for granted what it could not ask',
      'async read(id) { console.log("warning: x could not be looked at: no endpoint"); return { id, props: {} }; }',
      { state: 'unseen' },
    ],
    [
      'unseen when there is no way to look',
      '',
      { state: 'unseen', faults: ['nobody knows how to look at it'] },
    ],
  ])('finds one that is %s', async (_, read, expected) => {
    expect((await lookAtAll([resource('a', read)]))[0]).toMatchObject(expected);
  });

  it('tells what a proposal waits for, and where each explorer stands', async () => {
    const progress = {
      waits: {
        kind: 'proposed',
        stage: 'approvals',
        missing: [{ what: '1 approval' }],
        ids: {},
        transactions: [],
      },
      over: { kind: 'executed elsewhere', reason: 'so it was', ids: {}, transactions: [] },
    };
    const report = { contract: 'Vault', address: '0x01', what: 'source', url: 'https://e/0x01', attempts: 1 };
    const reports = {
      a: { ...report, explorer: 'Sourcify', status: 'verified', match: 'exact' },
      b: { ...report, explorer: 'Etherscan', status: 'failed', reason: 'it says no' },
    };
    const props = JSON.stringify({ progress, reports });
    const [look] = await lookAtAll([resource('a', `async read(id) { return { id, props: ${props} }; }`)]);
    expect(look?.state).toBe('sound');
    expect(look?.told).toHaveLength(3);
    expect(look?.told.join('\n')).toMatch(
      /waits for 1 approval\nverified by Sourcify.*\n.*not verified by Etherscan/,
    );
  });
});

describe('the resources of chains in a state', () => {
  it('are those whose provider names a handler of an EVM chain', () => {
    const text = 'const run=…dispatch("@cutover/chain/evm/pause-handler.ts",a);';
    const state = {
      resources: [
        {
          urn: 'urn:pulumi:dev::cutover::a$b:Pause::escrow-pause',
          type: 'x:dynamic/cutover:Pause',
          id: 'p',
          outputs: { __provider: text, paused: true },
        },
        {
          urn: 'urn::postgres',
          type: 'LocalProcess',
          id: 'q',
          outputs: { __provider: '@cutover/delivery/x.ts' },
        },
        { urn: 'urn::stack', type: 'pulumi:pulumi:Stack' },
      ],
    } as unknown as StackState;
    expect(chainResources(state)).toEqual([
      {
        urn: 'urn:pulumi:dev::cutover::a$b:Pause::escrow-pause',
        name: 'escrow-pause',
        type: 'Pause',
        id: 'p',
        outputs: { paused: true },
        module: '@cutover/chain/evm/pause-handler.ts',
      },
    ]);
  });
});

describe('./cutover verify', () => {
  it('of a stack that was never brought up is refused', async () => {
    const { code, exit } = await refusal(verifyReport('test-never-brought-up'));
    expect([code, exit]).toEqual(['CUT-5110', 2]);
  });

  it('prints faults below their resource, and the reason of what could not be seen once', () => {
    const lines: string[] = [];
    const terminal = { style: (_: string, text: string) => text, line: (text = '') => lines.push(text) };
    const look = (name: string, state: ChainLook['state'], faults: string[]) => ({
      ...{ name, type: 'Contract', address: '0x01', network: 'local (31337)', state, faults, told: [] },
    });
    const resources = [
      look('sound', 'sound', []),
      look('cut', 'faulty', ['one', 'two']),
      look('a', 'unseen', ['No endpoint answers.']),
      look('b', 'unseen', ['No endpoint answers.']),
    ];
    printReport({ stack: 'dev', sound: false, resources }, terminal as unknown as Terminal);
    expect(lines.filter((line) => line.includes('No endpoint answers.'))).toEqual([
      '2 of 4 could not be looked at: No endpoint answers.',
    ]);
    expect(lines).toEqual(
      expect.arrayContaining(['    one', '    two', '1 of 4 are not as they should be.']),
    );
    expect(lines.find((line) => line.startsWith('cut '))).toMatch(/2 faults$/);
  });
});
