import type { Rpc } from '../rpc.ts';

/** An event as a node lists it. */
export interface LogEntry {
  readonly topics: readonly string[];
  readonly data: string;
  readonly transactionHash: string;
  readonly blockNumber: number;
}

export interface LogFilter {
  readonly address: string;
  readonly topics: readonly (string | readonly string[])[];
  readonly fromBlock: number;
}

/** Endpoints limit how many blocks one question may span; below this many, a refusal has another reason. */
const fewBlocks = 500;
const mostQuestions = 100;

/**
 * The events of a contract since a block, oldest first; undefined when the endpoints do not list them.
 * SIDE EFFECTS: asks the node.
 */
export async function logsOf(rpc: Rpc, filter: LogFilter): Promise<readonly LogEntry[] | undefined> {
  const { address, topics, fromBlock } = filter;
  const latest = Number(await rpc.send<string>('eth_blockNumber', []));
  const found: LogEntry[] = [];
  const spans = [{ from: Math.min(fromBlock, latest), to: latest }];
  for (let questions = 0; questions < mostQuestions; questions++) {
    const span = spans.shift();
    if (span === undefined) return found;
    const { from, to } = span;
    const answer = await rpc.ask('eth_getLogs', [
      { address, topics, fromBlock: `0x${from.toString(16)}`, toBlock: `0x${to.toString(16)}` },
    ]);
    if (answer.kind === 'value') {
      found.push(...(answer.value as readonly RawLog[]).map(entryOf));
      continue;
    }
    if (to - from < fewBlocks) return undefined;
    const middle = Math.floor((from + to) / 2);
    spans.unshift({ from, to: middle }, { from: middle + 1, to });
  }
  return undefined;
}

/** The events of one transaction; none when it is not in a block. SIDE EFFECTS: asks the node. */
export async function logsOfTransaction(rpc: Rpc, hash: string): Promise<readonly LogEntry[]> {
  const receipt = await rpc.send<{ readonly logs: readonly RawLog[] } | null>('eth_getTransactionReceipt', [
    hash,
  ]);
  return (receipt?.logs ?? []).map(entryOf);
}

interface RawLog {
  readonly topics: readonly string[];
  readonly data: string;
  readonly transactionHash: string;
  readonly blockNumber: string;
}

function entryOf({ topics, data, transactionHash, blockNumber }: RawLog): LogEntry {
  return { topics, data, transactionHash, blockNumber: Number(blockNumber) };
}
