import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openAccount } from '@cutover/chain/evm/account.ts';
import { deployContract } from '@cutover/chain/evm/deploy.ts';
import { connect } from '@cutover/chain/evm/rpc.ts';
import {
  notifyTo,
  settle,
  submit,
  waitForReceipt,
  type TransactionEvent,
} from '@cutover/chain/evm/sender.ts';
import type { NetworkRef } from '@cutover/chain/plan/network.ts';
import { startFaultyNode, type Fault, type FaultyNode, type Question } from '../faulty-node.ts';
import { deploymentOf, logbook, vaultArgs } from '../kit.ts';
import { startLocalNode, type LocalNode } from '../local-node.ts';
import { refusal } from '../refusal.ts';
import { journalOf, note, notesOn, onceEach, sendingTo, sleep, until, type Sending } from './sender/kit.ts';

type Lie = (question: Question) => Fault | undefined;

const nodes: LocalNode[] = [];
const endpoints: FaultyNode[] = [];
let events: TransactionEvent[] = [];
beforeEach(() => {
  events = [];
  notifyTo((event) => events.push(event));
});
afterEach(async () => {
  await Promise.all(endpoints.splice(0).map((each) => each.stop()));
  await Promise.all(nodes.splice(0).map((node) => node.stop()));
});

const { log } = logbook();

async function startNode(...args: Parameters<typeof startLocalNode>): Promise<LocalNode> {
  const node = await startLocalNode(...args);
  nodes.push(node);
  return node;
}

async function endpoint(node: Pick<LocalNode, 'url' | 'chainId'>, lie?: Lie): Promise<FaultyNode> {
  const faulty = await startFaultyNode(node, lie);
  endpoints.push(faulty);
  return faulty;
}

/** A connection to endpoints, the first of which is asked everything, and of which two must agree on what is final. */
function sendingBy(
  all: readonly [FaultyNode, ...FaultyNode[]],
  more: Partial<NetworkRef> = {},
): Promise<Sending> {
  const urls = all.map(({ url }, index) => ({ url, weight: 10 - index }));
  return sendingTo(all[0], { quorum: 2, patienceSeconds: 3, ...more, endpoints: urls });
}

const answer = (value: unknown): Fault => ({ kind: 'swallow', answer: () => value });
const mine = (node: LocalNode, blocks = 1): Promise<unknown> =>
  node.provider.send('anvil_mine', [`0x${blocks.toString(16)}`]);
const kinds = (): string[] => events.map(({ kind }) => kind);

/** Lies about every transaction from the moment that it was told to: in a block that nobody else has, and its nonce used. */
function inventsReceipts(): { readonly lie: Lie; begin(): void } {
  let begun = false;
  return {
    begin: () => (begun = true),
    lie: ({ method, params }) => {
      if (!begun) return undefined;
      if (method === 'eth_getTransactionCount' && params[1] === 'latest') return answer('0x9');
      if (method !== 'eth_getTransactionReceipt') return undefined;
      const invented = {
        blockHash: `0x${'bad0'.repeat(16)}`,
        blockNumber: '0x0',
        status: '0x1',
        gasUsed: '0x1',
      };
      return answer({ ...invented, transactionHash: params[0], logs: [] });
    },
  };
}

describe('an endpoint that invents a receipt', () => {
  it('settles nothing: with another one beside it, who says what is told', async () => {
    const node = await startNode({ flags: ['--no-mining'] });
    const liar = inventsReceipts();
    const { rpc, account } = await sendingBy([await endpoint(node, liar.lie), await endpoint(node)]);
    const hash = await submit(rpc, account, note(1));
    liar.begin();
    await mine(node);
    const error = await refusal(settle(rpc, account, log, [hash]));
    expect(error.code).toBe('CUT-2235');
    expect(error.message).toContain(endpoints[0]?.url);
    expect(error.message).toContain(endpoints[1]?.url);
    expect(kinds()).toContain('disagreed');
    expect(await notesOn(node)).toEqual(onceEach([1]));
  });

  it('is outvoted by two: the transaction goes on, and settles where it really is', async () => {
    const node = await startNode({ flags: ['--no-mining'] });
    const liar = inventsReceipts();
    const honest = [await endpoint(node), await endpoint(node)] as const;
    const { rpc, account, network } = await sendingBy([await endpoint(node, liar.lie), ...honest]);
    const hash = await submit(rpc, account, note(1));
    liar.begin();
    const settled = settle(rpc, account, log, [hash]);
    await until(() => kinds().includes('orphaned'), 'the invented block is not believed');
    expect(await node.provider.getBlockNumber()).toBe(0);
    await mine(node);
    expect(await settled).toEqual([{ transactionHash: hash, blockNumber: 1, succeeded: true }]);
    const journal = await journalOf(node, network, account.address);
    expect(journal.find(hash)?.inclusion?.blockHash).toBe((await node.provider.getBlock(1))?.hash);
    expect(await notesOn(node)).toEqual(onceEach([1]));
  });
});

describe('an endpoint with an old head', () => {
  it('keeps a transaction from settling until it has caught up', async () => {
    const node = await startNode();
    let behind = true;
    const old: Lie = ({ method, params }) => {
      if (!behind) return undefined;
      if (method === 'eth_getTransactionReceipt') return { kind: 'forget' };
      return method === 'eth_getBlockByNumber' && params[0] !== 'latest' && params[0] !== '0x0'
        ? { kind: 'forget' }
        : undefined;
    };
    const { rpc, account } = await sendingBy([await endpoint(node), await endpoint(node, old)]);
    const hash = await submit(rpc, account, note(1));
    let done = false;
    const settled = settle(rpc, account, log, [hash]).finally(() => (done = true));
    await sleep(1_000);
    expect(done).toBe(false);
    behind = false;
    expect(await settled).toMatchObject([{ transactionHash: hash, succeeded: true }]);
    expect(kinds()).not.toContain('orphaned');
  });

  it('must be as deep as the network wants, too', async () => {
    const node = await startNode();
    let behind = true;
    const old: Lie = ({ method, params }) =>
      behind && method === 'eth_getBlockByNumber' && params[0] === '0x3' ? { kind: 'forget' } : undefined;
    const more = { confirmations: 3 };
    const { rpc, account } = await sendingBy([await endpoint(node), await endpoint(node, old)], more);
    const hash = await submit(rpc, account, note(1));
    let done = false;
    const settled = settle(rpc, account, log, [hash]).finally(() => (done = true));
    await mine(node, 2);
    await sleep(1_000);
    expect(done).toBe(false);
    behind = false;
    expect(await settled).toMatchObject([{ transactionHash: hash, blockNumber: 1 }]);
  });
});

describe('an endpoint on another fork', () => {
  /** Two real nodes with one genesis block that make blocks of their own. */
  async function forks(): Promise<readonly [LocalNode, LocalNode]> {
    const flags = ['--timestamp', '1700000000'];
    const [one, two] = [await startNode({ flags }), await startNode({ flags })];
    await mine(two);
    return [one, two];
  }

  it('settles nothing alone', async () => {
    const [one, two] = await forks();
    const { rpc, account } = await sendingBy([await endpoint(one), await endpoint(two)]);
    const hash = await submit(rpc, account, note(1));
    expect((await refusal(settle(rpc, account, log, [hash]))).code).toBe('CUT-2235');
    expect([await notesOn(one), await notesOn(two)]).toEqual([onceEach([1]), onceEach([1])]);
  });

  it('is outvoted: it settles in the block that two have', async () => {
    const [one, two] = await forks();
    const { rpc, account } = await sendingBy([await endpoint(one), await endpoint(two), await endpoint(two)]);
    const hash = await submit(rpc, account, note(1));
    expect(await settle(rpc, account, log, [hash])).toEqual([
      { transactionHash: hash, blockNumber: 2, succeeded: true },
    ]);
    expect(await notesOn(two)).toEqual(onceEach([1]));
  });

  it('does not make the journal be forgotten', async () => {
    const [one, two] = await forks();
    const first = { ...one };
    const { rpc, account, network } = await sendingBy([await endpoint(first), await endpoint(one)]);
    const hash = await submit(rpc, account, note(1));
    await settle(rpc, account, log, [hash]);
    await mine(two, 3);
    Object.assign(first, { url: two.url });
    // What was seen a moment ago is not asked for again.
    await sleep(700);
    await submit(rpc, account, note(2));
    expect(kinds()).not.toContain('chain-restarted');
    const journal = await journalOf(one, network, account.address);
    expect(journal.find(hash)).toMatchObject({ state: 'confirmed', settled: true });
    expect(journal.all().map(({ nonce }) => nonce)).toEqual([0, 1]);
  });

  it('undoes nothing alone', async () => {
    const [one, two] = await forks();
    const first = { ...one };
    const more = { confirmations: 3 };
    const { rpc, account } = await sendingBy([await endpoint(first), await endpoint(one)], more);
    const hash = await submit(rpc, account, note(1));
    await waitForReceipt(rpc, account, hash, log);
    await mine(two, 3);
    Object.assign(first, { url: two.url });
    const settled = settle(rpc, account, log, [hash]);
    await sleep(1_500);
    expect(kinds()).not.toContain('orphaned');
    Object.assign(first, { url: one.url });
    await mine(one, 4);
    expect(await settled).toEqual([{ transactionHash: hash, blockNumber: 1, succeeded: true }]);
    expect(await notesOn(one)).toEqual(onceEach([1]));
  });

  it('that begins with another block is refused before anything is sent', async () => {
    const [one, other] = [await startNode(), await startNode({ flags: ['--timestamp', '1700000001'] })];
    const { rpc, account } = await sendingBy([await endpoint(one), await endpoint(other)]);
    const error = await refusal(submit(rpc, account, note(1)));
    expect([error.code, error.details['what']]).toEqual(['CUT-2235', 'its first block']);
    expect([await notesOn(one), await notesOn(other)]).toEqual([new Map(), new Map()]);
  });
});

describe('an endpoint that says that somebody else used a nonce', () => {
  const stranger = `0x${'57'.repeat(32)}`;

  let asked: unknown[] = [];
  beforeEach(() => (asked = []));
  const askedAbout = (hash: string): number => asked.filter((each) => each === hash).length;

  /** Shows a stranger's transaction under the nonce of ours, and knows nothing of ours. */
  function showsStranger(from: () => string): { readonly lie: Lie; begin(): void } {
    let begun = false;
    return {
      begin: () => (begun = true),
      lie: (question) => {
        const { method, params } = question;
        if (method === 'eth_sendRawTransaction') {
          begun = true;
          return { kind: 'refuse', message: 'nonce too low' };
        }
        if (!begun) return undefined;
        asked.push(params[0]);
        if (method === 'eth_getTransactionCount') return answer('0x1');
        if (/^eth_getTransaction(Receipt|ByHash)$/.test(method)) {
          const theirs = { hash: stranger, from: from(), nonce: '0x0', blockHash: `0x${'11'.repeat(32)}` };
          return params[0] === stranger ? answer(theirs) : { kind: 'forget' };
        }
        if (method === 'eth_getBlockReceipts') return { kind: 'forget' };
        const full = method === 'eth_getBlockByNumber' && params[1] === true;
        return full ? answer({ transactions: [{ hash: stranger, from: from(), nonce: '0x0' }] }) : undefined;
      },
    };
  }

  it('is not believed: the transaction keeps its nonce, and is in a block once', async () => {
    const node = await startNode({ flags: ['--no-mining'] });
    let owner = '';
    const liar = showsStranger(() => owner);
    const honest = [await endpoint(node), await endpoint(node)] as const;
    const { rpc, account, network } = await sendingBy([await endpoint(node, liar.lie), ...honest]);
    owner = account.address;
    const hash = await submit(rpc, account, note(1));
    const settled = settle(rpc, account, log, [hash]);
    await until(() => askedAbout(stranger) > 0, 'the others are asked about the stranger');
    const journal = await journalOf(node, network, account.address);
    expect(journal.find(hash)).toMatchObject({ state: 'pending', settled: false });
    await mine(node);
    expect(await settled).toMatchObject([{ transactionHash: hash, succeeded: true }]);
    expect(await notesOn(node)).toEqual(onceEach([1]));
  });

  it('by knowing nothing of ours, and keeping no history, makes nobody send it twice', async () => {
    const node = await startNode({ blockSeconds: 1 });
    let forgetful = true;
    const amnesia: Lie = ({ method, params }) => {
      if (!forgetful) return undefined;
      if (/^eth_getTransaction(Receipt|ByHash)$|^eth_getBlockReceipts$/.test(method))
        return { kind: 'forget' };
      const past = method === 'eth_getTransactionCount' && /^0x/.test(String(params[1]));
      return past ? { kind: 'refuse', message: 'missing trie node' } : undefined;
    };
    const all = [await endpoint(node, amnesia), await endpoint(node)] as const;
    const { rpc, account, network } = await sendingBy(all, { patienceSeconds: 20 });
    const hash = await submit(rpc, account, note(1));
    const settled = settle(rpc, account, log, [hash]);
    await sleep(6_000);
    const journal = await journalOf(node, network, account.address);
    expect(journal.find(hash)).toMatchObject({ state: 'pending', settled: false });
    forgetful = false;
    expect(await settled).toMatchObject([{ transactionHash: hash, succeeded: true }]);
    expect(await notesOn(node)).toEqual(onceEach([1]));
  });

  it('is believed when another one says so too, and what was wanted goes on under the next nonce', async () => {
    const node = await startNode({ flags: ['--no-mining'] });
    const { rpc, account } = await sendingBy([await endpoint(node), await endpoint(node)]);
    const first = await submit(rpc, account, note(1));
    await node.provider.send('anvil_dropTransaction', [first]);
    const strange = await account.sign({
      ...{ chainId: 31337, type: 2, nonce: 0, to: account.address, gasLimit: 30_000n },
      ...{ maxFeePerGas: 10n ** 11n, maxPriorityFeePerGas: 10n ** 10n },
    });
    await node.provider.send('eth_sendRawTransaction', [strange]);
    await mine(node);
    const settled = settle(rpc, account, log, [first]);
    await until(
      async () =>
        Number(await node.provider.send('eth_getTransactionCount', [account.address, 'pending'])) === 2,
      'it goes on',
    );
    await mine(node);
    expect(await settled).toMatchObject([{ succeeded: true }]);
    expect(await notesOn(node)).toEqual(onceEach([1]));
  });
});

describe('an endpoint that shows code where there is none', () => {
  const showsCode =
    (address: string, code: string): Lie =>
    ({ method, params }) =>
      method === 'eth_getCode' && params[0] === address && params[1] === 'latest' ? answer(code) : undefined;

  /** What a deployment leaves behind, seen on a node that is thrown away. */
  async function codeOfVault(): Promise<{ readonly address: string; readonly code: string }> {
    const node = await startNode();
    const { rpc, account } = await sendingTo(node);
    const wanted = await deploymentOf(vaultArgs);
    await deployContract(rpc, () => Promise.resolve(account), wanted, log);
    return { address: wanted.address, code: await node.provider.getCode(wanted.address) };
  }

  it('is outvoted by two, and the contract is deployed', async () => {
    const { address, code } = await codeOfVault();
    const node = await startNode();
    const honest = [await endpoint(node), await endpoint(node)] as const;
    const { rpc, account } = await sendingBy([await endpoint(node, showsCode(address, code)), ...honest]);
    const wanted = await deploymentOf(vaultArgs);
    const { transaction } = await deployContract(rpc, () => Promise.resolve(account), wanted, log);
    expect(transaction?.blockNumber).toBeGreaterThan(0);
    expect(await node.provider.getCode(address)).not.toBe('0x');
  });

  it('with another one beside it makes nothing be found, and nothing be sent', async () => {
    const { address, code } = await codeOfVault();
    const node = await startNode();
    const liar = await endpoint(node, showsCode(address, code));
    const { rpc, account } = await sendingBy([liar, await endpoint(node)]);
    const error = await refusal(
      deployContract(rpc, () => Promise.resolve(account), await deploymentOf(vaultArgs), log),
    );
    expect(error.code).toBe('CUT-2235');
    expect(error.message).toContain(`the code of Vault at ${address}`);
    expect(await node.provider.getBlockNumber()).toBe(0);
  });
});

describe('the number of endpoints that must agree', () => {
  const receiptsAt = (at: number): number => endpoints[at]?.counts.get('eth_getTransactionReceipt') ?? 0;

  it('is the majority of those that are well, where the stack file does not say', async () => {
    const node = await startNode({ chainId: 84532 });
    process.env['QUORUM_TEST_KEY'] = '0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d';
    const all = [await endpoint(node), await endpoint(node), await endpoint(node)] as const;
    const network = { name: 'test', chainId: 84532, endpoints: all.map(({ url }) => ({ url })) };
    const rpc = await connect(network);
    const account = await openAccount({ kind: 'env', name: 'QUORUM_TEST_KEY' }, network);
    const hash = await submit(rpc, account, note(1));
    await settle(rpc, account, log, [hash]);
    expect([receiptsAt(1), receiptsAt(2)]).toEqual([1, 0]);
  });

  it('is insisted upon where it does: one endpoint settles nothing when the other is gone', async () => {
    const node = await startNode();
    const { rpc, account } = await sendingBy([await endpoint(node), await endpoint(node)]);
    await settle(rpc, account, log, [await submit(rpc, account, note(1))]);
    await endpoints[1]?.stop();
    const hash = await submit(rpc, account, note(2));
    expect(await waitForReceipt(rpc, account, hash, log)).toMatchObject({ succeeded: true });
    expect((await refusal(settle(rpc, account, log, [hash]))).code).toBe('CUT-2235');
  });

  it('asks nothing more where there is one endpoint', async () => {
    const node = await startNode();
    const { rpc, account } = await sendingTo(await endpoint(node));
    const hash = await submit(rpc, account, note(1));
    await settle(rpc, account, log, [hash]);
    expect(receiptsAt(0)).toBe(1);
    expect(endpoints[0]?.counts.get('eth_getTransactionByHash')).toBeUndefined();
  });

  it('asks about many transactions in one request to each', async () => {
    const node = await startNode({ blockSeconds: 1 });
    const { rpc, account } = await sendingBy([await endpoint(node), await endpoint(node)]);
    const hashes = await Promise.all(
      Array.from({ length: 20 }, (_, index) => submit(rpc, account, note(index))),
    );
    await settle(rpc, account, log, hashes);
    expect(receiptsAt(1)).toBe(20);
    // Its health, its first block, the transactions in a batch or two, and what settles them.
    expect(endpoints[1]?.requests()).toBeLessThanOrEqual(12);
  });
});
