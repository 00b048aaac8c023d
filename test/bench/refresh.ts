import { randomBytes } from 'node:crypto';
import { AbiCoder, concat, dataLength, getAddress, hexlify, id, keccak256, toBeHex } from 'ethers';
import { handler as contractHandler, type ContractState } from '@cutover/chain/evm/contract-handler.ts';
import { handler as cutHandler } from '@cutover/chain/evm/cut-handler.ts';
import { functionRecord } from '@cutover/chain/plan/cut/record.ts';
import { localChainId, type NetworkRef } from '@cutover/chain/plan/network.ts';
import { table } from '../../ops/terminal.ts';
import { startLocalNode } from '../chain/local-node.ts';
import { startProxy } from './deployment/proxy.ts';
import { median } from './figures.ts';

// `node test/bench/refresh.ts`: what a refresh of a diamond asks of a chain, beside the same questions in one request and
// one by one. 64 facets of 12 KB are 64 resources; the diamond and its functions are two more. CUTOVER_BENCH_RUNS sets
// how often (10).
const runs = Number(process.env['CUTOVER_BENCH_RUNS'] ?? 10);
const facetCount = 64;
const perFacet = 12;
const codeBytes = 12_000;

const node = await startLocalNode();
const facets = await Promise.all(Array.from({ length: facetCount }, (_, index) => plantFacet(index)));
const diamond = addressOf('diamond');
const loupe = fakeLoupe();
const diamondFacts = { address: diamond, codeHash: keccak256(loupe) };
await plant(diamond, loupe);

type Result = Readonly<Record<'calls' | 'roundTrips' | 'ms', number>>;
const work: readonly (readonly [what: string, run: (url: string) => Promise<unknown>])[] = [
  ['floor: code of each and the loupe, in one request', (url) => post(url, questions)],
  ['the same, a request each', (url) => Promise.all(questions.map((question) => post(url, question)))],
  ['refresh, all resources at once', (url) => refresh(url, Infinity)],
  ['refresh, 16 at once as the engine does on two cores', (url) => refresh(url, 16)],
];
const questions = [
  ...[...facets.map(({ address }) => address), diamond].map((address) =>
    question('eth_getCode', [address, 'latest']),
  ),
  question('eth_call', [{ to: diamond, data: id('facets()').slice(0, 10) }, 'latest']),
];
const results = work.map((): Result[] => []);
try {
  for (let run = -2; run < runs; run++) {
    for (const [index, [, act]] of work.entries()) {
      const result = await counted(act);
      // The first rounds load modules and do not count.
      if (run >= 0) results[index]?.push(result);
    }
  }
} finally {
  await node.stop();
}
const of = (index: number, what: keyof Result): number =>
  median((results[index] ?? []).map((each) => each[what]));
const rows = work.map(([what], index) => [
  what,
  String(of(index, 'calls')),
  String(of(index, 'roundTrips')),
  of(index, 'ms').toFixed(0),
  (of(index, 'ms') / of(0, 'ms')).toFixed(1),
]);
const first = `${facetCount} facets with ${perFacet} functions; ${runs} runs, Node ${process.version}; medians; aim: 4 round trips at most`;
process.stdout.write(
  [first, ...table([['what', 'calls', 'round trips', 'ms', 'x floor'], ...rows]), ''].join('\n'),
);

/** Counts at a proxy of its own: to a process that is a chain that it has never asked. */
async function counted(act: (url: string) => Promise<unknown>): Promise<Result> {
  const proxy = await startProxy(node);
  const began = performance.now();
  await act(proxy.url);
  const ms = performance.now() - began;
  const { calls, roundTrips } = proxy.traffic();
  await proxy.stop();
  return { calls, roundTrips, ms };
}

/** What the engine has the handlers do, with a fresh connection. Throws when anything is found otherwise than it is. */
async function refresh(url: string, atOnce: number): Promise<void> {
  const network: NetworkRef = { name: 'bench', chainId: localChainId, endpoints: [{ url }] };
  const contracts = [...facets, diamondFacts];
  const reads = [
    ...contracts.map(
      ({ address, codeHash }) =>
        () =>
          contractHandler.read?.(address, stateOf(network, address, codeHash)),
    ),
    () => cutHandler.read?.(diamond, cutStateOf(network)),
  ];
  const waiting = [...reads];
  const worker = async (): Promise<void> => {
    for (let read = waiting.shift(); read !== undefined; read = waiting.shift()) {
      const found = await read();
      const drift = (found?.props as { readonly drift?: readonly string[] } | undefined)?.drift;
      if (drift === undefined || drift.length > 0) throw new Error(`drift: ${JSON.stringify(found)}`);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, reads.length) }, worker));
}

function stateOf(network: NetworkRef, address: string, codeHash: string): ContractState {
  return {
    ...{ contract: 'Facet', address, codeHash, network, initCodeHash: codeHash, salt: id('bench') },
    ...{ args: [], libraries: {}, expects: [], immutables: {}, drift: [] },
    artifact: { kind: 'foundry', path: 'none' },
    signer: { kind: 'local', account: 0 },
  };
}

function cutStateOf(network: NetworkRef): Parameters<NonNullable<typeof cutHandler.read>>[1] {
  const routes = functionRecord(
    facets.map(({ address, functions }, index) => ({ name: `Facet${index}`, address, functions })),
  );
  return {
    ...{ title: 'Bench', diamond, network, routes, unwanted: 'remove', untouched: [], mayLack: [] },
    ...{
      layouts: {},
      allow: [],
      sends: 'changes',
      authority: { kind: 'key', signer: { kind: 'local', account: 0 } },
    },
    ...{ serves: routes, before: undefined, initialized: undefined, progress: {}, drift: [] },
  };
}

interface Facet {
  readonly address: string;
  readonly codeHash: string;
  readonly functions: readonly { readonly selector: string; readonly signature: string }[];
}

async function plantFacet(index: number): Promise<Facet> {
  const address = addressOf(`facet ${index}`);
  const code = hexlify(randomBytes(codeBytes));
  await plant(address, code);
  const functions = Array.from({ length: perFacet }, (_, each) => {
    const signature = `function${index}x${each}(uint256)`;
    return { selector: id(signature).slice(0, 10), signature };
  });
  return { address, codeHash: keccak256(code), functions };
}

/** Code that answers every call with what the loupe of the diamond would: `codecopy` of what stands behind it. */
function fakeLoupe(): string {
  const list = facets.map(({ address, functions }) => [address, functions.map(({ selector }) => selector)]);
  const answer = AbiCoder.defaultAbiCoder().encode(['tuple(address,bytes4[])[]'], [list]);
  const size = toBeHex(dataLength(answer), 3);
  // PUSH3 size, PUSH1 16, PUSH1 0, CODECOPY, PUSH3 size, PUSH1 0, RETURN
  return concat(['0x62', size, '0x6010', '0x6000', '0x39', '0x62', size, '0x6000', '0xf3', answer]);
}

function plant(address: string, code: string): Promise<unknown> {
  return node.provider.send('anvil_setCode', [address, code]);
}

function question(method: string, params: readonly unknown[]): object {
  return { jsonrpc: '2.0', id: 1, method, params };
}

async function post(url: string, body: object): Promise<unknown> {
  const headers = { 'content-type': 'application/json' };
  return (await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })).json();
}

function addressOf(text: string): string {
  return getAddress(`0x${id(text).slice(26)}`);
}
