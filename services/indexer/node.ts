import { readHeader, readLogs, type Header, type RawLog } from './blocks.ts';
import { NodeError } from './node-error.ts';
import { askAll, type Call, type RpcOptions } from './rpc.ts';

/** Which logs are wanted: those of these addresses with one of these first topics. */
export interface LogFilter {
  readonly address: readonly string[];
  readonly topics: readonly [readonly string[]];
}

/** The logs of some blocks, with the two blocks at their ends as the same node knows them. */
export interface LogRange {
  readonly first: Header;
  readonly last: Header;
  readonly logs: readonly RawLog[];
}

/** An EVM node behind an address; there may be several of them, not all equally far. */
export interface ChainNode {
  chainId(): Promise<number>;
  latest(): Promise<Header>;
  /** The block at a height. */
  at(number: number): Promise<Header | undefined>;
  /** The blocks of a range of heights, up to the first that the node does not have. */
  between(from: number, to: number): Promise<readonly Header[]>;
  withHash(hash: string): Promise<Header | undefined>;
  logsBetween(from: number, to: number, filter: LogFilter): Promise<LogRange>;
  /** The logs of blocks, each asked for by its hash, so that forks cannot mix. */
  logsOf(blocks: readonly Header[], filter: LogFilter): Promise<readonly (readonly RawLog[])[]>;
}

// Several providers take no more in one request.
const LARGEST_BATCH = 10;

/** Connects to nothing yet. SIDE EFFECTS of its functions: they ask the node. */
export function openNode(options: RpcOptions): ChainNode {
  const ask = async (method: string, params: readonly unknown[]): Promise<unknown> =>
    (await askAll(options, [{ method, params }]))[0];
  const askMany = async (calls: readonly Call[]): Promise<unknown[]> => {
    const answers: unknown[] = [];
    for (let start = 0; start < calls.length; start += LARGEST_BATCH) {
      answers.push(...(await askAll(options, calls.slice(start, start + LARGEST_BATCH))));
    }
    return answers;
  };
  const there = (header: Header | undefined, number: number): Header => {
    if (header === undefined) throw new NodeError('behind', `the node does not have block ${number} yet`);
    if (header.number !== number)
      throw new NodeError('malformed', `block ${header.number} came for ${number}`);
    return header;
  };

  return {
    chainId: async () => Number(await ask('eth_chainId', [])),
    latest: async () => {
      const header = readHeader(await ask('eth_getBlockByNumber', ['latest', false]));
      if (header === undefined) throw new NodeError('behind', 'the node has no latest block');
      return header;
    },
    at: async (number) => {
      const header = readHeader(await ask('eth_getBlockByNumber', [hexOf(number), false]));
      return header && there(header, number);
    },
    between: async (from, to) => {
      const numbers = Array.from({ length: to - from + 1 }, (_, index) => from + index);
      const answers = await askMany(numbers.map(blockCall));
      const headers = answers.map(readHeader);
      const missing = headers.indexOf(undefined);
      return headers
        .slice(0, missing === -1 ? headers.length : missing)
        .map((header, index) => there(header, from + index));
    },
    withHash: async (hash) => {
      const header = readHeader(await ask('eth_getBlockByHash', [hash, false]));
      if (header !== undefined && header.hash !== hash)
        throw new NodeError('malformed', 'another block came');
      return header;
    },
    logsBetween: async (from, to, filter) => {
      // One request, so that one node answers all of it. A node that lags would leave logs out without a word; the
      // last block shows that it has them.
      const logsCall = {
        method: 'eth_getLogs',
        params: [{ fromBlock: hexOf(from), toBlock: hexOf(to), ...filter }],
      };
      const [first, logs, last] = await askAll(options, [blockCall(from), logsCall, blockCall(to)]);
      const range = {
        first: there(readHeader(first), from),
        last: there(readHeader(last), to),
        logs: readLogs(logs),
      };
      for (const log of range.logs) checkLog(log, range, filter);
      return range;
    },
    logsOf: async (blocks, filter) => {
      const answers = await askMany(
        blocks.map(({ hash }) => ({ method: 'eth_getLogs', params: [{ blockHash: hash, ...filter }] })),
      );
      return blocks.map((block, index) => {
        const logs = readLogs(answers[index]);
        for (const log of logs) checkLog(log, { first: block, last: block }, filter);
        return logs;
      });
    },
  };
}

/** A log that was not asked for, or of another fork than the range's ends, makes the answer a bad one. */
function checkLog(log: RawLog, { first, last }: Pick<LogRange, 'first' | 'last'>, filter: LogFilter): void {
  const end = [first, last].find(({ number }) => number === log.blockNumber);
  const wanted = filter.address.includes(log.address) && filter.topics[0].includes(log.topics[0] ?? '');
  const inRange = log.blockNumber >= first.number && log.blockNumber <= last.number;
  if (wanted && inRange && (end === undefined || end.hash === log.blockHash)) return;
  throw new NodeError('malformed', `eth_getLogs: a log of block ${log.blockNumber} that was not asked for`);
}

function blockCall(number: number): Call {
  return { method: 'eth_getBlockByNumber', params: [hexOf(number), false] };
}

function hexOf(number: number): string {
  return `0x${number.toString(16)}`;
}
