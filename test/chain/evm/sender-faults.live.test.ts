import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  notifyTo,
  settle,
  submit,
  waitForReceipt,
  type TransactionEvent,
} from '@cutover/chain/evm/sender.ts';
import { startFaultyNode, type Fault, type FaultyNode, type Question } from '../faulty-node.ts';
import { logbook } from '../kit.ts';
import { startLocalNode, type LocalNode } from '../local-node.ts';
import { keccak256 } from 'ethers';
import { note, notesOn, onceEach, sendingTo } from './sender/kit.ts';

let node: LocalNode;
let faulty: FaultyNode | undefined;
let events: TransactionEvent[] = [];
beforeEach(async () => {
  events = [];
  notifyTo((event) => events.push(event));
  node = await startLocalNode({ blockSeconds: 1 });
});
afterEach(async () => {
  await faulty?.stop();
  await node.stop();
});

const range = Array.from({ length: 50 }, (_, index) => index + 1);
const { log } = logbook();

/** Sends fifty transactions of one account at once through the fake, and waits for all. */
async function sendFifty(fault: (question: Question) => Fault | undefined): Promise<void> {
  faulty = await startFaultyNode(node, fault);
  const { rpc, account } = await sendingTo(faulty);
  await Promise.all(
    range.map(async (each) => {
      const hash = await submit(rpc, account, note(each));
      expect(await waitForReceipt(rpc, account, hash, log)).toMatchObject({ succeeded: true });
    }),
  );
  await settle(rpc, account, log);
}

/** Does something to every n-th question of a method, and only the first time that it comes. */
function everyNth(method: string, nth: number, fault: (question: Question) => Fault) {
  const seen = new Set<string>();
  return (question: Question): Fault | undefined => {
    const which = JSON.stringify(question.params);
    if (question.method !== method || seen.has(which)) return undefined;
    seen.add(which);
    return seen.size % nth === 0 ? fault(question) : undefined;
  };
}

const send = 'eth_sendRawTransaction';
const hashIn = ({ params }: Question): string => keccak256(params[0] as string);

describe('fifty transactions of one account at once, none lost and none doubled', () => {
  it.each<readonly [string, (question: Question) => Fault | undefined]>([
    ['breaks connections before it takes a transaction', everyNth(send, 3, () => ({ kind: 'drop' }))],
    [
      'takes transactions and breaks off in the middle of its answer',
      everyNth(send, 3, () => ({ kind: 'deaf' })),
    ],
    [
      'says that it knows what it has just taken',
      everyNth(send, 2, () => ({ kind: 'say', message: 'already known' })),
    ],
    [
      'takes a transaction and says that its nonce is too low',
      everyNth(send, 5, () => ({ kind: 'say', message: 'nonce too low' })),
    ],
    [
      'answers as if it had taken what it drops',
      everyNth(send, 7, () => ({ kind: 'swallow', answer: hashIn })),
    ],
    ['answers with status 429', everyNth(send, 4, () => ({ kind: 'status', status: 429 }))],
    ['answers with status 500', everyNth(send, 4, () => ({ kind: 'status', status: 500 }))],
    [
      'hands transactions on in another order',
      (question) => (question.method === send ? { kind: 'delay', ms: Math.random() * 400 } : undefined),
    ],
    ['forgets each block of receipts once', everyNth('eth_getBlockReceipts', 1, () => ({ kind: 'forget' }))],
    [
      'forgets each receipt once, and knows none by the block',
      both(
        everyNth('eth_getTransactionReceipt', 1, () => ({ kind: 'forget' })),
        ({ method }) =>
          method === 'eth_getBlockReceipts' ? { kind: 'refuse', message: 'method not found' } : undefined,
      ),
    ],
    ['says that the pool is full', everyNth(send, 6, () => ({ kind: 'refuse', message: 'txpool is full' }))],
  ])('through a node that %s', async (_, fault) => {
    await sendFifty(fault);
    expect(await notesOn(node)).toEqual(onceEach(range));
  });

  it('through a node that for seconds knows nothing of what it has mined', async () => {
    const began = performance.now();
    const amnesia = ['eth_getTransactionReceipt', 'eth_getBlockReceipts', 'eth_getTransactionByHash'];
    await sendFifty(({ method }) => {
      if (performance.now() - began > 4_000 || !amnesia.includes(method)) return undefined;
      return { kind: 'forget' };
    });
    expect(await notesOn(node)).toEqual(onceEach(range));
    expect(events.filter(({ kind }) => kind === 'nonce-taken')).toEqual([]);
  });

  it('through a node that does all of that at random', async () => {
    const answers: readonly Fault[] = [
      { kind: 'say', message: 'already known' },
      { kind: 'say', message: 'nonce too low' },
      { kind: 'swallow', answer: hashIn },
      { kind: 'delay', ms: 300 },
    ];
    const breaks: readonly Fault[] = [{ kind: 'drop' }, { kind: 'deaf' }, { kind: 'status', status: 500 }];
    const oneOf = (faults: readonly Fault[]): Fault | undefined =>
      faults[Math.floor(Math.random() * faults.length)];
    await sendFifty(({ method }) => {
      // Questions travel together, and what breaks one breaks them all.
      if (method !== send) return undefined;
      const chance = Math.random();
      return chance < 0.02 ? oneOf(breaks) : chance < 0.4 ? oneOf(answers) : undefined;
    });
    expect(await notesOn(node)).toEqual(onceEach(range));
  });
});

function both(...faults: readonly ((question: Question) => Fault | undefined)[]) {
  return (question: Question): Fault | undefined =>
    faults.map((fault) => fault(question)).find((wrong) => wrong !== undefined);
}
