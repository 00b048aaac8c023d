import type { Logger } from 'pino';
import type { Header } from './blocks.ts';
import type { WatchedContract } from './contracts.ts';
import { NodeError } from './node-error.ts';
import type { ChainNode } from './node.ts';
import { advanced, attachmentOf, chained, LOCAL_CHAIN, nextStep } from './plan.ts';
import type { EventRange, EventReader } from './reader.ts';
import { readPast } from './past.ts';
import { Refusal } from './refusal.ts';
import { lastCommonBlock } from './common-block.ts';
import type { ChainState, Change, Writer } from './writer.ts';

export interface IndexingOptions {
  readonly chainId: number;
  readonly contracts: readonly WatchedContract[];
  readonly confirmations: number;
  readonly node: ChainNode;
  readonly reader: EventReader;
  readonly writer: Writer;
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** Called after each look at the head and each step written. */
  readonly onProgress: (head: Header, state: ChainState) => void;
  readonly onWritten: (events: number, undone: number) => void;
  readonly onReorganised: (depth: number) => void;
}

/** The work of who holds the lock. */
export interface Indexing {
  /** Makes one step; true when there is more to do at once. A step that fails leaves the database as it was. */
  turn(): Promise<boolean>;
}

// Ranges in one turn, after which the head is looked at again.
const RANGES_IN_A_TURN = 16;

/** Takes up the work where the database says that it stands. SIDE EFFECTS: writes what contracts are followed. */
export async function beginIndexing(options: IndexingOptions): Promise<Indexing> {
  const { chainId, contracts, confirmations, node, reader, writer, signal, log } = options;
  const local = chainId === LOCAL_CHAIN;
  const start = Math.min(...contracts.map(({ fromBlock }) => fromBlock));
  const genesis = await genesisHash(node);
  let lastHead: Header | undefined;
  let state = await writer.load();
  if (state.genesisHash !== undefined && state.genesisHash !== genesis) await beginAnew(genesis);
  await writer.begin(genesis, contracts);
  state = await writer.load();
  log.info(
    { from: (state.window.at(-1)?.number ?? start - 1) + 1, sequence: state.sequence, epoch: state.epoch },
    'follows the chain',
  );

  /** Writes a step. What is known changes only when it is written. */
  async function write(
    change: Pick<Change, 'blocks' | 'events'> & Partial<Change>,
    final: number,
  ): Promise<number> {
    const window = advanced(state.window, change, final);
    const forgetBelow = window[0]?.number ?? 0;
    const { sequence, undone } = await writer.write({ forgetBelow, ...change });
    // Which pasts are left is the database's to say.
    const reload = state.pasts.length > 0 || change.genesisHash !== undefined;
    state = reload ? await writer.load() : { ...state, sequence, window };
    options.onWritten(change.events.length, undone);
    if (lastHead !== undefined) options.onProgress(lastHead, state);
    return undone;
  }

  async function readRanges(from: number, final: number): Promise<void> {
    let coming: Promise<EventRange> | undefined = reader.range(from, final, contracts);
    for (let count = 1; coming !== undefined; count++) {
      const range: EventRange = await coming;
      const tip = state.window.at(-1);
      if (tip !== undefined && range.first.parentHash !== tip.hash) return reorganise(range.first, final);
      const more = range.last.number < final && count < RANGES_IN_A_TURN && !signal.aborted;
      // The next range is on its way while this one is written.
      coming = more ? reader.range(range.last.number + 1, final, contracts) : undefined;
      coming?.catch(() => undefined);
      await write({ blocks: [range.last], events: range.events }, final);
    }
  }

  async function readBlocks(from: number, to: number, head: Header): Promise<void> {
    const final = head.number - confirmations;
    const found = from === head.number ? [head] : await node.between(from, to);
    const first = found[0];
    if (first === undefined) throw new NodeError('behind', `the node does not have block ${from} yet`);
    const tip = state.window.at(-1);
    if (tip !== undefined && first.parentHash !== tip.hash) return reorganise(first, final);
    // The chain may change between two answers: what does not fit together is left for the next turn.
    const blocks = chained(found);
    await write({ blocks, events: await reader.ofBlocks(blocks, contracts) }, final);
  }

  /** Undoes what the chain has dropped, and takes what it has in its place, in one transaction. */
  async function reorganise(block: Header, final: number): Promise<void> {
    const path = [block];
    for (;;) {
      const lowest = path[0] as Header;
      const attachment = attachmentOf(lowest, state.window, start);
      if (attachment.kind === 'below') return resolveDeep(lowest.number - 2);
      if (attachment.kind !== 'unknown') {
        const undoAbove = attachment.kind === 'known' ? attachment.parent : start - 1;
        const events = await reader.ofBlocks(path, contracts);
        const depth = (state.window.at(-1)?.number ?? undoAbove) - undoAbove;
        const undone = await write({ undoAbove, blocks: path, events }, final);
        log.warn({ depth, undone, from: undoAbove + 1 }, 'the chain was reorganised');
        options.onReorganised(depth);
        return;
      }
      const parent = await node.withHash(lowest.parentHash);
      if (parent === undefined)
        throw new NodeError('behind', 'the node does not have a block of its fork yet');
      path.unshift(parent);
    }
  }

  /**
   * Final blocks are gone, all above `highest`. Everything after the last one that is still good is undone, and read
   * again by the next turns.
   */
  async function resolveDeep(highest: number): Promise<void> {
    await checkChain(node, chainId);
    const now = await genesisHash(node);
    if (now !== state.genesisHash) return beginAnew(now);
    const [known] = state.window;
    // One of several nodes may have told of a fork that the others do not know.
    if (known !== undefined && (await node.at(known.number))?.hash === known.hash) {
      throw new NodeError(
        'behind',
        `a node tells of another chain, but block ${known.number} is still there`,
      );
    }
    const good = await lastCommonBlock({ node, writer, lowest: start - 1, highest });
    const anchor = good < start ? undefined : await node.at(good);
    if (good >= start && anchor === undefined) throw new NodeError('behind', `the node lacks block ${good}`);
    const depth = (state.window.at(-1)?.number ?? good) - good;
    const blocks = anchor === undefined ? [] : [anchor];
    const undone = await write({ undoAbove: good, blocks, events: [] }, good);
    log.error(
      { depth, undone, confirmations, readAgainFrom: good + 1 },
      'blocks that were final are gone: the chain was reorganised deeper than CONFIRMATIONS',
    );
    options.onReorganised(depth);
  }

  async function beginAnew(genesisHash: string): Promise<void> {
    if (!local) {
      throw new Refusal(
        3,
        `the node's chain ${chainId} begins with ${genesisHash}, what is indexed began with ${state.genesisHash}`,
        'see that EVM_RPC_URL is a node of the right chain; if the chain was really begun anew, give the indexer an empty database',
      );
    }
    const undone = await write({ undoAbove: -1, blocks: [], events: [], genesisHash }, 0);
    log.warn({ epoch: state.epoch, undone }, 'the local chain began anew: all of its events were undone');
  }

  /** Reads on in the past of a contract that came later; false when there is none. */
  async function readOnInPast(final: number): Promise<boolean> {
    const past = state.pasts[0];
    const contract = contracts.find(({ name }) => name === past?.name);
    if (past === undefined || contract === undefined) return false;
    const { nextBlock } = past;
    const read = await readPast({ node, reader, writer, window: state.window, contract, nextBlock });
    await write({ ...read, blocks: [] }, final);
    if (read.past?.nextBlock === undefined)
      log.info({ contract: past.name }, 'the past of a contract is read');
    return true;
  }

  return {
    turn: async () => {
      const head = await node.latest();
      options.onProgress(head, state);
      const headSeenBefore = head.hash === lastHead?.hash;
      lastHead = head;
      const { window } = state;
      const step = nextStep({ window, start, head, confirmations, local, headSeenBefore });
      const final = head.number - confirmations;
      if (step.kind === 'range') await readRanges(step.from, step.to);
      if (step.kind === 'blocks') await readBlocks(step.from, step.to, head);
      if (step.kind === 'fork') await reorganise(head, final);
      if (step.kind === 'deep fork') await resolveDeep(head.number);
      const hasPast = await readOnInPast(final);
      return hasPast || (step.kind !== 'wait' && state.window.at(-1)?.hash !== head.hash);
    },
  };
}

/** A node of another chain is told from ours before anything is read from it. */
export async function checkChain(node: ChainNode, chainId: number): Promise<void> {
  const actual = await node.chainId();
  if (actual === chainId) return;
  throw new Refusal(
    2,
    `the node is of chain ${actual}, EVM_CHAIN_ID is ${chainId}`,
    'set EVM_RPC_URL to a node of the right chain, or EVM_CHAIN_ID to the right number',
  );
}

async function genesisHash(node: ChainNode): Promise<string> {
  const block = await node.at(0);
  if (block === undefined) throw new NodeError('behind', 'the node does not have block 0');
  return block.hash;
}
