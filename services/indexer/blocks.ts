import { NodeError } from './node-error.ts';

/** A block as far as following needs it. */
export interface BlockRef {
  readonly number: number;
  readonly hash: string;
  readonly parentHash: string;
  /** Seconds since 1970. */
  readonly timestamp: number;
}

/** A block's header as the node told it. */
export interface Header extends BlockRef {
  /** Which addresses and topics its logs may have. */
  readonly logsBloom: string;
}

/** A log as the node told it. */
export interface RawLog {
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: string;
  readonly blockNumber: number;
  readonly blockHash: string;
  readonly transactionHash: string;
  readonly logIndex: number;
}

type Fields = Readonly<Record<string, unknown>>;

/** Reads a block of an answer; undefined when the node does not have it. */
export function readHeader(answer: unknown): Header | undefined {
  if (answer === null || answer === undefined) return undefined;
  const block = fieldsOf(answer, 'block');
  return {
    number: quantity(block, 'number'),
    hash: hash(block, 'hash'),
    parentHash: hash(block, 'parentHash'),
    timestamp: quantity(block, 'timestamp'),
    logsBloom: hex(block, 'logsBloom', 256),
  };
}

/** Reads logs in the order of the chain. One that is there twice, or taken back, makes the whole answer a bad one. */
export function readLogs(answer: unknown): readonly RawLog[] {
  if (!Array.isArray(answer)) throw new NodeError('malformed', 'eth_getLogs: the answer is not a list');
  const logs = answer.map(readLog).sort(inOrder);
  const double = logs.find((log, index) => index > 0 && inOrder(logs[index - 1] as RawLog, log) === 0);
  if (double !== undefined) {
    throw new NodeError(
      'malformed',
      `eth_getLogs: log ${double.logIndex} of block ${double.blockNumber} is there twice`,
    );
  }
  return logs;
}

function readLog(entry: unknown): RawLog {
  const log = fieldsOf(entry, 'log');
  if (log['removed'] === true) throw new NodeError('malformed', 'eth_getLogs: a log that was taken back');
  const topics = log['topics'];
  if (!Array.isArray(topics) || topics.length > 4) throw new NodeError('malformed', 'a log has wrong topics');
  return {
    address: hex(log, 'address', 20),
    topics: topics.map((topic) => hex({ topic: topic as unknown }, 'topic', 32)),
    data: hex(log, 'data'),
    blockNumber: quantity(log, 'blockNumber'),
    blockHash: hash(log, 'blockHash'),
    transactionHash: hash(log, 'transactionHash'),
    logIndex: quantity(log, 'logIndex'),
  };
}

function inOrder(a: RawLog, b: RawLog): number {
  return a.blockNumber - b.blockNumber || a.logIndex - b.logIndex;
}

function fieldsOf(value: unknown, what: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw new NodeError('malformed', `a ${what} is not an object`);
}

function hash(fields: Fields, name: string): string {
  return hex(fields, name, 32);
}

function hex(fields: Fields, name: string, bytes?: number): string {
  const value = fields[name];
  if (typeof value === 'string' && /^0x([0-9a-fA-F]{2})*$/.test(value)) {
    if (bytes === undefined || value.length === 2 + 2 * bytes) return value.toLowerCase();
  }
  throw new NodeError('malformed', `${name} is not ${bytes ?? 'some'} bytes`);
}

function quantity(fields: Fields, name: string): number {
  const value = fields[name];
  const number =
    typeof value === 'string' && /^0x[0-9a-fA-F]{1,14}$/.test(value) ? Number(value) : Number.NaN;
  if (Number.isSafeInteger(number)) return number;
  throw new NodeError('malformed', `${name} is not a number`);
}
