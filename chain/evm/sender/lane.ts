import { CutoverError } from '@cutover/base/errors.ts';
import { ownMark, runningAmong } from '../../journal/process-mark.ts';
import { isLocal, describeNetwork } from '../../plan/network.ts';
import type { AccountFacts } from '../../plan/transaction/admit.ts';
import type { Head } from '../../plan/transaction/heads.ts';
import { sendingTerms, type SendingTerms } from '../../plan/transaction/policy.ts';
import { recognise, type Recognition } from '../../plan/transaction/recognise.ts';
import type { Account } from '../account.ts';
import { openJournal, type Journal } from '../journal/journal.ts';
import { journalPath } from '../journal/place.ts';
import { poll } from '../poll.ts';
import type { Rpc } from '../rpc.ts';
import { agreedBlockHash, asksSeveral, disagreement } from './agreement.ts';
import { examine, examineUnsettled } from './examine.ts';
import { follow } from './follow.ts';
import { notify } from './notify.ts';
import { countOf } from './traces.ts';
import { networkKey, watchOf, type ChainWatch } from './watch.ts';

/** One account on one chain, in this process: its journal, and what is known and under way at the moment. */
export interface Lane {
  readonly address: string;
  readonly watch: ChainWatch;
  readonly journal: Journal;
  readonly genesis: string;
  readonly terms: SendingTerms;
  /** This process, for the journal. */
  readonly me: string;
  readonly openedAt: number;
  /** Who signs, once somebody has submitted something. */
  account: Account | undefined;
  /** The other processes that were alive when last asked. */
  running: ReadonlySet<string>;
  facts: { readonly head: string; readonly promise: Promise<AccountFacts> } | undefined;
  /** Transactions that the node was asked for and does not have. */
  readonly missing: Set<number>;
  /** Seen in a block, but the node had no receipt yet. */
  readonly expected: Set<number>;
  /** Transactions whose nonce is used while nobody can tell by whom: at which heads that was so. */
  readonly doubts: Map<number, Set<string>>;
  /** Transactions about which the endpoints differ: since when, and whether an operator was told. */
  readonly disputes: Map<number, { readonly since: number; readonly told: boolean }>;
  /** Being signed or handed over right now. */
  readonly underWay: Map<number, Promise<unknown>>;
  /** Why a transaction could not be handed over again. */
  readonly failures: Map<number, unknown>;
  /** What goes on in the place of a transaction whose nonce was taken. */
  readonly successors: Map<number, Promise<{ readonly lane: Lane; readonly hash: string }>>;
  /** When raising a stalled transaction's price was last thought about. */
  readonly considered: Map<number, number>;
  /** Nonces that are being used up since nothing holds them. */
  readonly filling: Set<number>;
  /** How many are waiting for a nonce. */
  admitting: number;
  /** How often the chain had turned when it was last known to be the same. */
  turns: number;
  /** When a block came last, or the node's pool was looked through because none came. */
  quietSince: number;
  /** A look failed half way: everything has to be looked at again. */
  recheck: boolean;
  /** The chain was started anew: nothing here means anything any more. */
  ended: boolean;
}

const lanes = new Map<string, Promise<Lane>>();

/** Closed with the process, so that a journal is one file when nothing runs. */
const journals = new Set<Journal>();
process.once('exit', () => journals.forEach((journal) => journal.close()));

/** How long what an earlier run left may be claimed before its nonces are given to others. */
const graceMs = 1_500;

/** The lane of an account. SIDE EFFECTS: opens its journal, asks the node. */
export async function laneOf(rpc: Rpc, address: string): Promise<Lane> {
  const watch = watchOf(rpc);
  const key = `${networkKey(rpc.network)}:${address}`;
  const known = lanes.get(key);
  if (known !== undefined) {
    const lane = await known;
    if (await isStillThere(lane)) return lane;
    endLane(lane);
  }
  // Of those who come at the same time, one opens it.
  if (lanes.get(key) === known) {
    const opened = open(watch, address);
    lanes.set(key, opened);
    opened.catch(() => {
      if (lanes.get(key) === opened) lanes.delete(key);
    });
  }
  return lanes.get(key) ?? laneOf(rpc, address);
}

/** Whether the chain is still the one that the lane was opened on; a node that does not answer is given the benefit. */
export async function isStillThere(lane: Lane): Promise<boolean> {
  if (lane.ended) return false;
  const { watch } = lane;
  try {
    // Whether a chain was started anew shows in its newest block.
    await watch.head();
    const turns = watch.turns();
    if (turns === lane.turns) return true;
    if ((await watch.genesis()) !== lane.genesis || (await compare(lane)) === 'restarted') return false;
    lane.turns = turns;
    return true;
  } catch (error) {
    if (error instanceof CutoverError && error.code === 'CUT-2030') return true;
    throw error;
  }
}

/** The chain was started anew: nothing that was sent there is on its way any more. SIDE EFFECTS: writes the journal. */
export function endLane(lane: Lane): void {
  if (lane.ended) return;
  lane.ended = true;
  lane.journal.restart(lane.genesis);
}

/** Whether what an earlier run left may still be claimed. */
export function inGrace(lane: Lane): boolean {
  return performance.now() - lane.openedAt < graceMs;
}

/** What the chain says of the account, asked once for each block. */
export async function factsOf(lane: Lane): Promise<{ readonly head: Head; readonly facts: AccountFacts }> {
  const head = await lane.watch.head();
  if (lane.facts?.head !== head.hash) {
    const promise = askFacts(lane.watch.rpc(), lane.address);
    const facts = (lane.facts = { head: head.hash, promise });
    promise.catch(() => {
      if (lane.facts === facts) lane.facts = undefined;
    });
  }
  return { head, facts: await lane.facts.promise };
}

/** Finds out which other processes with a part in this journal still run. SIDE EFFECTS: asks the system. */
export async function askOwners(lane: Lane): Promise<void> {
  const owners = lane.journal.owners().filter((owner) => owner !== lane.me);
  lane.running = owners.length === 0 ? new Set() : await runningAmong(owners);
}

async function open(watch: ChainWatch, address: string): Promise<Lane> {
  const { network } = watch;
  const [genesis, me] = await Promise.all([watch.genesis(), ownMark()]);
  const journal = openJournal(journalPath(network, genesis, address), genesis);
  journals.add(journal);
  const lane: Lane = {
    ...{ address, watch, journal, genesis, me, terms: sendingTerms(network), openedAt: performance.now() },
    ...{ account: undefined, running: new Set(), facts: undefined, missing: new Set(), expected: new Set() },
    ...{
      doubts: new Map(),
      disputes: new Map(),
      underWay: new Map(),
      failures: new Map(),
      successors: new Map(),
    },
    ...{
      considered: new Map(),
      filling: new Set(),
      admitting: 0,
      turns: watch.turns(),
      quietSince: performance.now(),
      recheck: false,
      ended: false,
    },
  };
  await requireSameChain(lane);
  await askOwners(lane);
  await examineUnsettled(lane);
  await examine(lane, journal.live());
  watch.listen((news) => follow(lane, news));
  return lane;
}

/** A journal must not be read against another chain, nor against a node that is still catching up. */
async function requireSameChain(lane: Lane): Promise<void> {
  const { journal, watch, genesis } = lane;
  const { network } = watch;
  const ask = async (): Promise<'same' | 'restarted' | undefined> => {
    const found = journal.genesis() === genesis ? await compare(lane) : 'restarted';
    return found === 'behind' ? undefined : found;
  };
  const began = performance.now();
  const found = await poll(ask, { timeoutMs: Math.min(lane.terms.patienceMs, 60_000), pauseMs: 2_000 });
  if (found === undefined) {
    const block = journal.witness()?.blockNumber ?? 0;
    const agreed = await agreedBlockHash(watch.rpc(), block);
    if (agreed.kind === 'open') {
      throw disagreement(watch, `block ${block}`, agreed.votes, performance.now() - began);
    }
    throw new CutoverError('CUT-2211', {
      network: describeNetwork(network),
      head: (await watch.head()).number,
      block,
      account: lane.address,
      path: journal.path,
    });
  }
  if (found === 'same') return;
  const forgotten = journal.all().length;
  journal.restart(genesis);
  notify(network, {
    kind: 'chain-restarted',
    account: lane.address,
    text: `${describeNetwork(network)} was started anew: ${forgotten} transactions of ${lane.address} are gone with it`,
  });
}

/** Compares what the journal saw in a block for good with what the node has. */
async function compare({ journal, watch, address }: Lane): Promise<Recognition> {
  const witness = journal.witness();
  if (witness === undefined) return 'same';
  const [{ number }, minedCount] = await Promise.all([watch.head(), countOf(watch.rpc(), address, 'latest')]);
  const claim = { local: isLocal(watch.network), minedCount, headNumber: number };
  if (minedCount > witness.nonce) return 'same';
  const seen = recognise(witness, { ...claim, blockHash: await watch.blockHash(witness.blockNumber) });
  if (seen !== 'restarted' || !asksSeveral(watch.rpc())) return seen;
  // Everything in the journal would be forgotten on the word of one endpoint, which may have taken another fork.
  const agreed = await agreedBlockHash(watch.rpc(), witness.blockNumber);
  if (agreed.kind === 'open') return 'behind';
  return recognise(witness, { ...claim, blockHash: agreed.value ?? undefined });
}

async function askFacts(rpc: Rpc, address: string): Promise<AccountFacts> {
  const [minedCount, pendingCount, balance] = await Promise.all([
    countOf(rpc, address, 'latest'),
    countOf(rpc, address, 'pending'),
    rpc.send<string>('eth_getBalance', [address, 'latest']),
  ]);
  return { minedCount, pendingCount, balance: BigInt(balance) };
}
