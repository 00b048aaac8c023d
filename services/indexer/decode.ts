import { AbiCoder, type EventFragment, type ParamType, type Result } from 'ethers/abi';
import type { RawLog } from './blocks.ts';
import type { WatchedContract } from './contracts.ts';
import { wordReader } from './word.ts';

/** An event as it is kept. */
export interface IndexedEvent {
  readonly blockNumber: number;
  readonly blockHash: string;
  readonly transactionHash: string;
  readonly logIndex: number;
  /** The contract's name. */
  readonly contract: string;
  readonly address: string;
  readonly event: string;
  /** Its arguments by name, as JSON; whole numbers are text. */
  readonly args: string;
}

/** The contracts that are followed, by their address in small letters. */
export type ContractsByAddress = ReadonlyMap<string, WatchedContract>;

/** Reads the arguments of an event; throws when the log does not fit it. */
export type ReadArgs = (log: Pick<RawLog, 'topics' | 'data'>) => Readonly<Record<string, unknown>>;

/** The events among logs: those of a contract that has such an event, from its first block on. */
export function eventsOf(logs: readonly RawLog[], contracts: ContractsByAddress): IndexedEvent[] {
  return logs.flatMap((log) => {
    const contract = contracts.get(log.address);
    const event = contract?.events.get(log.topics[0] ?? '');
    if (contract === undefined || event === undefined || log.blockNumber < contract.fromBlock) return [];
    const { blockNumber, blockHash, transactionHash, logIndex, address } = log;
    const place = { blockNumber, blockHash, transactionHash, logIndex };
    return [
      { ...place, address, contract: contract.name, event: event.name, args: argsOf(log, event.readArgs) },
    ];
  });
}

/**
 * A log that does not fit its event is kept raw. Whoever may emit text chooses its bytes: such that are not UTF-8, or
 * hold a NUL, which PostgreSQL does not take, must not stop the indexer.
 */
function argsOf(log: RawLog, readArgs: ReadArgs): string {
  try {
    const args = JSON.stringify(readArgs(log));
    if (!args.includes('\\u0000')) return args;
  } catch {
    // Kept raw, below.
  }
  return JSON.stringify({ undecoded: { topics: log.topics, data: log.data } });
}

/** How the arguments of an event are read; made once for each event. */
export function argsReader({ inputs }: EventFragment): ReadArgs {
  const names = inputs.map(nameOf);
  const isIndexed = inputs.map(({ indexed }) => indexed === true);
  const topics = inputs.filter(({ indexed }) => indexed).map(topicReader);
  const readData = dataReader(inputs.filter(({ indexed }) => !indexed));
  return (log) => {
    if (log.topics.length !== topics.length + 1) throw new RangeError('another number of topics');
    const data = readData(log.data);
    let nextTopic = 0;
    let nextData = 0;
    return Object.fromEntries(
      names.map((name, index) => {
        if (!isIndexed[index]) return [name, data[nextData++]];
        const read = topics[nextTopic++];
        return [name, read?.((log.topics[nextTopic] ?? '').slice(2))];
      }),
    );
  };
}

/** Of an indexed text, list or struct the chain keeps only the hash. */
function topicReader(input: ParamType): (word: string) => unknown {
  return wordReader(input.type) ?? ((word) => ({ hash: `0x${word}` }));
}

function dataReader(inputs: readonly ParamType[]): (data: string) => readonly unknown[] {
  const readers = inputs.map(({ type }) => wordReader(type));
  if (!readers.every((reader) => reader !== undefined)) {
    return (data) => {
      const values = AbiCoder.defaultAbiCoder().decode(inputs, data);
      return inputs.map((input, index) => plain(values[index], input));
    };
  }
  return (data) => {
    if (data.length < 2 + 64 * readers.length) throw new RangeError('too little data');
    return readers.map((read, index) => read(data.slice(2 + 64 * index, 66 + 64 * index)));
  };
}

/** What JSON can hold. */
function plain(value: unknown, type: ParamType): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (type.baseType === 'address') return (value as string).toLowerCase();
  if (type.isArray()) return (value as unknown[]).map((each) => plain(each, type.arrayChildren));
  if (!type.isTuple()) return value;
  return Object.fromEntries(
    type.components.map((part, index) => [nameOf(part, index), plain((value as Result)[index], part)]),
  );
}

function nameOf({ name }: ParamType, index: number): string {
  return name === '' ? String(index) : name;
}
